import { encodeTransportId, type TransportId } from '../../../protocol/index.js';
import type { Actor } from '../actor.js';
import type { Bench } from '../bench.js';

/** How a TransportID names an actor; only for cases that need sessions of their own. */
export function transportIdOf({ label, transportId }: Actor): TransportId {
  if (transportId === undefined) throw new Error(`the TransportID of ${label} is not known`);
  return transportId;
}

export const bytesOf = (actor: Actor): Uint8Array => encodeTransportId(transportIdOf(actor));

/** The iSCSI name alone, format 00b: every port of that name. */
export function nameOnlyBytesOf(actor: Actor): Uint8Array {
  const { iscsiName } = actor.port;
  return encodeTransportId({ protocol: 'iscsi', iscsiName, isid: null });
}

/** An initiator port that never logs in. */
export const STRANGER: TransportId = {
  protocol: 'iscsi',
  iscsiName: 'iqn.2026-11.org.fencelab:nobody',
  isid: 0x80_66656e_0200n,
};

/** RELATIVE TARGET PORT IDENTIFIER of the first or second target port. Ends the case where page 83h does not say it. */
export const portId = (bench: Bench, index: 0 | 1): number =>
  bench.facts.relativeTargetPortIds[index] ??
  bench.skip('page 83h has no RELATIVE TARGET PORT IDENTIFIER of its target port');

/**
 * The same where a wrong number matters little: the sender is refused whatever the list says, or holds and moves to a
 * nexus that is registered already, so that the move finds it or is refused. 1 and 2 where page 83h does not say.
 */
export const likelyPortId = ({ facts }: Bench, index: 0 | 1): number =>
  facts.relativeTargetPortIds[index] ?? index + 1;

/** Ways to break one iSCSI TransportID; each leaves the length of what it is given. */
export const BROKEN: readonly {
  readonly id: string;
  readonly words: string;
  readonly of: (bytes: Uint8Array) => Uint8Array;
}[] = [
  {
    id: 'additional-length-beyond',
    words: 'an ADDITIONAL LENGTH beyond the end of the list',
    of: (bytes) => withAdditionalLength(bytes, bytes.length),
  },
  {
    id: 'additional-length-short',
    words: 'an ADDITIONAL LENGTH under 20',
    of: (bytes) => withAdditionalLength(bytes, 16),
  },
  {
    id: 'additional-length-odd',
    words: 'an ADDITIONAL LENGTH that is no multiple of 4',
    of: (bytes) => withAdditionalLength(bytes, 21),
  },
  {
    id: 'no-terminator',
    words: 'a name that does not end',
    of: (bytes) => bytes.map((byte, at) => (at >= 4 && byte === 0 ? 0x61 : byte)),
  },
];

function withAdditionalLength(bytes: Uint8Array, additionalLength: number): Uint8Array {
  const broken = Buffer.from(bytes);
  broken.writeUInt16BE(additionalLength, 2);
  return new Uint8Array(broken);
}
