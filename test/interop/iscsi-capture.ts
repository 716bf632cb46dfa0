import {
  BHS_LENGTH_BYTES,
  dataInLayout,
  ISCSI_OPCODE,
  paddedLength,
  RESERVED_TAG,
  SCSI_STATUS,
  scsiCommandLayout,
  scsiResponseLayout,
  TASK_ATTRIBUTE,
} from '../../protocol/index.js';

/** One SCSI command and its answer, as they cross an iSCSI connection. */
export interface CapturedCommand {
  readonly cdb: Uint8Array;
  /** What is sent, as immediate data; else `dataInLength` bytes are asked for. */
  readonly dataOut?: Uint8Array;
  readonly dataInLength?: number;
  readonly dataIn?: Uint8Array;
  readonly sense?: Uint8Array;
}

const ISCSI_PORT = 3260;
const INITIATOR = { address: [127, 0, 0, 1], port: 49_152 } as const;
const TARGET = { address: [127, 0, 0, 2], port: ISCSI_PORT } as const;

/**
 * A capture (pcap, Ethernet) of one iSCSI connection in full feature phase: two frames for each command, the command with
 * its immediate data and the answer with its data and status. There is no login: a dissector takes port 3260 for iSCSI.
 */
export function iscsiCapture(commands: readonly CapturedCommand[]): Buffer {
  const sent = { initiator: 0, target: 0 };
  const frames = commands.flatMap((command, index) => {
    const request = commandPdu(command, index + 1);
    const answer = answerPdu(command, index + 1);
    const requestFrame = tcpFrame(INITIATOR, TARGET, sent.initiator, sent.target, request);
    sent.initiator += request.length;
    const answerFrame = tcpFrame(TARGET, INITIATOR, sent.target, sent.initiator, answer);
    sent.target += answer.length;
    return [requestFrame, answerFrame];
  });
  return pcap(frames);
}

function commandPdu(command: CapturedCommand, tag: number): Buffer {
  const { cdb, dataOut = new Uint8Array(0) } = command;
  const padded = new Uint8Array(16);
  padded.set(cdb);
  const bhs = scsiCommandLayout.toBytes({
    opcode: ISCSI_OPCODE.scsiCommand,
    final: 1,
    read: command.dataOut === undefined ? 1 : 0,
    write: command.dataOut === undefined ? 0 : 1,
    attribute: TASK_ATTRIBUTE.simple,
    dataSegmentLengthBytes: dataOut.length,
    lun: 0n,
    initiatorTaskTag: tag,
    expectedDataTransferLengthBytes: command.dataInLength ?? dataOut.length,
    cmdSn: tag,
    expStatSn: tag,
    cdb: padded,
  });
  return pdu(bhs, dataOut);
}

function answerPdu({ dataIn, sense, dataInLength = 0 }: CapturedCommand, tag: number): Buffer {
  const serialNumbers = { statSn: tag, expCmdSn: tag + 1, maxCmdSn: tag + 32, initiatorTaskTag: tag };
  if (dataIn !== undefined && dataIn.length > 0) {
    const residualCount = dataInLength - dataIn.length;
    const bhs = dataInLayout.toBytes({
      opcode: ISCSI_OPCODE.dataIn,
      final: 1,
      statusPresent: 1,
      residualUnderflow: residualCount > 0 ? 1 : 0,
      residualCount,
      status: SCSI_STATUS.good,
      dataSegmentLengthBytes: dataIn.length,
      lun: 0n,
      targetTransferTag: RESERVED_TAG,
      ...serialNumbers,
    });
    return pdu(bhs, dataIn);
  }
  const segment = sense === undefined ? Buffer.alloc(0) : Buffer.from([0, sense.length, ...sense]);
  const bhs = scsiResponseLayout.toBytes({
    opcode: ISCSI_OPCODE.scsiResponse,
    final: 1,
    status: sense === undefined ? SCSI_STATUS.good : SCSI_STATUS.checkCondition,
    dataSegmentLengthBytes: segment.length,
    ...serialNumbers,
  });
  return pdu(bhs, segment);
}

function pdu(bhs: Uint8Array, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(BHS_LENGTH_BYTES + paddedLength(data.length));
  bytes.set(bhs);
  bytes.set(data, BHS_LENGTH_BYTES);
  return bytes;
}

interface Endpoint {
  readonly address: readonly number[];
  readonly port: number;
}

/** Ethernet, IPv4 (RFC 791) and TCP (RFC 9293) headers, checksums left zero, before `payload`. */
function tcpFrame(
  from: Endpoint,
  to: Endpoint,
  sequenceNumber: number,
  acknowledgment: number,
  payload: Buffer,
): Buffer {
  const ethernet = Buffer.alloc(14);
  ethernet.writeUInt16BE(0x0800, 12); // IPv4
  const ip = Buffer.alloc(20);
  ip[0] = 0x45; // version 4, five words
  ip.writeUInt16BE(40 + payload.length, 2);
  ip[8] = 64; // time to live
  ip[9] = 6; // TCP
  ip.set([...from.address, ...to.address], 12);
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(1 + sequenceNumber, 4);
  tcp.writeUInt32BE(1 + acknowledgment, 8);
  tcp[12] = 0x50; // five words
  tcp[13] = 0x18; // PSH, ACK
  tcp.writeUInt16BE(0xffff, 14); // window
  return Buffer.concat([ethernet, ip, tcp, payload]);
}

/** The classic capture format, version 2.4, with microseconds: one frame a microsecond. */
function pcap(frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0x4_0000, 16); // longest frame
  header.writeUInt32LE(1, 20); // Ethernet
  const records = frames.flatMap((frame, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(index, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([header, ...records]);
}
