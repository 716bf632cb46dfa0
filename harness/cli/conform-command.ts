import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { looksLikeCommandLine, looksLikeUrl, parseIscsiUrl } from '../../initiator/index.js';
import type { ConformanceCase, Level } from '../conformance/case.js';
import { CASES } from '../conformance/cases/index.js';
import { matrixLines } from '../conformance/matrix/print.js';
import { isConforming, type SuiteResult } from '../conformance/outcome.js';
import { execReach } from '../conformance/reach/exec-reach.js';
import { iscsiReach } from '../conformance/reach/iscsi-reach.js';
import type { PowerCycle, Reach } from '../conformance/reach/reach.js';
import {
  conformanceHtml,
  conformanceJson,
  conformanceJunit,
  suiteLines,
  tapReport,
} from '../conformance/report/index.js';
import { runSuite } from '../conformance/run-suite.js';
import { selectCases } from '../conformance/select.js';
import { Progress } from '../report/progress.js';
import { styleFor } from '../report/style.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { checkOneEach, checkPlaceOf, writeJson, writeOutput } from './output-file.js';
import { wholeNumber } from './whole-number.js';
import { packageVersion } from './package-version.js';

/** The arguments of `fencelab conform` as they were typed. */
export interface ConformArguments {
  /** One `iscsi://` URL for each target port, or one `exec:` line for each of three initiators. */
  readonly devices: readonly string[];
  readonly level: Level;
  readonly only?: readonly string[];
  readonly write?: true;
  readonly force?: true;
  readonly list?: true;
  readonly matrix?: true;
  readonly tap?: true;
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
  readonly powerCycle?: string;
  readonly restart?: string;
  readonly registrations?: string;
}

const INITIATORS = [
  'iqn.2026-11.org.fencelab:conform-a',
  'iqn.2026-11.org.fencelab:conform-b',
  'iqn.2026-11.org.fencelab:conform-c',
] as const;

/** Holds a target to the standard: exit status 0 if nothing failed, 1 if something did. */
export async function runConform(typed: ConformArguments, context: CliContext): Promise<number> {
  const cases = selectCases(CASES, typed.only ?? []);
  if (cases.length === 0) {
    throw new UsageError(
      `--only ${(typed.only ?? []).join(' ')}: no case has such an id; ${whatToAsk(typed)}`,
    );
  }
  if (typed.list === true || typed.matrix === true) {
    const lines = typed.matrix === true ? matrixLines(cases) : cases.map(({ id }) => id);
    for (const line of lines) context.stdout.write(`${line}\n`);
    return EXIT.asExpected;
  }
  const reach = reachOf(typed, context.environment);
  const registrationsMax = registrationsOf(typed);
  checkOneEach(typed);
  for (const option of ['json', 'junit', 'html'] as const) {
    const file = typed[option];
    if (file !== undefined) await checkPlaceOf(`--${option}`, file);
  }
  const startedAt = new Date();
  const stop = context.stop();
  const result = await withProgress({ ...typed, registrationsMax }, cases, reach, stop, context);
  await report(typed, result, startedAt, context);
  if (stop.aborted)
    throw new UsageError(`interrupted after ${result.results.length} of ${cases.length} cases`);
  return isConforming(result) ? EXIT.asExpected : EXIT.notAsExpected;
}

/** The patterns once more with `*` behind them, where cases have ids that begin so. */
function whatToAsk({ only = [] }: ConformArguments): string {
  const groups = only
    .map((pattern) => `${pattern}.*`)
    .filter((pattern) => selectCases(CASES, [pattern]).length > 0);
  if (groups.length === 0) return '--list prints them';
  return `expected one that --list prints, or ${groups.map((pattern) => `--only '${pattern}'`).join(' ')}`;
}

function reachOf({ devices, powerCycle, restart }: ConformArguments, environment: NodeJS.ProcessEnv): Reach {
  const commands = {
    ...(powerCycle === undefined
      ? {}
      : {
          powerCycle: (what: PowerCycle) =>
            runShell('--power-cycle', powerCycle, { ...environment, [POWER_CYCLE_VARIABLE]: what }),
        }),
    ...(restart === undefined ? {} : { restart: () => runShell('--restart', restart, environment) }),
  };
  if (devices.length === 0) throw new UsageError('expected the iscsi:// URL of a logical unit');
  if (devices.every(looksLikeUrl)) {
    if (devices.length > PORTS_MAX) {
      throw new UsageError(`${devices.length} URLs: expected one, or one for each of two target ports`);
    }
    const urls = devices.map(parseIscsiUrl);
    const [first, second] = urls.map(({ host, port }) => `${host}:${port}`);
    if (first === second) {
      // A second login of the same initiator port there would end the first session (RFC 7143 6.3.5).
      throw new UsageError(`both URLs lead to ${first}: expected portals of two target ports`);
    }
    return iscsiReach(urls, commands);
  }
  if (devices.every(looksLikeCommandLine)) {
    if (devices.length !== INITIATORS.length) {
      throw new UsageError(`${devices.length} exec: lines: expected three, one for each initiator`);
    }
    return execReach(devices, INITIATORS, commands);
  }
  const other = devices.find((device) => !looksLikeUrl(device)) ?? '';
  throw new UsageError(`'${other}': expected iscsi:// URLs, or three exec: command lines`);
}

const PORTS_MAX = 2;

/** A takes one place and C the others, each with a login: a second or so for a hundred. */
const registrationsOf = ({ registrations }: ConformArguments): number | undefined =>
  registrations === undefined
    ? undefined
    : wholeNumber('--registrations', registrations, 2, REGISTRATIONS_MOST);

const REGISTRATIONS_MOST = 4096;

/** What tells a command of `--power-cycle` to make what APTPL keeps unreadable meanwhile, if it can. */
const POWER_CYCLE_VARIABLE = 'FENCELAB_POWER_CYCLE';

/** Runs a command of the user's in a shell and waits for it; what it prints goes to standard error. */
async function runShell(option: string, command: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 2, 2],
    env: environment,
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (code === 0) return;
  throw new Error(`${option} '${command}' ended with ${signal ?? `exit status ${code}`}`);
}

async function withProgress(
  typed: ConformArguments & { readonly registrationsMax: number | undefined },
  cases: readonly ConformanceCase[],
  reach: Reach,
  stop: AbortSignal,
  { stderr, environment }: CliContext,
): Promise<SuiteResult> {
  const now = (): number => performance.now();
  const progress = new Progress(stderr, environment, cases.length, 'cases', now);
  try {
    return await runSuite({
      reach,
      cases,
      level: typed.level,
      registrationsMax: typed.registrationsMax,
      write: typed.write ?? false,
      force: typed.force ?? false,
      initiatorNames: INITIATORS,
      stop,
      now,
      onResult: () => {
        progress.step();
      },
    });
  } finally {
    progress.end();
  }
}

async function report(
  { tap, json, junit, html }: ConformArguments,
  result: SuiteResult,
  startedAt: Date,
  { stdout, environment }: CliContext,
): Promise<void> {
  const run = { version: packageVersion(), startedAt };
  if (tap === true) stdout.write(tapReport(result));
  else for (const line of suiteLines(result, styleFor(stdout, environment))) stdout.write(`${line}\n`);
  if (json !== undefined) await writeJson('--json', json, conformanceJson(result, run));
  if (junit !== undefined) await writeOutput('--junit', junit, conformanceJunit(result, run));
  if (html !== undefined) await writeOutput('--html', html, conformanceHtml(result, run));
}
