import { readFile } from 'node:fs/promises';
import { parseDeviceMapping, parseHostOfNodes } from '../from-log/devices.js';
import { planReplay, type LogFile } from '../from-log/plan.js';
import { replay } from '../from-log/replay.js';
import { findingLines, ReportCollector, styleFor, Timeline, verdictTable } from '../report/index.js';
import { showReservations } from '../scenario/show-reservations.js';
import type { Target } from '../../target/index.js';
import type { ScenarioEvent } from '../scenario/events.js';
import { unlessStopped } from '../scenario/unless-stopped.js';
import type { CliContext } from './context.js';
import { oneLine, UsageError } from './one-line.js';
import { externalTargetOptions, type ExternalOptions } from './external-options.js';
import type { FromLogOptions } from './from-log-options.js';
import { exitStatusOf } from './play.js';
import { startReplayRuntime } from './replay-runtime.js';
import { ReportFiles, type ReportArguments } from './report-files.js';

export interface FromLogArguments extends ExternalOptions, FromLogOptions, ReportArguments {
  readonly files: readonly string[];
}

/** Replays the sg_persist lines of logs, one file for each node, and judges them. */
export async function runFromLog(typed: FromLogArguments, context: CliContext): Promise<number> {
  const mappings = (typed.map ?? []).map(parseDeviceMapping);
  const hosts = (typed.host ?? []).map(parseHostOfNodes);
  const external = externalTargetOptions(typed);
  const plan = planReplay(await Promise.all(typed.files.map(readLogFile)), mappings, hosts);
  const files = await ReportFiles.prepare(typed);
  const stop = context.stop();
  const style = styleFor(context.stdout, context.environment);
  const print = (line: string): void => void context.stdout.write(`${line}\n`);
  const timeline = new Timeline(print, style);
  const collector = new ReportCollector();
  const onEvent = (event: ScenarioEvent): void => {
    timeline.show(event);
    collector.add(event);
    if (event.type === 'judged') findingLines(event.verdict, style).forEach(print);
  };
  let target: Target | undefined;
  const runtime = await startReplayRuntime(plan.site, external, (built) => {
    target = built;
  });
  try {
    const { expect: expected = 'SAFE', sideBySide = false } = typed;
    const subject = { scenario: plan.title, runtime: runtime.kind, site: plan.site };
    await files.keeping(subject, onEvent, (told) => {
      if (target !== undefined) {
        showReservations(target, plan.site, (happening) => {
          told({ at: runtime.clock.now(), ...happening });
        });
      }
      return unlessStopped(replay(plan, runtime, { expected, sideBySide, onEvent: told }), stop);
    });
  } catch (thrown) {
    const error = stop.aborted
      ? new UsageError(`interrupted by ${String(stop.reason)}`, { cause: thrown })
      : thrown;
    await files.write({ failure: oneLine(error) });
    throw error;
  } finally {
    await runtime.close();
  }
  print('');
  verdictTable(collector, style).forEach(print);
  await files.write({});
  return exitStatusOf(collector);
}

async function readLogFile(file: string): Promise<LogFile> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such log' : `cannot be read (${code ?? 'unknown error'})`;
    throw new UsageError(`${file}: ${why}`, { cause });
  }
}
