/** SCSI status codes (SAM-5 5.3.1), byte values. */
export const SCSI_STATUS = {
  good: 0x00,
  checkCondition: 0x02,
  conditionMet: 0x04,
  busy: 0x08,
  reservationConflict: 0x18,
  taskSetFull: 0x28,
  acaActive: 0x30,
  taskAborted: 0x40,
} as const;

const NAMES = new Map<number, string>([
  [SCSI_STATUS.good, 'GOOD'],
  [SCSI_STATUS.checkCondition, 'CHECK CONDITION'],
  [SCSI_STATUS.conditionMet, 'CONDITION MET'],
  [SCSI_STATUS.busy, 'BUSY'],
  [SCSI_STATUS.reservationConflict, 'RESERVATION CONFLICT'],
  [SCSI_STATUS.taskSetFull, 'TASK SET FULL'],
  [SCSI_STATUS.acaActive, 'ACA ACTIVE'],
  [SCSI_STATUS.taskAborted, 'TASK ABORTED'],
]);

/** The standard's name of a status byte; `status 7Fh` for one that has none. */
export function scsiStatusName(status: number): string {
  return NAMES.get(status) ?? `status ${status.toString(16).padStart(2, '0').toUpperCase()}h`;
}
