import { bits, bytes, layout, reserved, u16be, u24be, u32be, u48be, u64be, u8 } from '../layout.js';

/** Length of the basic header segment (RFC 7143 11.2.1). */
export const BHS_LENGTH_BYTES = 48;

/** "No task": the reserved value of Initiator Task Tag and Target Transfer Tag (RFC 7143 11.2.1.8). */
export const RESERVED_TAG = 0xffff_ffff;

/** Operation codes (RFC 7143 11.2.1.2), without the Immediate bit. */
export const ISCSI_OPCODE = {
  nopOut: 0x00,
  scsiCommand: 0x01,
  taskManagementRequest: 0x02,
  loginRequest: 0x03,
  textRequest: 0x04,
  dataOut: 0x05,
  logoutRequest: 0x06,
  snackRequest: 0x10,
  nopIn: 0x20,
  scsiResponse: 0x21,
  taskManagementResponse: 0x22,
  loginResponse: 0x23,
  textResponse: 0x24,
  dataIn: 0x25,
  logoutResponse: 0x26,
  readyToTransfer: 0x31,
  asynchronousMessage: 0x32,
  reject: 0x3f,
} as const;

/** The opcode within byte 0 of a BHS. */
export const OPCODE_MASK = 0x3f;
/** Byte 0: deliver at once, outside the order of CmdSN (RFC 7143 11.2.1.1). */
export const IMMEDIATE_FLAG = 0x40;

/** Byte 1 of the PDUs that have these bits. */
export const PDU_FLAG = {
  /** F: last PDU of a sequence; in Login PDUs the same bit is T. */
  final: 0x80,
  /** T: ready to go to the next stage (RFC 7143 11.12.1). */
  transit: 0x80,
  /** C: the text goes on in the next PDU (RFC 7143 11.10.2, 11.12.2). */
  continue: 0x40,
  /** R of a SCSI Command: Data-In is expected (RFC 7143 11.3.1). */
  read: 0x40,
  /** W of a SCSI Command: Data-Out is expected. */
  write: 0x20,
  /** A of a Data-In: please acknowledge (RFC 7143 11.7.2). */
  acknowledge: 0x40,
  /** o of a SCSI Response: overflow of the read part of a bidirectional command (RFC 7143 11.4.1). */
  bidirectionalReadOverflow: 0x10,
  bidirectionalReadUnderflow: 0x08,
  /** O: the command had more data than was expected. */
  residualOverflow: 0x04,
  /** U: less data than expected was transferred. */
  residualUnderflow: 0x02,
  /** S of a Data-In: the PDU carries the status too (RFC 7143 11.7.3). */
  status: 0x01,
} as const;

/** ATTR of a SCSI Command (RFC 7143 11.3.1). */
export const TASK_ATTRIBUTE = { untagged: 0, simple: 1, ordered: 2, headOfQueue: 3, aca: 4 } as const;
export const TASK_ATTRIBUTE_MASK = 0x07;

/** CSG and NSG of Login PDUs (RFC 7143 11.12.3). */
export const LOGIN_STAGE = {
  securityNegotiation: 0,
  operationalNegotiation: 1,
  fullFeaturePhase: 3,
} as const;

const opcodeByte = bits({ reserved7: 1, immediate: 1, opcode: 6 });
const finalByte = bits({ final: 1, reserved6: 7 });
const textFlags = bits({ final: 1, continue: 1, reserved5: 6 });
const loginFlags = bits({ transit: 1, continue: 1, reserved5: 2, currentStage: 2, nextStage: 2 });
const lengths = [u8('totalAhsLengthWords'), u24be('dataSegmentLengthBytes')] as const;

/** What every BHS has in common (RFC 7143 11.2.1). */
export const bhsLayout = layout(
  'Basic header segment',
  opcodeByte,
  bits({ final: 1, opcodeSpecific: 7 }),
  reserved(2),
  ...lengths,
  u64be('lunOrOpcodeSpecific'),
  u32be('initiatorTaskTag'),
  bytes('opcodeSpecificFields', 28),
);

/** Head of one additional header segment (RFC 7143 11.2.2); the length leaves out type and itself. */
export const ahsLayout = layout('Additional header segment', u16be('ahsLengthBytes'), u8('ahsType'));
export const AHS_TYPE = { extendedCdb: 1, bidirectionalReadExpectedLength: 2 } as const;

/** RFC 7143 11.3 */
export const scsiCommandLayout = layout(
  'SCSI Command',
  opcodeByte,
  bits({ final: 1, read: 1, write: 1, reserved4: 2, attribute: 3 }),
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('expectedDataTransferLengthBytes'),
  u32be('cmdSn'),
  u32be('expStatSn'),
  bytes('cdb', 16),
);

/** RFC 7143 11.4 */
export const scsiResponseLayout = layout(
  'SCSI Response',
  opcodeByte,
  bits({
    final: 1,
    reserved6: 2,
    bidirectionalReadOverflow: 1,
    bidirectionalReadUnderflow: 1,
    residualOverflow: 1,
    residualUnderflow: 1,
    reserved0: 1,
  }),
  u8('response'),
  u8('status'),
  ...lengths,
  reserved(8),
  u32be('initiatorTaskTag'),
  u32be('snackTag'),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  u32be('expDataSn'),
  u32be('bidirectionalReadResidualCount'),
  u32be('residualCount'),
);

/** RFC 7143 11.5 */
export const taskManagementRequestLayout = layout(
  'Task Management Function Request',
  opcodeByte,
  bits({ final: 1, function: 7 }),
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('referencedTaskTag'),
  u32be('cmdSn'),
  u32be('expStatSn'),
  u32be('refCmdSn'),
  u32be('expDataSn'),
  reserved(8),
);

/** RFC 7143 11.6 */
export const taskManagementResponseLayout = layout(
  'Task Management Function Response',
  opcodeByte,
  finalByte,
  u8('response'),
  reserved(1),
  ...lengths,
  reserved(8),
  u32be('initiatorTaskTag'),
  reserved(4),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  reserved(12),
);

/** RFC 7143 11.7 */
export const dataOutLayout = layout(
  'SCSI Data-Out',
  opcodeByte,
  finalByte,
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTag'),
  reserved(4),
  u32be('expStatSn'),
  reserved(4),
  u32be('dataSn'),
  u32be('bufferOffsetBytes'),
  reserved(4),
);

/** RFC 7143 11.7 */
export const dataInLayout = layout(
  'SCSI Data-In',
  opcodeByte,
  bits({
    final: 1,
    acknowledge: 1,
    reserved5: 3,
    residualOverflow: 1,
    residualUnderflow: 1,
    statusPresent: 1,
  }),
  reserved(1),
  u8('status'),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTag'),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  u32be('dataSn'),
  u32be('bufferOffsetBytes'),
  u32be('residualCount'),
);

/** RFC 7143 11.8 */
export const readyToTransferLayout = layout(
  'Ready To Transfer',
  opcodeByte,
  finalByte,
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTag'),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  u32be('r2tSn'),
  u32be('bufferOffsetBytes'),
  u32be('desiredDataTransferLengthBytes'),
);

/** RFC 7143 11.9 */
export const asynchronousMessageLayout = layout(
  'Asynchronous Message',
  opcodeByte,
  finalByte,
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  reserved(4),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  u8('asyncEvent'),
  u8('asyncVendorCode'),
  u16be('parameter1'),
  u16be('parameter2'),
  u16be('parameter3'),
  reserved(4),
);

/** RFC 7143 11.10 */
export const textRequestLayout = layout(
  'Text Request',
  opcodeByte,
  textFlags,
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTag'),
  u32be('cmdSn'),
  u32be('expStatSn'),
  reserved(16),
);

/** RFC 7143 11.11 */
export const textResponseLayout = layout(
  'Text Response',
  opcodeByte,
  textFlags,
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTag'),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  reserved(12),
);

/** RFC 7143 11.12 */
export const loginRequestLayout = layout(
  'Login Request',
  opcodeByte,
  loginFlags,
  u8('versionMax'),
  u8('versionMin'),
  ...lengths,
  u48be('isid'),
  u16be('tsih'),
  u32be('initiatorTaskTag'),
  u16be('cid'),
  reserved(2),
  u32be('cmdSn'),
  u32be('expStatSn'),
  reserved(16),
);

/** RFC 7143 11.13 */
export const loginResponseLayout = layout(
  'Login Response',
  opcodeByte,
  loginFlags,
  u8('versionMax'),
  u8('versionActive'),
  ...lengths,
  u48be('isid'),
  u16be('tsih'),
  u32be('initiatorTaskTag'),
  reserved(4),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  u8('statusClass'),
  u8('statusDetail'),
  reserved(10),
);

/** RFC 7143 11.14 */
export const logoutRequestLayout = layout(
  'Logout Request',
  opcodeByte,
  bits({ final: 1, reason: 7 }),
  reserved(2),
  ...lengths,
  reserved(8),
  u32be('initiatorTaskTag'),
  u16be('cid'),
  reserved(2),
  u32be('cmdSn'),
  u32be('expStatSn'),
  reserved(16),
);

/** RFC 7143 11.15 */
export const logoutResponseLayout = layout(
  'Logout Response',
  opcodeByte,
  finalByte,
  u8('response'),
  reserved(1),
  ...lengths,
  reserved(8),
  u32be('initiatorTaskTag'),
  reserved(4),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  reserved(4),
  u16be('time2WaitSeconds'),
  u16be('time2RetainSeconds'),
  reserved(4),
);

/** RFC 7143 11.16 */
export const snackRequestLayout = layout(
  'SNACK Request',
  opcodeByte,
  bits({ final: 1, reserved6: 3, type: 4 }),
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTagOrSnackTag'),
  reserved(4),
  u32be('expStatSn'),
  reserved(8),
  u32be('begRun'),
  u32be('runLength'),
);

/** RFC 7143 11.17; the data segment is the header of what was rejected. */
export const rejectLayout = layout(
  'Reject',
  opcodeByte,
  finalByte,
  u8('reason'),
  reserved(1),
  ...lengths,
  reserved(8),
  u32be('initiatorTaskTag'),
  reserved(4),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  u32be('dataSnOrR2tSn'),
  reserved(8),
);

/** RFC 7143 11.18 */
export const nopOutLayout = layout(
  'NOP-Out',
  opcodeByte,
  finalByte,
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTag'),
  u32be('cmdSn'),
  u32be('expStatSn'),
  reserved(16),
);

/** RFC 7143 11.19 */
export const nopInLayout = layout(
  'NOP-In',
  opcodeByte,
  finalByte,
  reserved(2),
  ...lengths,
  u64be('lun'),
  u32be('initiatorTaskTag'),
  u32be('targetTransferTag'),
  u32be('statSn'),
  u32be('expCmdSn'),
  u32be('maxCmdSn'),
  reserved(12),
);

/** The layout of each opcode's BHS. */
export const PDU_LAYOUTS = {
  [ISCSI_OPCODE.nopOut]: nopOutLayout,
  [ISCSI_OPCODE.scsiCommand]: scsiCommandLayout,
  [ISCSI_OPCODE.taskManagementRequest]: taskManagementRequestLayout,
  [ISCSI_OPCODE.loginRequest]: loginRequestLayout,
  [ISCSI_OPCODE.textRequest]: textRequestLayout,
  [ISCSI_OPCODE.dataOut]: dataOutLayout,
  [ISCSI_OPCODE.logoutRequest]: logoutRequestLayout,
  [ISCSI_OPCODE.snackRequest]: snackRequestLayout,
  [ISCSI_OPCODE.nopIn]: nopInLayout,
  [ISCSI_OPCODE.scsiResponse]: scsiResponseLayout,
  [ISCSI_OPCODE.taskManagementResponse]: taskManagementResponseLayout,
  [ISCSI_OPCODE.loginResponse]: loginResponseLayout,
  [ISCSI_OPCODE.textResponse]: textResponseLayout,
  [ISCSI_OPCODE.dataIn]: dataInLayout,
  [ISCSI_OPCODE.logoutResponse]: logoutResponseLayout,
  [ISCSI_OPCODE.readyToTransfer]: readyToTransferLayout,
  [ISCSI_OPCODE.asynchronousMessage]: asynchronousMessageLayout,
  [ISCSI_OPCODE.reject]: rejectLayout,
} as const;

/** The standard's name of an opcode (Immediate bit ignored); `opcode 1Fh` for one that has none. */
export function iscsiOpcodeName(opcode: number): string {
  const known: Readonly<Record<number, { readonly name: string }>> = PDU_LAYOUTS;
  const code = opcode & OPCODE_MASK;
  return known[code]?.name ?? `opcode ${code.toString(16).padStart(2, '0').toUpperCase()}h`;
}
