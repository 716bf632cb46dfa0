import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { itNexusId, RESERVATION_TYPE_CODE, type ItNexusId, type TransportId } from '../../protocol/index.js';
import { TYPE_TRAITS } from '../reservations/state.js';
import type { DurableReservations } from '../reservations/power-loss.js';
import type { Registration, Reservation } from '../reservations/types.js';
import { seal, unseal, type SealedHeader } from './sealed-json.js';

const HEADER: SealedHeader = { format: 'fencelab reservations', version: 1 };

const hexadecimal = (digits: number) => Type.String({ pattern: `^0x[0-9a-f]{1,${digits}}$` });
const strict = { additionalProperties: false };

const initiatorPortSchema = Type.Union([
  Type.Object(
    { protocol: Type.Literal('iscsi'), iscsiName: Type.String({ minLength: 1 }), isid: hexadecimal(12) },
    strict,
  ),
  Type.Object({ protocol: Type.Literal('fibreChannel'), nPortName: hexadecimal(16) }, strict),
  Type.Object({ protocol: Type.Literal('sas'), sasAddress: hexadecimal(16) }, strict),
  Type.Object(
    { protocol: Type.Literal('srp'), initiatorPortIdentifier: Type.String({ pattern: '^[0-9a-f]{32}$' }) },
    strict,
  ),
]);

const contentSchema = Type.Object(
  {
    /** The logical unit it belongs to, so that one copied to another name is found out. */
    logicalUnit: Type.String(),
    registrations: Type.Array(
      Type.Object(
        {
          key: hexadecimal(16),
          initiatorPort: initiatorPortSchema,
          relativeTargetPortId: Type.Integer({ minimum: 1, maximum: 0xffff }),
        },
        strict,
      ),
    ),
    reservation: Type.Union([
      Type.Null(),
      Type.Object(
        {
          type: Type.Enum(Object.keys(RESERVATION_TYPE_CODE) as (keyof typeof RESERVATION_TYPE_CODE)[]),
          /** The nexus that holds it; null: every registered one does. */
          holder: Type.Union([Type.Null(), Type.String()]),
        },
        strict,
      ),
    ]),
  },
  strict,
);

type Kept = Extract<DurableReservations, { kind: 'kept' }>;

/** The APTPL state of a logical unit as a file: readable JSON, keys as `0x` strings. */
export function encodeReservationFile(logicalUnit: string, kept: Kept): Uint8Array {
  const content: Static<typeof contentSchema> = {
    logicalUnit,
    registrations: [...kept.registrations.values()].map(({ nexus, key }) => ({
      key: hex(key, 16),
      initiatorPort: encodeInitiatorPort(nexus.initiatorPort),
      relativeTargetPortId: nexus.relativeTargetPortId,
    })),
    reservation:
      kept.reservation === null ? null : { type: kept.reservation.type, holder: kept.reservation.holder },
  };
  return seal(HEADER, content);
}

/** What such a file says, or why it cannot be trusted, as the end of a sentence about the file. */
export function decodeReservationFile(
  logicalUnit: string,
  bytes: Uint8Array,
): Kept | { readonly kind: 'lost'; readonly problem: string } {
  const unsealed = unseal(HEADER, bytes);
  if ('problem' in unsealed) return { kind: 'lost', problem: unsealed.problem };
  const { content } = unsealed;
  if (!Value.Check(contentSchema, content))
    return { kind: 'lost', problem: 'does not have the expected members' };
  if (content.logicalUnit !== logicalUnit) {
    return { kind: 'lost', problem: `belongs to logical unit ${content.logicalUnit}` };
  }
  const registrations = new Map<ItNexusId, Registration>();
  for (const entry of content.registrations) {
    const { relativeTargetPortId } = entry;
    const nexus = { initiatorPort: decodeInitiatorPort(entry.initiatorPort), relativeTargetPortId };
    registrations.set(itNexusId(nexus), { nexus, key: BigInt(entry.key) });
  }
  const kept: Kept = { kind: 'kept', registrations, reservation: content.reservation };
  const consistent = registrations.size === content.registrations.length && isPossible(kept);
  return consistent ? kept : { kind: 'lost', problem: 'contradicts itself' };
}

/** Whether the state machine could ever have come to this. */
function isPossible({ registrations, reservation }: Kept): boolean {
  if ([...registrations.values()].some(({ key }) => key === 0n)) return false;
  return reservation === null || isHeld(reservation, registrations);
}

function isHeld({ type, holder }: Reservation, registrations: Kept['registrations']): boolean {
  return TYPE_TRAITS[type].heldByAll
    ? holder === null && registrations.size > 0
    : holder !== null && registrations.has(holder);
}

const hex = (value: bigint, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

function encodeInitiatorPort(port: TransportId): Static<typeof initiatorPortSchema> {
  switch (port.protocol) {
    case 'iscsi':
      // A registration belongs to a port, which has an ISID (SPC-4 5.13.1).
      if (port.isid === null) throw new TypeError(`${port.iscsiName} without ISID is not an initiator port`);
      return { protocol: 'iscsi', iscsiName: port.iscsiName, isid: hex(port.isid, 12) };
    case 'fibreChannel':
      return { protocol: 'fibreChannel', nPortName: hex(port.nPortName, 16) };
    case 'sas':
      return { protocol: 'sas', sasAddress: hex(port.sasAddress, 16) };
    case 'srp':
      return { protocol: 'srp', initiatorPortIdentifier: port.initiatorPortIdentifier.toLowerCase() };
  }
}

function decodeInitiatorPort(port: Static<typeof initiatorPortSchema>): TransportId {
  switch (port.protocol) {
    case 'iscsi':
      return { protocol: 'iscsi', iscsiName: port.iscsiName, isid: BigInt(port.isid) };
    case 'fibreChannel':
      return { protocol: 'fibreChannel', nPortName: BigInt(port.nPortName) };
    case 'sas':
      return { protocol: 'sas', sasAddress: BigInt(port.sasAddress) };
    case 'srp':
      return { protocol: 'srp', initiatorPortIdentifier: port.initiatorPortIdentifier };
  }
}
