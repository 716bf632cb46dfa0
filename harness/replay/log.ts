import { createHash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

/** Goes up when older logs cannot be replayed any more. */
const LOG_VERSION = 1;

const Whole = Type.Integer({ minimum: 0 });
const Command = Type.Object({
  what: Type.Literal('command'),
  initiator: Type.String(),
  port: Whole,
  lun: Whole,
  cdb: Type.String({ pattern: '^([0-9a-f]{2})+$' }),
  data: Type.Optional(Type.String()),
});
const Entry = Type.Union([
  Command,
  Type.Object({
    what: Type.Enum(['hang', 'wake', 'crash', 'losePath', 'release', 'other']),
    on: Type.String(),
  }),
]);
const Head = Type.Object({
  fencelabRun: Type.Literal(LOG_VERSION),
  file: Type.String(),
  sha256: Type.String(),
  seed: Whole,
  scenario: Type.String(),
});
const End = Type.Object({ verdict: Type.String(), findings: Type.Array(Type.String()) });

export type LogEntry = Static<typeof Entry>;
/** What a run came to: the verdict and each finding in a sentence. */
export type RunEnd = Static<typeof End>;

/** A run that was recorded. */
export interface RunLog {
  /** Where the scenario came from, for messages and for scripts that lie beside it. */
  readonly file: string;
  readonly scenario: string;
  readonly seed: number;
  /** In the order in which they happened; the first stands in line 2. */
  readonly entries: readonly LogEntry[];
  readonly end: RunEnd;
}

/** A log that cannot be replayed: `file:line: what was wrong, what was expected`. */
export class RunLogError extends Error {
  override readonly name = 'RunLogError';
}

/** JSON lines: the scenario, what happened, what it came to. */
export function runLogText({ file, scenario, seed, entries, end }: RunLog): string {
  const head: Static<typeof Head> = {
    fencelabRun: LOG_VERSION,
    file,
    sha256: sha256(scenario),
    seed,
    scenario,
  };
  return [head, ...entries, end].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Reads a log. Throws RunLogError. */
export function parseRunLog(text: string, logFile: string): RunLog {
  const lines = text.split('\n').filter((line) => line !== '');
  const at = <T extends typeof Head | typeof Entry | typeof End>(
    index: number,
    schema: T,
    what: string,
  ): Static<T> => {
    const value = jsonOf(lines[index]);
    if (Value.Check(schema, value)) return value;
    throw new RunLogError(`${logFile}:${index + 1}: no ${what}, expected what fencelab run --record wrote`);
  };
  const head = at(0, Head, 'beginning of a log');
  if (sha256(head.scenario) !== head.sha256) {
    throw new RunLogError(`${logFile}:1: the scenario was changed, expected the text that was recorded`);
  }
  const last = lines.length - 1;
  const end = at(last, End, 'end of a log');
  const entries = lines.slice(1, last).map((_, index) => at(index + 1, Entry, 'happening'));
  return { file: head.file, scenario: head.scenario, seed: head.seed, entries, end };
}

function jsonOf(line: string | undefined): unknown {
  try {
    return line === undefined ? undefined : (JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
