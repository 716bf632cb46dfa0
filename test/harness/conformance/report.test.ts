import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ConformanceCase } from '../../../harness/conformance/case.js';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { reserveOut } from '../../../harness/conformance/command.js';
import { CaseFailure } from '../../../harness/conformance/exchange.js';
import { CONFLICT } from '../../../harness/conformance/expectation.js';
import { isConforming, type SuiteResult } from '../../../harness/conformance/outcome.js';
import {
  conformanceHtml,
  conformanceJson,
  conformanceJunit,
  suiteLines,
  tapReport,
} from '../../../harness/conformance/report/index.js';
import { choicesOf } from '../../../harness/conformance/report/counts.js';
import { selectCases } from '../../../harness/conformance/select.js';
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
    await a.expect(CONFLICT, reserveOut('register', { serviceActionReservationKey: 0x66656e6300000001n }));
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
    expect(text).toContain('case:   REGISTER <conflicts> & does not (SPC-4 2)');
    expect(text).toContain('CDB       5f 00 00 00 00 00 00 00 18 00');
    expect(text).toContain('data-out  00 00 00 00 00 00 00 00 66 65 6e 63 00 00 00 01');
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
    // `|-` stops the YAML reader of Perl's TAP::Parser, and with it prove.
    expect(block).toContain('\n  exchanges: |\n');
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
      counts: { passed: 2, failed: 1, skipped: 1, targetDied: 0, notRun: 0 },
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

describe('the reports of cases that found the same', () => {
  const alike = (id: string): ConformanceCase => ({
    ...failing,
    id,
    run: async ({ b }) => {
      await b.expect(CONFLICT, reserveOut('register', { serviceActionReservationKey: 0x66656e6300000002n }));
    },
  });
  const cases = [
    { ...failing, id: 'a.other', run: () => Promise.reject(new CaseFailure({ message: 'else' })) },
  ];
  const several = (): Promise<SuiteResult> =>
    runOnQuirks([], [...cases, failing, ...['b.1', 'b.2', 'b.3'].map(alike)]);

  it('name it once, whoever sent the command, what most found first', async () => {
    const text = suiteLines(await several(), PLAIN).join('\n');
    expect(text).toContain(
      'Failed, by what was found:\n' +
        '  4: PERSISTENT RESERVE OUT, REGISTER: expected RESERVATION CONFLICT, received GOOD (a.failing b.1 b.2 ...)\n' +
        '  1: else (a.other)\n',
    );
    const page = conformanceHtml(await several(), run);
    expect(page).toContain('<tr><td>1<td>else<td><a href="#a.other">a.other</a>');
    expect(page).toContain('<a href="#b.3">b.3</a>');
  });

  it('say nothing of it where nothing failed', async () => {
    const suite = await runOnQuirks([], [good]);
    expect(suiteLines(suite, PLAIN).join('\n')).not.toContain('what was found');
    expect(conformanceHtml(suite, run)).not.toContain('What was found');
  });
});

it('what the standard leaves open is named so that one target has one answer to it', async () => {
  const { results } = await runOnQuirks([], selectCases(CASES, ['cdb.*', 'parameter-list.*']));
  const questions = choicesOf(results).map(({ question }) => question);
  expect(questions.length).toBeGreaterThan(9);
  expect(questions.filter((question, index) => questions.indexOf(question) !== index)).toEqual([]);
});

describe('the reports of a suite that was stopped', () => {
  const stopped = async (): Promise<SuiteResult> => ({ ...(await runOnQuirks([], [good])), notRun: 41 });
  const words = 'interrupted after 1 of 42 cases';

  it('do not look whole', async () => {
    const suite = await stopped();
    expect(isConforming(suite)).toBe(false);
    expect(suiteLines(suite, PLAIN).join('\n')).toContain(`1 passed, 0 failed, 0 skipped, ${words}`);
    expect(tapReport(suite)).toMatch(new RegExp(`\\n1\\.\\.42\\nok 1 - a\\.good\\nBail out! ${words}\\n$`));
    expect(conformanceJunit(suite, run)).toContain('tests="2" failures="0" errors="1"');
    expect(conformanceJunit(suite, run)).toContain(`<error message="${words}" type="interrupted"/>`);
    expect(conformanceJson(suite, run)).toMatchObject({ counts: { passed: 1, notRun: 41 } });
    expect(conformanceHtml(suite, run)).toContain(
      `✗ not at its end</strong>: 1 passed, 0 failed, 0 skipped, ${words}.`,
    );
  });
});
