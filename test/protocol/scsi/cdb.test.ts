import { describe, expect, it } from 'vitest';
import * as scsi from '../../../protocol/index.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('CDB builders, byte for byte', () => {
  // prettier-ignore
  it.each<[string, Uint8Array, string]>([
    ['TEST UNIT READY', scsi.testUnitReadyCdb(), '000000000000'],
    ['INQUIRY, VPD 83h', scsi.inquiryCdb({ enableVitalProductData: 1, pageCode: 0x83, allocationLength: 0x1234 }), '120183123400'],
    ['REPORT LUNS', scsi.reportLunsCdb({ selectReport: 2, allocationLength: 0x10203040 }), 'a00002000000102030400000'],
    ['READ(6)', scsi.read6Cdb({ logicalBlockAddressHigh: 1, logicalBlockAddress: 0x0203, transferLength: 4 }), '080102030400'],
    ['READ(10)', scsi.read10Cdb({ logicalBlockAddress: 0x01020304, transferLength: 0x0506 }), '28000102030400050600'],
    ['WRITE(10), FUA', scsi.write10Cdb({ forceUnitAccess: 1, logicalBlockAddress: 1, transferLength: 2 }), '2a080000000100000200'],
    ['READ(12)', scsi.read12Cdb({ logicalBlockAddress: 1, transferLength: 2 }), 'a80000000001000000020000'],
    ['WRITE(16), DPO', scsi.write16Cdb({ disablePageOut: 1, logicalBlockAddress: 0x0102030405060708n, transferLength: 9 }), '8a100102030405060708000000090000'],
    ['READ CAPACITY(10)', scsi.readCapacity10Cdb(), '25000000000000000000'],
    ['READ CAPACITY(16)', scsi.readCapacity16Cdb({ allocationLength: 32 }), '9e100000000000000000000000200000'],
    ['SYNCHRONIZE CACHE(10)', scsi.synchronizeCache10Cdb({ immediate: 1 }), '35020000000000000000'],
    ['START STOP UNIT', scsi.startStopUnitCdb({ start: 1, loadEject: 1 }), '1b0000000300'],
    ['MODE SENSE(6)', scsi.modeSense6Cdb({ disableBlockDescriptors: 1, pageCode: 0x3f, allocationLength: 255 }), '1a083f00ff00'],
    ['MODE SENSE(10)', scsi.modeSense10Cdb({ pageControl: 1, pageCode: 10, allocationLength: 255 }), '5a004a0000000000ff00'],
    ['MODE SELECT(6)', scsi.modeSelect6Cdb({ pageFormat: 1, savePages: 1, parameterListLength: 16 }), '151100001000'],
    ['RTPG', scsi.reportTargetPortGroupsCdb({ allocationLength: 64 }), 'a30a00000000000000400000'],
    ['REQUEST SENSE', scsi.requestSenseCdb({ descriptorFormat: 1, allocationLength: 252 }), '03010000fc00'],
    ['RESERVE(6)', scsi.reserve6Cdb(), '160000000000'],
    ['RELEASE(6)', scsi.release6Cdb(), '170000000000'],
    ['RESERVE(10)', scsi.reserve10Cdb(), '56000000000000000000'],
    ['RELEASE(10)', scsi.release10Cdb(), '57000000000000000000'],
    ['WRITE(6)', scsi.write6Cdb({ logicalBlockAddressHigh: 1, logicalBlockAddress: 0x0203, transferLength: 4 }), '0a0102030400'],
    ['WRITE(12)', scsi.write12Cdb({ logicalBlockAddress: 1, transferLength: 2 }), 'aa0000000001000000020000'],
    ['MODE SELECT(10)', scsi.modeSelect10Cdb({ pageFormat: 1, parameterListLength: 0x0102 }), '55100000000000010200'],
    ['VERIFY(10)', scsi.verify10Cdb({ disablePageOut: 1, byteCheck: 3, logicalBlockAddress: 1, verificationLength: 0x0203 }), '2f160000000100020300'],
    ['VERIFY(12)', scsi.verify12Cdb({ byteCheck: 1, logicalBlockAddress: 1, verificationLength: 2 }), 'af0200000001000000020000'],
    ['VERIFY(16)', scsi.verify16Cdb({ logicalBlockAddress: 0x0102030405060708n, verificationLength: 9 }), '8f000102030405060708000000090000'],
    ['PRE-FETCH(10)', scsi.prefetch10Cdb({ immediate: 1, logicalBlockAddress: 1, groupNumber: 3, prefetchLength: 2 }), '34020000000103000200'],
    ['PRE-FETCH(16)', scsi.prefetch16Cdb({ logicalBlockAddress: 1n, prefetchLength: 2, groupNumber: 3 }), '90000000000000000001000000020300'],
    ['WRITE SAME(10)', scsi.writeSame10Cdb({ anchor: 1, unmap: 1, logicalBlockAddress: 1, numberOfBlocks: 2 }), '41180000000100000200'],
    ['WRITE SAME(16)', scsi.writeSame16Cdb({ noDataOutBuffer: 1, unmap: 1, logicalBlockAddress: 1n, numberOfBlocks: 2 }), '93090000000000000001000000020000'],
    ['UNMAP', scsi.unmapCdb({ anchor: 1, parameterListLength: 24 }), '42010000000000001800'],
    ['COMPARE AND WRITE', scsi.compareAndWriteCdb({ forceUnitAccess: 1, logicalBlockAddress: 1n, numberOfBlocks: 2 }), '89080000000000000001000000020000'],
    ['ORWRITE(16)', scsi.orWrite16Cdb({ disablePageOut: 1, logicalBlockAddress: 1n, transferLength: 2 }), '8b100000000000000001000000020000'],
    ['WRITE ATOMIC(16)', scsi.writeAtomic16Cdb({ logicalBlockAddress: 1n, atomicBoundary: 3, transferLength: 2 }), '9c000000000000000001000300020000'],
    ['GET LBA STATUS', scsi.getLbaStatusCdb({ startingLogicalBlockAddress: 1n, allocationLength: 24 }), '9e120000000000000001000000180000'],
    ['READ DEFECT DATA(10)', scsi.readDefectData10Cdb({ requestPrimaryList: 1, requestGrownList: 1, defectListFormat: 5, allocationLength: 8 }), '37001d00000000000800'],
    ['READ DEFECT DATA(12)', scsi.readDefectData12Cdb({ requestGrownList: 1, addressDescriptorIndex: 1, allocationLength: 8 }), 'b70800000001000000080000'],
  ])('%s', (_name, cdb, expected) => {
    expect(hex(cdb)).toBe(expected);
    expect(cdb.length).toBe(scsi.cdbLengthBytes(cdb[0] ?? 0));
  });
});

describe('Report formats, cut anywhere, are read as far as they came', () => {
  it.each<[string, Uint8Array, (bytes: Uint8Array) => unknown]>([
    ['standard INQUIRY', scsi.encodeStandardInquiry({ vendor: 'V' }), scsi.decodeStandardInquiry],
    [
      'designators',
      scsi.encodeDeviceIdentification([
        scsi.relativeTargetPortDesignator(1),
        scsi.targetPortGroupDesignator(1),
      ]),
      scsi.decodeDeviceIdentification,
    ],
    ['REPORT LUNS', scsi.encodeReportLuns([0, 1, 300]), scsi.decodeReportLuns],
    [
      'Unit Serial Number',
      scsi.encodeVpdPage(scsi.VPD_PAGE.unitSerialNumber, Buffer.from('serial')),
      scsi.decodeUnitSerialNumber,
    ],
    [
      'target port groups',
      scsi.encodeTargetPortGroups(
        [{ targetPortGroup: 1, relativeTargetPortIds: [1, 2], state: 'standby', changedBy: 'implicitly' }],
        false,
      ),
      scsi.decodeTargetPortGroups,
    ],
    [
      'all commands',
      scsi.encodeAllCommands([{ operationCode: 0, serviceAction: undefined, cdbLengthBytes: 6 }], true),
      scsi.decodeAllCommands,
    ],
    [
      'mode parameters',
      scsi.modeHeader6Layout.toBytes({ dpoFuaSupported: 1 }),
      (bytes) => scsi.decodeModeParameters(bytes, 6),
    ],
  ])('%s', (_name, whole, decode) => {
    for (let length = 0; length <= whole.length; length++)
      expect(() => decode(whole.subarray(0, length))).not.toThrow();
    expect(decode(whole)).toMatchSnapshot();
  });
});
