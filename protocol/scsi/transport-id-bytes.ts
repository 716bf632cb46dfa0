import { bits, bytes, layout, reserved, u16be, u64be } from '../layout.js';
import type { TransportId } from './transport-id.js';

/** PROTOCOL IDENTIFIER values (SPC-4 7.6.1) of the TransportIDs that are understood here. */
export const PROTOCOL_IDENTIFIER = {
  fibreChannel: 0x0,
  srp: 0x4,
  iscsi: 0x5,
  sas: 0x6,
} as const;

/** Bytes of every TransportID but iSCSI's, and the least an iSCSI one has (SPC-4 7.6.4). */
export const TRANSPORT_ID_LENGTH_BYTES_MIN = 24;

/** RFC 7143 4.2.7.1: the longest iSCSI name. */
const ISCSI_NAME_LENGTH_BYTES_MAX = 223;
/** Stands between name and ISID in format 01b (SPC-4 7.6.4). */
const ISID_SEPARATOR = ',i,0x';
const FORMAT_NAME_ONLY = 0;
const FORMAT_NAME_AND_ISID = 1;

const formatAndProtocol = { formatCode: 2, reserved5: 2, protocolIdentifier: 4 } as const;

/** TransportID of a Fibre Channel N_Port (SPC-4 7.6.4). */
export const fibreChannelTransportIdLayout = layout(
  'Fibre Channel TransportID',
  bits(formatAndProtocol),
  reserved(7),
  u64be('nPortName'),
  reserved(8),
);

/** TransportID of an RDMA (SRP) initiator port (SPC-4 7.6.4). */
export const srpTransportIdLayout = layout(
  'SRP TransportID',
  bits(formatAndProtocol),
  reserved(7),
  bytes('initiatorPortIdentifier', 16),
);

/** TransportID of a SAS initiator port (SPC-4 7.6.4). */
export const sasTransportIdLayout = layout(
  'SAS TransportID',
  bits(formatAndProtocol),
  reserved(3),
  u64be('sasAddress'),
  reserved(12),
);

/** What precedes the name in an iSCSI TransportID (SPC-4 7.6.4). */
export const iscsiTransportIdHeaderLayout = layout(
  'iSCSI TransportID header',
  bits(formatAndProtocol),
  reserved(1),
  u16be('additionalLength'),
);

const ISCSI_HEADER_BYTES = iscsiTransportIdHeaderLayout.lengthBytes;

/** A TransportID that was read, or what is wrong with it. */
export type TransportIdReading =
  { readonly ok: true; readonly transportId: TransportId; readonly lengthBytes: number } | TransportIdProblem;

/** Where a TransportID goes wrong, as a field pointer wants it, counted from its first byte. */
export interface TransportIdProblem {
  readonly ok: false;
  /** `cut`: it does not end within the bytes given. `invalid`: it is there, but is none that is understood. */
  readonly what: 'cut' | 'invalid';
  readonly byte: number;
  readonly bit?: number;
  readonly message: string;
}

/** The bytes of a TransportID: a multiple of 4, at least 24. */
export function encodeTransportId(id: TransportId): Uint8Array {
  switch (id.protocol) {
    case 'fibreChannel':
      return fibreChannelTransportIdLayout.toBytes({ nPortName: id.nPortName });
    case 'sas':
      return sasTransportIdLayout.toBytes({
        protocolIdentifier: PROTOCOL_IDENTIFIER.sas,
        sasAddress: id.sasAddress,
      });
    case 'srp':
      return srpTransportIdLayout.toBytes({
        protocolIdentifier: PROTOCOL_IDENTIFIER.srp,
        initiatorPortIdentifier: new Uint8Array(Buffer.from(id.initiatorPortIdentifier, 'hex')),
      });
    case 'iscsi':
      return encodeIscsiTransportId(id.iscsiName, id.isid);
  }
}

function encodeIscsiTransportId(iscsiName: string, isid: bigint | null): Uint8Array {
  const text = isid === null ? iscsiName : iscsiName + ISID_SEPARATOR + isid.toString(16).padStart(12, '0');
  const textBytes = Buffer.from(text, 'utf8');
  const withTerminator = textBytes.length + 1;
  const additionalLength = Math.max(
    TRANSPORT_ID_LENGTH_BYTES_MIN - ISCSI_HEADER_BYTES,
    Math.ceil(withTerminator / 4) * 4,
  );
  const target = new Uint8Array(ISCSI_HEADER_BYTES + additionalLength);
  iscsiTransportIdHeaderLayout.encode(
    {
      formatCode: isid === null ? FORMAT_NAME_ONLY : FORMAT_NAME_AND_ISID,
      protocolIdentifier: PROTOCOL_IDENTIFIER.iscsi,
      additionalLength,
    },
    target,
  );
  target.set(textBytes, ISCSI_HEADER_BYTES);
  return target;
}

/** Reads the TransportID that begins at `offset` and must end before `end`. Never throws, whatever the bytes. */
export function decodeTransportId(source: Uint8Array, offset = 0, end = source.length): TransportIdReading {
  const limit = Math.min(end, source.length);
  const available = limit - offset;
  if (available < TRANSPORT_ID_LENGTH_BYTES_MIN) {
    return cut(0, `${Math.max(0, available)} bytes where a TransportID has at least 24`);
  }
  const first = source[offset] ?? 0;
  const formatCode = first >> 6;
  const protocolIdentifier = first & 0x0f;
  if (protocolIdentifier === PROTOCOL_IDENTIFIER.iscsi) {
    return decodeIscsiTransportId(source.subarray(offset, limit), formatCode);
  }
  const decode = FIXED_LENGTH.get(protocolIdentifier);
  if (decode === undefined) {
    return invalid(0, `protocol identifier ${protocolIdentifier.toString(16)}h is not supported`, 3);
  }
  if (formatCode !== 0) return invalid(0, `format code ${formatCode} is reserved for this protocol`, 7);
  return { ok: true, transportId: decode(source, offset), lengthBytes: TRANSPORT_ID_LENGTH_BYTES_MIN };
}

const FIXED_LENGTH: ReadonlyMap<number, (source: Uint8Array, offset: number) => TransportId> = new Map([
  [
    PROTOCOL_IDENTIFIER.fibreChannel,
    (source: Uint8Array, offset: number): TransportId => ({
      protocol: 'fibreChannel',
      nPortName: fibreChannelTransportIdLayout.decode(source, offset).nPortName,
    }),
  ],
  [
    PROTOCOL_IDENTIFIER.sas,
    (source: Uint8Array, offset: number): TransportId => ({
      protocol: 'sas',
      sasAddress: sasTransportIdLayout.decode(source, offset).sasAddress,
    }),
  ],
  [
    PROTOCOL_IDENTIFIER.srp,
    (source: Uint8Array, offset: number): TransportId => ({
      protocol: 'srp',
      initiatorPortIdentifier: Buffer.from(
        srpTransportIdLayout.decode(source, offset).initiatorPortIdentifier,
      ).toString('hex'),
    }),
  ],
]);

function decodeIscsiTransportId(source: Uint8Array, formatCode: number): TransportIdReading {
  if (formatCode !== FORMAT_NAME_ONLY && formatCode !== FORMAT_NAME_AND_ISID) {
    return invalid(0, `format code ${formatCode} is reserved`, 7);
  }
  const { additionalLength } = iscsiTransportIdHeaderLayout.decode(source);
  if (additionalLength < TRANSPORT_ID_LENGTH_BYTES_MIN - ISCSI_HEADER_BYTES || additionalLength % 4 !== 0) {
    return invalid(2, `additional length ${additionalLength}: expected a multiple of 4, at least 20`);
  }
  const lengthBytes = ISCSI_HEADER_BYTES + additionalLength;
  if (lengthBytes > source.length) {
    return cut(2, `additional length ${additionalLength} exceeds the ${source.length - 4} bytes that follow`);
  }
  const padded = source.subarray(ISCSI_HEADER_BYTES, lengthBytes);
  const terminator = padded.indexOf(0);
  if (terminator < 0) return invalid(ISCSI_HEADER_BYTES, 'the iSCSI name is not terminated by a zero byte');
  const text = utf8Text(padded.subarray(0, terminator));
  if (text === undefined) return invalid(ISCSI_HEADER_BYTES, 'the iSCSI name is not UTF-8');

  const separatorAt = formatCode === FORMAT_NAME_ONLY ? text.length : text.indexOf(ISID_SEPARATOR);
  if (separatorAt < 0) return invalid(ISCSI_HEADER_BYTES, `no "${ISID_SEPARATOR}" after the iSCSI name`);
  const iscsiName = text.slice(0, separatorAt);
  const nameLengthBytes = Buffer.byteLength(iscsiName);
  // A comma cannot stand in an iSCSI name (RFC 3722); let through, a bare name could pass for an initiator port.
  if (iscsiName === '' || nameLengthBytes > ISCSI_NAME_LENGTH_BYTES_MAX || iscsiName.includes(',')) {
    return invalid(ISCSI_HEADER_BYTES, `"${iscsiName}" is not an iSCSI name`);
  }
  if (formatCode === FORMAT_NAME_ONLY) {
    return { ok: true, transportId: { protocol: 'iscsi', iscsiName, isid: null }, lengthBytes };
  }
  const isidText = text.slice(separatorAt + ISID_SEPARATOR.length);
  if (!/^[0-9a-fA-F]{1,12}$/.test(isidText)) {
    const isidAt = ISCSI_HEADER_BYTES + nameLengthBytes + ISID_SEPARATOR.length;
    return invalid(isidAt, `"${isidText}" is not an ISID in hexadecimal`);
  }
  return {
    ok: true,
    transportId: { protocol: 'iscsi', iscsiName, isid: BigInt(`0x${isidText}`) },
    lengthBytes,
  };
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Text(source: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(source);
  } catch {
    return undefined;
  }
}

const cut = (byte: number, message: string): TransportIdProblem => ({
  ok: false,
  what: 'cut',
  byte,
  message,
});

const invalid = (byte: number, message: string, bit?: number): TransportIdProblem => ({
  ok: false,
  what: 'invalid',
  byte,
  ...(bit === undefined ? {} : { bit }),
  message,
});
