import { bits, layout, reserved, u16be, u32be, u64be, u8 } from '../layout.js';
import { builder } from './cdb-builder.js';
import { MAINTENANCE_IN, MAINTENANCE_OUT, OPERATION_CODE, SERVICE_ACTION_IN_16 } from './operation-codes.js';

// Layouts of CDBs. PERSISTENT RESERVE IN and OUT have theirs beside their parameter data.

/** TEST UNIT READY, RESERVE(6) and RELEASE(6): nothing but the operation code (SPC-4 6.47; SPC-2 7.17, 7.21). */
export const plainCdb6Layout = layout(
  '6-byte CDB without fields',
  u8('operationCode'),
  reserved(4),
  u8('control'),
);

/** RESERVE(10) and RELEASE(10) (SPC-2 7.18, 7.22), as far as they are not obsolete. */
export const plainCdb10Layout = layout(
  '10-byte CDB without fields',
  u8('operationCode'),
  reserved(8),
  u8('control'),
);

/** REQUEST SENSE (SPC-4 6.39). */
export const requestSenseCdbLayout = layout(
  'REQUEST SENSE command',
  u8('operationCode'),
  bits({ reserved7: 7, descriptorFormat: 1 }),
  reserved(2),
  u8('allocationLength'),
  u8('control'),
);

/** INQUIRY (SPC-4 6.6). */
export const inquiryCdbLayout = layout(
  'INQUIRY command',
  u8('operationCode'),
  bits({ reserved7: 7, enableVitalProductData: 1 }),
  u8('pageCode'),
  u16be('allocationLength'),
  u8('control'),
);

/** REPORT LUNS (SPC-4 6.33). */
export const reportLunsCdbLayout = layout(
  'REPORT LUNS command',
  u8('operationCode'),
  reserved(1),
  u8('selectReport'),
  reserved(3),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

/** READ CAPACITY(10) (SBC-4). */
export const readCapacity10CdbLayout = layout(
  'READ CAPACITY(10) command',
  u8('operationCode'),
  reserved(1),
  u32be('logicalBlockAddress'),
  reserved(3),
  u8('control'),
);

/** READ CAPACITY(16) (SBC-4). */
export const readCapacity16CdbLayout = layout(
  'READ CAPACITY(16) command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  u64be('logicalBlockAddress'),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

/** READ(6) and WRITE(6): a TRANSFER LENGTH of 0 means 256 blocks (SBC-3). */
export const readWrite6CdbLayout = layout(
  'READ(6) or WRITE(6) command',
  u8('operationCode'),
  bits({ reserved7: 3, logicalBlockAddressHigh: 5 }),
  u16be('logicalBlockAddress'),
  u8('transferLength'),
  u8('control'),
);

/** Byte 1 of READ and WRITE (10), (12) and (16); PROTECT is RDPROTECT or WRPROTECT. */
const readWriteFlags = {
  protect: 3,
  disablePageOut: 1,
  forceUnitAccess: 1,
  rebuildAssist: 1,
  reserved1: 2,
} as const;

/** READ(10) and WRITE(10) (SBC-4). */
export const readWrite10CdbLayout = layout(
  'READ(10) or WRITE(10) command',
  u8('operationCode'),
  bits(readWriteFlags),
  u32be('logicalBlockAddress'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u16be('transferLength'),
  u8('control'),
);

/** READ(12) and WRITE(12). */
export const readWrite12CdbLayout = layout(
  'READ(12) or WRITE(12) command',
  u8('operationCode'),
  bits(readWriteFlags),
  u32be('logicalBlockAddress'),
  u32be('transferLength'),
  bits({ reserved7b: 3, groupNumber: 5 }),
  u8('control'),
);

/** READ(16) and WRITE(16). */
export const readWrite16CdbLayout = layout(
  'READ(16) or WRITE(16) command',
  u8('operationCode'),
  bits(readWriteFlags),
  u64be('logicalBlockAddress'),
  u32be('transferLength'),
  bits({ reserved7b: 3, groupNumber: 5 }),
  u8('control'),
);

/** SYNCHRONIZE CACHE(10) (SBC-4, with SYNC_NV of SBC-3). */
export const synchronizeCache10CdbLayout = layout(
  'SYNCHRONIZE CACHE(10) command',
  u8('operationCode'),
  bits({ reserved7: 5, synchronizeNonVolatile: 1, immediate: 1, reserved0: 1 }),
  u32be('logicalBlockAddress'),
  bits({ reserved7b: 3, groupNumber: 5 }),
  u16be('numberOfBlocks'),
  u8('control'),
);

/** SYNCHRONIZE CACHE(16) (SBC-4, with SYNC_NV of SBC-3). */
export const synchronizeCache16CdbLayout = layout(
  'SYNCHRONIZE CACHE(16) command',
  u8('operationCode'),
  bits({ reserved7: 5, synchronizeNonVolatile: 1, immediate: 1, reserved0: 1 }),
  u64be('logicalBlockAddress'),
  u32be('numberOfBlocks'),
  bits({ reserved7b: 3, groupNumber: 5 }),
  u8('control'),
);

/** START STOP UNIT (SBC-4). */
export const startStopUnitCdbLayout = layout(
  'START STOP UNIT command',
  u8('operationCode'),
  bits({ reserved7: 7, immediate: 1 }),
  reserved(1),
  bits({ reserved7b: 4, powerConditionModifier: 4 }),
  bits({ powerCondition: 4, reserved3: 1, noFlush: 1, loadEject: 1, start: 1 }),
  u8('control'),
);

/** PREVENT ALLOW MEDIUM REMOVAL (SBC-4). */
export const preventAllowMediumRemovalCdbLayout = layout(
  'PREVENT ALLOW MEDIUM REMOVAL command',
  u8('operationCode'),
  reserved(3),
  bits({ reserved7: 6, prevent: 2 }),
  u8('control'),
);

/** MODE SENSE(6) (SPC-4 6.13). */
export const modeSense6CdbLayout = layout(
  'MODE SENSE(6) command',
  u8('operationCode'),
  bits({ reserved7: 4, disableBlockDescriptors: 1, reserved2: 3 }),
  bits({ pageControl: 2, pageCode: 6 }),
  u8('subpageCode'),
  u8('allocationLength'),
  u8('control'),
);

/** MODE SENSE(10) (SPC-4 6.14). */
export const modeSense10CdbLayout = layout(
  'MODE SENSE(10) command',
  u8('operationCode'),
  bits({ reserved7: 3, longLbaAccepted: 1, disableBlockDescriptors: 1, reserved2: 3 }),
  bits({ pageControl: 2, pageCode: 6 }),
  u8('subpageCode'),
  reserved(3),
  u16be('allocationLength'),
  u8('control'),
);

/** MODE SELECT(6) (SPC-4 6.11). */
export const modeSelect6CdbLayout = layout(
  'MODE SELECT(6) command',
  u8('operationCode'),
  bits({ reserved7: 3, pageFormat: 1, reserved3: 3, savePages: 1 }),
  reserved(2),
  u8('parameterListLength'),
  u8('control'),
);

/** MODE SELECT(10) (SPC-4 6.12). */
export const modeSelect10CdbLayout = layout(
  'MODE SELECT(10) command',
  u8('operationCode'),
  bits({ reserved7: 3, pageFormat: 1, reserved3: 3, savePages: 1 }),
  reserved(5),
  u16be('parameterListLength'),
  u8('control'),
);

/** REPORT SUPPORTED OPERATION CODES (SPC-4 6.35). */
export const reportSupportedOperationCodesCdbLayout = layout(
  'REPORT SUPPORTED OPERATION CODES command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  bits({ returnCommandTimeoutsDescriptor: 1, reserved6: 4, reportingOptions: 3 }),
  u8('requestedOperationCode'),
  u16be('requestedServiceAction'),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

/** REPORT TARGET PORT GROUPS (SPC-4 6.37). */
export const reportTargetPortGroupsCdbLayout = layout(
  'REPORT TARGET PORT GROUPS command',
  u8('operationCode'),
  bits({ parameterDataFormat: 3, serviceAction: 5 }),
  reserved(4),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

/** SET TARGET PORT GROUPS (SPC-4 6.45). */
export const setTargetPortGroupsCdbLayout = layout(
  'SET TARGET PORT GROUPS command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  reserved(4),
  u32be('parameterListLength'),
  reserved(1),
  u8('control'),
);

export const testUnitReadyCdb = builder(plainCdb6Layout, { operationCode: OPERATION_CODE.testUnitReady });
export const requestSenseCdb = builder(requestSenseCdbLayout, { operationCode: OPERATION_CODE.requestSense });
export const inquiryCdb = builder(inquiryCdbLayout, { operationCode: OPERATION_CODE.inquiry });
export const reportLunsCdb = builder(reportLunsCdbLayout, { operationCode: OPERATION_CODE.reportLuns });
export const readCapacity10Cdb = builder(readCapacity10CdbLayout, {
  operationCode: OPERATION_CODE.readCapacity10,
});
export const readCapacity16Cdb = builder(readCapacity16CdbLayout, {
  operationCode: OPERATION_CODE.serviceActionIn16,
  serviceAction: SERVICE_ACTION_IN_16.readCapacity16,
});
export const read6Cdb = builder(readWrite6CdbLayout, { operationCode: OPERATION_CODE.read6 });
export const read10Cdb = builder(readWrite10CdbLayout, { operationCode: OPERATION_CODE.read10 });
export const read12Cdb = builder(readWrite12CdbLayout, { operationCode: OPERATION_CODE.read12 });
export const read16Cdb = builder(readWrite16CdbLayout, { operationCode: OPERATION_CODE.read16 });
export const write6Cdb = builder(readWrite6CdbLayout, { operationCode: OPERATION_CODE.write6 });
export const write10Cdb = builder(readWrite10CdbLayout, { operationCode: OPERATION_CODE.write10 });
export const write12Cdb = builder(readWrite12CdbLayout, { operationCode: OPERATION_CODE.write12 });
export const write16Cdb = builder(readWrite16CdbLayout, { operationCode: OPERATION_CODE.write16 });
export const writeAndVerify10Cdb = builder(readWrite10CdbLayout, {
  operationCode: OPERATION_CODE.writeAndVerify10,
});
export const writeAndVerify12Cdb = builder(readWrite12CdbLayout, {
  operationCode: OPERATION_CODE.writeAndVerify12,
});
export const writeAndVerify16Cdb = builder(readWrite16CdbLayout, {
  operationCode: OPERATION_CODE.writeAndVerify16,
});
export const synchronizeCache10Cdb = builder(synchronizeCache10CdbLayout, {
  operationCode: OPERATION_CODE.synchronizeCache10,
});
export const synchronizeCache16Cdb = builder(synchronizeCache16CdbLayout, {
  operationCode: OPERATION_CODE.synchronizeCache16,
});
export const startStopUnitCdb = builder(startStopUnitCdbLayout, {
  operationCode: OPERATION_CODE.startStopUnit,
});
export const preventAllowMediumRemovalCdb = builder(preventAllowMediumRemovalCdbLayout, {
  operationCode: OPERATION_CODE.preventAllowMediumRemoval,
});
export const modeSense6Cdb = builder(modeSense6CdbLayout, { operationCode: OPERATION_CODE.modeSense6 });
export const modeSense10Cdb = builder(modeSense10CdbLayout, { operationCode: OPERATION_CODE.modeSense10 });
export const modeSelect6Cdb = builder(modeSelect6CdbLayout, { operationCode: OPERATION_CODE.modeSelect6 });
export const modeSelect10Cdb = builder(modeSelect10CdbLayout, { operationCode: OPERATION_CODE.modeSelect10 });
export const reserve6Cdb = builder(plainCdb6Layout, { operationCode: OPERATION_CODE.reserve6 });
export const release6Cdb = builder(plainCdb6Layout, { operationCode: OPERATION_CODE.release6 });
export const reserve10Cdb = builder(plainCdb10Layout, { operationCode: OPERATION_CODE.reserve10 });
export const release10Cdb = builder(plainCdb10Layout, { operationCode: OPERATION_CODE.release10 });
export const reportSupportedOperationCodesCdb = builder(reportSupportedOperationCodesCdbLayout, {
  operationCode: OPERATION_CODE.maintenanceIn,
  serviceAction: MAINTENANCE_IN.reportSupportedOperationCodes,
});
export const reportTargetPortGroupsCdb = builder(reportTargetPortGroupsCdbLayout, {
  operationCode: OPERATION_CODE.maintenanceIn,
  serviceAction: MAINTENANCE_IN.reportTargetPortGroups,
});
export const setTargetPortGroupsCdb = builder(setTargetPortGroupsCdbLayout, {
  operationCode: OPERATION_CODE.maintenanceOut,
  serviceAction: MAINTENANCE_OUT.setTargetPortGroups,
});
