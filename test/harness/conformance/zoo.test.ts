import { describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { memoryReach } from '../../../harness/conformance/reach/memory-reach.js';
import { runSuite } from '../../../harness/conformance/run-suite.js';
import { createTarget, QUIRKS } from '../../../target/index.js';

/** Ids of the cases that fail on a target with these quirks. */
async function caught(quirks: readonly string[]): Promise<readonly string[]> {
  const portal = { host: '127.0.0.1', port: 0 };
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [portal, portal],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
    nonVolatileMemory: true,
    quirks,
  });
  try {
    const { results } = await runSuite({
      reach: memoryReach(target, 0),
      cases: CASES,
      level: 'spc4',
      write: true,
      force: false,
      initiatorNames: [
        'iqn.2026-11.org.fencelab:a',
        'iqn.2026-11.org.fencelab:b',
        'iqn.2026-11.org.fencelab:c',
      ],
      stop: new AbortController().signal,
      now: () => 0,
    });
    return results.flatMap(({ case: { id }, outcome }) => (outcome.kind === 'passed' ? [] : [id]));
  } finally {
    await target.close();
  }
}

describe('every quirk is caught by a case', () => {
  it.each(QUIRKS.map(({ name }) => name))('%s', async (name) => {
    expect(await caught([name])).not.toEqual([]);
  });
});
