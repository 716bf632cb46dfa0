import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandWords, parseCommandLine } from '../../../initiator/exec/command-line.js';
import { readSgRawRun } from '../../../initiator/exec/sg-raw-output.js';

/** A recorded run: see fixtures/golden/README.md. */
interface SgRawRecord {
  readonly note: string;
  readonly cmd: string;
  /** In hex. */
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  readonly answer: {
    readonly status?: number;
    readonly sense?: string;
    readonly din?: string;
    readonly resid?: number;
  };
}

const records = readFileSync(new URL('../../../fixtures/golden/sg_raw.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as SgRawRecord);

/** The value of an option with a number; 0 where it is not given. */
const option = (cmd: string, letter: string): number =>
  Number(new RegExp(` -${letter} (\\d+)`).exec(cmd)?.[1] ?? 0);

const reading = (record: SgRawRecord) =>
  readSgRawRun(
    { exitStatus: record.status, stdout: Buffer.from(record.stdout, 'hex'), stderr: record.stderr },
    option(record.cmd, 'r'),
  );

/** What sg_raw kept of the sense data: its buffer has 32 bytes, and the dump ends where the sense data say. */
function printedSense(sense: string): string {
  const bytes = Buffer.from(sense, 'hex').subarray(0, 32);
  const saysItsLength = bytes.length >= 8 && (bytes[0] ?? 0) >= 0x70 && (bytes[0] ?? 0) <= 0x73;
  return bytes.subarray(0, saysItsLength ? 8 + (bytes[7] ?? 0) : undefined).toString('hex');
}

/** Runs that ended without a status that can be believed, and what is said of them. */
const FAILURES: Readonly<Partial<Record<string, readonly [errnoName: string, message: string]>>> = {
  'INQUIRY, residual beyond the length': ['EIO', 'GOOD, but stdout: Bad address (exit status 64)'],
  'PERSISTENT RESERVE OUT, too little on standard input': [
    'EIO',
    'expected the output of sg_raw with "SCSI Status:", EOF on input file/stream at buffer offset 23 (exit status 15)',
  ],
  'no connection to the target': ['EIO', 'no answer came back: Host_status=0x01 [DID_NO_CONNECT]'],
  'time-out, host status': ['ETIMEDOUT', 'no answer came back: Host_status=0x03 [DID_TIME_OUT]'],
  'time-out, driver status': ['ETIMEDOUT', 'no answer came back: Driver_status=0x06 [DRIVER_TIMEOUT]'],
  'GOOD with sense data': ['EIO', 'GOOD, but Unit attention (exit status 6)'],
  'ioctl: EBUSY': ['EBUSY', 'do_scsi_pt: Device or resource busy (exit status 66)'],
  'ioctl: EBADE': ['EBADE', 'do_scsi_pt: Invalid exchange (exit status 50)'],
  'ioctl: ETIMEDOUT': ['ETIMEDOUT', 'do_scsi_pt: Connection timed out (exit status 50)'],
  'no SCSI device': ['ENXIO', 'do_scsi_pt: Inappropriate ioctl for device (exit status 75)'],
  'no such device': ['ENOENT', '/dev/nonexistent: No such file or directory (exit status 52)'],
  'beyond what it can ask for': ['EINVAL', "Invalid argument to '--request' (exit status 1)"],
};

describe('what the real sg_raw printed', () => {
  it.each(records.map((record) => [record.note, record] as const))('%s', (note, record) => {
    const failed = FAILURES[note];
    if (failed !== undefined) {
      expect(reading(record)).toEqual({ kind: 'failure', errnoName: failed[0], message: failed[1] });
      return;
    }
    const { status = 0, sense = '', resid = 0 } = record.answer;
    const transferred = status === 0 || record.note === 'recovered error with data';
    const dataInLength = option(record.cmd, 'r');
    const received = transferred ? dataInLength - resid : 0;
    const answer = reading(record);
    expect(answer).toMatchObject({ kind: 'result', result: { status, residual: dataInLength - received } });
    if (answer.kind !== 'result') return;
    expect(Buffer.from(answer.result.sense).toString('hex')).toBe(printedSense(sense));
    expect(Buffer.from(answer.result.dataIn).toString('hex')).toBe(
      transferred ? (record.answer.din ?? '') : '',
    );
  });

  it('came from the command lines that are built here', () => {
    for (const { cmd } of records) {
      const words = cmd.split(' ');
      const device = words.findIndex((word) => word.startsWith('/dev/'));
      const built = commandWords(parseCommandLine(`exec:sg_raw ${words[device] ?? ''}`), {
        cdb: Buffer.from(words.slice(device + 1).join(''), 'hex'),
        dataInLength: option(cmd, 'r'),
        dataOutLength: option(cmd, 's'),
        timeoutSeconds: 60,
        readOnly: cmd.includes(' -R '),
      });
      expect(built.join(' ')).toBe(cmd);
    }
  });
});

describe('what others printed', () => {
  const GOOD = 'SCSI Status: Good \n\n';
  const run = (exitStatus: number | null, stderr: string, stdout = '', dataInLength = 0) =>
    readSgRawRun({ exitStatus, stdout: Buffer.from(stdout), stderr }, dataInLength);

  it.each([
    [
      'a shell without sg_raw',
      run(127, 'bash: line 1: sg_raw: command not found\n'),
      'ENOENT',
      'bash: line 1: sg_raw: command not found (exit status 127)',
    ],
    [
      'a program that is none',
      run(126, 'sh: 1: ./sg_raw: Permission denied\n'),
      'EACCES',
      'sh: 1: ./sg_raw: Permission denied (exit status 126)',
    ],
    [
      'ssh without an answer',
      run(
        255,
        "Warning: Permanently added 'node1' to the list of known hosts.\nssh: connect to host node1 port 22: Connection refused\n",
      ),
      'ENXIO',
      'ssh: connect to host node1 port 22: Connection refused (exit status 255)',
    ],
    [
      'another program',
      run(0, '', 'hello\n'),
      'EIO',
      'expected the output of sg_raw with "SCSI Status:", it printed no message (exit status 0)',
    ],
    [
      'a status in other words',
      run(0, 'SCSI Status: Fine \n'),
      'EIO',
      'expected the output of sg_raw with "SCSI Status:", SCSI Status: Fine (exit status 0)',
    ],
    [
      'a program that was killed',
      run(null, ''),
      'EIO',
      'expected the output of sg_raw with "SCSI Status:", it printed no message (ended by a signal)',
    ],
    [
      'a shell that greets',
      run(0, `${GOOD}Writing 2 bytes of data to stdout\n`, 'Welcome!\nab', 36),
      'EIO',
      'standard output has 11 bytes, which are not those of sg_raw alone (does the shell at the other end print something?)',
    ],
    [
      'an answer that was cut',
      run(0, `${GOOD}Writing 2 bytes of data to stdout\n`, 'a', 36),
      'EIO',
      'standard output has 1 bytes, which are not those of sg_raw alone (does the shell at the other end print something?)',
    ],
    [
      'sense data without bytes',
      run(
        6,
        'SCSI Status: Check Condition \n\nSense Information:\nFixed format, current; Sense key: Unit Attention\n',
      ),
      'EIO',
      'sg_raw told of sense data without their bytes',
    ],
  ] as const)('%s', (_, answer, errnoName, message) => {
    expect(answer).toEqual({ kind: 'failure', errnoName, message });
  });

  it('a greeting where no data was asked for harms nothing', () => {
    expect(run(0, GOOD, 'Welcome!\n')).toMatchObject({ kind: 'result', result: { status: 0, residual: 0 } });
  });
});
