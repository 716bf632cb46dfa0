import { describe, expect, it } from 'vitest';
import * as hot from '../../../protocol/iscsi/hot.js';
import * as pdu from '../../../protocol/iscsi/pdu.js';
import type { Layout } from '../../../protocol/layout.js';

const declared: Readonly<Record<keyof typeof hot.HOT_OFFSET, Layout<object>>> = {
  bhs: pdu.bhsLayout,
  scsiCommand: pdu.scsiCommandLayout,
  scsiResponse: pdu.scsiResponseLayout,
  dataOut: pdu.dataOutLayout,
  dataIn: pdu.dataInLayout,
  readyToTransfer: pdu.readyToTransferLayout,
};

describe('hand-placed offsets', () => {
  const aliases: Readonly<Record<string, string>> = { flags: 'final', lun: 'lunOrOpcodeSpecific' };
  for (const [name, offsets] of Object.entries(hot.HOT_OFFSET)) {
    for (const [field, offset] of Object.entries(offsets)) {
      it(`${name}.${field} lies where the layout declares it`, () => {
        const layout = declared[name as keyof typeof hot.HOT_OFFSET];
        const found = layout.fields.find(
          (place) => place.name === (name === 'bhs' ? (aliases[field] ?? field) : field),
        );
        expect(found?.byte).toBe(offset);
      });
    }
  }

  it('has the lengths, LUN, task tag and serial numbers at one place in every PDU that has them', () => {
    const expected: Readonly<Record<string, number>> = {
      totalAhsLengthWords: hot.HOT_OFFSET.bhs.totalAhsLengthWords,
      dataSegmentLengthBytes: hot.HOT_OFFSET.bhs.dataSegmentLengthBytes,
      lun: hot.HOT_OFFSET.bhs.lun,
      initiatorTaskTag: hot.HOT_OFFSET.bhs.initiatorTaskTag,
      statSn: hot.HOT_OFFSET.scsiResponse.statSn,
      expCmdSn: hot.HOT_OFFSET.scsiResponse.expCmdSn,
      maxCmdSn: hot.HOT_OFFSET.scsiResponse.maxCmdSn,
      cmdSn: hot.HOT_OFFSET.scsiCommand.cmdSn,
      expStatSn: hot.HOT_OFFSET.scsiCommand.expStatSn,
    };
    for (const layout of Object.values(pdu.PDU_LAYOUTS)) {
      for (const place of layout.fields) {
        const offset = expected[place.name];
        if (offset !== undefined)
          expect([layout.name, place.name, place.byte]).toEqual([layout.name, place.name, offset]);
      }
    }
  });
});

describe('hot readers and writers', () => {
  it('reads and writes unsigned numbers as the layout does', () => {
    const bytes = new Uint8Array(8);
    hot.writeU32(bytes, 1, 0xfedc_ba98);
    hot.writeU24(bytes, 5, 0xedcba9);
    expect([...bytes]).toEqual([0, 0xfe, 0xdc, 0xba, 0x98, 0xed, 0xcb, 0xa9]);
    expect(hot.readU32(bytes, 1)).toBe(0xfedc_ba98);
    expect(hot.readU24(bytes, 1)).toBe(0xfedcba);
  });

  it('begins a BHS in dirty memory', () => {
    const bytes = new Uint8Array(50).fill(0xee);
    hot.beginBhs(bytes, 1, 0x25, 0x81, 0x012345, 0xdeadbeef);
    hot.writeTargetSerialNumbers(bytes, 1, 0xfffffffe, 7, 8);
    expect(bytes[0]).toBe(0xee);
    expect(bytes[49]).toBe(0xee);
    expect(pdu.dataInLayout.decode(bytes, 1)).toEqual({
      immediate: 0,
      opcode: pdu.ISCSI_OPCODE.dataIn,
      final: 1,
      acknowledge: 0,
      residualOverflow: 0,
      residualUnderflow: 0,
      statusPresent: 1,
      status: 0,
      totalAhsLengthWords: 0,
      dataSegmentLengthBytes: 0x012345,
      lun: 0n,
      initiatorTaskTag: 0xdeadbeef,
      targetTransferTag: 0,
      statSn: 0xfffffffe,
      expCmdSn: 7,
      maxCmdSn: 8,
      dataSn: 0,
      bufferOffsetBytes: 0,
      residualCount: 0,
    });
    expect(hot.readDataSegmentLength(bytes, 1)).toBe(0x012345);
    expect(hot.readInitiatorTaskTag(bytes, 1)).toBe(0xdeadbeef);
  });

  it('pads to whole words', () => {
    expect([0, 1, 3, 4, 5].map(hot.paddedLength)).toEqual([0, 4, 4, 4, 8]);
  });

  it('addresses LUNs below 256 peripherally and the others flat, SAM-5 4.7.7', () => {
    const encoded = (lun: number) => {
      const bytes = new Uint8Array(8).fill(0xff);
      hot.writeLun(bytes, 0, lun);
      return Buffer.from(bytes).toString('hex');
    };
    expect(encoded(0)).toBe('0000000000000000');
    expect(encoded(255)).toBe('00ff000000000000');
    expect(encoded(256)).toBe('4100000000000000');
    expect(encoded(0x3fff)).toBe('7fff000000000000');
  });

  it('takes flat addressing of a small LUN too, and nothing of more levels or other methods', () => {
    const lun = (hex: string) => hot.readLun(Buffer.from(hex, 'hex'), 0);
    expect(lun('0007000000000000')).toBe(7);
    expect(lun('4007000000000000')).toBe(7);
    expect(lun('4100000000000000')).toBe(256);
    expect(lun('0107000000000000')).toBe(-1);
    // The well-known LUN of REPORT LUNS, and no other of the extended method.
    expect(lun('c101000000000000')).toBe(0xc101);
    expect(lun('c102000000000000')).toBe(-1);
    expect(lun('c001000000000000')).toBe(-1);
    expect(lun('8007000000000000')).toBe(-1);
    expect(lun('0007000100000000')).toBe(-1);
    expect(lun('0007000000000001')).toBe(-1);
  });
});

describe('PDU layouts', () => {
  it('are all 48 bytes long', () => {
    for (const layout of Object.values(pdu.PDU_LAYOUTS)) {
      expect([layout.name, layout.lengthBytes]).toEqual([layout.name, pdu.BHS_LENGTH_BYTES]);
    }
    expect(pdu.bhsLayout.lengthBytes).toBe(48);
    expect(Object.keys(pdu.PDU_LAYOUTS)).toHaveLength(Object.keys(pdu.ISCSI_OPCODE).length);
  });

  it('put fields where RFC 7143 clause 11 draws them', () => {
    const at = (layout: { readonly fields: Layout<object>['fields'] }, ...names: string[]) =>
      names.map((name) => {
        const place = layout.fields.find((field) => field.name === name);
        return place === undefined ? name : `${place.byte}${place.bit === undefined ? '' : `.${place.bit}`}`;
      });
    expect(at(pdu.scsiCommandLayout, 'read', 'write', 'attribute', 'cdb')).toEqual([
      '1.6',
      '1.5',
      '1.2',
      '32',
    ]);
    expect(
      at(pdu.dataInLayout, 'acknowledge', 'residualOverflow', 'residualUnderflow', 'statusPresent'),
    ).toEqual(['1.6', '1.2', '1.1', '1.0']);
    expect(
      at(pdu.scsiResponseLayout, 'bidirectionalReadOverflow', 'residualOverflow', 'residualUnderflow'),
    ).toEqual(['1.4', '1.2', '1.1']);
    expect(at(pdu.loginRequestLayout, 'transit', 'continue', 'currentStage', 'nextStage')).toEqual([
      '1.7',
      '1.6',
      '1.3',
      '1.1',
    ]);
    expect(at(pdu.loginRequestLayout, 'versionMax', 'versionMin', 'isid', 'tsih', 'cid')).toEqual([
      '2',
      '3',
      '8',
      '14',
      '20',
    ]);
    expect(at(pdu.loginResponseLayout, 'statusClass', 'statusDetail')).toEqual(['36', '37']);
    expect(
      at(pdu.taskManagementRequestLayout, 'function', 'referencedTaskTag', 'refCmdSn', 'expDataSn'),
    ).toEqual(['1.6', '20', '32', '36']);
    expect(
      at(pdu.asynchronousMessageLayout, 'asyncEvent', 'asyncVendorCode', 'parameter1', 'parameter3'),
    ).toEqual(['36', '37', '38', '42']);
    expect(at(pdu.logoutRequestLayout, 'reason', 'cid')).toEqual(['1.6', '20']);
    expect(at(pdu.logoutResponseLayout, 'time2WaitSeconds', 'time2RetainSeconds')).toEqual(['40', '42']);
    expect(at(pdu.snackRequestLayout, 'type', 'begRun', 'runLength')).toEqual(['1.3', '40', '44']);
    expect(at(pdu.rejectLayout, 'reason', 'dataSnOrR2tSn')).toEqual(['2', '36']);
    expect(at(pdu.ahsLayout, 'ahsLengthBytes', 'ahsType')).toEqual(['0', '2']);
  });
});
