import { describe, expect, it } from 'vitest';
import {
  ASSOCIATION,
  blockDeviceCharacteristicsLayout,
  blockLimitsLayout,
  controlModePageLayout,
  decodeAllCommands,
  decodeDeviceIdentification,
  decodeModeParameters,
  decodeReportLuns,
  decodeSense,
  decodeStandardInquiry,
  decodeSupportedVpdPages,
  decodeTargetPortGroups,
  decodeVpdPage,
  DESIGNATOR_TYPE,
  inquiryCdb,
  logicalBlockProvisioningLayout,
  MODE_PAGE,
  modeHeader6Layout,
  modeSelect6Cdb,
  modeSense10Cdb,
  modeSense6Cdb,
  OPERATION_CODE,
  PAGE_CONTROL,
  read10Cdb,
  read16Cdb,
  readCapacity10Cdb,
  readCapacity10DataLayout,
  readCapacity16Cdb,
  readCapacity16DataLayout,
  reportLunsCdb,
  reportSupportedOperationCodesCdb,
  reportTargetPortGroupsCdb,
  REPORT_LUNS_WELL_KNOWN_LUN,
  requestSenseCdb,
  startStopUnitCdb,
  synchronizeCache10Cdb,
  testUnitReadyCdb,
  VPD_PAGE,
  write10Cdb,
  write16Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { COMMAND_ROWS } from '../../../target/commands/rows/index.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import { readGoldenBytes } from '../../golden-bytes.js';
import {
  ask,
  bench,
  firstByteAt,
  IQN,
  MEDIUM_BYTES,
  nexusOf,
  told,
  unit,
  write,
} from '../logical-unit/bench.js';
import { asynchronousMemory } from '../logical-unit/media.js';

const LAST = MEDIUM_BYTES / 512 - 1;

const dataOf = async (path: LogicalUnitPath, cdb: Uint8Array, length = 4096): Promise<Uint8Array> =>
  (await path.execute(cdb, { dataInLength: length })).dataIn;

describe('READ and WRITE', () => {
  it('beyond the end: 05/21/00 with the first LBA that is not there, and nothing is written', async () => {
    const node = await bench().node('node');
    const read = await node.execute(read10Cdb({ logicalBlockAddress: LAST, transferLength: 2 }), {
      dataInLength: 1024,
    });
    expect(decodeSense(read.sense)).toEqual({ key: 5, asc: 0x21, ascq: 0, information: BigInt(LAST + 1) });
    expect([read.dataIn.length, read.residual]).toEqual([0, 1024]);
    expect(told(await write(node, LAST, 7, 2))).toBe('05/21/00');
    expect(await firstByteAt(node, LAST)).toBe(0);
    expect(await ask(node, read16Cdb({ logicalBlockAddress: 2n ** 63n, transferLength: 1 }))).toBe(
      '05/21/00',
    );
    expect(await ask(node, write16Cdb({ logicalBlockAddress: 2n ** 64n - 1n, transferLength: 0 }))).toBe(
      '05/21/00',
    );
    expect(await ask(node, read10Cdb({ logicalBlockAddress: LAST + 1, transferLength: 0 }))).toBe('GOOD');
  });

  it.each([0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_f800n, 0x20_0000_0000_0001n, 0xffff_ffffn])(
    'beyond the end in descriptor format: INFORMATION is LBA %d to the bit',
    async (lba) => {
      const node = await bench().node('node');
      const list = Buffer.from('00000000' + '0a0a04000000000000000000', 'hex');
      const select = modeSelect6Cdb({ pageFormat: 1, parameterListLength: list.length });
      expect(told(await node.execute(select, { dataOut: list }))).toBe('GOOD');
      const cdb = read16Cdb({ logicalBlockAddress: lba, transferLength: 1 });
      const { sense } = await node.execute(cdb, { dataInLength: 512 });
      expect(decodeSense(sense)).toEqual({ key: 5, asc: 0x21, ascq: 0, information: lba });
    },
  );

  it('more than MAXIMUM TRANSFER LENGTH: 05/24/00 at TRANSFER LENGTH', async () => {
    const large = 64 * 1024 * 1024;
    const node = await bench([unit({}, { medium: new MemoryMedium(large) })]).node('node');
    const cdb = read16Cdb({ logicalBlockAddress: 0n, transferLength: 32769 });
    expect(await ask(node, cdb)).toBe('05/24/00 cdb 10');
  });

  it('residuals: the initiator expects more or less than the command moves (RFC 7143 11.4.5.1)', async () => {
    const node = await bench().node('node');
    await write(node, 0, 1, 2);
    const oneBlock = read10Cdb({ logicalBlockAddress: 0, transferLength: 1 });
    const under = await node.execute(oneBlock, { dataInLength: 1000 });
    expect([told(under), under.dataIn.length, under.residual]).toEqual(['GOOD', 512, 488]);
    const over = await node.execute(oneBlock, { dataInLength: 200 });
    expect([told(over), over.dataIn.length, over.residual]).toEqual(['GOOD', 200, -312]);
    const nothing = await node.execute(oneBlock);
    expect([told(nothing), nothing.residual]).toEqual(['GOOD', -512]);
  });

  it('WRITE overflow: only whole blocks that came are written', async () => {
    const node = await bench().node('node');
    const twoBlocks = write10Cdb({ logicalBlockAddress: 0, transferLength: 2 });
    const result = await node.execute(twoBlocks, { dataOut: Buffer.alloc(700, 0xaa) });
    expect([told(result), result.residual]).toEqual(['GOOD', -324]);
    expect([await firstByteAt(node, 0), await firstByteAt(node, 1)]).toEqual([0xaa, 0]);
    const more = await node.execute(write10Cdb({ logicalBlockAddress: 4, transferLength: 1 }), {
      dataOut: Buffer.alloc(1024, 0xbb),
    });
    expect([told(more), more.residual]).toEqual(['GOOD', 512]);
    expect([await firstByteAt(node, 4), await firstByteAt(node, 5)]).toEqual([0xbb, 0]);
    const none = await node.execute(write10Cdb({ logicalBlockAddress: 8, transferLength: 1 }));
    expect([told(none), none.residual, await firstByteAt(node, 8)]).toEqual(['GOOD', -512, 0]);
  });

  it('WRITE of an initiator that expects Data-In: 0B/0C/0D, never GOOD for what was not written', async () => {
    const node = await bench().node('node');
    const cdb = write10Cdb({ logicalBlockAddress: 0, transferLength: 1 });
    expect(told(await node.execute(cdb, { dataInLength: 512 }))).toBe('0b/0c/0d');
    expect(told(await node.execute(cdb))).toBe('GOOD');
  });

  it('readonly: 07/27/00 and WP=1', async () => {
    const node = await bench([unit({ readonly: true })]).node('node');
    expect(told(await write(node, 0, 1))).toBe('07/27/00');
    const sense = decodeModeParameters(
      await dataOf(node, modeSense6Cdb({ pageCode: MODE_PAGE.all, allocationLength: 255 })),
      6,
    );
    expect(sense).toMatchObject({ writeProtected: true, dpoFuaSupported: true });
  });
});

describe('READ CAPACITY', () => {
  it('tells blocks of 4096 bytes, physical blocks and thin provisioning', async () => {
    const node = await bench([
      unit(
        { blockLengthBytes: 512, physicalBlockLengthBytes: 4096, thin: true },
        { medium: new MemoryMedium(2 ** 42) },
      ),
    ]).node('node');
    expect(readCapacity10DataLayout.decode(await dataOf(node, readCapacity10Cdb()))).toEqual({
      returnedLogicalBlockAddress: 0xffff_ffff,
      logicalBlockLengthBytes: 512,
    });
    const data = await dataOf(node, readCapacity16Cdb({ allocationLength: 32 }));
    expect(readCapacity16DataLayout.decode(data)).toEqual({
      returnedLogicalBlockAddress: 2n ** 33n - 1n,
      logicalBlockLengthBytes: 512,
      rcBasis: 0,
      protectionType: 0,
      protectionEnabled: 0,
      protectionIntervalExponent: 0,
      logicalBlocksPerPhysicalBlockExponent: 3,
      logicalBlockProvisioningManagementEnabled: 1,
      logicalBlockProvisioningReadZeros: 1,
      lowestAlignedLogicalBlockAddress: 0,
    });
    expect(await ask(node, readCapacity10Cdb({ logicalBlockAddress: 1 }))).toBe('05/24/00 cdb 2');
  });

  it('a LU without a whole block, or with an odd physical block length, is refused when it is made', () => {
    expect(() => bench([unit({ blockLengthBytes: 4096 }, { medium: new MemoryMedium(512) })])).toThrow(
      /LUN 0: 512 bytes/,
    );
    expect(() => bench([unit({ physicalBlockLengthBytes: 1536 })])).toThrow(
      /LUN 0: physical block length 1536/,
    );
    expect(() => bench([unit(), unit()])).toThrow(/LUNs 0, 0: expected each once/);
  });
});

describe('INQUIRY', () => {
  const page = (pageCode: number): Uint8Array =>
    inquiryCdb({ enableVitalProductData: 1, pageCode, allocationLength: 4096 });

  it('standard data; a page code without EVPD is an invalid field', async () => {
    const node = await bench([
      unit({ vendor: 'ACME', product: 'ROCKET', revision: '7', removable: true }),
    ]).node('node');
    expect(decodeStandardInquiry(await dataOf(node, inquiryCdb({ allocationLength: 96 })))).toMatchObject({
      peripheralQualifier: 0,
      peripheralDeviceType: 0,
      removableMedium: 1,
      version: 6,
      targetPortGroupSupport: 3,
      multiPort: 1,
      vendor: 'ACME',
      product: 'ROCKET',
      revision: '7',
    });
    expect(await ask(node, inquiryCdb({ pageCode: 0x80, allocationLength: 96 }))).toBe('05/24/00 cdb 2');
    expect(await ask(node, page(0xb7))).toBe('05/24/00 cdb 2');
  });

  it('lists exactly the VPD pages that it answers, in ascending order', async () => {
    const node = await bench().node('node');
    const listed = decodeSupportedVpdPages(await dataOf(node, page(VPD_PAGE.supportedPages)));
    expect(listed).toEqual([0x00, 0x80, 0x83, 0x86, 0x87, 0x88, 0x8f, 0xb0, 0xb1, 0xb2]);
    for (const code of listed ?? [])
      expect(decodeVpdPage(code, await dataOf(node, page(code)))).toBeDefined();
  });

  it('VPD 83h names the unit, the target and the port the command came through, the same after a restart', async () => {
    const identify = async (port: number): Promise<unknown> => {
      const path = bench().transport.connect(nexusOf('node', port), 0);
      const found = decodeDeviceIdentification(await dataOf(path, page(VPD_PAGE.deviceIdentification)));
      return found?.map((one) => [
        one.association,
        one.type,
        Buffer.from(one.designator).toString('latin1').replace(/\0+$/, ''),
      ]);
    };
    const first = await identify(2);
    expect(await identify(2)).toEqual(first);
    expect(first).toHaveLength(7);
    expect(first).toContainEqual([ASSOCIATION.targetPort, DESIGNATOR_TYPE.scsiNameString, `${IQN},t,0x0002`]);
    expect(first).toContainEqual([ASSOCIATION.targetDevice, DESIGNATOR_TYPE.scsiNameString, IQN]);
    expect(first).toContainEqual([ASSOCIATION.targetPort, DESIGNATOR_TYPE.relativeTargetPort, '\0\0\0\x02']);
    const naa = (first as [number, number, string][]).find(([, type]) => type === DESIGNATOR_TYPE.naa);
    expect(Buffer.from(naa?.[2] ?? '', 'latin1').toString('hex')).toMatch(/^3[0-9a-f]{15}$/);
  });

  it('VPD 87h: each mode page is there once, for every nexus', async () => {
    const node = await bench().node('node');
    expect(Buffer.from(await dataOf(node, page(VPD_PAGE.modePagePolicy))).toString('hex')).toBe(
      '008700043fff0000',
    );
  });

  it('VPD 88h has every target port with its names, the same through each', async () => {
    const groups = [
      { targetPortGroup: 1, relativeTargetPortIds: [3] },
      { targetPortGroup: 7, relativeTargetPortIds: [1, 258] },
    ];
    const on = bench([unit()], groups);
    /** A port's designators: relative target port, target port group, SCSI name string. */
    const port = (id: string, group: string): string => {
      const name = Buffer.from(`${IQN},t,0x${id}\0`).toString('hex');
      const designators = `51940004 0000${id} 51950004 0000${group} 53980028 ${name}`;
      return `0000 ${id} 0000 0000 0000 003c ${designators}`;
    };
    const whole = `00 88 00d8 ${port('0001', '0007')} ${port('0003', '0001')} ${port('0102', '0007')}`;
    for (const through of [1, 258]) {
      const path = on.transport.connect(nexusOf('node', through), 0);
      const data = await dataOf(path, page(VPD_PAGE.scsiPorts));
      expect(Buffer.from(data).toString('hex')).toBe(whole.replaceAll(' ', ''));
    }
  });

  it('VPD B0h and B2h of a thin LU promise what its commands do', async () => {
    const node = await bench([unit({ thin: true, physicalBlockLengthBytes: 4096 })]).node('node');
    const limits = blockLimitsLayout.decode(
      decodeVpdPage(VPD_PAGE.blockLimits, await dataOf(node, page(VPD_PAGE.blockLimits))) ?? new Uint8Array(),
    );
    expect(limits).toEqual({
      writeSameNonZero: 0,
      maximumCompareAndWriteLength: 255,
      optimalTransferLengthGranularity: 8,
      maximumTransferLength: 32768,
      optimalTransferLength: 0,
      maximumPrefetchLength: 0,
      maximumUnmapLbaCount: 2 ** 20,
      maximumUnmapBlockDescriptorCount: 256,
      optimalUnmapGranularity: 8,
      unmapGranularityAlignmentValid: 1,
      unmapGranularityAlignment: 0,
      maximumWriteSameLength: 32768n,
      maximumAtomicTransferLength: 32768,
      atomicAlignment: 8,
      atomicTransferLengthGranularity: 8,
      maximumAtomicTransferLengthWithBoundary: 0,
      maximumAtomicBoundarySize: 0,
    });
    const body = decodeVpdPage(
      VPD_PAGE.logicalBlockProvisioning,
      await dataOf(node, page(VPD_PAGE.logicalBlockProvisioning)),
    );
    expect(logicalBlockProvisioningLayout.decode(body ?? new Uint8Array())).toEqual({
      thresholdExponent: 0,
      unmapSupported: 1,
      writeSame16Supported: 1,
      writeSame10Supported: 1,
      readZeros: 1,
      anchorSupported: 0,
      descriptorPresent: 0,
      provisioningType: 2,
    });
  });

  it('VPD B0h and B2h of a fully provisioned LU promise no unmapping, those of a file no atomic writes', async () => {
    const limitsOf = async (path: LogicalUnitPath): Promise<Record<string, number | bigint>> =>
      blockLimitsLayout.decode(
        decodeVpdPage(VPD_PAGE.blockLimits, await dataOf(path, page(VPD_PAGE.blockLimits))) ??
          new Uint8Array(),
      );
    const full = await bench().node('node');
    expect(await limitsOf(full)).toMatchObject({
      maximumUnmapLbaCount: 0,
      maximumUnmapBlockDescriptorCount: 0,
      optimalUnmapGranularity: 0,
      unmapGranularityAlignmentValid: 0,
      maximumAtomicTransferLength: 32768,
      atomicAlignment: 0,
      atomicTransferLengthGranularity: 0,
    });
    const body = decodeVpdPage(
      VPD_PAGE.logicalBlockProvisioning,
      await dataOf(full, page(VPD_PAGE.logicalBlockProvisioning)),
    );
    expect([...(body ?? [])]).toEqual([0, 0, 0, 0]);
    const file = bench([unit({}, { medium: asynchronousMemory(MEDIUM_BYTES) })]);
    expect(await limitsOf(await file.node('node'))).toMatchObject({ maximumAtomicTransferLength: 0 });
  });

  it('VPD B1h: not rotating; VERIFY compares deallocated blocks too (VBULS)', async () => {
    const body = decodeVpdPage(
      VPD_PAGE.blockDeviceCharacteristics,
      await dataOf(await bench().node('node'), page(VPD_PAGE.blockDeviceCharacteristics)),
    );
    expect(blockDeviceCharacteristicsLayout.decode(body ?? new Uint8Array())).toMatchObject({
      mediumRotationRate: 1,
      verifyByteCheckUnmapped: 1,
    });
  });
});

describe('LUNs', () => {
  it('REPORT LUNS on an absent LUN 0 and on the well known LUN; flat addressing from 256', async () => {
    const on = bench([unit({ lun: 300 }), unit({ lun: 2 })]);
    for (const lun of [0, REPORT_LUNS_WELL_KNOWN_LUN, 2]) {
      const path = on.transport.connect(nexusOf('node'), lun);
      expect(decodeReportLuns(await dataOf(path, reportLunsCdb({ allocationLength: 64 })))).toEqual([2, 300]);
      expect(await ask(path, reportLunsCdb({ selectReport: 3, allocationLength: 64 }))).toBe(
        '05/24/00 cdb 2',
      );
    }
  });

  it('an absent LUN: INQUIRY 7Fh, REQUEST SENSE GOOD with 05/25/00, everything else 05/25/00', async () => {
    const path = bench().transport.connect(nexusOf('node'), 5);
    expect((await dataOf(path, inquiryCdb({ allocationLength: 36 })))[0]).toBe(0x7f);
    const sense = await dataOf(path, requestSenseCdb({ allocationLength: 18 }));
    expect(decodeSense(sense)).toEqual({ key: 5, asc: 0x25, ascq: 0 });
    for (const cdb of [testUnitReadyCdb(), reportLunsCdb({ allocationLength: 16 }), Buffer.from([0xff])]) {
      expect(await ask(path, cdb)).toBe('05/25/00');
    }
  });
});

describe('MODE SENSE and MODE SELECT', () => {
  const control = (fields: object): Uint8Array =>
    Buffer.concat([
      modeHeader6Layout.toBytes({}),
      controlModePageLayout.toBytes({
        pageCode: MODE_PAGE.control,
        pageLength: 10,
        taskAbortedStatus: 1,
        ...fields,
      }),
    ]);
  const select = async (path: LogicalUnitPath, list: Uint8Array, length = list.length): Promise<string> =>
    told(
      await path.execute(modeSelect6Cdb({ pageFormat: 1, parameterListLength: length }), { dataOut: list }),
    );

  it('D_SENSE, SWP and TAS can be changed; others are told 2A/01 once', async () => {
    const on = bench();
    const node = await on.node('node');
    const other = await on.node('other');
    expect(await select(node, control({ softwareWriteProtect: 1, descriptorFormatSense: 1 }))).toBe('GOOD');
    const refused = await write(node, 0, 1);
    expect([told(refused), refused.sense[0]]).toEqual(['07/27/00', 0x72]);
    expect([await ask(other, testUnitReadyCdb()), await ask(other, testUnitReadyCdb())]).toEqual([
      '06/2a/01',
      'GOOD',
    ]);
    expect(await select(node, control({ softwareWriteProtect: 1, descriptorFormatSense: 1 }))).toBe('GOOD');
    expect(await ask(other, testUnitReadyCdb())).toBe('GOOD');
    expect(await ask(node, testUnitReadyCdb())).toBe('GOOD');
  });

  it('what MODE SENSE calls changeable is what MODE SELECT changes, bit for bit', async () => {
    const node = await bench().node('node');
    const get = async (pageControl: number): Promise<Uint8Array> => {
      const cdb = modeSense10Cdb({
        disableBlockDescriptors: 1,
        pageControl,
        pageCode: MODE_PAGE.control,
        allocationLength: 255,
      });
      return (
        decodeModeParameters(await dataOf(node, cdb), 10)?.pages.get(MODE_PAGE.control) ?? new Uint8Array()
      );
    };
    const mask = await get(PAGE_CONTROL.changeable);
    const current = await get(PAGE_CONTROL.current);
    expect(current).toEqual(await get(PAGE_CONTROL.default));
    for (let byte = 2; byte < current.length; byte++) {
      for (let bit = 7; bit >= 0; bit--) {
        const page = Uint8Array.from(current);
        page[byte] = (page[byte] ?? 0) ^ (1 << bit);
        const changeable = (((mask[byte] ?? 0) >> bit) & 1) === 1;
        const expected = changeable ? 'GOOD' : `05/26/00 parameterList ${4 + byte}.${bit}`;
        expect(await select(node, Buffer.concat([Buffer.alloc(4), page]))).toBe(expected);
        await select(node, Buffer.concat([Buffer.alloc(4), current]));
      }
    }
  });

  it('a short parameter list: 05/1A/00; saved pages: 05/39/00; SP=1 and an unknown page: 05/24/00', async () => {
    const node = await bench().node('node');
    expect(await select(node, control({}).subarray(0, 10), 16)).toBe('05/1a/00');
    expect(await select(node, control({}).subarray(0, 10))).toBe('05/1a/00');
    expect(await select(node, new Uint8Array(0))).toBe('GOOD');
    expect(await ask(node, modeSelect6Cdb({ pageFormat: 1, savePages: 1 }))).toBe('05/24/00 cdb 1.0');
    expect(await ask(node, modeSense6Cdb({ pageControl: 3, pageCode: 0x3f }))).toBe('05/39/00');
    expect(await ask(node, modeSense6Cdb({ pageCode: 0x02 }))).toBe('05/24/00 cdb 2.5');
    expect(await ask(node, modeSense6Cdb({ pageCode: 0x0a, subpageCode: 2 }))).toBe('05/24/00 cdb 3');
  });
});

describe('Reports', () => {
  const rsoc = (
    reportingOptions: number,
    requestedOperationCode = 0,
    requestedServiceAction = 0,
  ): Uint8Array =>
    reportSupportedOperationCodesCdb({
      reportingOptions,
      requestedOperationCode,
      requestedServiceAction,
      allocationLength: 4096,
    });

  it('REPORT SUPPORTED OPERATION CODES lists the table; nopr leaves 5Eh and 5Fh out, full provisioning UNMAP, a file WRITE ATOMIC', async () => {
    const every = { thin: true, sanitizeSeconds: 1 };
    const all = decodeAllCommands(await dataOf(await bench([unit(every)]).node('node'), rsoc(0)));
    expect(all).toEqual(
      COMMAND_ROWS.map((row) => ({
        operationCode: row.operationCode,
        serviceAction: row.serviceAction,
        cdbLengthBytes: row.usage.length,
      })),
    );
    const without = decodeAllCommands(
      await dataOf(await bench([unit({ ...every, nopr: true })]).node('node'), rsoc(0)),
    );
    expect(without).toEqual(all.filter((one) => ![0x5e, 0x5f].includes(one.operationCode)));
    const file = bench([unit({}, { medium: asynchronousMemory(MEDIUM_BYTES) })]);
    const ofFile = decodeAllCommands(await dataOf(await file.node('node'), rsoc(0)));
    expect(ofFile).toEqual(all.filter((one) => ![0x42, 0x48, 0x9c].includes(one.operationCode)));
  });

  it('one command: usage data, SUPPORT 001b, and options that do not fit the command (C11)', async () => {
    const node = await bench().node('node');
    expect(Buffer.from(await dataOf(node, rsoc(1, OPERATION_CODE.testUnitReady))).toString('hex')).toBe(
      '00030006000000000000',
    );
    expect(Buffer.from(await dataOf(node, rsoc(1, 0xff))).toString('hex')).toBe('00010000');
    expect(await ask(node, rsoc(1, 0x5f))).toBe('05/24/00 cdb 2.2');
    expect(await ask(node, rsoc(2, OPERATION_CODE.testUnitReady))).toBe('05/24/00 cdb 2.2');
    expect(await ask(node, rsoc(4))).toBe('05/24/00 cdb 2.2');
  });

  it.each(readGoldenBytes('report-supported-operation-codes'))(
    'to the golden bytes: $name (C11)',
    async ({ cdb, dataIn }) => {
      const data = await dataOf(await bench().node('node'), cdb.bytes);
      const { commands } = dataIn.fields;
      if (commands === undefined) {
        expect(Buffer.from(data).toString('hex')).toBe(Buffer.from(dataIn.bytes).toString('hex'));
      } else {
        const ours = decodeAllCommands(data).filter((one) => [0x5e, 0x5f].includes(one.operationCode));
        expect(ours).toEqual(commands);
      }
    },
  );

  it('RCTD=1 adds a timeouts descriptor to each command, of 12 bytes that tell no time (C11)', async () => {
    const node = await bench([unit({ thin: true, sanitizeSeconds: 1 })]).node('node');
    const cdb = (reportingOptions: number): Uint8Array =>
      reportSupportedOperationCodesCdb({
        returnCommandTimeoutsDescriptor: 1,
        reportingOptions,
        allocationLength: 4096,
      });
    const timeouts = `000a${'00'.repeat(10)}`;
    const all = Buffer.from(await dataOf(node, cdb(0)));
    expect(all.subarray(4, 24).toString('hex')).toBe(`0000000000020006${timeouts}`);
    expect(all.length).toBe(4 + 20 * COMMAND_ROWS.length);
    expect(decodeAllCommands(all)).toEqual(decodeAllCommands(await dataOf(node, rsoc(0))));
    const one = Buffer.from(await dataOf(node, cdb(1))).toString('hex');
    expect(one).toBe(`00830006000000000000${timeouts}`);
  });

  it('option 011b: service action 0 stands for a command without any (C11)', async () => {
    const node = await bench().node('node');
    const hex = async (serviceAction: number): Promise<string> =>
      Buffer.from(await dataOf(node, rsoc(3, OPERATION_CODE.testUnitReady, serviceAction))).toString('hex');
    expect([await hex(0), await hex(1)]).toEqual(['00030006000000000000', '00010000']);
  });

  it('REPORT TARGET PORT GROUPS: every port active in one group', async () => {
    const data = await dataOf(
      await bench().node('node'),
      reportTargetPortGroupsCdb({ allocationLength: 255 }),
    );
    expect(decodeTargetPortGroups(data)).toEqual([
      { targetPortGroup: 1, relativeTargetPortIds: [1, 2], state: 'activeOptimized', changedBy: 'nothing' },
    ]);
  });
});

describe('START STOP UNIT and SYNCHRONIZE CACHE', () => {
  it('a stopped unit is not ready until it is started; only a removable one can be ejected', async () => {
    const node = await bench().node('node');
    expect(await ask(node, startStopUnitCdb({}))).toBe('GOOD');
    expect(await ask(node, testUnitReadyCdb())).toBe('02/04/02');
    expect(await ask(node, startStopUnitCdb({ start: 1 }))).toBe('GOOD');
    expect(await ask(node, testUnitReadyCdb())).toBe('GOOD');
    expect(await ask(node, startStopUnitCdb({ loadEject: 1 }))).toBe('05/24/00 cdb 4.1');
    expect(await ask(node, startStopUnitCdb({ powerCondition: 2 }))).toBe('05/24/00 cdb 4.7');
  });

  it('ejected: 02/3A/00 until it is loaded, which the others are told (28/00)', async () => {
    const on = bench([unit({ removable: true })]);
    const node = await on.node('node');
    const other = await on.node('other');
    expect(await ask(node, startStopUnitCdb({ loadEject: 1 }))).toBe('GOOD');
    expect(await ask(node, startStopUnitCdb({ start: 1 }))).toBe('02/3a/00');
    expect(await ask(node, startStopUnitCdb({ loadEject: 1, start: 1 }))).toBe('GOOD');
    expect(await ask(other, testUnitReadyCdb())).toBe('06/28/00');
  });

  it('SYNCHRONIZE CACHE of a range beyond the end: 05/21/00', async () => {
    const node = await bench().node('node');
    expect(await ask(node, synchronizeCache10Cdb({}))).toBe('GOOD');
    expect(await ask(node, synchronizeCache10Cdb({ logicalBlockAddress: LAST, numberOfBlocks: 2 }))).toBe(
      '05/21/00',
    );
  });
});
