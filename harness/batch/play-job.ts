import { parseScenario } from '../scenario/load.js';
import { runScenario, type ScenarioResult } from '../scenario/runner.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Job, JobResult, ScenarioText } from './job.js';

/** Plays jobs one after another; a scenario is read once, however many seeds it is played under. */
export class JobPlayer {
  readonly #texts: readonly ScenarioText[];
  readonly #scenarios = new Map<number, Scenario>();

  constructor(texts: readonly ScenarioText[]) {
    this.#texts = texts;
  }

  /** A run that cannot be played to its end is a result too: another seed may be. */
  async play({ scenario, seed }: Job): Promise<JobResult> {
    try {
      return summaryOf(await runScenario(this.#scenario(scenario), { runtime: 'memory', seed }));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { verdict: null, checksPassed: false, asExpected: false, why: [why] };
    }
  }

  #scenario(index: number): Scenario {
    const known = this.#scenarios.get(index);
    if (known !== undefined) return known;
    const text = this.#texts[index];
    if (text === undefined) throw new RangeError(`there is no scenario ${index}`);
    const scenario = parseScenario(text.text, text.file);
    this.#scenarios.set(index, scenario);
    return scenario;
  }
}

function summaryOf({ verdict, passed, checks }: ScenarioResult): JobResult {
  const findings = verdict.findings.map(({ kind, write }) =>
    write === undefined ? kind : `${kind} by ${write.node}`,
  );
  const failed = checks.filter((check) => !check.passed).map(({ text }) => `not as expected: ${text}`);
  return {
    verdict: verdict.verdict,
    checksPassed: failed.length === 0,
    asExpected: passed,
    why: [...new Set([...findings, ...failed])],
  };
}
