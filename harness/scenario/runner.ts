import type { Target } from '../../target/index.js';
import { lunOf } from '../cluster/model.js';
import { judge } from '../oracle/judge.js';
import { decodeRecord } from '../oracle/record.js';
import type { HistoryEvent, JudgedPackage, Verdict } from '../oracle/types.js';
import { readPlacement } from '../runtime/application.js';
import { createRuntime } from '../runtime/create.js';
import type { LoginDemands } from '../runtime/processes/login-demands.js';
import type { ArrayThatIsThere } from '../runtime/external/array-that-is-there.js';
import type { RecordingOrder, ReplayingOrder } from '../runtime/order.js';
import type { Runtime } from '../runtime/runtime.js';
import { CommandRunner } from './commands.js';
import type { RuntimeKind, ScenarioEvent, StepPause } from './events.js';
import { Ledger, type CheckResult } from './ledger.js';
import { PackageManager } from './packages.js';
import { Play } from './play.js';
import type { Scenario } from './scenario.js';
import { ScenarioError } from './source.js';
import { showReservations } from './show-reservations.js';
import { unlessStopped } from './unless-stopped.js';

export interface RunScenarioOptions {
  readonly runtime: RuntimeKind;
  /** Called for everything that happens; nothing is judged by it. */
  readonly onEvent?: ((event: ScenarioEvent) => void) | undefined;
  /** Called before and after each sg_persist line; the run waits for it. */
  readonly step?: ((pause: StepPause) => Promise<void>) | undefined;
  /** Draws what the scenario leaves open, and in memory how steps that run side by side interleave. Default 1. */
  readonly seed?: number | undefined;
  /** Over sockets: real milliseconds that a second of waiting takes. Default 10. */
  readonly realMsPerSecond?: number | undefined;
  /** Over sockets: told the id of each process that is started. */
  readonly onStarted?: ((pid: number) => void) | undefined;
  /** Given the array before anything uses it, to watch its events; nothing is judged by them. */
  readonly onTarget?: ((target: Target) => void) | undefined;
  /** Over sockets, on our own array: what each login must come with. */
  readonly login?: LoginDemands | undefined;
  /** Over sockets: the array to play on, instead of one of our own. `whyNotOnExternal` tells what cannot be played there. */
  readonly external?: ArrayThatIsThere | undefined;
  /** Writes down the order of the run: see `Recorder`. */
  readonly record?: RecordingOrder | undefined;
  /** In memory: the order of a run that was recorded, in the place of one that the seed decides. */
  readonly replay?: ReplayingOrder | undefined;
  /** Aborted to end the run early: it rejects, and everything that was started is ended. */
  readonly stop?: AbortSignal | undefined;
}

export interface ScenarioResult {
  readonly id: string;
  readonly title: string;
  readonly paper: string;
  readonly file: string;
  readonly runtime: RuntimeKind;
  readonly expected: 'SAFE' | 'UNSAFE';
  readonly verdict: Verdict;
  /** Expectations that the scenario's steps have. */
  readonly checks: readonly CheckResult[];
  /** The verdict is as expected, and every check passed. */
  readonly passed: boolean;
  /** What was judged. */
  readonly history: readonly HistoryEvent[];
}

/** The seed of a run that was given none. */
export const DEFAULT_SEED = 1;

/** Plays a scenario and judges it. Rejects only where it could not be played; everything that was started is ended. */
export async function runScenario(scenario: Scenario, options: RunScenarioOptions): Promise<ScenarioResult> {
  let target: Target | undefined;
  const onTarget = (built: Target): void => {
    target = built;
    options.onTarget?.(built);
  };
  const seed = options.seed ?? DEFAULT_SEED;
  const runtime = await createRuntime(scenario, { ...options, seed, onTarget });
  const ledger = new Ledger(runtime.clock, options.onEvent);
  if (target !== undefined && options.onEvent !== undefined) {
    showReservations(target, scenario.site, (happening) => {
      ledger.show(happening);
    });
  }
  const played = playAndJudge(scenario, runtime, ledger, seed, options);
  // Where each line waits for somebody outside, nothing may happen for long.
  const work =
    options.step === undefined
      ? Promise.race([played, stall(scenario, runtime, ledger, options.replay)])
      : played;
  try {
    return await unlessStopped(work, options.stop);
  } finally {
    ledger.close();
    await runtime.close();
  }
}

/** Rejects where a step waits for what no step will bring about. */
async function stall(
  { file }: Scenario,
  runtime: Runtime,
  ledger: Ledger,
  replay: ReplayingOrder | undefined,
): Promise<never> {
  await runtime.stalled;
  const unfit = replay?.problem();
  if (unfit !== undefined) throw new ScenarioError(unfit);
  const { line, text } = ledger.lastStep ?? { line: 1, text: 'the start' };
  throw new ScenarioError(
    `${file}:${line}: ${text}: it waits for ever, expected nobody to wait for a write that is held or a node that hangs`,
  );
}

async function playAndJudge(
  scenario: Scenario,
  runtime: Runtime,
  ledger: Ledger,
  seed: number,
  options: RunScenarioOptions,
): Promise<ScenarioResult> {
  const commands = new CommandRunner(scenario.site, runtime, ledger, options.step);
  const packages = new PackageManager(scenario, runtime, ledger, commands);
  const play = new Play(scenario, runtime, ledger, commands, packages);
  ledger.show({
    type: 'scenarioStarted',
    scenario: scenario.title,
    paper: scenario.paper,
    runtime: runtime.kind,
    realMsPerSecond: runtime.realMsPerSecond,
    portals: runtime.portals,
    array: runtime.array,
  });
  await play.all(scenario.stepsUnder(seed));
  await play.settle();
  await readAtTheEnd(scenario, runtime, ledger, packages);
  const verdict = judge(whatIsJudged(scenario, ledger, packages), ledger.history);
  ledger.show({ type: 'judged', scenario: scenario.title, expected: scenario.expect, verdict });
  return {
    id: scenario.id,
    title: scenario.title,
    paper: scenario.paper,
    file: scenario.file,
    runtime: runtime.kind,
    expected: scenario.expect,
    verdict,
    checks: ledger.checks,
    passed: verdict.verdict === scenario.expect && ledger.checks.every(({ passed }) => passed),
    history: ledger.history,
  };
}

async function readAtTheEnd(
  scenario: Scenario,
  runtime: Runtime,
  ledger: Ledger,
  packages: PackageManager,
): Promise<void> {
  for (const { name, luns } of judgedPackages(scenario)) {
    const wrote = packages.hasWritten(name);
    for (const lun of luns) {
      const path = await runtime.observerPath(lun);
      try {
        const blocks = await readPlacement([path], packages.incarnationsOf(name));
        if (wrote) ledger.record(name, { type: 'finalRead', lun, blocks });
        else {
          const blank = blocks.every(({ bytes }) => decodeRecord(bytes) === 'blank');
          ledger.check(`${name} never ran, and nothing is written on LUN ${lun}`, blank);
        }
      } finally {
        await path.close();
      }
    }
  }
}

function judgedPackages({ site }: Scenario): JudgedPackage[] {
  return site.packages.map(({ name, type, luns }) => ({
    name,
    exclusive: type !== 'multi-node',
    luns: luns.map((lunName) => lunOf(site, lunName).lun),
  }));
}

/** What wrote. Where nothing did, everything that no step expected to fail: it has shown nothing. */
function whatIsJudged(
  scenario: Scenario,
  ledger: Ledger,
  packages: PackageManager,
): readonly JudgedPackage[] {
  const all = judgedPackages(scenario);
  const wrote = all.filter(({ name }) => packages.hasWritten(name));
  return wrote.length > 0 ? wrote : all.filter(({ name }) => !ledger.failedAsExpected.has(name));
}
