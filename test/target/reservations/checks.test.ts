import { describe, expect, it } from 'vitest';
import {
  basicParameterListLayout,
  persistentReserveOutCdbLayout,
  registerAndMoveParameterListLayout,
  type PrOutServiceAction,
} from '../../../protocol/index.js';
import { PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX } from '../../../target/reservations/index.js';
import { CONFLICT, move, proves, request, sense, transportIdOf } from './notation.js';

const needRegistration: readonly PrOutServiceAction[] = [
  'reserve',
  'release',
  'clear',
  'preempt',
  'preemptAndAbort',
];
const basic: readonly PrOutServiceAction[] = [
  ...needRegistration,
  'register',
  'registerAndIgnoreExistingKey',
  'replaceLostReservation',
];
const LENGTH_ERROR = { answer: sense('05/1a/00') };

describe('C2: the order of checks of PERSISTENT RESERVE OUT', () => {
  it('C2 1 service action reserved: 05/24/00, before everything else', () => {
    const answer = sense('05/24/00', { cdb: 1, bit: 4 });
    for (let code = 0x09; code <= 0x1f; code++) {
      const sent = request(code, { rk: 1, length: 3 });
      for (const state of ['g1 b=b2 EA:b', 'g0 spc2:b', 'g0 lost']) proves(state, 'a', sent, { answer });
    }
  });

  it('C4 lost information: every service action but REPLACE LOST RESERVATION answers 07/44/01', () => {
    for (const action of basic.filter((name) => name !== 'replaceLostReservation')) {
      proves('g0 lost', 'a', request(action, { sark: 0xa1, length: 3 }), { answer: sense('07/44/01') });
    }
    proves('g0 lost', 'a', move({ sark: 0xa1 }, transportIdOf('b')), { answer: sense('07/44/01') });
  });

  it('C2 2 SPC-2 reservation present: RC, owner included, before the parameter list is looked at', () => {
    for (const action of [...basic, 'registerAndMove'] as const) {
      for (const from of ['a', 'b'])
        proves('g1 spc2:a', from, request(action, { sark: 0xa1, length: 3 }), CONFLICT);
    }
  });

  it('C2 3 PLL≠24: 05/1A/00, before registration and key', () => {
    for (const action of basic) {
      for (const length of [0, 23])
        proves('g1 b=b2 WE:b', 'a', request(action, { rk: 9, length }), LENGTH_ERROR);
      proves('g1 b=b2 WE:b', 'a', request(action, { rk: 9, list: new Uint8Array(25) }), LENGTH_ERROR);
    }
    proves('g1 b=b2 WE:b', 'a', request('registerAndMove', { rk: 9, length: 23 }), LENGTH_ERROR);
  });

  it('C2 3 PLL that is not all there, or too large: 05/1A/00, decision 8', () => {
    proves(
      'g0',
      'a',
      request('register', { sark: 0xa1, list: new Uint8Array(23), length: 24 }),
      LENGTH_ERROR,
    );
    const long = request('register', { sark: 0xa1, specIPt: [transportIdOf('b')] });
    const padded = (length: number) =>
      request('register', {
        list: Buffer.concat([long.parameterList, new Uint8Array(length - long.parameterListLength)]),
      });
    const most = PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX;
    proves('g0', 'a', padded(most), { state: 'g1 a=a1 b=a1' });
    proves('g0', 'a', padded(most + 1), LENGTH_ERROR);
  });

  it('C2 3 bytes beyond PLL are not looked at', () => {
    const sent = request('register', { sark: 0xa1 });
    proves(
      'g0',
      'a',
      { ...sent, parameterList: Buffer.concat([sent.parameterList, Buffer.alloc(40, 0xff)]) },
      {
        state: 'g1 a=a1',
      },
    );
  });

  it('C2 4 SPEC_I_PT=1 on SA≠00: 05/26/00, before registration and key', () => {
    const answer = sense('05/26/00', { list: 20, bit: 3 });
    for (const action of basic.filter((name) => name !== 'register')) {
      proves('g1 b=b2 WE:b', 'a', request(action, { rk: 9, specIPt: [transportIdOf('b')] }), { answer });
    }
  });

  it('C2 5 unregistered nexus and SA not 00, 06: RC, before SCOPE and TYPE', () => {
    for (const action of needRegistration) {
      for (const state of ['g1 b=b2', 'g1 b=b2 WERO:b', 'g1 b=b2 WEAR:*']) {
        proves(state, 'a', request(action, { rk: 0, sark: 0xb2, type: 0xf, scope: 0xf }), CONFLICT);
        proves(state, 'a', request(action, { rk: 0xb2, sark: 0xb2, type: 'WE' }), CONFLICT);
      }
    }
  });

  it('C2 6 RK≠registered key: RC regardless of SERVICE ACTION and SCOPE', () => {
    for (const action of needRegistration) {
      proves(
        'g1 a=a1 b=b2 WE:a',
        'a',
        request(action, { rk: 0xb2, sark: 0xb2, type: 'WE', scope: 3 }),
        CONFLICT,
      );
      proves('g1 a=a1 b=b2 WE:a', 'a', request(action, { rk: 0, sark: 0xb2, type: 0xf }), CONFLICT);
    }
  });

  it('C2 7 SCOPE unimplemented, TYPE obsolete or reserved where they count: 05/24/00', () => {
    for (const action of ['reserve', 'release'] as const) {
      for (const state of ['g1 a=a1 b=b2', 'g1 a=a1 b=b2 WE:a', 'g1 a=a1 b=b2 WE:b']) {
        for (let scope = 1; scope <= 0xf; scope++) {
          proves(state, 'a', request(action, { rk: 0xa1, type: 'WE', scope }), {
            answer: sense('05/24/00', { cdb: 2, bit: 7 }),
          });
        }
        for (const type of [0, 2, 4, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf]) {
          proves(state, 'a', request(action, { rk: 0xa1, type }), {
            answer: sense('05/24/00', { cdb: 2, bit: 3 }),
          });
        }
      }
    }
  });

  it('C1 SCOPE and TYPE ignored for REGISTER, REGISTER AND IGNORE, CLEAR, REGISTER AND MOVE', () => {
    const odd = { type: 0xf, scope: 0xf };
    proves('g0', 'a', request('register', { sark: 0xa1, ...odd }), { state: 'g1 a=a1' });
    proves('g0', 'a', request('registerAndIgnoreExistingKey', { sark: 0xa1, ...odd }), { state: 'g1 a=a1' });
    proves('g1 a=a1', 'a', request('clear', { rk: 0xa1, ...odd }), { state: 'g2' });
    proves(
      'g1 a=a1 WE:a',
      'a',
      { ...move({ rk: 0xa1, sark: 0xb2 }, transportIdOf('b')), ...odd },
      {
        state: 'g2 a=a1 b=b2 WE:b',
      },
    );
  });

  it('C1 APTPL and ALL_TG_PT ignored on RESERVE, RELEASE, CLEAR, PREEMPT', () => {
    const set = { rk: 0xa1, type: 'WE', aptpl: true, allTgPt: true };
    const context = { aptplSupported: false };
    proves('g1 a=a1', 'a', request('reserve', set), { state: 'g1 a=a1 WE:a' }, context);
    proves('g1 a=a1 WE:a', 'a', request('release', set), { state: 'g1 a=a1' }, context);
    proves('g1 a=a1', 'a', request('clear', set), { state: 'g2' }, context);
    proves(
      'g1 a=a1 b=b2 WE:a',
      'a',
      request('preempt', { ...set, sark: 0xb2 }),
      {
        state: 'g2 a=a1 WE:a',
        attentions: 'b:2A05',
      },
      context,
    );
  });
});

describe('hand-placed offsets', () => {
  it('are those of the declared layouts', () => {
    expect(basicParameterListLayout.lengthBytes).toBe(24);
    expect(basicParameterListLayout.placeOf('serviceActionReservationKey').byte).toBe(8);
    expect(basicParameterListLayout.placeOf('specIPt')).toMatchObject({ byte: 20, bit: 3 });
    expect(basicParameterListLayout.placeOf('allTgPt')).toMatchObject({ byte: 20, bit: 2 });
    expect(basicParameterListLayout.placeOf('aptpl')).toMatchObject({ byte: 20, bit: 0 });
    expect(registerAndMoveParameterListLayout.placeOf('unreg')).toMatchObject({ byte: 17, bit: 1 });
    expect(registerAndMoveParameterListLayout.placeOf('aptpl')).toMatchObject({ byte: 17, bit: 0 });
    expect(registerAndMoveParameterListLayout.placeOf('relativeTargetPortId').byte).toBe(18);
    expect(registerAndMoveParameterListLayout.placeOf('transportIdLength').byte).toBe(20);
    expect(registerAndMoveParameterListLayout.lengthBytes).toBe(24);
    expect(persistentReserveOutCdbLayout.placeOf('serviceAction')).toMatchObject({ byte: 1, bit: 4 });
    expect(persistentReserveOutCdbLayout.placeOf('scope')).toMatchObject({ byte: 2, bit: 7 });
    expect(persistentReserveOutCdbLayout.placeOf('type')).toMatchObject({ byte: 2, bit: 3 });
  });
});
