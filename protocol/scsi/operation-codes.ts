/** Operation codes of the commands that are spoken here (SPC-4 annex D, SBC-4). */
export const OPERATION_CODE = {
  testUnitReady: 0x00,
  requestSense: 0x03,
  read6: 0x08,
  write6: 0x0a,
  inquiry: 0x12,
  modeSelect6: 0x15,
  reserve6: 0x16,
  release6: 0x17,
  modeSense6: 0x1a,
  startStopUnit: 0x1b,
  preventAllowMediumRemoval: 0x1e,
  readCapacity10: 0x25,
  read10: 0x28,
  write10: 0x2a,
  writeAndVerify10: 0x2e,
  verify10: 0x2f,
  prefetch10: 0x34,
  synchronizeCache10: 0x35,
  readDefectData10: 0x37,
  writeSame10: 0x41,
  unmap: 0x42,
  sanitize: 0x48,
  modeSelect10: 0x55,
  reserve10: 0x56,
  release10: 0x57,
  modeSense10: 0x5a,
  persistentReserveIn: 0x5e,
  persistentReserveOut: 0x5f,
  extendedCopy: 0x83,
  receiveCopyResults: 0x84,
  read16: 0x88,
  compareAndWrite: 0x89,
  write16: 0x8a,
  orWrite16: 0x8b,
  writeAndVerify16: 0x8e,
  verify16: 0x8f,
  prefetch16: 0x90,
  synchronizeCache16: 0x91,
  writeSame16: 0x93,
  writeAtomic16: 0x9c,
  serviceActionIn16: 0x9e,
  reportLuns: 0xa0,
  maintenanceIn: 0xa3,
  maintenanceOut: 0xa4,
  read12: 0xa8,
  write12: 0xaa,
  writeAndVerify12: 0xae,
  verify12: 0xaf,
  readDefectData12: 0xb7,
} as const;

/** Service actions of SANITIZE (SBC-4). */
export const SANITIZE_SERVICE_ACTION = {
  overwrite: 0x01,
  blockErase: 0x02,
  cryptographicErase: 0x03,
  exitFailureMode: 0x1f,
} as const;

/** Service actions of SERVICE ACTION IN(16). */
export const SERVICE_ACTION_IN_16 = { readCapacity16: 0x10, getLbaStatus: 0x12 } as const;

/** Service actions of RECEIVE COPY RESULTS. */
export const RECEIVE_COPY_RESULTS = { copyStatus: 0x00, operatingParameters: 0x03 } as const;

/** Service actions of MAINTENANCE IN. */
export const MAINTENANCE_IN = {
  reportTargetPortGroups: 0x0a,
  reportSupportedOperationCodes: 0x0c,
  reportSupportedTaskManagementFunctions: 0x0d,
} as const;

/** Service actions of MAINTENANCE OUT. */
export const MAINTENANCE_OUT = { setTargetPortGroups: 0x0a } as const;

/** Length of a CDB by the group of its operation code (SPC-4 4.2.5.1); variable length CDBs are not spoken here. */
export function cdbLengthBytes(operationCode: number): number {
  return LENGTH_OF_GROUP[operationCode >> 5] ?? 16;
}

const LENGTH_OF_GROUP: readonly number[] = [6, 10, 10, 16, 16, 12, 16, 16];
