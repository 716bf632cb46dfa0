import { describe, expect, it } from 'vitest';
import { persistentReserveIn, release, reserve } from '../../../target/reservations/index.js';
import { CONFLICT, idOf, move, proves, request, sense, show, stateOf, transportIdOf } from './notation.js';

/** What two shipping targets, LIO and tgt, were seen to get wrong: here it is right. One test a row. */
describe('F: cases that shipping targets get wrong', () => {
  it('F RESERVE, RELEASE, CLEAR by an unregistered nexus, no reservation: conflict', () => {
    for (const action of ['reserve', 'release', 'clear'] as const) {
      proves('g1 b=b2', 'a', request(action, { rk: 0xa1, type: 'WE' }), CONFLICT);
      proves('g0', 'a', request(action, { rk: 0, type: 'WE' }), CONFLICT);
    }
  });

  it('F RELEASE by the holder, wrong type: 05/26/04', () => {
    proves('g1 a=a1 WE:a', 'a', request('release', { rk: 0xa1, type: 'EA' }), { answer: sense('05/26/04') });
  });

  it('F RELEASE by a registered non-holder with a wrong key: conflict', () => {
    proves('g1 a=a1 b=b2 WE:a', 'b', request('release', { rk: 0xa1, type: 'WE' }), CONFLICT);
  });

  it('F RESERVE with a wrong key: conflict', () => {
    proves('g1 a=a1', 'a', request('reserve', { rk: 0xa2, type: 'WE' }), CONFLICT);
  });

  it('F RESERVE, scope not 0: 24/00', () => {
    proves('g1 a=a1', 'a', request('reserve', { rk: 0xa1, type: 'WE', scope: 1 }), {
      answer: sense('05/24/00', { cdb: 2, bit: 7 }),
    });
  });

  it('F reserved PR OUT service action, unregistered, under a reservation: 24/00', () => {
    proves('g1 b=b2 EA:b', 'a', request(0x0a), { answer: sense('05/24/00', { cdb: 1, bit: 4 }) });
  });

  it('F PRgeneration after an unregister: +1, of the holder too', () => {
    proves('g1 a=a1', 'a', request('register', { rk: 0xa1 }), { state: 'g2' });
    proves('g1 a=a1 EA:a', 'a', request('register', { rk: 0xa1 }), { state: 'g2' });
  });

  it('F PREEMPT, SARK 0, no reservation, or one not all-registrants: 26/00', () => {
    const refused = { answer: sense('05/26/00', { list: 8 }) };
    proves('g1 a=a1 b=b2', 'a', request('preempt', { rk: 0xa1, type: 'WE' }), refused);
    proves('g1 a=a1 b=b2 WERO:a', 'a', request('preempt', { rk: 0xa1, type: 'WE' }), refused);
  });

  it('F PREEMPT, own key, not holder: own key removed', () => {
    proves('g1 a=a1 b=b2 WERO:b', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'WERO' }), {
      state: 'g2 b=b2 WERO:b',
    });
  });

  it('F PREEMPT under all-registrants, SARK of another: reservation stays, no 2A/04', () => {
    proves('g1 a=a1 b=b2 c=c3 WEAR:*', 'a', request('preempt', { rk: 0xa1, sark: 0xb2, type: 'EAAR' }), {
      state: 'g2 a=a1 c=c3 WEAR:*',
      attentions: 'b:2A05',
    });
  });

  it('F PREEMPT under all-registrants, SARK own: reservation stays, own key removed', () => {
    proves('g1 a=a1 b=b2 WEAR:*', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'WEAR' }), {
      state: 'g2 b=b2 WEAR:*',
    });
  });

  it("F PREEMPT AND ABORT works; victim's attention after PREEMPT: 2A/05", () => {
    proves('g1 a=a1 b=b2 WE:b', 'a', request('preemptAndAbort', { rk: 0xa1, sark: 0xb2, type: 'WE' }), {
      state: 'g2 a=a1 WE:a',
      attentions: 'b:2A05',
      abort: 'b',
    });
  });

  it('F attention after RELEASE of RO/AR: 2A/04 to the others; of WE/EA: none', () => {
    proves('g1 a=a1 b=b2 EARO:a', 'a', request('release', { rk: 0xa1, type: 'EARO' }), {
      state: 'g1 a=a1 b=b2',
      attentions: 'b:2A04',
    });
    proves('g1 a=a1 b=b2 EA:a', 'a', request('release', { rk: 0xa1, type: 'EA' }), { state: 'g1 a=a1 b=b2' });
  });

  it('F attention after the holder unregisters, RO: the others', () => {
    proves('g1 a=a1 b=b2 c=c3 WERO:a', 'a', request('register', { rk: 0xa1 }), {
      state: 'g2 b=b2 c=c3',
      attentions: 'b:2A04 c:2A04',
    });
  });

  it('F parameter list length not 24: 1A/00', () => {
    proves('g0', 'a', request('register', { sark: 0xa1, length: 20 }), { answer: sense('05/1a/00') });
  });

  it('F APTPL or ALL_TG_PT set on RESERVE, RELEASE, PREEMPT, CLEAR: ignored', () => {
    const set = { rk: 0xa1, sark: 0xa1, type: 'WE', aptpl: true, allTgPt: true };
    proves('g1 a=a1', 'a', request('reserve', set), { state: 'g1 a=a1 WE:a' });
    proves('g1 a=a1 WE:a', 'a', request('release', set), { state: 'g1 a=a1' });
    proves('g1 a=a1 a2=aa WE:a', 'a', request('preempt', set), { state: 'g2 a=a1 a2=aa WE:a' });
    proves('g1 a=a1', 'a', request('clear', set), { state: 'g2' });
  });

  it('F SPEC_I_PT list with a registered nexus: 26/00; PRgeneration +1 without one', () => {
    const sent = request('register', { sark: 0xa1, specIPt: [transportIdOf('b'), transportIdOf('c')] });
    proves('g1 b=b2', 'a', sent, { answer: sense('05/26/00', { list: 28 }) });
    proves('g1', 'a', sent, { state: 'g2 a=a1 b=a1 c=a1' });
  });

  it('F ALL_TG_PT copies: keep their ISID and change by themselves', () => {
    proves('g1', 'a', request('register', { sark: 0xa1, allTgPt: true }), { state: 'g2 a=a1 a2=a1' });
    proves('g2 a=a1 a2=a1', 'a2', request('register', { rk: 0xa1, sark: 0xa9 }), { state: 'g3 a=a1 a2=a9' });
  });

  it('F READ FULL STATUS, PR IN with a short allocation length: data is whole here, the device server cuts it', () => {
    const { data } = persistentReserveIn(stateOf('g1 a=a1 b=b2'), 3, { aptplSupported: true });
    expect(Buffer.from(data).readUInt32BE(4)).toBe(data.length - 8);
    expect(data.length).toBe(8 + 2 * (24 + transportIdOf('a').length));
  });

  it('F RESERVE(6)/RELEASE(6) while registrations exist: by the CRH rules; PR IN under another’s RESERVE(6): conflict', () => {
    expect(show(reserve(stateOf('g1 a=a1'), idOf('a')))).toMatchObject(CONFLICT);
    expect(show(release(stateOf('g1 a=a1 WE:a'), idOf('a')))).toMatchObject({
      answer: 'GOOD',
      state: 'g1 a=a1 WE:a',
    });
    expect(persistentReserveIn(stateOf('g1 spc2:a'), 0, { aptplSupported: true }).status).toBe(0x18);
  });

  it('F a new session of the same initiator name, another ISID, is another nexus; the same ISID is still registered', () => {
    expect(idOf('a')).toBe('iqn.2026-11.org.example:a,i,0x00023d000061@1');
    proves('g1 a=a1 EA:a', 'b', request('reserve', { rk: 0xa1, type: 'EA' }), CONFLICT);
    proves('g1 a=a1 EA:a', 'a', request('reserve', { rk: 0xa1, type: 'EA' }), {});
  });

  it('F REGISTER AND MOVE without a reservation: 24/00', () => {
    proves('g1 a=a1', 'a', move({ rk: 0xa1, sark: 0xb2 }, transportIdOf('b')), {
      answer: sense('05/24/00', { cdb: 1, bit: 4 }),
    });
  });
});
