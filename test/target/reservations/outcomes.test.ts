import { describe, it } from 'vitest';
import {
  CONFLICT,
  iscsiTransportId,
  move,
  proves,
  request,
  sense,
  transportIdOf,
  TYPE_CODE,
} from './notation.js';

const types = Object.keys(TYPE_CODE);
const oneHolder = ['WE', 'EA', 'WERO', 'EARO'];
const allRegistrants = ['WEAR', 'EAAR'];
const INVALID_TYPE = { answer: sense('05/24/00', { cdb: 2, bit: 3 }) };
const INVALID_SCOPE = { answer: sense('05/24/00', { cdb: 2, bit: 7 }) };
const INVALID_SARK = { answer: sense('05/26/00', { list: 8 }) };

describe('C3: RESERVE', () => {
  it.each(oneHolder)('C3 01 no reservation: GOOD, sender holds (%s)', (type) => {
    proves('g1 a=a1 b=b2', 'a', request('reserve', { rk: 0xa1, type }), { state: `g1 a=a1 b=b2 ${type}:a` });
  });

  it.each(allRegistrants)('C3 01 no reservation: GOOD, all registered hold (%s)', (type) => {
    proves('g1 a=a1 b=b2', 'a', request('reserve', { rk: 0xa1, type }), { state: `g1 a=a1 b=b2 ${type}:*` });
  });

  it.each(oneHolder)('C3 01 held by another (RO included): RC (%s)', (type) => {
    for (const asked of types) {
      proves(`g1 a=a1 b=b2 ${type}:b`, 'a', request('reserve', { rk: 0xa1, type: asked }), CONFLICT);
    }
  });

  it('C3 01 by holder, other type or scope: RC', () => {
    for (const held of types) {
      const holder = allRegistrants.includes(held) ? '*' : 'a';
      for (const asked of types.filter((type) => type !== held)) {
        proves(
          `g1 a=a1 b=b2 ${held}:${holder}`,
          'a',
          request('reserve', { rk: 0xa1, type: asked }),
          CONFLICT,
        );
      }
    }
  });

  it('C3 01 by holder, same: GOOD, no change', () => {
    for (const type of oneHolder) {
      proves(`g1 a=a1 b=b2 ${type}:a ptpl`, 'a', request('reserve', { rk: 0xa1, type }), {});
    }
    for (const type of allRegistrants) {
      proves(`g1 a=a1 b=b2 ${type}:*`, 'b', request('reserve', { rk: 0xb2, type }), {});
    }
  });
});

describe('C3: RELEASE', () => {
  it('C3 02 none, or registered non-holder: GOOD no-op, registrations stay', () => {
    proves('g1 a=a1 b=b2', 'a', request('release', { rk: 0xa1, type: 'WE' }), {});
    for (const type of oneHolder) {
      proves(`g1 a=a1 b=b2 ${type}:b`, 'a', request('release', { rk: 0xa1, type }), {});
      proves(`g1 a=a1 b=b2 ${type}:b`, 'a', request('release', { rk: 0xa1, type: 'EAAR' }), {});
    }
  });

  it('C3 02 holder: the reservation goes, registrations stay', () => {
    for (const type of ['WE', 'EA']) {
      proves(`g1 a=a1 b=b2 ${type}:a`, 'a', request('release', { rk: 0xa1, type }), {
        state: 'g1 a=a1 b=b2',
      });
    }
    for (const type of ['WERO', 'EARO']) {
      proves(`g1 a=a1 b=b2 ${type}:a`, 'a', request('release', { rk: 0xa1, type }), {
        state: 'g1 a=a1 b=b2',
        attentions: 'b:2A04',
      });
    }
    for (const type of allRegistrants) {
      proves(`g1 a=a1 b=b2 ${type}:*`, 'b', request('release', { rk: 0xb2, type }), {
        state: 'g1 a=a1 b=b2',
        attentions: 'a:2A04',
      });
    }
  });

  it('C3 02 holder, SCOPE/TYPE mismatch: 05/26/04 INVALID RELEASE OF PERSISTENT RESERVATION', () => {
    for (const held of types) {
      const holder = allRegistrants.includes(held) ? '*' : 'a';
      for (const type of types.filter((other) => other !== held)) {
        proves(`g1 a=a1 b=b2 ${held}:${holder}`, 'a', request('release', { rk: 0xa1, type }), {
          answer: sense('05/26/04'),
        });
      }
    }
  });
});

describe('C3: CLEAR', () => {
  it('C3 03: release + drop all keys; PRgen+1; ignores SCOPE/TYPE; running commands go on', () => {
    for (const held of ['WE:a', 'EARO:b', 'WEAR:*']) {
      proves(`g1 a=a1 b=b2 c=c3 ${held}`, 'a', request('clear', { rk: 0xa1, type: 0xf, scope: 0xf }), {
        state: 'g2',
        attentions: 'b:2A03 c:2A03',
      });
    }
    proves('g1 a=a1 b=b2', 'b', request('clear', { rk: 0xb2 }), { state: 'g2', attentions: 'a:2A03' });
  });
});

describe('C3: PREEMPT', () => {
  it('C3 04/05 unregistered, or RK≠own: RC', () => {
    for (const action of ['preempt', 'preemptAndAbort'] as const) {
      proves('g1 b=b2 WE:b', 'a', request(action, { rk: 0, sark: 0xb2, type: 'WE' }), CONFLICT);
      proves('g1 b=b2 WE:b', 'a', request(action, { rk: 0xb2, sark: 0xb2, type: 'WE' }), CONFLICT);
      proves('g1 a=a1 b=b2 WE:b', 'a', request(action, { rk: 0xb2, sark: 0xb2, type: 'WE' }), CONFLICT);
    }
  });

  it('C3 04 SARK matches no key: RC', () => {
    for (const held of ['', ' WE:a', ' EARO:b', ' WEAR:*']) {
      for (const action of ['preempt', 'preemptAndAbort'] as const) {
        proves(`g1 a=a1 b=b2${held}`, 'a', request(action, { rk: 0xa1, sark: 0x99, type: 'WE' }), CONFLICT);
      }
    }
  });

  it('C3 04 AR, SARK=0: drop all others, release, new reservation for the sender', () => {
    for (const held of allRegistrants) {
      for (const type of types) {
        const holder = allRegistrants.includes(type) ? '*' : 'a';
        proves(`g1 a=a1 b=b2 c=c3 ${held}:*`, 'a', request('preempt', { rk: 0xa1, type }), {
          state: `g2 a=a1 ${type}:${holder}`,
          attentions: 'b:2A05 c:2A05',
        });
      }
    }
    proves('g1 a=a1 b=b2 WEAR:*', 'a', request('preempt', { rk: 0xa1, type: 2 }), INVALID_TYPE);
    proves('g1 a=a1 b=b2 WEAR:*', 'a', request('preempt', { rk: 0xa1, type: 'WE', scope: 1 }), INVALID_SCOPE);
  });

  it('C3 04 AR, SARK≠0: drop only those keys; reservation stays while any registrant remains', () => {
    proves('g1 a=a1 b=b2 c=c3 WEAR:*', 'a', request('preempt', { rk: 0xa1, sark: 0xb2, type: 'EA' }), {
      state: 'g2 a=a1 c=c3 WEAR:*',
      attentions: 'b:2A05',
    });
    proves(
      'g1 a=a1 b=b2 c=b2 EAAR:*',
      'a',
      request('preempt', { rk: 0xa1, sark: 0xb2, type: 0xf, scope: 0xf }),
      {
        state: 'g2 a=a1 EAAR:*',
        attentions: 'b:2A05 c:2A05',
      },
    );
    proves('g1 a=a1 b=a1 WEAR:*', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'WEAR' }), {
      state: 'g2',
      attentions: 'b:2A05',
    });
  });

  it('C3 04 non-AR, SARK=0: 05/26/00', () => {
    for (const type of oneHolder) {
      proves(`g1 a=a1 b=b2 ${type}:b`, 'a', request('preempt', { rk: 0xa1, type }), INVALID_SARK);
      proves(`g1 a=a1 b=b2 ${type}:a`, 'a', request('preemptAndAbort', { rk: 0xa1, type }), INVALID_SARK);
    }
  });

  it('C3 04 no reservation, SARK=0: 05/26/00, decision 1', () => {
    proves('g1 a=a1 b=b2', 'a', request('preempt', { rk: 0xa1, type: 'WE' }), INVALID_SARK);
    proves('g1 a=a1 b=b2', 'a', request('preemptAndAbort', { rk: 0xa1, type: 'WE' }), INVALID_SARK);
  });

  it("C3 04 SARK = holder's key: replace reservation, drop all nexuses with that key except sender", () => {
    for (const held of oneHolder) {
      for (const type of types) {
        const holder = allRegistrants.includes(type) ? '*' : 'a';
        proves(`g1 a=a1 b=b2 b2=b2 ${held}:b`, 'a', request('preempt', { rk: 0xa1, sark: 0xb2, type }), {
          state: `g2 a=a1 ${type}:${holder}`,
          attentions: 'b:2A05 b2:2A05',
        });
      }
    }
    proves('g1 a=a1 b=b2 WE:b', 'a', request('preempt', { rk: 0xa1, sark: 0xb2, type: 2 }), INVALID_TYPE);
    proves(
      'g1 a=a1 b=b2 WE:b',
      'a',
      request('preempt', { rk: 0xa1, sark: 0xb2, type: 1, scope: 2 }),
      INVALID_SCOPE,
    );
  });

  it('C3 04 SARK = other key: drop those, SCOPE/TYPE ignored (even invalid type OK)', () => {
    proves(
      'g1 a=a1 b=b2 c=c3 WE:a',
      'a',
      request('preempt', { rk: 0xa1, sark: 0xb2, type: 0xf, scope: 0xf }),
      {
        state: 'g2 a=a1 c=c3 WE:a',
        attentions: 'b:2A05',
      },
    );
    proves('g1 a=a1 b=b2 c=b2 a2=aa EARO:a2', 'a', request('preempt', { rk: 0xa1, sark: 0xb2, type: 0 }), {
      state: 'g2 a=a1 a2=aa EARO:a2',
      attentions: 'b:2A05 c:2A05',
    });
    proves('g1 a=a1 b=b2', 'a', request('preempt', { rk: 0xa1, sark: 0xb2, type: 0 }), {
      state: 'g2 a=a1',
      attentions: 'b:2A05',
    });
  });

  it('C3 04 RK=SARK own, non-AR holder: re-reserve (type may change), registration kept', () => {
    proves('g1 a=a1 b=b2 WE:a', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'WE' }), {
      state: 'g2 a=a1 b=b2 WE:a',
    });
    proves('g1 a=a1 b=b2 WE:a', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'EAAR' }), {
      state: 'g2 a=a1 b=b2 EAAR:*',
      attentions: 'b:2A04',
    });
  });

  it('C3 04 RK=SARK own, not holder / no reservation / AR: own registration is removed too, no UA to self', () => {
    proves('g1 a=a1 b=b2 EARO:b', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'EARO' }), {
      state: 'g2 b=b2 EARO:b',
    });
    proves('g1 a=a1 a2=a1 b=b2', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'EARO' }), {
      state: 'g2 b=b2',
      attentions: 'a2:2A05',
    });
    proves('g1 a=a1 b=b2 WEAR:*', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'WEAR' }), {
      state: 'g2 b=b2 WEAR:*',
    });
  });

  it('C3 04 RK=SARK, two nexuses share key, one holds: others with the key dropped, sender takes it', () => {
    proves('g1 a=a1 a2=a1 b=b2 EARO:a2', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'EARO' }), {
      state: 'g2 a=a1 b=b2 EARO:a',
      attentions: 'a2:2A05',
    });
    proves('g1 a=a1 a2=a1 b=b2 EARO:a', 'a', request('preempt', { rk: 0xa1, sark: 0xa1, type: 'WERO' }), {
      state: 'g2 a=a1 b=b2 WERO:a',
      attentions: 'a2:2A05 b:2A04',
    });
  });
});

describe('C3: PREEMPT AND ABORT', () => {
  it('C3 05: 04 + abort all commands of every nexus with SARK, holder or not', () => {
    proves('g1 a=a1 b=b2 c=c3 WE:b', 'a', request('preemptAndAbort', { rk: 0xa1, sark: 0xb2, type: 'EA' }), {
      state: 'g2 a=a1 c=c3 EA:a',
      attentions: 'b:2A05 c:2A04',
      abort: 'b',
    });
    proves('g1 a=a1 b=b2 c=b2 WE:a', 'a', request('preemptAndAbort', { rk: 0xa1, sark: 0xb2, type: 0 }), {
      state: 'g2 a=a1 WE:a',
      attentions: 'b:2A05 c:2A05',
      abort: 'b c',
    });
    proves('g1 a=a1 b=b2 WEAR:*', 'a', request('preemptAndAbort', { rk: 0xa1, sark: 0xb2, type: 0 }), {
      state: 'g2 a=a1 WEAR:*',
      attentions: 'b:2A05',
      abort: 'b',
    });
  });

  it('C3 05: one that fails aborts nothing', () => {
    proves('g1 a=a1 b=b2 WE:b', 'a', request('preemptAndAbort', { rk: 0xa1, type: 'WE' }), INVALID_SARK);
    for (const held of ['WE:b', 'WEAR:*']) {
      const sark = held === 'WE:b' ? 0xb2 : 0;
      const sent = request('preemptAndAbort', { rk: 0xa1, sark, type: 2 });
      proves(`g1 a=a1 b=b2 ${held}`, 'a', sent, INVALID_TYPE);
    }
  });

  it("C3 05: the sender's own commands too where its key is SARK (all registered if AR+0)", () => {
    proves('g1 a=a1 a2=a1 b=b2 WE:a', 'a', request('preemptAndAbort', { rk: 0xa1, sark: 0xa1, type: 'WE' }), {
      state: 'g2 a=a1 b=b2 WE:a',
      attentions: 'a2:2A05',
      abort: 'a a2',
    });
    proves('g1 a=a1 b=b2 c=c3 EAAR:*', 'b', request('preemptAndAbort', { rk: 0xb2, type: 'EA' }), {
      state: 'g2 b=b2 EA:b',
      attentions: 'a:2A05 c:2A05',
      abort: 'a b c',
    });
  });
});

describe('C3: REGISTER AND MOVE', () => {
  const toC = transportIdOf('c');
  const held = 'g1 a=a1 b=b2 WERO:a';

  it('C3 07 unreg: RC', () => {
    proves('g1 b=b2 WERO:b', 'a', move({ rk: 0, sark: 0xc3 }, toC), CONFLICT);
  });

  it('C3 07 reg not holder; wrong RK: RC', () => {
    proves(held, 'b', move({ rk: 0xb2, sark: 0xc3 }, toC), CONFLICT);
    proves(held, 'a', move({ rk: 0xb2, sark: 0xc3 }, toC), CONFLICT);
  });

  it('C3 07 AR reservation: RC', () => {
    proves('g1 a=a1 b=b2 WEAR:*', 'a', move({ rk: 0xa1, sark: 0xc3 }, toC), CONFLICT);
  });

  it('C3 07 no reservation: 05/24/00, decision 3', () => {
    proves('g1 a=a1', 'a', move({ rk: 0xa1, sark: 0xc3 }, toC), {
      answer: sense('05/24/00', { cdb: 1, bit: 4 }),
    });
  });

  it('C3 07 SARK=0: 05/26/00', () => {
    proves(held, 'a', move({ rk: 0xa1, sark: 0 }, toC), INVALID_SARK);
  });

  it('C3 07 TransportID = own initiator port: 05/26/00', () => {
    const own = { answer: sense('05/26/00', { list: 24 }) };
    proves(held, 'a', move({ rk: 0xa1, sark: 0xc3 }, transportIdOf('a')), own);
    proves(held, 'a', move({ rk: 0xa1, sark: 0xc3, port: 2 }, transportIdOf('a')), own);
  });

  it('C3 07 length field beyond PLL / truncation: 05/26/00', () => {
    const length = { answer: sense('05/26/00', { list: 20 }) };
    for (const idLength of [toC.length + 4, 20, 0, 26, 0xffff_fffc]) {
      proves(held, 'a', move({ rk: 0xa1, sark: 0xc3, idLength }, toC), length);
    }
    // The TransportID itself says that it is longer.
    proves(held, 'a', move({ rk: 0xa1, sark: 0xc3, idLength: toC.length - 4 }, toC), {
      answer: sense('05/26/00', { list: 26 }),
    });
  });

  it('C3 07 what else cannot be a destination: 05/26/00', () => {
    proves(held, 'a', move({ rk: 0xa1, sark: 0xc3, port: 3 }, toC), {
      answer: sense('05/26/00', { list: 18 }),
    });
    const name = iscsiTransportId(0x05, 'iqn.2026-11.org.example:c');
    const several = { initiatorPortsOf: () => [1n, 2n] };
    proves(
      held,
      'a',
      move({ rk: 0xa1, sark: 0xc3 }, name),
      { answer: sense('05/26/00', { list: 24, bit: 7 }) },
      several,
    );
  });

  it('C3 07 APTPL=1 unsupported: 05/26/00; no room: 05/55/04', () => {
    const sent = move({ rk: 0xa1, sark: 0xc3, aptpl: true }, toC);
    proves(held, 'a', sent, { answer: sense('05/26/00', { list: 17, bit: 0 }) }, { aptplSupported: false });
    const two = { registrationsMax: 2 };
    proves(held, 'a', move({ rk: 0xa1, sark: 0xc3 }, toC), { answer: sense('05/55/04') }, two);
    proves(
      held,
      'a',
      move({ rk: 0xa1, sark: 0xc3, unreg: true }, toC),
      { state: 'g2 b=b2 c=c3 WERO:c' },
      two,
    );
  });

  it('C3 07 ok: dest registered (or rekeyed, no error) with SARK; reservation moved with old type/scope', () => {
    for (const type of oneHolder) {
      proves(`g1 a=a1 b=b2 ${type}:a`, 'a', move({ rk: 0xa1, sark: 0xc3 }, toC), {
        state: `g2 a=a1 b=b2 c=c3 ${type}:c`,
      });
    }
    proves(held, 'a', move({ rk: 0xa1, sark: 0xb9 }, transportIdOf('b')), { state: 'g2 a=a1 b=b9 WERO:b' });
    proves(held, 'a', move({ rk: 0xa1, sark: 0xc3, port: 2 }, transportIdOf('b')), {
      state: 'g2 a=a1 b=b2 b2=c3 WERO:b2',
    });
    const known = { initiatorPortsOf: () => [0x00023d000063n] };
    proves(
      held,
      'a',
      move({ rk: 0xa1, sark: 0xc3 }, iscsiTransportId(0x05, 'iqn.2026-11.org.example:c')),
      {
        state: 'g2 a=a1 b=b2 c=c3 WERO:c',
      },
      known,
    );
  });

  it('C3 07 ok: UNREG=1 drops sender; no UA', () => {
    proves(held, 'a', move({ rk: 0xa1, sark: 0xc3, unreg: true }, toC), { state: 'g2 b=b2 c=c3 WERO:c' });
  });
});

describe('C3: REPLACE LOST RESERVATION', () => {
  const replace = (fields: Parameters<typeof request>[1] = {}) =>
    request('replaceLostReservation', { sark: 0xa1, type: 'EARO', ...fields });

  it('C3 08 no loss detected: 05/26/04', () => {
    const noLoss = { answer: sense('05/26/04') };
    proves('g1', 'a', replace(), noLoss);
    proves('g1 b=b2', 'a', replace(), noLoss);
    proves('g1 a=a1 b=b2 WE:b', 'a', replace(), noLoss);
    // SPC-4 table 66.
    proves('g1 b=b2 WE:b', 'a', replace(), CONFLICT);
  });

  it('C3 08 loss: drop all without UA, register sender with SARK, release, reserve, PRgen=0', () => {
    proves('g7 lost', 'a', replace(), { state: 'g0 a=a1 EARO:a', persist: true });
    proves('g7 lost', 'a', replace({ type: 'WEAR', aptpl: true }), {
      state: 'g0 a=a1 WEAR:* ptpl',
      persist: true,
    });
    // ALL_TG_PT is ignored: decision 6.
    proves('g7 lost', 'a', replace({ allTgPt: true }), { state: 'g0 a=a1 EARO:a', persist: true });
  });

  it('C3 08 loss, but fields that cannot be: decision 10', () => {
    proves('g0 lost', 'a', replace({ rk: 1 }), { answer: sense('05/26/00', { list: 0 }) });
    proves('g0 lost', 'a', replace({ sark: 0 }), INVALID_SARK);
    proves('g0 lost', 'a', replace({ type: 4 }), INVALID_TYPE);
    proves('g0 lost', 'a', replace({ scope: 1 }), INVALID_SCOPE);
    proves('g0 lost', 'a', replace({ specIPt: [] }), { answer: sense('05/26/00', { list: 20, bit: 3 }) });
    proves(
      'g0 lost',
      'a',
      replace({ aptpl: true }),
      { answer: sense('05/26/00', { list: 20, bit: 0 }) },
      {
        aptplSupported: false,
      },
    );
  });
});
