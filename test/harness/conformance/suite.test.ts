import { afterEach, describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { iscsiReach } from '../../../harness/conformance/reach/iscsi-reach.js';
import { memoryReach } from '../../../harness/conformance/reach/memory-reach.js';
import { runSuite } from '../../../harness/conformance/run-suite.js';
import type { Reach } from '../../../harness/conformance/reach/reach.js';
import { parseIscsiUrl } from '../../../initiator/index.js';
import { createTarget, type Target } from '../../../target/index.js';

const portal = { host: '127.0.0.1', port: 0 };
let target: Target | undefined;
afterEach(() => target?.close());

async function start(): Promise<Target> {
  target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [portal, portal],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
    nonVolatileMemory: true,
  });
  return target;
}

const suite = (reach: Reach) =>
  runSuite({
    reach,
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

const notPassed = ({ results }: Awaited<ReturnType<typeof suite>>) =>
  results.flatMap(({ case: { id }, outcome }) => (outcome.kind === 'passed' ? [] : [{ id, outcome }]));

describe('the conformance suite on our own target', () => {
  it('passes whole in memory', async () => {
    expect(notPassed(await suite(memoryReach(await start(), 0)))).toEqual([]);
  });

  it('passes whole over sockets', async () => {
    const ours = await start();
    const urls = [ours.urlOf(0, 0), ours.urlOf(0, 1)].map(parseIscsiUrl);
    expect(notPassed(await suite(iscsiReach(urls)))).toEqual([]);
  });
});
