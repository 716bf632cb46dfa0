import { Type } from 'typebox';
import { Duration, Name, oneOf, some } from './words.js';

/** What a cluster may say of its membership. */
export const membershipEntries = {
  membership: Type.Optional(oneOf('heartbeat')),
  heartbeatInterval: Type.Optional(Duration),
  memberTimeout: Type.Optional(Duration),
  lockLun: Type.Optional(Name),
  quorum: Type.Optional(oneOf('majority', 'none')),
} as const;

/** The heartbeat networks of a host or of a physical node. */
export const NetworksOfNode = Type.Record(Name, Type.Array(Name, some('NICs')), {
  minProperties: 1,
  description: 'heartbeat networks, each a name and the list of its NICs, such as { hb1: [eth0, eth1] }',
});

/** Capacities of a node, or weights of a package. */
export const AmountsByName = Type.Record(
  Name,
  Type.Number({ minimum: 0, maximum: 1_000_000, description: 'a number from 0 to 1000000' }),
  { minProperties: 1, maxProperties: 4, description: 'up to four names, each with a number' },
);
