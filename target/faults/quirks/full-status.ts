import {
  encodeTransportId,
  TRANSPORT_ID_LENGTH_BYTES_MIN,
  type TransportId,
} from '../../../protocol/index.js';

export const FULL_STATUS_HEADER_BYTES = 8;
const DESCRIPTOR_BYTES = 24;

/** Lengths of the descriptors of READ FULL STATUS data, in their order. */
export function descriptorLengths(data: Buffer): number[] {
  const lengths: number[] = [];
  for (let at = FULL_STATUS_HEADER_BYTES; at < data.length; at += lengths.at(-1) ?? data.length) {
    lengths.push(DESCRIPTOR_BYTES + data.readUInt32BE(at + 20));
  }
  return lengths;
}

/** iSCSI format 01b with a NUL before its separator and with six digits of the ISID. */
export function transportIdWithNul(id: TransportId): Uint8Array {
  if (id.protocol !== 'iscsi' || id.isid === null) return encodeTransportId(id);
  const isid = id.isid.toString(16).padStart(12, '0').slice(0, 6);
  const text = Buffer.from(`${id.iscsiName}\0,i,0x${isid}\0`, 'utf8');
  const additionalLength = Math.max(TRANSPORT_ID_LENGTH_BYTES_MIN - 4, Math.ceil(text.length / 4) * 4);
  const bytes = Buffer.alloc(4 + additionalLength);
  bytes.writeUInt8(0x45, 0);
  bytes.writeUInt16BE(additionalLength, 2);
  text.copy(bytes, 4);
  return bytes;
}
