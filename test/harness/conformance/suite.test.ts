import { describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { iscsiReach } from '../../../harness/conformance/reach/iscsi-reach.js';
import { runSuite } from '../../../harness/conformance/run-suite.js';
import { parseIscsiUrl } from '../../../initiator/index.js';
import type { ConformanceCase } from '../../../harness/conformance/case.js';
import { reserveOut } from '../../../harness/conformance/command.js';
import type { SuiteResult } from '../../../harness/conformance/outcome.js';
import { memoryReach } from '../../../harness/conformance/reach/memory-reach.js';
import type { Reach } from '../../../harness/conformance/reach/reach.js';
import { createTarget, type Target } from '../../../target/index.js';
import { INITIATORS } from './initiators.js';

const portal = { host: '127.0.0.1', port: 0 };

it('finds nothing wrong with our own target over sockets', async () => {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [portal, portal],
    // Thin: it has every command there is, so that no case is skipped.
    logicalUnits: [
      {
        lun: 0,
        medium: { kind: 'memory', sizeBytes: 1 << 20 },
        thin: true,
        registrationsMax: 8,
        sanitizeSeconds: 1,
      },
    ],
    nonVolatileMemory: true,
  });
  try {
    const { results } = await runSuite({
      reach: iscsiReach([target.urlOf(0, 0), target.urlOf(0, 1)].map(parseIscsiUrl), {
        powerCycle: (what) => target.powerCycle({ loseReservations: what === 'lose' }),
      }),
      cases: CASES,
      level: 'spc4',
      registrationsMax: 8,
      write: true,
      force: false,
      initiatorNames: INITIATORS,
      stop: new AbortController().signal,
      now: () => 0,
    });
    const others = results.filter(({ outcome }) => outcome.kind !== 'passed');
    expect(others.map(({ case: { id }, outcome }) => ({ id, outcome }))).toEqual([]);
  } finally {
    await target.close();
  }
}, 120_000);

describe('a suite that may do harm', () => {
  async function withUnits<T>(work: (target: Target) => Promise<T>): Promise<T> {
    const medium = { kind: 'memory', sizeBytes: 1 << 20 } as const;
    const target = await createTarget({
      iqn: 'iqn.2026-11.org.fencelab:array',
      portals: [portal, portal],
      logicalUnits: [
        { lun: 0, medium },
        { lun: 1, medium },
      ],
    });
    try {
      return await work(target);
    } finally {
      await target.close();
    }
  }

  const run = (reach: Reach, cases: readonly ConformanceCase[], force = false): Promise<SuiteResult> =>
    runSuite({
      reach,
      cases,
      level: 'spc4',
      write: false,
      force,
      initiatorNames: INITIATORS,
      stop: new AbortController().signal,
      now: () => 0,
    });

  it('does not begin where the second URL leads to another LU, even with --force', async () => {
    await withUnits(async (target) => {
      const reach = memoryReach(target, 0);
      const astray: Reach = {
        ...reach,
        connect: (port, targetPort) =>
          (targetPort === 0 ? reach : memoryReach(target, 1)).connect(port, targetPort),
      };
      await expect(run(astray, CASES, true)).rejects.toThrow(
        /: A reaches naa\.\w+, A2 naa\.\w+: expected one logical unit for all$/,
      );
      expect(target.reservations(1).prGeneration).toBe(0);
    });
  });

  it('does not begin where both URLs lead to one target port', async () => {
    await withUnits(async (target) => {
      const reach = memoryReach(target, 0);
      const same: Reach = { ...reach, connect: (port) => reach.connect(port, 1) };
      await expect(run(same, CASES)).rejects.toThrow(
        'both URLs lead to target port 2: expected two target ports',
      );
    });
  });

  /** Another host registers while the suite runs. */
  const intruding = (target: Target): readonly ConformanceCase[] => [
    {
      id: 'a.intruded',
      title: 'Somebody registers',
      clause: 'SPC-4 1',
      run: async (bench) => {
        await bench.register(bench.a);
        const initiatorPort = {
          protocol: 'iscsi',
          iscsiName: 'iqn.2026-11.org.fencelab:host',
          isid: 1n,
        } as const;
        const host = target.connectInMemory({ initiatorPort, relativeTargetPortId: 1 }, 0);
        const { cdb, dataOut } = reserveOut('registerAndIgnoreExistingKey', {
          serviceActionReservationKey: 0x123n,
        });
        const options = dataOut === undefined ? {} : { dataOut };
        // The first command meets the attention of the power on.
        await host.execute(cdb, options);
        await host.execute(cdb, options);
      },
    },
    { id: 'a.next', title: 'The next', clause: 'SPC-4 1', run: () => Promise.resolve() },
  ];

  const keysOf = (target: Target): readonly bigint[] =>
    [...target.reservations(0).registrations.values()].map(({ key }) => key);

  it('leaves alone who registers while it runs, takes its own keys back, and stops', async () => {
    await withUnits(async (target) => {
      const { results } = await run(memoryReach(target, 0), intruding(target));
      expect(results.map(({ outcome }) => outcome)).toEqual([
        {
          kind: 'failed',
          finding: {
            message:
              'the suite did not register 0x123, which is registered now: the suite leaves the LU alone, without --force',
          },
        },
        {
          kind: 'skipped',
          reason:
            'the suite did not register 0x123, which is registered now: the suite leaves the LU alone, without --force',
        },
      ]);
      expect(keysOf(target)).toEqual([0x123n]);
    });
  });

  it('clears it with --force, and goes on', async () => {
    await withUnits(async (target) => {
      const { results } = await run(memoryReach(target, 0), intruding(target), true);
      expect(results.map(({ outcome }) => outcome.kind)).toEqual(['passed', 'passed']);
      expect(keysOf(target)).toEqual([]);
    });
  });

  it('can be run again on the same LU: what nexuses of the first run have not heard is no failure', async () => {
    await withUnits(async (target) => {
      const cases = CASES.filter(({ id }) => /isid|two-sessions|before-login/.test(id));
      for (let time = 0; time < 2; time++) {
        const { results } = await run(memoryReach(target, 0), cases);
        expect(results.filter(({ outcome }) => outcome.kind !== 'passed')).toEqual([]);
      }
    });
  });
});
