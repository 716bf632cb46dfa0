import { layout, reserved, u32be } from '../layout.js';

/** What REPORT LUNS parameter data begins with (SPC-4 6.33). */
export const reportLunsHeaderLayout = layout(
  'REPORT LUNS parameter data',
  u32be('lunListLength'),
  reserved(4),
);

const LUN_BYTES = 8;

/** SELECT REPORT (SPC-4). */
export const SELECT_REPORT = { addressable: 0x00, wellKnown: 0x01, all: 0x02 } as const;

/** LUN of the REPORT LUNS well known logical unit, as the first two bytes of a LUN field (SPC-4 8.2). */
export const REPORT_LUNS_WELL_KNOWN_LUN = 0xc101;

/** First two bytes of a LUN field: peripheral device addressing, flat space addressing from 256 (SAM-5 4.7.7). */
function addressOf(lun: number): number {
  return lun < 256 ? lun : 0x4000 | lun;
}

/** REPORT LUNS parameter data, whole. */
export function encodeReportLuns(luns: readonly number[]): Uint8Array {
  const data = Buffer.alloc(reportLunsHeaderLayout.lengthBytes + LUN_BYTES * luns.length);
  reportLunsHeaderLayout.encode({ lunListLength: LUN_BYTES * luns.length }, data);
  luns.forEach((lun, index) =>
    data.writeUInt16BE(addressOf(lun), reportLunsHeaderLayout.lengthBytes + LUN_BYTES * index),
  );
  return data;
}

/** The LUNs that came; undefined for one of another addressing method. */
export function decodeReportLuns(bytes: Uint8Array): (number | undefined)[] {
  if (bytes.length < reportLunsHeaderLayout.lengthBytes) return [];
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const announced = reportLunsHeaderLayout.decode(data).lunListLength;
  const end = Math.min(data.length, reportLunsHeaderLayout.lengthBytes + announced);
  const luns: (number | undefined)[] = [];
  for (let at = reportLunsHeaderLayout.lengthBytes; at + LUN_BYTES <= end; at += LUN_BYTES) {
    const address = data.readUInt16BE(at);
    const method = address >> 14;
    luns.push(method === 0 || method === 1 ? address & 0x3fff : undefined);
  }
  return luns;
}
