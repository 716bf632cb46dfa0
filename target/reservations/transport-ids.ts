import {
  decodeTransportId,
  invalidFieldInParameterList,
  transportIdName,
  type Sense,
  type TransportId,
} from '../../protocol/index.js';
import type { ReservationContext } from './types.js';

/** Initiator ports that a TransportID in a parameter list names. */
export type NamedPorts =
  | { readonly ports: readonly [TransportId, ...TransportId[]]; readonly lengthBytes: number }
  | { readonly problem: Sense };

/**
 * The initiator ports named by the TransportID at `offset` of a parameter list, which must end before `end`. Every
 * problem is 05/26/00 with a pointer at the field: the standard leaves the code open (decision 5 in
 * docs/decisions.md).
 */
export function readTransportId(
  list: Buffer,
  offset: number,
  end: number,
  context: ReservationContext,
): NamedPorts {
  const reading = decodeTransportId(list, offset, end);
  if (!reading.ok) {
    return { problem: invalidFieldInParameterList({ byte: offset + reading.byte, bit: reading.bit }) };
  }
  const { transportId, lengthBytes } = reading;
  // The listed port must be able to reach this target port, so it speaks the sender's protocol.
  if (transportId.protocol !== context.nexus.initiatorPort.protocol) {
    return { problem: invalidFieldInParameterList({ byte: offset, bit: 3 }) };
  }
  if (transportId.protocol !== 'iscsi' || transportId.isid !== null) {
    return { ports: [transportId], lengthBytes };
  }
  // SPC-4 7.6.4, format 00b: every port known for that iSCSI name.
  const { iscsiName } = transportId;
  const [first, ...others] = context
    .initiatorPortsOf(iscsiName)
    .map((isid): TransportId => ({ protocol: 'iscsi', iscsiName, isid }));
  return first === undefined
    ? { problem: invalidFieldInParameterList({ byte: offset, bit: 7 }) }
    : { ports: [first, ...others], lengthBytes };
}

/** Whether two TransportIDs name one initiator port. */
export function samePort(one: TransportId, other: TransportId): boolean {
  return transportIdName(one) === transportIdName(other);
}
