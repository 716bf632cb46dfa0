import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ConformanceCase } from '../../../harness/conformance/case.js';
import { reserveOut } from '../../../harness/conformance/command.js';
import { CONFLICT } from '../../../harness/conformance/expectation.js';
import type { SuiteResult } from '../../../harness/conformance/outcome.js';
import {
  conformanceHtml,
  conformanceJson,
  conformanceJunit,
  suiteLines,
  tapReport,
} from '../../../harness/conformance/report/index.js';
import { runOnQuirks } from '../../../harness/conformance/zoo/run-zoo.js';
import { PLAIN } from '../../../harness/report/style.js';

const good: ConformanceCase = {
  id: 'a.good',
  title: 'Nothing is wrong',
  clause: 'SPC-4 1',
  run: () => Promise.resolve(),
};
const failing: ConformanceCase = {
  id: 'a.failing',
  title: 'REGISTER <conflicts> & does not',
  clause: 'SPC-4 2',
  run: async ({ a }) => {
    await a.expect(CONFLICT, reserveOut('register', { serviceActionReservationKey: 1n }));
  },
};
const skipped: ConformanceCase = { ...good, id: 'a.skipped', needs: [() => 'no # here'] };
const choosing: ConformanceCase = {
  ...good,
  id: 'a.choosing',
  run: (bench) => {
    bench.choose('which way', 'this one');
    return Promise.resolve();
  },
};

const run = { version: '1.2.3', startedAt: new Date('2026-01-02T03:04:05Z') };
const suite = (): Promise<SuiteResult> => runOnQuirks([], [good, failing, skipped, choosing]);

describe('the reports of a suite', () => {
  it('on a terminal show the command of a case that failed, in hex and in words', async () => {
    const text = suiteLines(await suite(), PLAIN).join('\n');
    expect(text).toContain('FAILED a.failing');
    expect(text).toContain('must be: REGISTER <conflicts> & does not (SPC-4 2)');
    expect(text).toContain('CDB       5f 00 00 00 00 00 00 00 18 00');
    expect(text).toContain('data-out  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01');
    expect(text).toContain('expected  RESERVATION CONFLICT\n    received  GOOD');
    expect(text).toContain('which way: this one');
    expect(text).toContain('1: no # here (a.skipped)');
    expect(text).toContain('spc4: 2 passed, 1 failed, 1 skipped');
    // What cleaned up after it is not what the case is about.
    expect(text).not.toContain('CLEAR');
  });

  it('as TAP 14 have a plan, a point for each case, and a YAML block for the one that failed', async () => {
    const text = tapReport(await suite());
    expect(text).toMatch(/^TAP version 14\n/);
    expect(text).toContain('\n1..4\nok 1 - a.good\nnot ok 2 - a.failing\n  ---\n');
    expect(text).toContain('\nok 3 - a.skipped # SKIP no \\# here\n');
    const block = /\n {2}---\n([\s\S]*?)\n {2}\.\.\.\n/.exec(text)?.[1] ?? '';
    expect(parse(block)).toMatchObject({ title: failing.title, clause: 'SPC-4 2' });
  });

  it('as JUnit count, escape and class the cases', async () => {
    const text = conformanceJunit(await suite(), run);
    expect(text).toContain('tests="4" failures="1" errors="0"');
    expect(text).toContain('classname="fencelab.conform.a" name="a.failing"');
    expect(text).toContain('REGISTER &lt;conflicts&gt; &amp; does not');
    expect(text).toContain('<skipped message="no # here"/>');
  });

  it('as JSON have every case, and the bytes of the one that failed', async () => {
    expect(conformanceJson(await suite(), run)).toMatchObject({
      fencelab: '1.2.3',
      startedAt: '2026-01-02T03:04:05.000Z',
      counts: { passed: 2, failed: 1, skipped: 1, targetDied: 0 },
      choices: [{ question: 'which way', answer: 'this one' }],
      cases: [
        { id: 'a.good', outcome: 'passed' },
        {
          id: 'a.failing',
          outcome: 'failed',
          exchanges: [
            {
              initiator: 'A',
              cdb: '5f 00 00 00 00 00 00 00 18 00',
              expected: ['RESERVATION CONFLICT'],
              received: 'GOOD',
            },
          ],
        },
        { id: 'a.skipped', outcome: 'skipped', reason: 'no # here' },
        { id: 'a.choosing' },
      ],
    });
  });

  it('as a page have the failed case, what was left open and what was skipped, escaped', async () => {
    const text = conformanceHtml(await suite(), run);
    expect(text).toContain('✗ FAILED: a.failing');
    expect(text).toContain('REGISTER &lt;conflicts&gt; &amp; does not');
    expect(text).not.toContain('<conflicts>');
    expect(text).toContain('no # here');
    expect(text).toContain('which way');
  });
});
