import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLineTargetOptions } from '../../../harness/cli/via-options.js';
import { loadScenario, scenarioFolder, type Scenario } from '../../../harness/index.js';
import { fencelab } from './run-program.js';

const FILE = join(scenarioFolder(), 'physical-to-vm.yaml');
const line = (machine: string, disk: string): string => `exec:ssh ${machine} sg_raw /dev/${disk}`;
const NODE1 = `node1=${line('node1', 'sdb')}`;

let scenarios: readonly Scenario[];
beforeAll(async () => {
  scenarios = [await loadScenario(FILE)];
});

describe('the machines that fencelab run is told of', () => {
  it('are none where none is named', () => {
    expect(commandLineTargetOptions({}, scenarios)).toBeUndefined();
  });

  it('have a way to each LUN by each path, in the order in which they are given', () => {
    const via = [
      NODE1,
      `esx1@2=${line('esx1', 'sdd')}`,
      `node1=${line('node1', 'sdc')}`,
      `esx1=${line('esx1', 'sdb')}`,
    ];
    expect(commandLineTargetOptions({ via, write: true, force: true }, scenarios)).toEqual({
      paths: [
        { machine: 'node1', portalIndex: 0, devices: [line('node1', 'sdb'), line('node1', 'sdc')] },
        { machine: 'esx1', portalIndex: 1, devices: [line('esx1', 'sdd')] },
        { machine: 'esx1', portalIndex: 0, devices: [line('esx1', 'sdb')] },
      ],
      force: true,
    });
  });

  const FORM = 'expected MACHINE=exec:COMMAND LINE, or MACHINE@2=exec:COMMAND LINE for its second path';
  it.each([
    [['node1'], `--via node1: ${FORM}`],
    [['node1=/dev/sdb'], `--via node1=/dev/sdb: ${FORM}`],
    [[line('node1', 'sdb')], `--via ${line('node1', 'sdb')}: ${FORM}`],
    [[`node1@0=${line('node1', 'sdb')}`], `--via node1@0=${line('node1', 'sdb')}: ${FORM}`],
    [
      ['node1=exec:ssh node1'],
      '--via node1: exec:ssh node1: expected the word sg_raw, or {options} where its options go',
    ],
    [
      [`node7=${line('node7', 'sdb')}`],
      '--via node7: no such machine in the scenarios, expected node1, esx1',
    ],
    [
      [`guest1=${line('guest1', 'sdb')}`],
      '--via guest1: a guest, which the array knows by its host, expected node1, esx1',
    ],
    [
      [NODE1, `esx1=${line('node1', 'sdb')}`],
      `--via esx1=${line('node1', 'sdb')}: given twice, expected a way of its own for each`,
    ],
  ])('%j is told in one line', (via, message) => {
    expect(() => commandLineTargetOptions({ via, write: true }, scenarios)).toThrow(
      expect.objectContaining({ name: 'UsageError', message }) as Error,
    );
  });

  it('are told in one line by the command line too, before anything is asked of a machine', async () => {
    const run = (...argv: string[]) => fencelab('run', ...argv, FILE);
    expect(await run('--via', NODE1)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr:
        `fencelab: --via: the first 1040 blocks of the LUNs behind ${NODE1} would be overwritten, ` +
        'expected --write to allow it\n',
    });
    expect((await run('--via', NODE1, '--target', 'iscsi://a/b/0', '--write')).stderr).toMatch(
      /^fencelab: option '--via <.*>' cannot be used with option '--target <URL>'\n$/,
    );
    const skipped = await run('--via', NODE1, '--write');
    expect([skipped.exitStatus, skipped.stderr]).toEqual([2, '']);
    expect(skipped.stdout).toContain('\nSKIPPED: it needs 2 LUNs by node1, 1 given (--via node1=exec:');
  });
});
