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
import { packetBlock, sectionBegin } from '../../target/capture/pcapng.js';
import { TcpConversation } from '../../target/capture/tcp-conversation.js';

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

/**
 * A capture (pcapng) of one iSCSI connection in full feature phase: two frames for each command, the command with its
 * immediate data and the answer with its data and status. There is no login: a dissector takes port 3260 for iSCSI.
 */
export function iscsiCapture(commands: readonly CapturedCommand[]): Buffer {
  const conversation = new TcpConversation(
    { address: '127.0.0.1', port: 49_152 },
    { address: '127.0.0.2', port: ISCSI_PORT },
    0,
  );
  const frames = commands.flatMap((command, index) => [
    ...conversation.data('initiator', commandPdu(command, index + 1)),
    ...conversation.data('target', answerPdu(command, index + 1)),
  ]);
  return Buffer.concat([
    sectionBegin('fencelab', 'golden bytes'),
    ...frames.map(({ from, bytes }, timeUs) =>
      packetBlock({ timeUs, direction: from === 'initiator' ? 'inbound' : 'outbound', bytes, comments: [] }),
    ),
  ]);
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
