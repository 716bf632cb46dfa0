import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConformanceCase } from '../../../harness/conformance/case.js';
import { reserveIn, reserveOut } from '../../../harness/conformance/command.js';
import { CONFLICT, GOOD } from '../../../harness/conformance/expectation.js';
import { memoryReach } from '../../../harness/conformance/reach/memory-reach.js';
import type { Reach } from '../../../harness/conformance/reach/reach.js';
import { detailLines } from '../../../harness/conformance/report/details.js';
import { runSuite } from '../../../harness/conformance/run-suite.js';
import { OPERATION_CODE, PR_OUT_SERVICE_ACTION } from '../../../protocol/index.js';
import { createTarget, type Target } from '../../../target/index.js';
import { INITIATORS } from './initiators.js';

const living: ConformanceCase = {
  id: 'a.living',
  title: 'A registration is taken',
  clause: 'SPC-4 5.13.7',
  run: async ({ a }) => {
    await a.expect(GOOD, reserveOut('register', { serviceActionReservationKey: a.key }));
  },
};
const deadly: ConformanceCase = {
  id: 'a.deadly',
  title: 'RELEASE of nothing is GOOD',
  clause: 'SPC-4 5.13.11.2.2',
  run: async ({ b }) => {
    await b.expect(GOOD, reserveOut('register', { serviceActionReservationKey: b.key }));
    await b.expect(GOOD, reserveOut('release', { reservationKey: b.key }));
  },
};

const isOf = (action: 'release' | 'clear', cdb: Uint8Array): boolean =>
  cdb[0] === OPERATION_CODE.persistentReserveOut && cdb[1] === PR_OUT_SERVICE_ACTION[action];

let target: Target;
beforeEach(async () => {
  target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
  });
});
afterEach(() => target.close());

/** The target, which dies of a command: none is answered and nobody logs in until it is started again. */
function dying(
  restart?: (start: () => Promise<void>) => Promise<void>,
  of: 'release' | 'clear' = 'release',
): Reach {
  const reach = memoryReach(target, 0);
  let isDead = false;
  const nobody = () => Promise.reject(new Error('nobody is there'));
  const start = async (): Promise<void> => {
    await target.powerCycle();
    isDead = false;
  };
  return {
    ...reach,
    connect: async (port, targetPort) => {
      if (isDead) return nobody();
      const nexus = await reach.connect(port, targetPort);
      return {
        ...nexus,
        execute: (cdb, options) => {
          isDead ||= isOf(of, cdb);
          return isDead ? nobody() : nexus.execute(cdb, options);
        },
      };
    },
    restart: restart && (() => restart(start)),
  };
}

async function resultsOn(reach: Reach, cases = [living, deadly, { ...living, id: 'a.later' }]) {
  const { results } = await runSuite({
    reach,
    cases,
    level: 'spc4',
    write: false,
    force: false,
    initiatorNames: INITIATORS,
    stop: new AbortController().signal,
    now: () => 0,
  });
  return results;
}

const DIED = { kind: 'targetDied', reason: 'nobody is there; then: nobody is there' };

const outcomesOn = async (reach: Reach) => (await resultsOn(reach)).map(({ outcome }) => outcome);

describe('a target that dies of a case', () => {
  it('is started again, and only that case tells of it', async () => {
    let starts = 0;
    const reach = dying(async (start) => {
      starts++;
      await start();
    });
    expect(await outcomesOn(reach)).toEqual([{ kind: 'passed' }, DIED, { kind: 'passed' }]);
    expect(starts).toBe(1);
  });

  it.each([
    ['release', ['B: PERSISTENT RESERVE OUT, REGISTER', 'B: PERSISTENT RESERVE OUT, RELEASE']],
    [
      'clear',
      ['A: PERSISTENT RESERVE OUT, REGISTER AND IGNORE EXISTING KEY', 'A: PERSISTENT RESERVE OUT, CLEAR'],
    ],
  ] as const)(
    'is shown by the commands that led there, the last one among them, and by none after its restart (%s)',
    async (of, last) => {
      const results = await resultsOn(dying((start) => start(), of));
      const died = results.find(({ outcome }) => outcome.kind === 'targetDied');
      const text = died === undefined ? [] : detailLines(died);
      expect(text.filter((line) => /^[A-C]: /.test(line)).slice(-2)).toEqual(last);
      expect(text).toContain('  received  no status: nobody is there');
    },
  );

  it('in the cleaning after a case that failed is told rather than what failed', async () => {
    const failing: ConformanceCase = {
      ...living,
      run: async (bench) => {
        await living.run(bench);
        await bench.a.expect(CONFLICT, reserveIn('readKeys'));
      },
    };
    const [result] = await resultsOn(dying(undefined, 'clear'), [failing]);
    expect(result?.outcome).toEqual(DIED);
  });

  it('that nobody starts again leaves the rest untried', async () => {
    const skipped = { kind: 'skipped', reason: 'the target died before' };
    expect(await outcomesOn(dying())).toEqual([{ kind: 'passed' }, DIED, skipped]);
  });

  it('that is not there after it was started leaves the rest untried, with the reason', async () => {
    const reason = 'the target died before, and was not there after --restart: nobody is there';
    expect(await outcomesOn(dying(() => Promise.resolve()))).toEqual([
      { kind: 'passed' },
      DIED,
      { kind: 'skipped', reason },
    ]);
  });
});
