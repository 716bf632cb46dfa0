import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scenarioFolder } from '../../harness/index.js';
import { createTarget, type Target } from '../../target/index.js';
import { fencelab } from './cli.js';
import { Machines } from './machines.js';
import { runDirectory } from './sg-tools.js';

/** Each command is a run of a program, and a scenario some hundred of them. */
const TIMEOUT_MS = 300_000;
const scenario = (id: string): string => join(scenarioFolder(), `${id}.yaml`);

async function startTarget(): Promise<Target> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [1, 2].map((lun) => ({
      lun,
      medium: { kind: 'memory', sizeBytes: 1 << 20 },
      vendor: 'ACME',
      product: 'Box',
      revision: '7',
    })),
  });
  onTestFinished(() => target.close());
  return target;
}

describe('fencelab run --via', () => {
  it(
    'plays by command lines, each machine its own nexus, and skips what they cannot do',
    async () => {
      const target = await startTarget();
      const machines = new Machines();
      const ways = ['esx1', 'esx2'].map((name) => `${name}=${machines.device(name, target.urlOf(1))}`);
      const json = join(runDirectory(), 'report.json');
      const ids = ['vm-to-vm-two-hosts-pending', 'vm-to-vm-one-box-pending', 'storage-lost-lock'];
      const { exitStatus, stdout, stderr } = await fencelab(
        'run',
        ...ways.flatMap((way) => ['--via', way]),
        ...['--write', '--json', json, ...ids.map(scenario)],
      );
      expect([exitStatus, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`\nthe array is ACME Box 7, ${ways.join(', ')}\n`);
      expect(stdout).toMatch(/\nSKIPPED: a path of \w+ must be lost, and a command line cannot be cut\n/);
      expect(stdout).toMatch(/\nAll 2 as expected, 1 skipped\.\n$/);
      expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
        allAsExpected: true,
        scenarios: [
          {
            scenario: ids[0],
            observed: 'SAFE',
            array: { product: 'Box', urls: ways, portals: [], lacks: [] },
          },
          { scenario: ids[1], observed: 'UNSAFE' },
        ],
        skipped: [{ scenario: ids[2] }],
      });
      expect(target.reservations(1).registrations.size).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses two machines that are one I_T nexus to the array, and leaves no registration',
    async () => {
      const target = await startTarget();
      const machines = new Machines();
      const device = machines.device('esx1', target.urlOf(1));
      // The same machine by another spelling.
      const ways = [`esx1=${device}`, `esx2=${device.replace(' sg_raw ', '  sg_raw ')} `];
      const args = ['--write', scenario('vm-to-vm-two-hosts-pending')];
      expect(await fencelab('run', ...ways.flatMap((way) => ['--via', way]), ...args)).toEqual({
        exitStatus: 2,
        stdout: '',
        stderr:
          'fencelab: LUN 0: esx1 and esx2 are one I_T nexus to the array, expected each to be one of its own\n',
      });
      expect(target.reservations(1).registrations.size).toBe(0);
    },
    TIMEOUT_MS,
  );
});
