/** An encoder of target PDUs that shares nothing with protocol/, so that two wrongs cannot cancel. */
export interface TargetPdu {
  readonly opcode: number;
  readonly flags?: number;
  /** Bytes 2 and 3. */
  readonly two?: number;
  readonly three?: number;
  /** Initiator task tag, or ffffffffh. */
  readonly tag?: number;
  /** Byte offset to 32-bit value. */
  readonly words?: Readonly<Record<number, number>>;
  /** Byte offset to byte value. */
  readonly octets?: Readonly<Record<number, number>>;
  readonly data?: Uint8Array | string;
}

export function targetPdu(pdu: TargetPdu): Buffer {
  const data = Buffer.from(pdu.data ?? '');
  const bytes = Buffer.alloc(48 + Math.ceil(data.length / 4) * 4);
  bytes[0] = pdu.opcode;
  bytes[1] = pdu.flags ?? 0x80;
  bytes[2] = pdu.two ?? 0;
  bytes[3] = pdu.three ?? 0;
  bytes.writeUIntBE(data.length, 5, 3);
  bytes.writeUInt32BE(pdu.tag ?? 0xffffffff, 16);
  for (const [offset, value] of Object.entries(pdu.words ?? {})) bytes.writeUInt32BE(value, Number(offset));
  for (const [offset, value] of Object.entries(pdu.octets ?? {})) bytes[Number(offset)] = value;
  data.copy(bytes, 48);
  return bytes;
}

/** StatSN, ExpCmdSN and MaxCmdSN. */
export const sn = (statSn: number, expCmdSn = 0, maxCmdSn = 100): Record<number, number> => ({
  24: statSn,
  28: expCmdSn,
  32: maxCmdSn,
});

/** A PDU of the initiator, read by hand. */
export function readPdu(bytes: Buffer) {
  const dataLength = bytes.readUIntBE(5, 3);
  return {
    opcode: (bytes[0] ?? 0) & 0x3f,
    immediate: ((bytes[0] ?? 0) & 0x40) !== 0,
    flags: bytes[1] ?? 0,
    lun: bytes.toString('hex', 8, 16),
    tag: bytes.readUInt32BE(16),
    word20: bytes.readUInt32BE(20),
    cmdSn: bytes.readUInt32BE(24),
    expStatSn: bytes.readUInt32BE(28),
    word32: bytes.readUInt32BE(32),
    word36: bytes.readUInt32BE(36),
    word40: bytes.readUInt32BE(40),
    data: bytes.subarray(48, 48 + dataLength),
  };
}
