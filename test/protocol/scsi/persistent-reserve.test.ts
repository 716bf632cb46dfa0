import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basicParameterList,
  decodeReadFullStatus,
  decodeReadKeys,
  decodeReadReservation,
  decodeReportCapabilities,
  encodeReadFullStatus,
  encodeReadKeys,
  encodeReadReservation,
  encodeTransportId,
  fullStatusDescriptorLayout,
  persistentReserveInCdb,
  persistentReserveInHeaderLayout,
  persistentReserveOutCdb,
  registerAndMoveParameterList,
  reportCapabilitiesLayout,
  reservationDescriptorLayout,
  type TransportId,
} from '../../../protocol/index.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const HOST_B: TransportId = {
  protocol: 'iscsi',
  iscsiName: 'iqn.2026-11.test:host-b',
  isid: 0x00023d000002n,
};
const HOST_B_BYTES =
  '4500002c69716e2e323032362d31312e746573743a686f73742d622c692c307830303032336430303030303200000000';

describe('C1: commands and parameter lists, as sg_persist was recorded to send them', () => {
  it('PERSISTENT RESERVE IN', () => {
    expect(hex(persistentReserveInCdb(0x00, 8192))).toBe('5e000000000000200000');
    expect(hex(persistentReserveInCdb(0x03, 0x30))).toBe('5e030000000000003000');
    expect(() => persistentReserveInCdb(0, 0x1_0000)).toThrow(RangeError);
  });

  it('PERSISTENT RESERVE OUT', () => {
    expect(hex(persistentReserveOutCdb({ serviceAction: 0, parameterListLength: 24 }))).toBe(
      '5f000000000000001800',
    );
    expect(hex(persistentReserveOutCdb({ serviceAction: 5, type: 6, parameterListLength: 24 }))).toBe(
      '5f050600000000001800',
    );
    expect(
      hex(
        persistentReserveOutCdb({
          serviceAction: 0x1f,
          scope: 0xf,
          type: 0xe,
          parameterListLength: 0x12345678,
        }),
      ),
    ).toBe('5f1ffe00001234567800');
    expect(() => persistentReserveOutCdb({ serviceAction: 32, parameterListLength: 24 })).toThrow(RangeError);
  });

  it('the basic list', () => {
    expect(hex(basicParameterList({ reservationKey: 0xa1n, serviceActionReservationKey: 0xb2n }))).toBe(
      '00000000000000a100000000000000b20000000000000000',
    );
    const all = { reservationKey: 0xdeadbeef1a7ebaben, serviceActionReservationKey: 2n ** 64n - 1n };
    expect(hex(basicParameterList({ ...all, aptpl: true, allTgPt: true }))).toBe(
      'deadbeef1a7ebabeffffffffffffffff0000000005000000',
    );
  });

  it('the list with SPEC_I_PT', () => {
    const list = basicParameterList({
      reservationKey: 0n,
      serviceActionReservationKey: 0xa1n,
      transportIds: [encodeTransportId(HOST_B)],
    });
    expect(hex(list)).toBe(`000000000000000000000000000000a1000000000800000000000030${HOST_B_BYTES}`);
    const none = basicParameterList({
      reservationKey: 0n,
      serviceActionReservationKey: 0n,
      transportIds: [],
    });
    expect(hex(none)).toBe('0'.repeat(40) + '08000000' + '00000000');
  });

  it('the REGISTER AND MOVE list', () => {
    const list = {
      reservationKey: 0xa1n,
      serviceActionReservationKey: 0xc1n,
      relativeTargetPortId: 2,
      transportId: encodeTransportId(HOST_B),
    };
    expect(hex(registerAndMoveParameterList(list))).toBe(
      `00000000000000a100000000000000c10000000200000030${HOST_B_BYTES}`,
    );
    expect(hex(registerAndMoveParameterList({ ...list, unreg: true, aptpl: true })).slice(32, 40)).toBe(
      '00030002',
    );
  });
});

describe('C7: parameter data', () => {
  it('READ KEYS is written and read whole', () => {
    const data = encodeReadKeys(0xffff_ffff, [0xdeadbeef1a7ebaben, 1n]);
    expect(hex(data)).toBe('ffffffff00000010deadbeef1a7ebabe0000000000000001');
    expect(decodeReadKeys(data)).toEqual({
      prGeneration: 0xffff_ffff,
      additionalLength: 16,
      cut: false,
      keys: [0xdeadbeef1a7ebaben, 1n],
    });
  });

  it('what is cut is said to be cut, and only what came whole is read', () => {
    const data = encodeReadKeys(7, [1n, 2n]);
    expect(decodeReadKeys(data.subarray(0, 7))).toBeUndefined();
    expect(decodeReadKeys(data.subarray(0, 8))).toEqual({
      prGeneration: 7,
      additionalLength: 16,
      cut: true,
      keys: [],
    });
    expect(decodeReadKeys(data.subarray(0, 23))).toMatchObject({ cut: true, keys: [1n] });
    expect(decodeReadKeys(Buffer.concat([data, Buffer.alloc(8)]))).toMatchObject({
      cut: false,
      keys: [1n, 2n],
    });
    expect(decodeReadKeys(bytes('00000001fffffff8' + '00'.repeat(16)))).toMatchObject({
      cut: true,
      keys: [0n, 0n],
    });
  });

  it('READ RESERVATION', () => {
    expect(hex(encodeReadReservation(5, null))).toBe('0000000500000000');
    const data = encodeReadReservation(5, { key: 0xa1n, type: 'exclusiveAccessAllRegistrants' });
    expect(hex(data)).toBe('000000050000001000000000000000a10000000000080000');
    expect(decodeReadReservation(data)).toEqual({
      prGeneration: 5,
      additionalLength: 16,
      cut: false,
      reservation: { key: 0xa1n, scope: 0, type: 8 },
    });
    expect(decodeReadReservation(data.subarray(0, 23))).toMatchObject({ cut: true, reservation: null });
    expect(decodeReadReservation(data.subarray(0, 8))).toMatchObject({ cut: true, reservation: null });
    expect(decodeReadReservation(data.subarray(0, 3))).toBeUndefined();
  });

  it('REPORT CAPABILITIES, as recorded', () => {
    expect(decodeReportCapabilities(bytes('00081d90ea010000'))).toEqual({
      length: 8,
      replaceLostReservationCapable: 0,
      compatibleReservationHandling: 1,
      specifyInitiatorPortsCapable: 1,
      allTargetPortsCapable: 1,
      persistThroughPowerLossCapable: 1,
      typeMaskValid: 1,
      allowCommands: 1,
      persistThroughPowerLossActivated: 0,
      writeExclusiveAllRegistrants: 1,
      exclusiveAccessRegistrantsOnly: 1,
      writeExclusiveRegistrantsOnly: 1,
      exclusiveAccess: 1,
      writeExclusive: 1,
      exclusiveAccessAllRegistrants: 1,
    });
    expect(decodeReportCapabilities(bytes('00081d90ea0100'))).toBeUndefined();
    expect(reportCapabilitiesLayout.lengthBytes).toBe(8);
  });

  it('READ FULL STATUS, as recorded', () => {
    const text =
      '0000001f00000090' +
      '00000000000000a100000000010100000000000100000030' +
      '4500002c69716e2e323032362d31312e746573743a686f73742d612c692c307830303032336430303030303100000000' +
      '00000000000000b200000000000000000000000200000030' +
      HOST_B_BYTES;
    const hostA: TransportId = { ...HOST_B, iscsiName: 'iqn.2026-11.test:host-a', isid: 0x00023d000001n };
    const data = encodeReadFullStatus(0x1f, [
      { key: 0xa1n, holds: 'writeExclusive', relativeTargetPortId: 1, transportId: encodeTransportId(hostA) },
      { key: 0xb2n, holds: null, relativeTargetPortId: 2, transportId: encodeTransportId(HOST_B) },
    ]);
    expect(hex(data)).toBe(text);
    const first = {
      key: 0xa1n,
      allTgPt: false,
      rHolder: true,
      scope: 0,
      type: 1,
      relativeTargetPortId: 1,
      transportIdBytes: encodeTransportId(hostA),
      transportId: hostA,
    };
    const second = { ...first, key: 0xb2n, rHolder: false, type: 0, relativeTargetPortId: 2 };
    const full = decodeReadFullStatus(data);
    expect(full).toEqual({
      prGeneration: 0x1f,
      additionalLength: 0x90,
      cut: false,
      descriptors: [first, { ...second, transportIdBytes: encodeTransportId(HOST_B), transportId: HOST_B }],
    });
    expect(decodeReadFullStatus(data.subarray(0, data.length - 1))).toMatchObject({
      cut: true,
      descriptors: [first],
    });
    expect(decodeReadFullStatus(data.subarray(0, 8))).toMatchObject({ cut: true, descriptors: [] });
    expect(decodeReadFullStatus(data.subarray(0, 2))).toBeUndefined();
  });

  it('READ FULL STATUS with a TransportID that nobody knows still tells the rest', () => {
    const data = encodeReadFullStatus(1, [
      { key: 1n, holds: null, relativeTargetPortId: 9, transportId: new Uint8Array(24).fill(0x0a) },
    ]);
    expect(decodeReadFullStatus(data)?.descriptors).toMatchObject([
      { key: 1n, relativeTargetPortId: 9, transportId: undefined },
    ]);
  });

  it('READ FULL STATUS: ALL_TG_PT, and a descriptor without TransportID that ends where the data ends', () => {
    const descriptor = `00000000000000a1${'00'.repeat(4)}0300000000000007${'00'.repeat(4)}`;
    expect(decodeReadFullStatus(bytes(`0000000100000018${descriptor}`))).toMatchObject({
      cut: false,
      descriptors: [{ key: 0xa1n, allTgPt: true, rHolder: true, relativeTargetPortId: 7 }],
    });
  });

  it('decoders never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (noise) => {
        for (const decode of [
          decodeReadKeys,
          decodeReadReservation,
          decodeReadFullStatus,
          decodeReportCapabilities,
        ]) {
          if (decode(noise) === undefined) expect(noise.length).toBeLessThan(8);
        }
      }),
    );
  });

  it('hand-placed offsets are those of the declared layouts', () => {
    expect(persistentReserveInHeaderLayout.offsetOf('additionalLength')).toBe(4);
    expect(persistentReserveInHeaderLayout.lengthBytes).toBe(8);
    expect(reservationDescriptorLayout.placeOf('type')).toMatchObject({ byte: 13, bit: 3 });
    expect(reservationDescriptorLayout.lengthBytes).toBe(16);
    expect(fullStatusDescriptorLayout.placeOf('rHolder')).toMatchObject({ byte: 12, bit: 0 });
    expect(fullStatusDescriptorLayout.placeOf('type')).toMatchObject({ byte: 13, bit: 3 });
    expect(fullStatusDescriptorLayout.offsetOf('relativeTargetPortId')).toBe(18);
    expect(fullStatusDescriptorLayout.offsetOf('additionalDescriptorLength')).toBe(20);
    expect(fullStatusDescriptorLayout.lengthBytes).toBe(24);
  });
});
