import type { Target } from '../../target/index.js';
import { lunOf } from '../cluster/model.js';
import { judge } from '../oracle/judge.js';
import { decodeRecord } from '../oracle/record.js';
import type { HistoryEvent, JudgedPackage, Verdict } from '../oracle/types.js';
import { readPlacement } from '../runtime/application.js';
import { createRuntime } from '../runtime/create.js';
import type { Runtime } from '../runtime/runtime.js';
import { CommandRunner } from './commands.js';
import type { RuntimeKind, ScenarioEvent, StepPause } from './events.js';
import { Ledger, type CheckResult } from './ledger.js';
import { PackageManager } from './packages.js';
import { Play } from './play.js';
import type { Scenario } from './scenario.js';
import { unlessStopped } from './unless-stopped.js';

export interface RunScenarioOptions {
  readonly runtime: RuntimeKind;
  /** Called for everything that happens; nothing is judged by it. */
  readonly onEvent?: ((event: ScenarioEvent) => void) | undefined;
  /** Called before and after each sg_persist line; the run waits for it. */
  readonly step?: ((pause: StepPause) => Promise<void>) | undefined;
  /** How steps that run side by side interleave in memory. Default 1. */
  readonly seed?: number | undefined;
  /** Over sockets: real milliseconds that a second of waiting takes. Default 10. */
  readonly realMsPerSecond?: number | undefined;
  /** Over sockets: told the id of each process that is started. */
  readonly onStarted?: ((pid: number) => void) | undefined;
  /** Given the array before anything uses it, to watch its events; nothing is judged by them. */
  readonly onTarget?: ((target: Target) => void) | undefined;
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

/** Plays a scenario and judges it. Rejects only where it could not be played; everything that was started is ended. */
export async function runScenario(scenario: Scenario, options: RunScenarioOptions): Promise<ScenarioResult> {
  const runtime = await createRuntime(scenario, options);
  try {
    return await unlessStopped(playAndJudge(scenario, runtime, options), options.stop);
  } finally {
    await runtime.close();
  }
}

async function playAndJudge(
  scenario: Scenario,
  runtime: Runtime,
  options: RunScenarioOptions,
): Promise<ScenarioResult> {
  const ledger = new Ledger(runtime.clock, options.onEvent);
  const commands = new CommandRunner(scenario.site, runtime, ledger, options.step);
  const packages = new PackageManager(scenario, runtime, ledger, commands);
  const play = new Play(scenario, runtime, ledger, packages);
  ledger.show({
    type: 'scenarioStarted',
    scenario: scenario.title,
    paper: scenario.paper,
    runtime: runtime.kind,
    realMsPerSecond: runtime.realMsPerSecond,
    portals: runtime.portals,
  });
  await play.all(scenario.steps);
  await play.settle();
  await readAtTheEnd(scenario, runtime, ledger, packages);
  const ran = judgedPackages(scenario).filter(({ name }) =>
    packages.instances.some(({ item }) => item.name === name),
  );
  const verdict = judge(ran, ledger.history);
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
    const ran = packages.instances.some(({ item }) => item.name === name);
    for (const lun of luns) {
      const path = await runtime.observerPath(lun);
      try {
        const blocks = await readPlacement([path], packages.incarnationsOf(name));
        if (ran) ledger.record(name, { type: 'finalRead', lun, blocks });
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
    exclusive: type === 'failover',
    luns: luns.map((lunName) => lunOf(site, lunName).lun),
  }));
}
