import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fencelab } from './run-program.js';
import { RULES } from '../../../harness/index.js';
import { createTarget, type Target } from '../../../target/index.js';

const FOLDER = fileURLToPath(new URL('../../../fixtures/clusters/', import.meta.url));
const cluster = (name: string): string => `${FOLDER}${name}/cluster.yaml`;

const checkConfig = (...argv: string[]) => fencelab('check-config', ...argv);

describe('fencelab check-config', () => {
  let folder: string;
  let target: Target;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fencelab-check-config-'));
    target = await createTarget({
      iqn: 'iqn.2026-11.org.fencelab:checked',
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [
        { lun: 0, medium: { kind: 'memory', sizeBytes: 1024 * 1024 } },
        { lun: 1, medium: { kind: 'memory', sizeBytes: 1024 * 1024 }, nopr: true },
      ],
    });
  });
  afterAll(async () => {
    await target.close();
    await rm(folder, { recursive: true });
  });

  it('ends with 0 where nothing fails, with lines of at most 120 columns and no colour', async () => {
    const { exitStatus, stdout, stderr } = await checkConfig(cluster('figure-10'));
    expect({ exitStatus, stderr }).toEqual({ exitStatus: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines.slice(1).filter((line) => line.length > 120)).toEqual([]);
    expect(stdout).not.toContain('\u001b');
    expect(lines[0]).toBe(`${cluster('figure-10')}: Figure 10: guests on separate hosts`);
    expect(lines).toContain('Cluster configuration options');
    expect(lines.at(-2)).toMatch(
      /^\d+ passed, 2 to be warned of, 0 failed, 0 not known; \d+ of \d+ rules do not apply\.$/,
    );
  });

  it('ends with 1 where a rule fails, and says where and what was expected', async () => {
    const { exitStatus, stdout } = await checkConfig(cluster('one-box'));
    expect(exitStatus).toBe(1);
    const lines = stdout.split('\n');
    const at = lines.findIndex((line) => line.startsWith('  FAIL     placement.one-host-failover'));
    expect(lines.slice(at, at + 2).map((line) => line.trim().replace(/\s+/g, ' '))).toEqual([
      'FAIL placement.one-host-failover pkg1: may fail over between guest1 and guest2, all on esx1 cluster.yaml:73',
      'expected: no two guests of one ESX host in the node list of a package',
    ]);
  });

  it('writes every finding and every rule that does not apply with --json', async () => {
    const file = join(folder, 'findings.json');
    await checkConfig(cluster('one-box'), '--json', file);
    const report = JSON.parse(await readFile(file, 'utf8')) as {
      counts: Record<string, number>;
      findings: { rule: string; status: string }[];
      doNotApply: string[];
    };
    expect(report.counts['fail']).toBe(2);
    expect(report.findings.find(({ rule }) => rule === 'placement.box')).toEqual({
      rule: 'placement.box',
      kind: 'requirement',
      status: 'fail',
      found: 'cluster1: all of guest1 and guest2 are on esx1, a cluster in a box',
      expected: 'nodes on several machines, or purpose: test or training',
      file: cluster('one-box'),
      line: 23,
      section: 'Cluster configuration options',
      also: "HP's series on Integrity VM (2009), its last part",
    });
    const named = new Set([...report.findings.map(({ rule }) => rule), ...report.doNotApply]);
    expect([...named].toSorted()).toEqual(RULES.map(({ id }) => id).toSorted());
  });

  it('takes files beside CLUSTER.yaml, and tells a contradiction in one line', async () => {
    const other = `${FOLDER}figure-10/pkg1.conf`;
    expect(await checkConfig(cluster('migrated-package'), other)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${other}:1: pkg1 has ${FOLDER}migrated-package/upcc1.conf already, expected one file\n`,
    });
    const wrong = `${FOLDER}figure-9/pkg1.conf`;
    expect(await checkConfig(cluster('one-box'), wrong)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${wrong}:10: there is no node 'node1' in cluster cluster1, expected one of guest1, guest2\n`,
    });
  });

  it('asks the array with --target', async () => {
    const good = await checkConfig(cluster('figure-10'), '--target', target.urlOf(0));
    expect(good.stdout).toContain('data from esx1: Write Exclusive, registrants only (type 5) is supported');
    expect(good.exitStatus).toBe(0);
    const bad = await checkConfig(cluster('figure-10'), '--target', `data=${target.urlOf(1)}`);
    expect(bad.stdout).toContain('REPORT CAPABILITIES failed, invalid command operation code');
    expect(bad.exitStatus).toBe(1);
  });

  it.each([
    [['/nowhere/cluster.yaml'], '/nowhere/cluster.yaml: there is no such file'],
    [
      [cluster('figure-10'), '--target', 'iscsi://h'],
      'bad URL iscsi://h: expected iscsi://[user[%password]@]host[:port]/target-name/lun',
    ],
    [
      [cluster('figure-10'), '--target', 'lock=iscsi://h/iqn.2026-11.org.x:y/0'],
      '--target lock=iscsi://h/iqn.2026-11.org.x:y/0: there is no such LUN, expected at most one for each of data',
    ],
    [
      [cluster('figure-10'), '--json', '/nowhere/x.json'],
      '--json /nowhere/x.json: the folder /nowhere does not exist',
    ],
    [
      [
        cluster('figure-10'),
        ...['iscsi://h/iqn.2026-11.org.x:y/0', 'data=iscsi://h/iqn.2026-11.org.x:y/0'].flatMap((url) => [
          '--target',
          url,
        ]),
      ],
      '--target data=iscsi://h/iqn.2026-11.org.x:y/0: data has one already',
    ],
    [[], "missing required argument 'CLUSTER.yaml'"],
  ])('ends with 2 and one line: %j', async (argv, problem) => {
    expect(await checkConfig(...argv)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${problem}\n`,
    });
  });

  it('ends with 2 where the array cannot be asked', async () => {
    const gone = await createTarget({
      iqn: 'iqn.2026-11.org.fencelab:gone',
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1024 * 1024 } }],
    });
    const url = gone.urlOf(0);
    await gone.close();
    const { exitStatus, stdout, stderr } = await checkConfig(cluster('figure-10'), '--target', url);
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^fencelab: ${url} could not be asked: .*\n$`));
  });
});
