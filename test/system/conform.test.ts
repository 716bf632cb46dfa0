import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fencelab, fencelab } from './cli.js';
import { Machines } from './machines.js';
import { runDirectory } from './sg-tools.js';

/** The suite is some ten thousand commands over sockets; by command lines each is a program. */
const TIMEOUT_MS = 300_000;

/** A `fencelab target` with one LUN; yields its URL. */
async function startTarget(...options: readonly string[]): Promise<string> {
  const target = new Fencelab(['target', '--lun', '0,size=1MiB', '--portal', '127.0.0.1:0', ...options]);
  onTestFinished(() => {
    if (target.process.exitCode === null) target.process.kill('SIGKILL');
  });
  return target.ready();
}

/** Cases by command lines, and what becomes of each: that it passed, or why it is skipped. */
const OUTCOMES: Readonly<Record<string, string>> = {
  'preempt.holder.held-we-ro.registered': 'passed',
  'release-other-type.held-we-ro.holder': 'passed',
  'lifetime.logout.we-ro': 'a command line cannot do this: an iscsi:// URL is needed',
  'register-and-move.held-we-ro.holder':
    'the TransportIDs of the nexuses are not known: an iscsi:// URL is needed',
  'target-port.own-key': 'a second target port is needed: give its URL too',
  'conflict.write-10.we-ro.unregistered': 'it changes data: give --write',
};

interface ReportedCase {
  readonly id: string;
  readonly outcome: string;
  readonly reason?: string;
}

describe('fencelab conform', () => {
  it.each(['spc3', 'spc5'])(
    'finds nothing at --level %s on a target with the profile of that edition',
    async (level) => {
      const url = await startTarget('--profile', level);
      const run = await fencelab('conform', '--level', level, '--write', url);
      expect(run).toMatchObject({ exitStatus: 0 });
      expect(run.stdout).toMatch(new RegExp(` ${level}: 1[0-9]{3} passed, 0 failed, [0-9]+ skipped\n$`));
    },
    TIMEOUT_MS,
  );

  it(
    'tries what it can by command lines, tells why it skips the rest, and leaves the LU clean',
    async () => {
      const url = await startTarget();
      const machines = new Machines();
      const devices = ['node1', 'node2', 'node3'].map((name) => machines.device(name, url));
      const json = join(runDirectory(), 'report.json');
      const only = Object.keys(OUTCOMES).flatMap((id) => ['--only', id]);
      const run = await fencelab('conform', ...only, '--json', json, ...devices);
      expect(run).toMatchObject({ exitStatus: 0 });
      expect(run.stdout).toMatch(/ spc4: 2 passed, 0 failed, 4 skipped\n$/);
      const { cases } = JSON.parse(readFileSync(json, 'utf8')) as { readonly cases: readonly ReportedCase[] };
      const outcomes = cases.map(({ id, outcome, reason = outcome }) => [id, reason]);
      expect(Object.fromEntries(outcomes)).toEqual(OUTCOMES);
      expect(await fencelab('conform', '--only', 'reserve.free.registered', url)).toMatchObject({
        exitStatus: 0,
      });
    },
    TIMEOUT_MS,
  );
});
