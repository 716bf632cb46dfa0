import { describe, expect, it } from 'vitest';
import type { ConformanceCase } from '../../../harness/conformance/case.js';
import { memoryReach } from '../../../harness/conformance/reach/memory-reach.js';
import type { Reach } from '../../../harness/conformance/reach/reach.js';
import { runSuite } from '../../../harness/conformance/run-suite.js';
import { untilThere } from '../../../harness/conformance/until-there.js';
import { createTarget } from '../../../target/index.js';
import { INITIATORS } from './initiators.js';

const nothing: ConformanceCase = {
  id: 'a.nothing',
  title: 'Nothing is wrong',
  clause: 'SPC-4 1',
  run: () => Promise.resolve(),
};
const cycling: ConformanceCase = {
  ...nothing,
  id: 'a.cycling',
  run: async (bench) => {
    await bench.powerCycle();
    bench.expectEqual('PRGENERATION', await bench.generation(), 0);
  },
};

/** Runs cases on a target in memory; `stop` is asked after each. */
async function run(
  cases: readonly ConformanceCase[],
  {
    reach = (plain) => plain,
    stopAfterFirst = false,
  }: { reach?: (plain: Reach) => Reach; stopAfterFirst?: boolean },
): ReturnType<typeof runSuite> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
  });
  const stopped = new AbortController();
  try {
    return await runSuite({
      reach: reach(memoryReach(target, 0)),
      cases,
      level: 'spc4',
      write: false,
      force: false,
      initiatorNames: INITIATORS,
      stop: stopped.signal,
      now: () => 0,
      onResult: () => {
        if (stopAfterFirst) stopped.abort();
      },
    });
  } finally {
    await target.close();
  }
}

it('a suite that is stopped tells how many cases it did not reach', async () => {
  const { results, notRun } = await run([nothing, nothing, nothing], { stopAfterFirst: true });
  expect(results).toHaveLength(1);
  expect(notRun).toBe(2);
  expect(await run([nothing], {})).toMatchObject({ notRun: 0 });
});

describe('after a power cycle', () => {
  it('a suite waits until the target takes logins again', async () => {
    let refused = -1;
    const slow = (plain: Reach): Reach => ({
      ...plain,
      powerCycle: async (what) => {
        await plain.powerCycle?.(what);
        refused = 0;
      },
      connect: (port, targetPort) =>
        refused === 0
          ? Promise.reject(new Error(`still booting ${++refused}`))
          : plain.connect(port, targetPort),
    });
    const { results } = await run([cycling], { reach: slow });
    expect(results.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
    expect(refused).toBe(1);
  });

  it('a suite waits until the LU is ready', async () => {
    const notReady = { status: 2, sense: Buffer.from('7000020000000000000000000401000000000000', 'hex') };
    let answers = 0;
    const slow = (plain: Reach): Reach => ({
      ...plain,
      powerCycle: async (what) => {
        await plain.powerCycle?.(what);
        answers = 1;
      },
      connect: async (port, targetPort) => {
        const nexus = await plain.connect(port, targetPort);
        return {
          ...nexus,
          execute: async (cdb, options) => {
            const result = await nexus.execute(cdb, options);
            return answers-- > 0 ? { ...result, ...notReady } : result;
          },
        };
      },
    });
    const { results } = await run([cycling], { reach: slow });
    expect(results.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
  });

  it('a target that does not come back is given up after five minutes', async () => {
    let nowMs = 0;
    const patience = {
      now: () => nowMs,
      wait: (durationMs: number) => Promise.resolve((nowMs += durationMs)),
    };
    let attempts = 0;
    await expect(untilThere(() => Promise.reject(new Error(`no ${++attempts}`)), patience)).rejects.toThrow(
      'no 601',
    );
    expect(nowMs).toBe(300_000);
  });
});
