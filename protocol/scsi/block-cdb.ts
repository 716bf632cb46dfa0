import { bits, layout, reserved, u16be, u32be, u64be, u8 } from '../layout.js';
import { builder } from './cdb-builder.js';
import { OPERATION_CODE, SERVICE_ACTION_IN_16 } from './operation-codes.js';

// CDBs of SBC-4 beyond READ and WRITE. Fields that are obsolete or for protection information alone are reserved here:
// logical units here are formatted without.

/** BYTCHK: what VERIFY compares the blocks with (SBC-4). */
export const BYTE_CHECK = { nothing: 0b00, everyBlock: 0b01, oneBlock: 0b11 } as const;

const verifyFlags = { protect: 3, disablePageOut: 1, reserved3: 1, byteCheck: 2, reserved0: 1 } as const;

/** VERIFY(10) (SBC-4). */
export const verify10CdbLayout = layout(
  'VERIFY(10) command',
  u8('operationCode'),
  bits(verifyFlags),
  u32be('logicalBlockAddress'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u16be('verificationLength'),
  u8('control'),
);

/** VERIFY(12). */
export const verify12CdbLayout = layout(
  'VERIFY(12) command',
  u8('operationCode'),
  bits(verifyFlags),
  u32be('logicalBlockAddress'),
  u32be('verificationLength'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u8('control'),
);

/** VERIFY(16). */
export const verify16CdbLayout = layout(
  'VERIFY(16) command',
  u8('operationCode'),
  bits(verifyFlags),
  u64be('logicalBlockAddress'),
  u32be('verificationLength'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u8('control'),
);

const writeSameFlags = { protect: 3, anchor: 1, unmap: 1, reserved2: 2, noDataOutBuffer: 1 } as const;

/** WRITE SAME(10) (SBC-4); it has no NDOB bit. */
export const writeSame10CdbLayout = layout(
  'WRITE SAME(10) command',
  u8('operationCode'),
  bits({ protect: 3, anchor: 1, unmap: 1, reserved2: 3 }),
  u32be('logicalBlockAddress'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u16be('numberOfBlocks'),
  u8('control'),
);

/** WRITE SAME(16). */
export const writeSame16CdbLayout = layout(
  'WRITE SAME(16) command',
  u8('operationCode'),
  bits(writeSameFlags),
  u64be('logicalBlockAddress'),
  u32be('numberOfBlocks'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u8('control'),
);

/** UNMAP (SBC-4). */
export const unmapCdbLayout = layout(
  'UNMAP command',
  u8('operationCode'),
  bits({ reserved7: 7, anchor: 1 }),
  reserved(4),
  bits({ reserved7b: 3, groupNumber: 5 }),
  u16be('parameterListLength'),
  u8('control'),
);

/** COMPARE AND WRITE (SBC-4): Data-Out is the blocks to compare with, and as many to write. */
export const compareAndWriteCdbLayout = layout(
  'COMPARE AND WRITE command',
  u8('operationCode'),
  bits({ protect: 3, disablePageOut: 1, forceUnitAccess: 1, reserved2: 3 }),
  u64be('logicalBlockAddress'),
  reserved(3),
  u8('numberOfBlocks'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u8('control'),
);

/** ORWRITE(16) (SBC-4). */
export const orWrite16CdbLayout = layout(
  'ORWRITE(16) command',
  u8('operationCode'),
  bits({ protect: 3, disablePageOut: 1, forceUnitAccess: 1, reserved2: 3 }),
  u64be('logicalBlockAddress'),
  u32be('transferLength'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u8('control'),
);

/** WRITE ATOMIC(16) (SBC-4). */
export const writeAtomic16CdbLayout = layout(
  'WRITE ATOMIC(16) command',
  u8('operationCode'),
  bits({ protect: 3, disablePageOut: 1, forceUnitAccess: 1, reserved2: 3 }),
  u64be('logicalBlockAddress'),
  u16be('atomicBoundary'),
  u16be('transferLength'),
  bits({ reserved7: 3, groupNumber: 5 }),
  u8('control'),
);

/** PRE-FETCH(10) (SBC-4). */
export const prefetch10CdbLayout = layout(
  'PRE-FETCH(10) command',
  u8('operationCode'),
  bits({ reserved7: 6, immediate: 1, reserved0: 1 }),
  u32be('logicalBlockAddress'),
  bits({ reserved7b: 3, groupNumber: 5 }),
  u16be('prefetchLength'),
  u8('control'),
);

/** PRE-FETCH(16). */
export const prefetch16CdbLayout = layout(
  'PRE-FETCH(16) command',
  u8('operationCode'),
  bits({ reserved7: 6, immediate: 1, reserved0: 1 }),
  u64be('logicalBlockAddress'),
  u32be('prefetchLength'),
  bits({ reserved7b: 3, groupNumber: 5 }),
  u8('control'),
);

/** GET LBA STATUS(16) (SBC-4), in the CDB of SERVICE ACTION IN(16). */
export const getLbaStatusCdbLayout = layout(
  'GET LBA STATUS command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  u64be('startingLogicalBlockAddress'),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

/** READ DEFECT DATA(10) (SBC-4). */
export const readDefectData10CdbLayout = layout(
  'READ DEFECT DATA(10) command',
  u8('operationCode'),
  reserved(1),
  bits({ reserved7: 3, requestPrimaryList: 1, requestGrownList: 1, defectListFormat: 3 }),
  reserved(4),
  u16be('allocationLength'),
  u8('control'),
);

/** READ DEFECT DATA(12). */
export const readDefectData12CdbLayout = layout(
  'READ DEFECT DATA(12) command',
  u8('operationCode'),
  bits({ reserved7: 3, requestPrimaryList: 1, requestGrownList: 1, defectListFormat: 3 }),
  u32be('addressDescriptorIndex'),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

export const verify10Cdb = builder(verify10CdbLayout, { operationCode: OPERATION_CODE.verify10 });
export const verify12Cdb = builder(verify12CdbLayout, { operationCode: OPERATION_CODE.verify12 });
export const verify16Cdb = builder(verify16CdbLayout, { operationCode: OPERATION_CODE.verify16 });
export const writeSame10Cdb = builder(writeSame10CdbLayout, { operationCode: OPERATION_CODE.writeSame10 });
export const writeSame16Cdb = builder(writeSame16CdbLayout, { operationCode: OPERATION_CODE.writeSame16 });
export const unmapCdb = builder(unmapCdbLayout, { operationCode: OPERATION_CODE.unmap });
export const compareAndWriteCdb = builder(compareAndWriteCdbLayout, {
  operationCode: OPERATION_CODE.compareAndWrite,
});
export const orWrite16Cdb = builder(orWrite16CdbLayout, { operationCode: OPERATION_CODE.orWrite16 });
export const writeAtomic16Cdb = builder(writeAtomic16CdbLayout, {
  operationCode: OPERATION_CODE.writeAtomic16,
});
export const prefetch10Cdb = builder(prefetch10CdbLayout, { operationCode: OPERATION_CODE.prefetch10 });
export const prefetch16Cdb = builder(prefetch16CdbLayout, { operationCode: OPERATION_CODE.prefetch16 });
export const getLbaStatusCdb = builder(getLbaStatusCdbLayout, {
  operationCode: OPERATION_CODE.serviceActionIn16,
  serviceAction: SERVICE_ACTION_IN_16.getLbaStatus,
});
export const readDefectData10Cdb = builder(readDefectData10CdbLayout, {
  operationCode: OPERATION_CODE.readDefectData10,
});
export const readDefectData12Cdb = builder(readDefectData12CdbLayout, {
  operationCode: OPERATION_CODE.readDefectData12,
});
