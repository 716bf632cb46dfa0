import { readFile } from 'node:fs/promises';
import { parseDeviceMapping, parseHostOfNodes } from '../from-log/devices.js';
import { planReplay, type LogFile } from '../from-log/plan.js';
import { replay } from '../from-log/replay.js';
import {
  findingLines,
  jsonReport,
  ReportCollector,
  styleFor,
  Timeline,
  verdictTable,
} from '../report/index.js';
import type { ScenarioEvent } from '../scenario/events.js';
import { unlessStopped } from '../scenario/unless-stopped.js';
import type { CliContext } from './context.js';
import { checkPlaceOf, writeJson } from './output-file.js';
import { externalTargetOptions, type ExternalOptions } from './external-options.js';
import type { FromLogOptions } from './from-log-options.js';
import { UsageError } from './one-line.js';
import { exitStatusOf } from './play.js';
import { startReplayRuntime } from './replay-runtime.js';

export interface FromLogArguments extends ExternalOptions, FromLogOptions {
  readonly files: readonly string[];
  readonly json?: string;
}

/** Replays the sg_persist lines of logs, one file for each node, and judges them. */
export async function runFromLog(typed: FromLogArguments, context: CliContext): Promise<number> {
  const mappings = (typed.map ?? []).map(parseDeviceMapping);
  const hosts = (typed.host ?? []).map(parseHostOfNodes);
  const external = externalTargetOptions(typed);
  const plan = planReplay(await Promise.all(typed.files.map(readLogFile)), mappings, hosts);
  if (typed.json !== undefined) await checkPlaceOf('--json', typed.json);
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
  const runtime = await startReplayRuntime(plan.site, external);
  try {
    const { expect: expected = 'SAFE', sideBySide = false } = typed;
    await unlessStopped(replay(plan, runtime, { expected, sideBySide, onEvent }), stop);
  } catch (error) {
    if (stop.aborted) throw new UsageError(`interrupted by ${String(stop.reason)}`, { cause: error });
    throw error;
  } finally {
    await runtime.close();
  }
  print('');
  verdictTable(collector, style).forEach(print);
  if (typed.json !== undefined) {
    await writeJson('--json', typed.json, jsonReport(collector));
  }
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
