import {
  fullStatusDescriptorLayout,
  persistentReserveInHeaderLayout,
  RESERVATION_TYPE_NAME,
  reportCapabilitiesLayout,
  reservationDescriptorLayout,
  reservationTypeOfCode,
  TRANSPORT_ID_LENGTH_BYTES_MIN,
  type PrInServiceAction,
} from '../../protocol/index.js';
import { dumpBytes, dumpWithAddress } from './hex-dump.js';
import { transportIdText } from './transport-id-text.js';

const HEADER_BYTES = persistentReserveInHeaderLayout.lengthBytes;
const CAPABILITIES_BYTES = reportCapabilitiesLayout.lengthBytes;

export interface Report {
  readonly text: string;
  /** The answer is none of that service action. */
  readonly malformed: boolean;
}

/** The names that messages have for the service actions of PERSISTENT RESERVE IN. */
export const PR_IN_NAME: Readonly<Record<PrInServiceAction, string>> = {
  readKeys: 'Read keys',
  readReservation: 'Read reservation',
  reportCapabilities: 'Report capabilities',
  readFullStatus: 'Read full status',
};

/**
 * What sg_persist prints of PERSISTENT RESERVE IN parameter data. `data` is as long as ALLOCATION LENGTH, zero where
 * nothing came; `hex` is how often `-H` was given.
 */
export function reportText(
  serviceAction: PrInServiceAction,
  data: Uint8Array,
  hex: number,
  verbose: boolean,
): Report {
  const padded = Buffer.alloc(Math.max(data.length, CAPABILITIES_BYTES));
  padded.set(data);
  if (serviceAction === 'reportCapabilities') return capabilities(padded, data.length, hex);
  const { prGeneration, additionalLength } = persistentReserveInHeaderLayout.decode(padded);
  const generation = `  PR generation=0x${prGeneration.toString(16)}`;
  // The ADDITIONAL LENGTH tells what there is, not what came (SPC-4 6.15.2).
  const body = padded.subarray(HEADER_BYTES, Math.min(padded.length, HEADER_BYTES + additionalLength));
  const printed = (text: string): Report => ({ text, malformed: false });
  if (hex === 1) return printed(`${generation}, ${hexBody(body, additionalLength)}`);
  if (hex > 1) {
    const whole = padded.subarray(0, HEADER_BYTES + body.length);
    return printed(hex > 2 ? dumpBytes(whole) : dumpWithAddress(whole));
  }
  switch (serviceAction) {
    case 'readKeys':
      return printed(`${generation}, ${keys(body, additionalLength)}`);
    case 'readReservation':
      return printed(`${generation}, ${reservation(padded, additionalLength)}`);
    case 'readFullStatus':
      return printed(`${generation}\n${fullStatus(body, additionalLength, verbose)}`);
  }
}

function hexBody(body: Uint8Array, additionalLength: number): string {
  if (additionalLength > body.length) {
    return `Additional length too large=${additionalLength}, truncate\n${dumpWithAddress(body)}`;
  }
  const length = `Additional length=${additionalLength}\n`;
  return additionalLength === 0 ? length + length : length + dumpWithAddress(body);
}

function keys(body: Buffer, additionalLength: number): string {
  const count = Math.floor(additionalLength / 8);
  if (count === 0) return 'there are NO registered reservation keys\n';
  let text =
    count === 1
      ? '1 registered reservation key follows:\n'
      : `${count} registered reservation keys follow:\n`;
  for (let offset = 0; offset + 8 <= body.length; offset += 8) {
    text += `    0x${body.readBigUInt64BE(offset).toString(16)}\n`;
  }
  return text;
}

function scopeAndType(scope: number, typeCode: number): string {
  const type = reservationTypeOfCode(typeCode);
  const name =
    type === undefined
      ? `obsolete [${typeCode < 0xa ? '' : '0x'}${typeCode.toString(16)}]`
      : RESERVATION_TYPE_NAME[type];
  return `scope: ${scope === 0 ? 'LU_SCOPE,' : scope}  type: ${name}\n`;
}

function reservation(data: Buffer, additionalLength: number): string {
  const descriptorBytes = reservationDescriptorLayout.lengthBytes;
  if (additionalLength < descriptorBytes) return 'there is NO reservation held\n';
  const descriptor = Buffer.alloc(descriptorBytes);
  data.copy(descriptor, 0, HEADER_BYTES);
  const { reservationKey, scope, type } = reservationDescriptorLayout.decode(descriptor);
  return (
    `Reservation follows:\n    Key=0x${reservationKey.toString(16)}\n` + `    ${scopeAndType(scope, type)}`
  );
}

function fullStatus(body: Buffer, additionalLength: number, verbose: boolean): string {
  if (additionalLength === 0) {
    return `  No full status descriptors\n${verbose ? '  So there are no registered IT nexuses\n' : ''}`;
  }
  const headBytes = fullStatusDescriptorLayout.lengthBytes;
  let text = '';
  for (let offset = 0; offset < body.length;) {
    const head = Buffer.alloc(headBytes);
    body.copy(head, 0, offset);
    const descriptor = fullStatusDescriptorLayout.decode(head);
    text += `    Key=0x${descriptor.reservationKey.toString(16)}\n`;
    text +=
      descriptor.allTgPt === 1
        ? '      All target ports bit set\n'
        : `      All target ports bit clear\n` +
          `      Relative port address: 0x${descriptor.relativeTargetPortId.toString(16)}\n`;
    text +=
      descriptor.rHolder === 1
        ? `      << Reservation holder >>\n      ${scopeAndType(descriptor.scope, descriptor.type)}`
        : '      not reservation holder\n';
    const lengthBytes = descriptor.additionalDescriptorLength;
    const transportIdAt = offset + headBytes;
    if (lengthBytes > 0) {
      text += transportIdHeadline(lengthBytes);
      text += transportIdText(body.subarray(transportIdAt, transportIdAt + lengthBytes));
    }
    offset = transportIdAt + lengthBytes;
  }
  return text;
}

const TRANSPORT_ID_HEADLINE = '      Transport Id of initiator:\n';

function transportIdHeadline(lengthBytes: number): string {
  return lengthBytes < TRANSPORT_ID_LENGTH_BYTES_MIN || lengthBytes % 4 !== 0
    ? // 1024 is what sg_persist says of any such length.
      '      Transport Id short or not multiple of 4 [length=1024]:\n'
    : TRANSPORT_ID_HEADLINE;
}

/** The TransportIDs of the command line, as `-vvv` shows them. */
export function transportIdsText(transportIds: readonly Uint8Array[]): string {
  return transportIds.map((transportId) => TRANSPORT_ID_HEADLINE + transportIdText(transportId)).join('');
}

function capabilities(data: Buffer, lengthBytes: number, hex: number): Report {
  const { length, ...flags } = reportCapabilitiesLayout.decode(data);
  let text = hex > 0 ? dumpWithAddress(data.subarray(0, Math.min(length, Math.max(lengthBytes, 0)))) : '';
  if (length !== CAPABILITIES_BYTES) return { text, malformed: true };
  if (hex > 0) return { text, malformed: false };
  text += 'Report capabilities response:\n';
  const row = (indent: number, name: string, value: number): void => {
    text += `${' '.repeat(indent)}${name}: ${value}\n`;
  };
  row(2, 'Replace Lost Reservation Capable(RLR_C)', flags.replaceLostReservationCapable);
  row(2, 'Compatible Reservation Handling(CRH)', flags.compatibleReservationHandling);
  row(2, 'Specify Initiator Ports Capable(SIP_C)', flags.specifyInitiatorPortsCapable);
  row(2, 'All Target Ports Capable(ATP_C)', flags.allTargetPortsCapable);
  row(2, 'Persist Through Power Loss Capable(PTPL_C)', flags.persistThroughPowerLossCapable);
  row(2, 'Type Mask Valid(TMV)', flags.typeMaskValid);
  row(2, 'Allow Commands', flags.allowCommands);
  row(2, 'Persist Through Power Loss Active(PTPL_A)', flags.persistThroughPowerLossActivated);
  if (flags.typeMaskValid === 1) {
    text += '    Support indicated in Type mask:\n';
    row(6, RESERVATION_TYPE_NAME.writeExclusiveAllRegistrants, flags.writeExclusiveAllRegistrants);
    row(6, RESERVATION_TYPE_NAME.exclusiveAccessRegistrantsOnly, flags.exclusiveAccessRegistrantsOnly);
    row(6, RESERVATION_TYPE_NAME.writeExclusiveRegistrantsOnly, flags.writeExclusiveRegistrantsOnly);
    row(6, RESERVATION_TYPE_NAME.exclusiveAccess, flags.exclusiveAccess);
    row(6, RESERVATION_TYPE_NAME.writeExclusive, flags.writeExclusive);
    row(6, RESERVATION_TYPE_NAME.exclusiveAccessAllRegistrants, flags.exclusiveAccessAllRegistrants);
  }
  return { text, malformed: false };
}
