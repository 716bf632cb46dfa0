import { nodeOf, type Site } from './model.js';
import type { Networks } from './membership-model.js';
import type { Place } from './placement.js';

/** Where a scenario names none. */
const ONE_NETWORK: Networks = { heartbeat: ['nic1'] };

/** What has failed between nodes. */
export interface NetworkFaults {
  /** `nicKey` of each NIC that is dead. */
  readonly failedNics: ReadonlySet<string>;
  /** For each split the nodes that it cuts off from all others; none where the networks are whole. */
  readonly splits: readonly ReadonlySet<string>[];
  /** Whose NICs carry the heartbeats of a node now: those of its host, of the server that it boots on, or its own. */
  networksOwnerOf(node: string): string;
}

/** The networks of a host, of a server or of a physical node. */
export function networksOf(site: Site, owner: string): Networks {
  const machine = [...site.hosts, ...(site.servers ?? [])].find(({ name }) => name === owner);
  return (machine ?? nodeOf(site, owner)).networks ?? ONE_NETWORK;
}

/** Whose networks a node has where it is. The profile of a server takes those of its node along, as it does the port. */
export function networksOwnerAt(site: Site, node: string, { host, port }: Place): string {
  return host ?? (site.servers?.some(({ name }) => name === port) === true ? port : node);
}

export const nicKey = (owner: string, nic: string): string => `${owner} ${nic}`;

/**
 * Whether a heartbeat of one node gets to another: over any network that both have and on which each has a NIC that
 * lives. Two guests of one host need no NIC, since the host's virtual switch joins them.
 */
export function reaches(site: Site, faults: NetworkFaults, from: string, to: string): boolean {
  const [one, other] = [faults.networksOwnerOf(from), faults.networksOwnerOf(to)];
  if (one === other) return true;
  if (faults.splits.some((cutOff) => cutOff.has(from) !== cutOff.has(to))) return false;
  const [ours, theirs] = [networksOf(site, one), networksOf(site, other)];
  return Object.keys(ours).some(
    (network) => lives(faults, one, ours[network]) && lives(faults, other, theirs[network]),
  );
}

function lives({ failedNics }: NetworkFaults, owner: string, nics: readonly string[] | undefined): boolean {
  return nics?.some((nic) => !failedNics.has(nicKey(owner, nic))) ?? false;
}
