import { AHS_TYPE, BHS_LENGTH_BYTES, ISCSI_OPCODE, OPCODE_MASK, ahsLayout } from '../../protocol/index.js';
import type { ReceivedPdu } from './pdu-receiver.js';

/** The first two bits of AHSType are reserved (RFC 7143 11.2.2.1). */
const TYPE_CODE_MASK = 0x3f;

/** AHSLength of the two types there are: a CDB of 17 bytes and more, less 15; and a length of four bytes. */
const EXTENDED_CDB_LENGTH_MIN = 2;
const READ_LENGTH_LENGTH = 5;

/** Where the segments of a PDU begin, by type; undefined: they break the layout of RFC 7143 11.2.2. */
function segmentsOf(pdu: ReceivedPdu): ReadonlyMap<number, number> | undefined {
  const { bytes } = pdu;
  const found = new Map<number, number>();
  let at = pdu.headerStart + BHS_LENGTH_BYTES;
  const end = at + pdu.ahsLengthBytes;
  // TotalAHSLength counts words, so that a segment always has its first four bytes.
  while (at < end) {
    const { ahsLengthBytes, ahsType } = ahsLayout.decode(bytes, at);
    const type = ahsType & TYPE_CODE_MASK;
    if (found.has(type) || !isLengthOf(type, ahsLengthBytes)) return undefined;
    found.set(type, at);
    // AHSLength leaves out the first three bytes, and counts the reserved fourth.
    at += (ahsLayout.lengthBytes + ahsLengthBytes + 3) & ~3;
  }
  return at === end ? found : undefined;
}

function isLengthOf(type: number, ahsLengthBytes: number): boolean {
  switch (type) {
    case AHS_TYPE.extendedCdb:
      return ahsLengthBytes >= EXTENDED_CDB_LENGTH_MIN;
    case AHS_TYPE.bidirectionalReadExpectedLength:
      return ahsLengthBytes === READ_LENGTH_LENGTH;
    default:
      return false;
  }
}

/** Whether the additional header segments of a PDU that has some are a format error: only SCSI Commands have any. */
export function isAhsMalformed(pdu: ReceivedPdu): boolean {
  const opcode = (pdu.bytes[pdu.headerStart] as number) & OPCODE_MASK;
  return opcode !== ISCSI_OPCODE.scsiCommand || segmentsOf(pdu) === undefined;
}

/** Expected length of the read part of a bidirectional command (RFC 7143 11.2.2.4); 0 where it is missing. */
export function bidirectionalReadLength(pdu: ReceivedPdu): number {
  const at = segmentsOf(pdu)?.get(AHS_TYPE.bidirectionalReadExpectedLength);
  return at === undefined ? 0 : pdu.bytes.readUInt32BE(at + 4);
}
