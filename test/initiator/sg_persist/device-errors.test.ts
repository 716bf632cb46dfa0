import { describe, expect, it } from 'vitest';
import type { LogicalUnitPath } from '../../../protocol/index.js';
import type { ByteOutput, ByteSurroundings, OpenDevice } from '../../../initiator/sg_persist/device.js';
import { runSgInq } from '../../../initiator/sg_inq/run.js';
import { runSgPersist } from '../../../initiator/sg_persist/run.js';
import { runSgTurs } from '../../../initiator/sg_persist/turs-run.js';

class SystemFailure extends Error {
  readonly errnoName: string;
  readonly errno: number;

  constructor(errnoName: string, errno: number, message: string) {
    super(message);
    this.errnoName = errnoName;
    this.errno = errno;
  }
}

type Program = (
  args: readonly string[],
  surroundings: ByteSurroundings,
  output: ByteOutput,
) => Promise<number>;

async function run(program: Program, line: string, openDevice: OpenDevice) {
  const printed = { stdout: '', stderr: '' };
  const surroundings = {
    env: {},
    openDevice,
    readText: () => undefined,
    readBytes: () => undefined,
    nowMs: () => 0,
    sleep: () => Promise.resolve(),
  };
  const status = await program(line.split(' '), surroundings, {
    stdout: (text) => (printed.stdout += text),
    stdoutBytes: (bytes) => (printed.stdout += Buffer.from(bytes).toString('latin1')),
    stderr: (text) => (printed.stderr += text),
  });
  return { ...printed, status };
}

/** A path whose commands never come to a status. */
function lostPath(failure: Error): { readonly path: LogicalUnitPath; readonly closed: () => number } {
  let closed = 0;
  return {
    path: {
      name: 'lost',
      execute: () => Promise.reject(failure),
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    },
    closed: () => closed,
  };
}

describe('a device that fails', () => {
  it('is reported as a node that cannot be opened, with the reason below', async () => {
    const failure = new SystemFailure('ENXIO', 6, 'nobody listens at 127.0.0.1:3260');
    expect(await run(runSgPersist, '-n -o -G -S 1 /dev/sdb', () => Promise.reject(failure))).toEqual({
      stdout: '',
      stderr:
        'sg_persist: error opening file /dev/sdb (rw): No such device or address\n' +
        '    nobody listens at 127.0.0.1:3260\n',
      status: 56,
    });
  });

  it('never lets a lost connection pass for success, as sg3_utils 1.46 does', async () => {
    const failure = new SystemFailure('EIO', 5, 'the session was lost');
    const lost = lostPath(failure);
    expect(await run(runSgPersist, '-n -o -R -K 1 -T 5 /dev/sdb', () => Promise.resolve(lost.path))).toEqual({
      stdout: '',
      stderr:
        'Persistent reservation out: pass-through os error: Input/output error\n' +
        '    the session was lost\n' +
        'PR out (Reserve): Input/output error\n' +
        'sg_persist failed: Input/output error\n',
      status: 55,
    });
    expect(lost.closed()).toBe(1);
  });

  it('exits with 50 for an error number that sg3_utils has no status for', async () => {
    const lost = lostPath(new SystemFailure('ETIMEDOUT', 110, ''));
    expect(await run(runSgTurs, '/dev/sdb', () => Promise.resolve(lost.path))).toEqual({
      stdout: 'An OS error occurred\n',
      stderr: 'test unit ready: pass-through os error: Connection timed out\n',
      status: 50,
    });
  });

  it('is not blamed for a mistake of the program: that is thrown on, and the device closed', async () => {
    const lost = lostPath(new TypeError('a mistake'));
    await expect(run(runSgPersist, '-n -k /dev/sdb', () => Promise.resolve(lost.path))).rejects.toThrow(
      'a mistake',
    );
    expect(lost.closed()).toBe(1);
  });

  it('is failed by a SCSI status that nobody knows, too', async () => {
    const path: LogicalUnitPath = {
      name: 'odd',
      execute: () =>
        Promise.resolve({
          status: 0x7e,
          sense: new Uint8Array(0),
          dataIn: new Uint8Array(0),
          residual: 0,
        }),
      close: () => Promise.resolve(),
    };
    expect(await run(runSgPersist, '-n -o -C -K 1 /dev/sdb', () => Promise.resolve(path))).toEqual({
      stdout: '',
      stderr:
        'Persistent reservation out: scsi status: Unknown status [0x7e]\n' +
        'PR out (Clear): Some other error\n' +
        'sg_persist failed: Some other error\n',
      status: 99,
    });
  });
});

describe('the password of a URL', () => {
  const url = (password: string): string =>
    `iscsi://node%${password}@h:3260/iqn.2026-11.org.fencelab:array/0`;
  const refused: OpenDevice = () => Promise.reject(new SystemFailure('ENXIO', 6, ''));
  const silent: OpenDevice = () =>
    Promise.resolve(lostPath(new SystemFailure('EIO', 5, 'the session was lost')).path);

  it.each([
    ['sg_persist', '-vv -k DEVICE', runSgPersist, refused],
    ['sg_persist', '-n -vv -o -C -K 1 DEVICE', runSgPersist, refused],
    ['sg_persist', '-k DEVICE', runSgPersist, silent],
    ['sg_persist', '-k /dev/sdb DEVICE', runSgPersist, refused],
    ['sg_turs', '-vv DEVICE', runSgTurs, refused],
    ['sg_turs', '/dev/sdb DEVICE', runSgTurs, refused],
    ['sg_turs', '-O /dev/sdb DEVICE', runSgTurs, refused],
    ['sg_inq', '-vv DEVICE', runSgInq, refused],
    ['sg_inq', '/dev/sdb DEVICE', runSgInq, refused],
    ['sg_inq', '-O /dev/sdb DEVICE', runSgInq, refused],
  ] as const)('is in nothing that %s %s prints', async (_name, line, program, openDevice) => {
    const { stdout, stderr } = await run(program, line.replace('DEVICE', url('se/cr@et')), openDevice);
    expect(stdout + stderr).toContain(url('***'));
    expect(stdout + stderr).not.toMatch(/se\/cr|et@/);
  });
});

describe('the device', () => {
  it('is opened once, for INQUIRY and for the command, and read-only only where that is asked for', async () => {
    const opened: boolean[] = [];
    const path: LogicalUnitPath = {
      name: 'disk',
      execute: (_cdb, options) =>
        Promise.resolve({
          status: 0,
          sense: new Uint8Array(0),
          dataIn: new Uint8Array(options?.dataInLength ?? 0),
          residual: 0,
        }),
      close: () => Promise.resolve(),
    };
    const open: OpenDevice = (_name, { readOnly }) => {
      opened.push(readOnly);
      return Promise.resolve(path);
    };
    await run(runSgPersist, '-k /dev/sdb', open);
    await run(runSgPersist, '-y -k /dev/sdb', open);
    await run(runSgTurs, '/dev/sdb', open);
    expect(opened).toEqual([false, true, true]);
  });
});
