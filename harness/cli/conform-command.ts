import { parseIscsiUrl } from '../../initiator/index.js';
import type { Level } from '../conformance/case.js';
import { CASES } from '../conformance/cases/index.js';
import { isConforming } from '../conformance/outcome.js';
import { iscsiReach } from '../conformance/reach/iscsi-reach.js';
import { suiteLines } from '../conformance/report/terminal.js';
import { runSuite } from '../conformance/run-suite.js';
import { selectCases } from '../conformance/select.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';

/** The arguments of `fencelab conform` as they were typed. */
export interface ConformArguments {
  /** One URL for each target port of the LU. */
  readonly urls: readonly string[];
  readonly level: Level;
  readonly only?: readonly string[];
  readonly write?: true;
  readonly force?: true;
  readonly list?: true;
}

const INITIATORS = ['a', 'b', 'c'].map((letter) => `iqn.2026-11.org.fencelab:conform-${letter}`);

/** Holds a target to the standard: exit status 0 if nothing failed, 1 if something did. */
export async function runConform(typed: ConformArguments, context: CliContext): Promise<number> {
  const cases = selectCases(CASES, typed.only ?? []);
  if (cases.length === 0) throw new UsageError('--only: no case has such an id: --list lists them');
  if (typed.list === true) {
    for (const { id } of cases) context.stdout.write(`${id}\n`);
    return EXIT.asExpected;
  }
  if (typed.urls.length === 0) throw new UsageError('expected the iscsi:// URL of a logical unit');
  const [a = '', b = '', c = ''] = INITIATORS;
  const result = await runSuite({
    reach: iscsiReach(typed.urls.map(parseIscsiUrl)),
    cases,
    level: typed.level,
    write: typed.write ?? false,
    force: typed.force ?? false,
    initiatorNames: [a, b, c],
    stop: context.stop(),
    now: () => performance.now(),
  });
  for (const line of suiteLines(result)) context.stdout.write(`${line}\n`);
  return isConforming(result) ? EXIT.asExpected : EXIT.notAsExpected;
}
