import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDevice } from '../../../initiator/index.js';
import {
  persistentReserveOutCdb,
  PR_OUT_SERVICE_ACTION,
  basicParameterList,
} from '../../../protocol/index.js';
import { createTarget, type Target } from '../../../target/index.js';
import { fencelab } from './run-program.js';

const URL = 'iscsi://127.0.0.1:1/iqn.2026-11.org.fencelab:array/0';

describe('fencelab conform, used wrongly', () => {
  it.each([
    [['conform'], 'expected the iscsi:// URL of a logical unit'],
    [['conform', URL, URL, URL], '3 URLs: expected one, or one for each of two target ports'],
    [['conform', URL, URL], 'both URLs lead to 127.0.0.1:1: expected portals of two target ports'],
    [
      ['conform', URL, '--only', 'preempt.unknown-key', '--only', 'nothing'],
      "--only preempt.unknown-key nothing: no case has such an id; expected one that --list prints, or --only 'preempt.unknown-key.*'",
    ],
    [['conform', URL, 'disk'], "'disk': expected iscsi:// URLs, or three exec: command lines"],
    [['conform', 'exec:sg_raw /dev/sdb'], '1 exec: lines: expected three, one for each initiator'],
    [['conform', URL, '--only', 'nothing.*'], '--only nothing.*: no case has such an id; --list prints them'],
    [['conform', URL, '--registrations', '1'], '--registrations 1: expected a whole number from 2 to 4096'],
    [['conform', URL, '--json', ''], "--json '': expected a file"],
    [
      ['conform', URL, '--json', 'x', '--html', 'x'],
      '--html x: --json is written there, expected a file of its own',
    ],
  ])('%j says what was expected', async (argv, message) => {
    expect(await fencelab(...argv)).toEqual({ exitStatus: 2, stdout: '', stderr: `fencelab: ${message}\n` });
  });

  it('says that nobody listens, in one line', async () => {
    const { exitStatus, stderr } = await fencelab('conform', URL);
    expect(exitStatus).toBe(2);
    expect(stderr).toMatch(/^fencelab: iscsi:\/\/127\.0\.0\.1:1\/.*: no login at .*\n$/);
  });
});

describe('fencelab conform', () => {
  let target: Target;
  let directory: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fencelab-conform-'));
    target = await createTarget({
      iqn: 'iqn.2026-11.org.fencelab:array',
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
    });
  });
  afterEach(async () => {
    await target.close();
    rmSync(directory, { recursive: true });
  });

  it('holds a target to some cases, writes the reports, and leaves the LU clean', async () => {
    const json = join(directory, 'report.json');
    const only = ['--only', 'reserve.free.*', '--only', 'lifetime.power-loss.*'];
    const run = await fencelab('conform', target.urlOf(0), ...only, '--json', json);
    expect(run.stdout).toContain('spc4: 3 passed, 0 failed, 7 skipped');
    expect(run.stdout).toContain('give --power-cycle CMD');
    expect(run.exitStatus).toBe(0);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ counts: { passed: 3, skipped: 7 } });
    expect(target.reservations(0).registrations.size).toBe(0);
  });

  it('sends nothing that changes data without --write', async () => {
    const only = ['--only', 'conflict.write-10.we.*'];
    const without = await fencelab('conform', target.urlOf(0), ...only);
    expect(without.stdout).toContain('3: it changes data: give --write');
    const withWrites = await fencelab('conform', target.urlOf(0), ...only, '--write', '--tap');
    expect(withWrites.stdout).toContain('\nok 1 - conflict.write-10.we.holder\n');
  });

  it('refuses a LU on which somebody is registered, unless forced', async () => {
    const device = await openDevice(target.urlOf(0), { readOnly: false });
    const list = basicParameterList({ reservationKey: 0n, serviceActionReservationKey: 0x123n });
    const cdb = persistentReserveOutCdb({
      serviceAction: PR_OUT_SERVICE_ACTION.register,
      parameterListLength: list.length,
    });
    await device.execute(cdb, { dataOut: list });
    await device.close();
    const only = ['--only', 'reserve.free.registered'];
    const refused = await fencelab('conform', target.urlOf(0), ...only);
    expect(refused.exitStatus).toBe(2);
    expect(refused.stderr).toMatch(
      /^fencelab: .*: 1 registered on the LU \(0x123\): expected .* or --force\n$/,
    );
    expect((await fencelab('conform', target.urlOf(0), ...only, '--force')).exitStatus).toBe(0);
  });

  it('cycles the power by a command of the user, and tells what is wrong with it', async () => {
    const only = ['--only', 'lifetime.power-loss.without-aptpl'];
    const run = await fencelab('conform', target.urlOf(0), ...only, '--power-cycle', 'exit 3');
    expect(run.stdout).toContain("--power-cycle 'exit 3' ended with exit status 3");
    expect(run.exitStatus).toBe(1);
  });

  it('runs it with the environment that fencelab was given, and what is to happen to what APTPL keeps', async () => {
    const told = join(directory, 'environment');
    const command = `env > ${told}; exit 3`;
    await fencelab(
      'conform',
      target.urlOf(0),
      '--only',
      'lifetime.power-loss.without-aptpl',
      '--power-cycle',
      command,
    );
    const names = readFileSync(told, 'utf8').split('\n');
    expect(names).toContain('FENCELAB_POWER_CYCLE=keep');
    expect(names.filter((line) => line.startsWith('HOME='))).toEqual([]);
  });

  it('lists cases, and what they try', async () => {
    expect((await fencelab('conform', '--list', '--only', 'reserve.free.*')).stdout).toBe(
      'reserve.free.unregistered\nreserve.free.registered\nreserve.free.wrong-key\n',
    );
    expect((await fencelab('conform', '--matrix')).stdout).toContain(
      '  RESERVE by the holder, the same: GOOD, no change\n    reserve.held-we.holder',
    );
  });
});
