import { REPORT_LUNS_WELL_KNOWN_LUN } from '../scsi/report-luns.js';

/**
 * Hand-placed offsets of the PDUs that carry READ, WRITE and their like, where building objects would cost more than
 * the command. test/protocol/iscsi/hot.test.ts holds every one of them to the declarations in pdu.ts.
 */
export const HOT_OFFSET = {
  /** The same in every BHS. */
  bhs: {
    opcode: 0,
    flags: 1,
    totalAhsLengthWords: 4,
    dataSegmentLengthBytes: 5,
    lun: 8,
    initiatorTaskTag: 16,
  },
  scsiCommand: { expectedDataTransferLengthBytes: 20, cmdSn: 24, expStatSn: 28, cdb: 32 },
  scsiResponse: {
    response: 2,
    status: 3,
    statSn: 24,
    expCmdSn: 28,
    maxCmdSn: 32,
    expDataSn: 36,
    bidirectionalReadResidualCount: 40,
    residualCount: 44,
  },
  dataOut: { targetTransferTag: 20, expStatSn: 28, dataSn: 36, bufferOffsetBytes: 40 },
  dataIn: {
    status: 3,
    targetTransferTag: 20,
    statSn: 24,
    expCmdSn: 28,
    maxCmdSn: 32,
    dataSn: 36,
    bufferOffsetBytes: 40,
    residualCount: 44,
  },
  readyToTransfer: {
    targetTransferTag: 20,
    statSn: 24,
    expCmdSn: 28,
    maxCmdSn: 32,
    r2tSn: 36,
    bufferOffsetBytes: 40,
    desiredDataTransferLengthBytes: 44,
  },
} as const;

/** Length of a data segment with the padding to whole words that follows it on the wire (RFC 7143 11.2.3). */
export const paddedLength = (lengthBytes: number): number => (lengthBytes + 3) & ~3;

// Plain shifts instead of Buffer's methods: no range checks and no property look-ups, so that they inline. The
// caller knows that the bytes are there: a BHS is handed on only when it is whole.

export function readU24(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) << 16) | ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number)
  );
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}

export function writeU24(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 16;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value;
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

export function readDataSegmentLength(bytes: Uint8Array, bhs: number): number {
  return readU24(bytes, bhs + HOT_OFFSET.bhs.dataSegmentLengthBytes);
}

/** Length in bytes of the additional header segments that follow the BHS. */
export function readAhsLength(bytes: Uint8Array, bhs: number): number {
  return (bytes[bhs + HOT_OFFSET.bhs.totalAhsLengthWords] as number) * 4;
}

export function readInitiatorTaskTag(bytes: Uint8Array, bhs: number): number {
  return readU32(bytes, bhs + HOT_OFFSET.bhs.initiatorTaskTag);
}

/** Zeroes the 48 bytes of a BHS and writes what all have: opcode with Immediate bit, flags, lengths, task tag. */
export function beginBhs(
  bytes: Uint8Array,
  bhs: number,
  opcode: number,
  flags: number,
  dataSegmentLengthBytes: number,
  initiatorTaskTag: number,
): void {
  bytes.fill(0, bhs, bhs + 48);
  bytes[bhs] = opcode;
  bytes[bhs + 1] = flags;
  writeU24(bytes, bhs + HOT_OFFSET.bhs.dataSegmentLengthBytes, dataSegmentLengthBytes);
  writeU32(bytes, bhs + HOT_OFFSET.bhs.initiatorTaskTag, initiatorTaskTag);
}

/** StatSN, ExpCmdSN and MaxCmdSN lie at the same place in every PDU a target sends. */
export function writeTargetSerialNumbers(
  bytes: Uint8Array,
  bhs: number,
  statSn: number,
  expCmdSn: number,
  maxCmdSn: number,
): void {
  writeU32(bytes, bhs + HOT_OFFSET.scsiResponse.statSn, statSn);
  writeU32(bytes, bhs + HOT_OFFSET.scsiResponse.expCmdSn, expCmdSn);
  writeU32(bytes, bhs + HOT_OFFSET.scsiResponse.maxCmdSn, maxCmdSn);
}

/**
 * The LUN of the eight-byte LUN field at `offset` where it addresses a single level: peripheral (00b, bus 0) or flat
 * (01b) addressing (SAM-5 4.7.7.2, 4.7.7.3), or `REPORT_LUNS_WELL_KNOWN_LUN`. -1 for everything else.
 */
export function readLun(bytes: Uint8Array, offset: number): number {
  if (readU24(bytes, offset + 2) !== 0 || readU24(bytes, offset + 5) !== 0) return -1;
  const high = bytes[offset] as number;
  const low = bytes[offset + 1] as number;
  if (high === 0) return low;
  if (high >>> 6 === 1) return ((high & 0x3f) << 8) | low;
  const extended = (high << 8) | low;
  return extended === REPORT_LUNS_WELL_KNOWN_LUN ? extended : -1;
}

/** Writes a LUN field: peripheral addressing below 256, flat above; `lun` at most 16383. */
export function writeLun(bytes: Uint8Array, offset: number, lun: number): void {
  bytes.fill(0, offset, offset + 8);
  if (lun < 256) {
    bytes[offset + 1] = lun;
  } else {
    bytes[offset] = 0x40 | (lun >>> 8);
    bytes[offset + 1] = lun;
  }
}

/** The largest LUN of single-level addressing. */
export const LUN_MAX = 0x3fff;
