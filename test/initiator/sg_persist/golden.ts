import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../../protocol/index.js';
import type { ByteOutput, ByteSurroundings } from '../../../initiator/sg_persist/device.js';

/** One command of a recorded run, in hex; see fixtures/golden/README.md. */
interface WireEntry {
  readonly cdb?: string;
  readonly dout?: string;
  readonly din?: string;
  readonly din_zeros?: number;
  readonly status?: number;
  readonly sense?: string;
  readonly resid?: number;
  readonly ioctl_errno?: number;
  readonly open?: string;
  readonly errno?: number;
}

/** A recorded command line with everything that it printed and sent. */
export interface GoldenRecord {
  readonly n: number;
  readonly cmd: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  readonly then_usage?: 'stdout' | 'stderr';
  readonly after_usage?: string;
  readonly normalised?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly wire: readonly WireEntry[];
}

export function readGolden(name: string): readonly GoldenRecord[] {
  const file = new URL(`../../../fixtures/golden/${name}`, import.meta.url);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as GoldenRecord);
}

/** A command line as a shell takes it apart: variables first, quotes understood, nothing else. */
export function shellWords(command: string): {
  readonly env: Record<string, string>;
  readonly words: string[];
} {
  const words = [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
  );
  const env: Record<string, string> = {};
  while (/^[A-Z0-9_]+=/.test(words[0] ?? '')) {
    const [name = '', value = ''] = (words.shift() ?? '').split('=');
    env[name] = value;
  }
  return { env, words };
}

class RecordedError extends Error {
  readonly errno: number;
  readonly errnoName: string;

  constructor(errno: number) {
    super('');
    this.errno = errno;
    const found = Object.entries(constants.errno).find(([, number]) => number === errno);
    this.errnoName = found?.[0] ?? '';
  }
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'hex');

/** What was asked for, to be compared with the record. */
export interface Asked {
  readonly cdb: string;
  readonly dout: string;
  readonly dataInLength: number;
}

export function expectedOf(record: GoldenRecord): readonly Asked[] {
  return record.wire
    .filter((entry) => entry.cdb !== undefined)
    .map((entry) => ({
      cdb: entry.cdb ?? '',
      dout: entry.dout ?? '',
      dataInLength:
        entry.ioctl_errno === undefined && entry.dout === ''
          ? bytes(entry.din).length + (entry.din_zeros ?? 0) + (entry.resid ?? 0)
          : 0,
    }));
}

/** A logical unit that answers what was recorded, in order, and keeps what it was asked. */
class RecordedPath implements LogicalUnitPath {
  readonly name: string;
  readonly asked: Asked[] = [];
  closed = 0;
  readonly #entries: WireEntry[];

  constructor(name: string, entries: readonly WireEntry[]) {
    this.name = name;
    this.#entries = [...entries];
  }

  execute(cdb: Uint8Array, options: ExecuteOptions = {}): Promise<ScsiResult> {
    const entry = this.#entries.shift();
    if (entry === undefined) return Promise.reject(new Error(`more was asked than recorded: ${hex(cdb)}`));
    const failed = entry.ioctl_errno !== undefined;
    this.asked.push({
      cdb: hex(cdb),
      dout: hex(options.dataOut),
      dataInLength: failed ? 0 : (options.dataInLength ?? 0),
    });
    if (entry.ioctl_errno !== undefined) return Promise.reject(new RecordedError(entry.ioctl_errno));
    return Promise.resolve({
      status: entry.status ?? 0,
      sense: bytes(entry.sense),
      dataIn: Buffer.concat([bytes(entry.din), Buffer.alloc(entry.din_zeros ?? 0)]),
      residual: entry.resid ?? 0,
    });
  }

  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

export interface Replay {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  readonly asked: readonly Asked[];
  /** Every path that was opened was closed. */
  readonly closed: boolean;
}

export type Program = (
  args: readonly string[],
  surroundings: ByteSurroundings,
  output: ByteOutput,
) => Promise<number>;

/** Runs a program against a record: its answers, its files, its standard input. */
export async function replay(program: Program, record: GoldenRecord): Promise<Replay> {
  const { env, words } = shellWords(record.cmd);
  const [opening] = record.wire;
  const paths: RecordedPath[] = [];
  let now = 0;
  const printed = { stdout: '', stderr: '' };
  const status = await program(
    words.slice(1),
    {
      env,
      openDevice: (name) => {
        if (opening?.open !== undefined) return Promise.reject(new RecordedError(opening.errno ?? 0));
        const path = new RecordedPath(name, record.wire);
        paths.push(path);
        return Promise.resolve(path);
      },
      readText: (source) => (source === '-' ? (record.stdin ?? '') : record.files?.[source]),
      readBytes: (source) => {
        const text = source === '-' ? (record.stdin ?? '') : record.files?.[source];
        return text === undefined ? undefined : Buffer.from(text, 'latin1');
      },
      nowMs: () => (now += 7),
      sleep: () => Promise.resolve(),
    },
    {
      stdout: (text) => (printed.stdout += text),
      stdoutBytes: (bytes) => (printed.stdout += Buffer.from(bytes).toString('latin1')),
      stderr: (text) => (printed.stderr += text),
    },
  );
  return {
    ...printed,
    status,
    asked: paths.flatMap((path) => path.asked),
    closed: paths.every((path) => path.closed === 1),
  };
}

/** Usage is in words of its own: it begins with `Usage:` and goes on to the end, but for what a program says after it. */
export function withoutUsage(text: string): {
  readonly text: string;
  readonly usage: boolean;
  readonly after: string | undefined;
} {
  const at = text.search(/^Usage: /m);
  if (at < 0) return { text, usage: false, after: undefined };
  const after = /(?:sg_inq failed: .*|>>> Available .*)\n$/.exec(text.slice(at))?.[0];
  return { text: text.slice(0, at), usage: true, after };
}

const normalise = (text: string): string => text.replace(/duration=\d+ ms/g, 'duration=<n> ms');

/** What a program did, as a record tells it. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  readonly asked: readonly Asked[];
  readonly usage: 'stdout' | 'stderr' | undefined;
  readonly afterUsage: string | undefined;
  readonly closed: boolean;
}

/** What a program does now with what a record gives it. */
export async function outcomeOf(program: Program, record: GoldenRecord): Promise<Outcome> {
  const run = await replay(program, record);
  const stdout = withoutUsage(run.stdout);
  const stderr = withoutUsage(run.stderr);
  return {
    stdout: stdout.text,
    stderr: normalise(stderr.text),
    status: run.status,
    asked: run.asked,
    usage: stdout.usage ? 'stdout' : stderr.usage ? 'stderr' : undefined,
    afterUsage: stdout.after ?? stderr.after,
    closed: run.closed,
  };
}

/** What it should do: what was recorded. */
export function recordedOutcome(record: GoldenRecord): Outcome {
  return {
    stdout: record.stdout,
    stderr: record.stderr,
    status: record.status,
    asked: expectedOf(record),
    usage: record.then_usage,
    afterUsage: record.after_usage,
    closed: true,
  };
}
