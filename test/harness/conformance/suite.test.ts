import { expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { iscsiReach } from '../../../harness/conformance/reach/iscsi-reach.js';
import { runSuite } from '../../../harness/conformance/run-suite.js';
import { parseIscsiUrl } from '../../../initiator/index.js';
import { createTarget } from '../../../target/index.js';

const portal = { host: '127.0.0.1', port: 0 };

it('finds nothing wrong with our own target over sockets', async () => {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [portal, portal],
    // Thin: it has every command there is, so that no case is skipped.
    logicalUnits: [
      { lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 }, thin: true, sanitizeSeconds: 1 },
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
    const others = results.filter(({ outcome }) => outcome.kind !== 'passed');
    expect(others.map(({ case: { id }, outcome }) => ({ id, outcome }))).toEqual([]);
  } finally {
    await target.close();
  }
}, 120_000);
