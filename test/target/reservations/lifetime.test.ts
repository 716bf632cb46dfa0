import { describe, expect, it } from 'vitest';
import {
  durablePartOf,
  initialState,
  logicalUnitReset,
  nexusLost,
  persistentReserveOut,
  restored,
} from '../../../target/reservations/index.js';
import { good, settled } from '../../../target/reservations/outcomes.js';
import {
  contextOf,
  idOf,
  move,
  proves,
  request,
  sense,
  show,
  stateOf,
  textOf,
  transportIdOf,
  TYPE_CODE,
} from './notation.js';

const types = Object.keys(TYPE_CODE);
const oneHolder = ['WE', 'EA', 'WERO', 'EARO'];
const allRegistrants = ['WEAR', 'EAAR'];
const afterPowerLoss = (text: string): string => textOf(restored(durablePartOf(stateOf(text))));

describe('C4: holder and lifetime', () => {
  it('C4 WE/EA/RO: non-AR holder leaves: released', () => {
    for (const type of oneHolder) {
      const attentions = type.endsWith('RO') ? 'b:2A04' : '';
      proves(`g1 a=a1 b=b2 ${type}:a`, 'a', request('register', { rk: 0xa1 }), {
        state: 'g2 b=b2',
        attentions,
      });
      proves(`g1 a=a1 b=b2 ${type}:a`, 'a', request('registerAndIgnoreExistingKey'), {
        state: 'g2 b=b2',
        attentions,
      });
      proves(`g1 a=a1 b=b2 ${type}:a`, 'b', request('register', { rk: 0xb2 }), {
        state: `g2 a=a1 ${type}:a`,
      });
    }
  });

  it('C4 AR released only when the last registrant leaves or type/scope changes', () => {
    for (const type of allRegistrants) {
      proves(`g1 a=a1 b=b2 ${type}:*`, 'a', request('register', { rk: 0xa1 }), {
        state: `g2 b=b2 ${type}:*`,
      });
      proves(`g1 a=a1 ${type}:*`, 'a', request('register', { rk: 0xa1 }), { state: 'g2' });
      proves(`g1 a=a1 ${type}:*`, 'b', request('register', { sark: 0xb2 }), {
        state: `g2 a=a1 b=b2 ${type}:*`,
      });
    }
  });

  it('C4 registrations and reservation survive LU reset, hard reset, I_T nexus loss, relogin', () => {
    for (const type of types) {
      const text = `g5 a=a1 b=b2 ${type}:${allRegistrants.includes(type) ? '*' : 'a'} ptpl`;
      expect(textOf(logicalUnitReset(stateOf(text)))).toBe(text);
      for (const name of ['a', 'b']) expect(textOf(nexusLost(stateOf(text), idOf(name)))).toBe(text);
    }
  });

  it('C4 only power loss without APTPL drops them', () => {
    expect(afterPowerLoss('g5 a=a1 b=b2 WE:a')).toBe('g0');
    expect(restored(durablePartOf(stateOf('g5 a=a1 b=b2 WE:a')))).toEqual(initialState());
  });

  it('C4 PRgen is never persisted: 0 at power on', () => {
    expect(afterPowerLoss('g5 a=a1 b2=b2 EARO:b2 ptpl')).toBe('g0 a=a1 b2=b2 EARO:b2 ptpl');
    expect(afterPowerLoss('g5 a=a1 WEAR:* ptpl')).toBe('g0 a=a1 WEAR:* ptpl');
    expect(afterPowerLoss('g5 ptpl')).toBe('g0 ptpl');
    expect(afterPowerLoss('g5 lost')).toBe('g0 lost');
  });

  it('C4 nexus = initiator port × target port; key separate per nexus', () => {
    proves('g1 a=a1', 'a2', request('register', { sark: 0xaa }), { state: 'g2 a=a1 a2=aa' });
    proves('g1 a=a1 a2=aa', 'a2', request('reserve', { rk: 0xa1, type: 'WE' }), { answer: 'CONFLICT' });
    // Another ISID of the same name is another port: its registration is its own.
    const other = contextOf('a');
    const state = stateOf('g1 a=a1');
    const outcome = persistentReserveOut(state, request('register', { sark: 0xa2 }), {
      ...other,
      nexus: {
        initiatorPort: { protocol: 'iscsi', iscsiName: 'iqn.2026-11.org.example:a', isid: 5n },
        relativeTargetPortId: 1,
      },
    });
    expect(show(outcome)).toMatchObject({ answer: 'GOOD', state: 'g2 a=a1 a+5=a2' });
  });

  it('C4 APTPL: the last valid value received (00, 06, 07, 08) decides for the whole LU', () => {
    const on = { aptpl: true };
    proves('g0', 'a', request('register', { sark: 0xa1, ...on }), { state: 'g1 a=a1 ptpl', persist: true });
    proves('g1 a=a1 ptpl', 'b', request('register', { sark: 0xb2 }), {
      state: 'g2 a=a1 b=b2',
      persist: true,
    });
    proves('g1 a=a1 b=b2 ptpl', 'b', request('register', { rk: 0xb2 }), { state: 'g2 a=a1', persist: true });
    proves('g1 a=a1 b=b2', 'b', request('registerAndIgnoreExistingKey', on), {
      state: 'g2 a=a1 ptpl',
      persist: true,
    });
    const toB = (aptpl: boolean) => move({ rk: 0xa1, sark: 0xb2, aptpl }, transportIdOf('b'));
    proves('g1 a=a1 WE:a', 'a', toB(true), { state: 'g2 a=a1 b=b2 WE:b ptpl', persist: true });
    proves('g1 a=a1 WE:a ptpl', 'a', toB(false), { state: 'g2 a=a1 b=b2 WE:b', persist: true });
    // Not valid: the request failed.
    proves('g1 a=a1 ptpl', 'a', request('register', { rk: 9, sark: 0xa2 }), { answer: 'CONFLICT' });
  });

  it('C4 APTPL=1: every change of registrations or reservation must be durable before it is answered', () => {
    const persist = true;
    proves('g1 a=a1 ptpl', 'a', request('reserve', { rk: 0xa1, type: 'WE' }), {
      state: 'g1 a=a1 WE:a ptpl',
      persist,
    });
    proves('g1 a=a1 WE:a ptpl', 'a', request('release', { rk: 0xa1, type: 'WE' }), {
      state: 'g1 a=a1 ptpl',
      persist,
    });
    proves('g1 a=a1 ptpl', 'a', request('clear', { rk: 0xa1 }), { state: 'g2 ptpl', persist });
    proves('g1 a=a1 ptpl', 'a', request('register', { rk: 0xa1, sark: 0xa2, aptpl: true }), {
      state: 'g2 a=a2 ptpl',
      persist,
    });
    proves('g1 a=a1 b=b2 ptpl', 'a', request('preempt', { rk: 0xa1, sark: 0xb2 }), {
      state: 'g2 a=a1 ptpl',
      attentions: 'b:2A05',
      persist,
    });
    proves('g1 a=a1 WE:a ptpl', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'EA' }), {
      state: 'g2 a=a1 EA:a ptpl',
      persist,
    });
  });

  it('C4 APTPL=1: a reservation that only changes hands must be durable too', () => {
    const toB = move({ rk: 0xa1, sark: 0xb2, aptpl: true }, transportIdOf('b'));
    proves('g1 a=a1 b=b2 WE:a ptpl', 'a', toB, { state: 'g2 a=a1 b=b2 WE:b ptpl', persist: true });
  });

  it('C4 APTPL=1: a registration in the place of another must be durable, whatever made it so', () => {
    const [before, after] = [stateOf('g1 a=a1 b=b2 ptpl'), stateOf('g2 a=a1 c=b2 ptpl')];
    expect(settled(before, good(after)).persist).toBe(true);
    expect(settled(before, good(before)).persist).toBe(false);
  });

  it('C4 what does not change the durable part is not written', () => {
    proves('g1 a=a1 ptpl', 'a', request('register', { rk: 0xa1, sark: 0xa1, aptpl: true }), {
      state: 'g2 a=a1 ptpl',
    });
    proves('g1 a=a1 ptpl', 'a', request('release', { rk: 0xa1, type: 'WE' }), {});
    proves('g1 a=a1', 'a', request('reserve', { rk: 0xa1, type: 'WE' }), { state: 'g1 a=a1 WE:a' });
  });
});

describe('C5: unit attentions', () => {
  const three = 'a=a1 b=b2 c=c3';
  const noUnitAttentionOnRelease = { noUnitAttentionOnRelease: true };

  it('C5 RELEASE of RO/AR, NUAR=0: all registered but sender, 2A/04', () => {
    for (const held of ['WERO:a', 'EARO:a', 'WEAR:*', 'EAAR:*']) {
      const type = held.split(':')[0] ?? '';
      proves(`g1 ${three} ${held}`, 'a', request('release', { rk: 0xa1, type }), {
        state: `g1 ${three}`,
        attentions: 'b:2A04 c:2A04',
      });
    }
  });

  it('C5 RELEASE of WE/EA, or NUAR=1: none', () => {
    for (const type of ['WE', 'EA']) {
      proves(`g1 ${three} ${type}:a`, 'a', request('release', { rk: 0xa1, type }), { state: `g1 ${three}` });
    }
    for (const held of ['WERO:a', 'EARO:a', 'WEAR:*', 'EAAR:*']) {
      const type = held.split(':')[0] ?? '';
      const released = { state: `g1 ${three}` };
      proves(
        `g1 ${three} ${held}`,
        'a',
        request('release', { rk: 0xa1, type }),
        released,
        noUnitAttentionOnRelease,
      );
    }
  });

  it('C5 holder unregisters, RO: remaining registered but sender, 2A/04 (NUAR is about RELEASE)', () => {
    for (const type of ['WERO', 'EARO']) {
      const told = { state: 'g2 b=b2 c=c3', attentions: 'b:2A04 c:2A04' };
      proves(`g1 ${three} ${type}:a`, 'a', request('register', { rk: 0xa1 }), told);
      proves(
        `g1 ${three} ${type}:a`,
        'a',
        request('registerAndIgnoreExistingKey'),
        told,
        noUnitAttentionOnRelease,
      );
    }
  });

  it('C5 holder unregisters, WE/EA; AR last one: none', () => {
    for (const type of ['WE', 'EA']) {
      proves(`g1 ${three} ${type}:a`, 'a', request('register', { rk: 0xa1 }), { state: 'g2 b=b2 c=c3' });
    }
    proves('g1 a=a1 WEAR:*', 'a', request('register', { rk: 0xa1 }), { state: 'g2' });
    proves('g1 a=a1 b=b2 EAAR:*', 'a', request('register', { rk: 0xa1 }), { state: 'g2 b=b2 EAAR:*' });
  });

  it('C5 CLEAR: every formerly registered but sender, also with no reservation, 2A/03', () => {
    for (const held of ['', ' WE:b', ' EARO:a', ' WEAR:*']) {
      const cleared = { state: 'g2', attentions: 'b:2A03 c:2A03' };
      proves(`g1 ${three}${held}`, 'a', request('clear', { rk: 0xa1 }), cleared, noUnitAttentionOnRelease);
    }
  });

  it('C5 PREEMPT: nexus lost key/reservation: each (not sender), 2A/05', () => {
    proves('g1 a=a1 b=b2 c=b2', 'a', request('preempt', { rk: 0xa1, sark: 0xb2 }), {
      state: 'g2 a=a1',
      attentions: 'b:2A05 c:2A05',
    });
    proves('g1 a=a1 b=a1 c=c3 EA:c', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'EA' }), {
      state: 'g2 c=c3 EA:c',
      attentions: 'b:2A05',
    });
  });

  it('C5 PREEMPT replaced reservation and type changed: registered nexuses that stay, not sender, 2A/04 (any old type)', () => {
    for (const held of ['WE', 'EA', 'WERO', 'EARO']) {
      for (const type of types) {
        const holder = allRegistrants.includes(type) ? '*' : 'a';
        proves(`g1 ${three} ${held}:b`, 'a', request('preempt', { rk: 0xa1, sark: 0xb2, type }), {
          state: `g2 a=a1 c=c3 ${type}:${holder}`,
          attentions: type === held ? 'b:2A05' : 'b:2A05 c:2A04',
        });
      }
    }
  });

  it('C5 P&A: the attentions of PREEMPT; what aborted commands see is the task set’s part', () => {
    proves(`g1 ${three} WE:b`, 'a', request('preemptAndAbort', { rk: 0xa1, sark: 0xb2, type: 'EA' }), {
      state: 'g2 a=a1 c=c3 EA:a',
      attentions: 'b:2A05 c:2A04',
      abort: 'b',
    });
  });

  it('C5 REGISTER, REG&IGN, RESERVE, REG&MOVE, REPLACE LOST: none', () => {
    proves('g1 b=b2 WERO:b', 'a', request('register', { sark: 0xa1 }), { state: 'g2 b=b2 a=a1 WERO:b' });
    proves('g1 a=a1 b=b2 WERO:b', 'a', request('registerAndIgnoreExistingKey', { sark: 0xa9 }), {
      state: 'g2 a=a9 b=b2 WERO:b',
    });
    proves('g1 a=a1 b=b2', 'a', request('reserve', { rk: 0xa1, type: 'EARO' }), {
      state: 'g1 a=a1 b=b2 EARO:a',
    });
    proves('g1 a=a1 b=b2 WERO:a', 'a', move({ rk: 0xa1, sark: 0xb9, unreg: true }, transportIdOf('b')), {
      state: 'g2 b=b9 WERO:b',
    });
    proves('g1 b=b2 lost', 'a', request('replaceLostReservation', { sark: 0xa1, type: 'WE' }), {
      state: 'g0 a=a1 WE:a',
      persist: true,
    });
  });
});

describe('C6: PRgeneration', () => {
  it('C6 32-bit wrapping', () => {
    proves('g4294967295', 'a', request('register', { sark: 0xa1 }), { state: 'g0 a=a1' });
    proves('g2147483647', 'a', request('register', { sark: 0xa1 }), { state: 'g2147483648 a=a1' });
  });

  it('C6 +1 for each successful 00, 06, 07, 03, 04, 05', () => {
    proves('g1', 'a', request('register', { sark: 0xa1 }), { state: 'g2 a=a1' });
    proves('g1', 'a', request('registerAndIgnoreExistingKey', { sark: 0xa1 }), { state: 'g2 a=a1' });
    proves('g1 a=a1 WE:a', 'a', move({ rk: 0xa1, sark: 0xb2 }, transportIdOf('b')), {
      state: 'g2 a=a1 b=b2 WE:b',
    });
    proves('g1 a=a1', 'a', request('clear', { rk: 0xa1 }), { state: 'g2' });
    proves('g1 a=a1 WE:a', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'WE' }), {
      state: 'g2 a=a1 WE:a',
    });
    proves('g1 a=a1 WE:a', 'a', request('preemptAndAbort', { rk: 0xa1, sark: 0xa1, type: 'WE' }), {
      state: 'g2 a=a1 WE:a',
      abort: 'a',
    });
  });

  it('C6 not for 01, 02, errors, RC', () => {
    proves('g1 a=a1', 'a', request('reserve', { rk: 0xa1, type: 'WE' }), { state: 'g1 a=a1 WE:a' });
    proves('g1 a=a1 WE:a', 'a', request('release', { rk: 0xa1, type: 'WE' }), { state: 'g1 a=a1' });
    proves('g1 a=a1', 'a', request('preempt', { rk: 0xa1 }), { answer: sense('05/26/00', { list: 8 }) });
    proves('g1 a=a1', 'b', request('clear', { rk: 0xa1 }), { answer: 'CONFLICT' });
  });

  it('C6 unregister counts, of the holder too; a no-op 00/06 counts: decision 2', () => {
    proves('g1 a=a1 b=b2', 'a', request('register', { rk: 0xa1 }), { state: 'g2 b=b2' });
    proves('g1 a=a1 b=b2 WE:a', 'a', request('register', { rk: 0xa1 }), { state: 'g2 b=b2' });
    proves('g1', 'a', request('register'), { state: 'g2' });
    proves('g1 b=b2', 'a', request('registerAndIgnoreExistingKey'), { state: 'g2 b=b2' });
    // And nothing else comes of it, whatever APTPL says.
    proves('g1 b=b2 ptpl', 'a', request('register'), { state: 'g2 b=b2 ptpl' });
    proves('g1 b=b2', 'a', request('register', { aptpl: true }), { state: 'g2 b=b2' });
  });

  it('C6 one request = +1 even with SPEC_I_PT/ALL_TG_PT', () => {
    const sent = request('register', {
      sark: 0xa1,
      specIPt: [transportIdOf('b'), transportIdOf('c')],
      allTgPt: true,
    });
    proves('g1', 'a', sent, { state: 'g2 a=a1 a2=a1 b=a1 b2=a1 c=a1 c2=a1' });
  });

  it('C6 08 sets 0', () => {
    proves('g9 lost', 'a', request('replaceLostReservation', { sark: 0xa1, type: 'WE' }), {
      state: 'g0 a=a1 WE:a',
      persist: true,
    });
  });
});
