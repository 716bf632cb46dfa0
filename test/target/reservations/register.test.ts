import { describe, expect, it } from 'vitest';
import { persistentReserveOut } from '../../../target/reservations/index.js';
import {
  CONFLICT,
  contextOf,
  iscsiTransportId,
  move,
  proves,
  request,
  sense,
  stateOf,
  transportIdOf,
} from './notation.js';

const SPEC_I_PT_FIELD = { answer: sense('05/26/00', { list: 20, bit: 3 }) };

describe('C3: REGISTER', () => {
  it('C3 00 unreg, RK=0, SARK=0: GOOD, nothing (SPEC_I_PT ignored)', () => {
    proves('g4 b=b2 WE:b', 'a', request('register'), { state: 'g5 b=b2 WE:b' });
    proves('g4 b=b2 ptpl', 'a', request('register', { specIPt: [transportIdOf('b')] }), {
      state: 'g5 b=b2 ptpl',
    });
  });

  it('C3 00 unreg, RK=0, SARK≠0: register', () => {
    proves('g0', 'a', request('register', { sark: 0xa1 }), { state: 'g1 a=a1' });
    proves('g7 b=b2 EA:b', 'a', request('register', { sark: 0xa1 }), { state: 'g8 b=b2 a=a1 EA:b' });
  });

  it('C3 00 unreg, RK=0, SARK≠0: register with all 64 bits of the key', () => {
    proves('g0', 'a', request('register', { sark: 0xdeadbeef1a7ebaben }), { state: 'g1 a=deadbeef1a7ebabe' });
  });

  it('C3 00 unreg, RK=0, SARK≠0: SPEC_I_PT registers every listed nexus, with one count', () => {
    proves(
      'g0',
      'a',
      request('register', { sark: 0xa1, specIPt: [transportIdOf('b'), transportIdOf('c')] }),
      {
        state: 'g1 a=a1 b=a1 c=a1',
      },
    );
    proves('g0', 'a2', request('register', { sark: 0xa1, specIPt: [transportIdOf('b')] }), {
      state: 'g1 a2=a1 b2=a1',
    });
    proves(
      'g0',
      'a',
      request('register', { sark: 0xa1, specIPt: [transportIdOf('a'), transportIdOf('a')] }),
      {
        state: 'g1 a=a1',
      },
    );
    proves('g0', 'a', request('register', { sark: 0xa1, specIPt: [] }), { state: 'g1 a=a1' });
    proves('g0', 'a', request('register', { sark: 0xa1, specIPt: [transportIdOf('b')], allTgPt: true }), {
      state: 'g1 a=a1 a2=a1 b=a1 b2=a1',
    });
  });

  it('C3 00 unreg, RK=0, SARK≠0: a name without ISID registers every known port of it', () => {
    const sent = request('register', {
      sark: 0xa1,
      specIPt: [iscsiTransportId(0x05, 'iqn.2026-11.org.example:b')],
    });
    const known = (name: string) => (name === 'iqn.2026-11.org.example:b' ? [7n, 8n] : []);
    proves('g0', 'a', sent, { state: 'g1 a=a1 b+7=a1 b+8=a1' }, { initiatorPortsOf: known });
    proves('g0', 'a', sent, { answer: sense('05/26/00', { list: 28, bit: 7 }) });
  });

  it('C3 00 unreg, RK≠0: RC', () => {
    proves('g1 b=b2', 'a', request('register', { rk: 0xb2, sark: 0xa1 }), CONFLICT);
    proves('g1 b=b2', 'a', request('register', { rk: 1 }), CONFLICT);
  });

  it('C3 00 reg, RK≠own: RC', () => {
    proves('g1 a=a1 b=b2', 'a', request('register', { rk: 0xb2, sark: 0xa9 }), CONFLICT);
    proves('g1 a=a1 b=b2', 'a', request('register', { rk: 0, sark: 0xa9 }), CONFLICT);
    proves('g1 a=a1 b=b2', 'a', request('register', { rk: 0xb2 }), CONFLICT);
  });

  it('C3 00 reg, RK=own, SARK=0: unregister', () => {
    proves('g1 a=a1 b=b2', 'a', request('register', { rk: 0xa1 }), { state: 'g2 b=b2' });
    proves('g1 a=a1', 'a', request('register', { rk: 0xa1 }), { state: 'g2' });
  });

  it('C3 00 reg, RK=own, SARK≠0: change key; reservation untouched by key change', () => {
    proves('g1 a=a1 b=b2 EARO:a', 'a', request('register', { rk: 0xa1, sark: 0xa9 }), {
      state: 'g2 a=a9 b=b2 EARO:a',
    });
    proves('g1 a=a1 b=b2 EARO:a', 'b', request('register', { rk: 0xb2, sark: 0xa1 }), {
      state: 'g2 a=a1 b=a1 EARO:a',
    });
  });

  it('C3 00 reg, RK=own, SPEC_I_PT=1: 05/26/00', () => {
    proves(
      'g1 a=a1',
      'a',
      request('register', { rk: 0xa1, sark: 0xa9, specIPt: [transportIdOf('b')] }),
      SPEC_I_PT_FIELD,
    );
    proves('g1 a=a1', 'a', request('register', { rk: 0xa1, specIPt: [] }), SPEC_I_PT_FIELD);
  });

  it('C3 00 SPEC_I_PT, a listed nexus already registered: 05/26/00, no registration made', () => {
    const sent = request('register', { sark: 0xa1, specIPt: [transportIdOf('c'), transportIdOf('b')] });
    proves('g1 b=b2', 'a', sent, { answer: sense('05/26/00', { list: 28 + transportIdOf('c').length }) });
    // Registered through another target port it is another nexus.
    proves('g1 b2=b2', 'a', sent, { state: 'g2 b2=b2 a=a1 c=a1 b=a1' });
    // With ALL_TG_PT one of the ports is enough.
    const everywhere = request('register', { sark: 0xa1, specIPt: [transportIdOf('b')], allTgPt: true });
    proves('g1 b2=b2', 'a', everywhere, { answer: sense('05/26/00', { list: 28 }) });
  });

  it('C3 TransportID list longer than PLL or cutting a TransportID: 05/26/00', () => {
    const good = request('register', { sark: 0xa1, specIPt: [transportIdOf('b')] }).parameterList;
    const withLength = (length: number): Uint8Array => {
      const list = Buffer.from(good);
      list.writeUInt32BE(length, 24);
      return list;
    };
    const idLength = good.length - 28;
    const sent = (length: number) => request('register', { list: withLength(length) });
    proves('g0', 'a', sent(idLength + 1), { answer: sense('05/26/00', { list: 24 }) });
    proves('g0', 'a', sent(idLength - 1), { answer: sense('05/26/00', { list: 30 }) });
    proves('g0', 'a', sent(20), { answer: sense('05/26/00', { list: 28 }) });
    proves('g0', 'a', request('register', { list: good.subarray(0, 26) }), { answer: sense('05/1a/00') });
  });

  it('C3 TransportID that is none: 05/26/00 with a pointer at its field', () => {
    const sent = (id: Uint8Array) => request('register', { sark: 0xa1, specIPt: [transportIdOf('b'), id] });
    const at = 28 + transportIdOf('b').length;
    const sas = Buffer.alloc(24);
    sas[0] = 0x06;
    proves('g0', 'a', sent(sas), { answer: sense('05/26/00', { list: at, bit: 3 }) });
    proves('g0', 'a', sent(iscsiTransportId(0xc5, 'iqn.x')), {
      answer: sense('05/26/00', { list: at, bit: 7 }),
    });
    proves('g0', 'a', sent(iscsiTransportId(0x45, 'iqn.x')), { answer: sense('05/26/00', { list: at + 4 }) });
  });
});

describe('C3: REGISTER AND IGNORE EXISTING KEY', () => {
  it('C3 06: as 00 with RK ignored', () => {
    const ignore = 'registerAndIgnoreExistingKey';
    proves('g0', 'a', request(ignore, { rk: 0x99, sark: 0xa1 }), { state: 'g1 a=a1' });
    proves('g1 a=a1 b=b2 WE:a', 'a', request(ignore, { rk: 0x99, sark: 0xa9 }), {
      state: 'g2 a=a9 b=b2 WE:a',
    });
    proves('g1 a=a1 b=b2', 'a', request(ignore, { rk: 0x99 }), { state: 'g2 b=b2' });
    proves('g1 b=b2', 'a', request(ignore, { rk: 0x99 }), { state: 'g2 b=b2' });
  });

  it('C3 06: SPEC_I_PT → 26/00', () => {
    const sent = request('registerAndIgnoreExistingKey', { sark: 0xa1, specIPt: [transportIdOf('b')] });
    proves('g0', 'a', sent, SPEC_I_PT_FIELD);
    proves('g0 a=a1', 'a', sent, SPEC_I_PT_FIELD);
  });
});

describe('C3: registering, resources and what is not supported', () => {
  it('C3 00/06 no room: 05/55/04', () => {
    const full = { answer: sense('05/55/04') };
    const two = { registrationsMax: 2 };
    proves('g1 b=b2 c=c3', 'a', request('register', { sark: 0xa1 }), full, two);
    proves('g1 b=b2 c=c3', 'a', request('registerAndIgnoreExistingKey', { sark: 0xa1 }), full, two);
    proves('g1 b=b2', 'a', request('register', { sark: 0xa1, specIPt: [transportIdOf('c')] }), full, two);
    proves('g1 b=b2', 'a', request('register', { sark: 0xa1, allTgPt: true }), full, two);
    proves('g1 b=b2', 'a', request('register', { sark: 0xa1 }), { state: 'g2 b=b2 a=a1' }, two);
    proves(
      'g1 a=a1 b=b2',
      'a',
      request('register', { rk: 0xa1, sark: 0xa9 }),
      { state: 'g2 a=a9 b=b2' },
      two,
    );
  });

  it('C3 ALL_TG_PT=1 / APTPL=1 unsupported (00/06): 05/26/00', () => {
    const refused = { answer: sense('05/26/00', { list: 20, bit: 0 }) };
    const none = { aptplSupported: false };
    proves('g0', 'a', request('register', { sark: 0xa1, aptpl: true }), refused, none);
    proves('g0', 'a', request('registerAndIgnoreExistingKey', { sark: 0xa1, aptpl: true }), refused, none);
    proves('g1 a=a1', 'a', request('register', { rk: 0xa1, aptpl: true }), refused, none);
    proves('g0', 'a', request('register', { sark: 0xa1 }), { state: 'g1 a=a1' }, none);
  });
});

describe('What must be made durable', () => {
  it('is each registration that is added, changed or taken away while APTPL is 1', () => {
    const durable = (before: string, sent: ReturnType<typeof request>, state: string): void => {
      proves(before, 'a', sent, { state, persist: true });
    };
    durable('g1 b=b2 ptpl', request('register', { sark: 0xa1, aptpl: true }), 'g2 b=b2 a=a1 ptpl');
    durable('g1 a=a1 ptpl', request('register', { rk: 0xa1, sark: 0xa9, aptpl: true }), 'g2 a=a9 ptpl');
    durable('g1 a=a1 b=b2 ptpl', request('register', { rk: 0xa1, aptpl: true }), 'g2 b=b2 ptpl');
    const same = request('register', { rk: 0xa1, sark: 0xa1, aptpl: true });
    proves('g1 a=a1 ptpl', 'a', same, { state: 'g2 a=a1 ptpl', persist: false });
  });
});

describe('REGISTER AND MOVE', () => {
  it('takes a TransportID of the least length, 24 bytes', () => {
    const [iscsiName, isid] = ['iqn.x', 0x23dn];
    const outcome = persistentReserveOut(
      stateOf('g1 a=a1 WE:a'),
      move({ rk: 0xa1, sark: 0xc3 }, iscsiTransportId(0x05, iscsiName)),
      contextOf('a', { initiatorPortsOf: (name) => (name === iscsiName ? [isid] : []) }),
    );
    expect(outcome.status).toBe(0);
    expect(outcome.state.reservation?.holder).toBe('iqn.x,i,0x00000000023d@1');
  });
});

describe('ALL_TG_PT', () => {
  it('registers at every target port that exists, with one count', () => {
    proves('g0', 'a', request('register', { sark: 0xa1, allTgPt: true }), { state: 'g1 a=a1 a2=a1' });
    proves('g0', 'a2', request('registerAndIgnoreExistingKey', { sark: 0xa1, allTgPt: true }), {
      state: 'g1 a=a1 a2=a1',
    });
  });

  it('makes registrations that are independent afterwards', () => {
    proves('g1 a=a1 a2=a1', 'a', request('register', { rk: 0xa1, sark: 0xa9 }), { state: 'g2 a=a9 a2=a1' });
    proves('g1 a=a1 a2=a1', 'a2', request('register', { rk: 0xa1 }), { state: 'g2 a=a1' });
  });

  it('changes and removes all registrations of the port where RESERVATION KEY matches each: decision 4', () => {
    proves('g1 a=a1 a2=a1 b=b2', 'a', request('register', { rk: 0xa1, sark: 0xa9, allTgPt: true }), {
      state: 'g2 a=a9 a2=a9 b=b2',
    });
    proves('g1 a=a1 a2=a1 b=b2', 'a', request('register', { rk: 0xa1, allTgPt: true }), { state: 'g2 b=b2' });
    proves('g1 a=a1 b=b2', 'a', request('register', { rk: 0xa1, sark: 0xa9, allTgPt: true }), {
      state: 'g2 a=a9 b=b2 a2=a9',
    });
  });

  it('is a conflict where the key of another port differs, and nothing changes: decision 4', () => {
    proves('g1 a=a1 a2=aa', 'a', request('register', { rk: 0xa1, sark: 0xa9, allTgPt: true }), CONFLICT);
    proves('g1 a2=aa', 'a', request('register', { sark: 0xa1, allTgPt: true }), CONFLICT);
    proves('g1 a2=aa', 'a', request('register', { allTgPt: true }), CONFLICT);
  });

  it('with REGISTER AND IGNORE sets or removes every key of the port: decision 4', () => {
    const ignore = 'registerAndIgnoreExistingKey';
    proves('g1 a2=aa b=b2', 'a', request(ignore, { sark: 0xa1, allTgPt: true }), {
      state: 'g2 a2=a1 b=b2 a=a1',
    });
    proves('g1 a2=aa b=b2 WERO:a2', 'a', request(ignore, { allTgPt: true }), {
      state: 'g2 b=b2',
      attentions: 'b:2A04',
    });
  });
});
