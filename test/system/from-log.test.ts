import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTarget, type Target } from '../../target/index.js';
import { fencelab, type Ended } from './cli.js';
import { Node, runDirectory } from './sg-tools.js';

const IQN = 'iqn.2026-11.org.fencelab';
const FIXTURES = fileURLToPath(new URL('../../fixtures/logs', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../dist/bin/sg_persist.js', import.meta.url));

async function startTarget(): Promise<Target> {
  const target = await createTarget({
    iqn: `${IQN}:array`,
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
  });
  onTestFinished(() => target.close());
  return target;
}

const nodeNamed = (name: string, target: Target, log?: string): Node =>
  new Node(
    { '/dev/sdb': { url: target.urlOf(0), initiator: `${IQN}:${name}` } },
    log === undefined ? {} : { FENCELAB_RECORD: log },
  );

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');
/** Without time and host, which differ. */
const commandsOf = (file: string): string[] =>
  linesOf(file).map((line) => line.split(' ').slice(2).join(' '));

describe('FENCELAB_RECORD', () => {
  it('keeps a line of each run, whatever it ends with, and a replay ends with the same', async () => {
    const folder = runDirectory();
    const target = await startTarget();
    const [log1, log2] = [join(folder, 'node1.log'), join(folder, 'node2.log')];
    const node1 = nodeNamed('node1', target, log1);
    const node2 = nodeNamed('node2', target, log2);
    const statuses: (number | null)[] = [];
    for (const [node, line] of [
      [node1, 'sg_persist -n -o -I -S 0x10001 /dev/sdb'],
      [node1, 'sg_persist -n -o -R -T 5 -K 0x10001 /dev/sdb'],
      [node2, 'sg_persist -n -o -R -T 5 -K 0x10002 /dev/sdb'],
      [node2, 'sg_persist -n -o -I -S 0x10002 /dev/sdb'],
      [node2, 'sg_persist -n -o -A -T 5 -K 0x10002 -S 0x10001 /dev/sdb'],
      [node2, 'sg_persist -n -i -r /dev/sdb'],
      [node1, 'sg_persist -n -o -L -T 5 -K 0x10001 /dev/sdb'],
      [node1, 'sg_persist -n -o -L -T 5 -K 0x10001 /dev/sdb'],
      [node1, 'sg_persist -n -o -P -A /dev/sdb'],
      [node1, 'sg_persist -n -o -C /dev/nowhere'],
    ] as const) {
      statuses.push((await node.run(line)).exitStatus);
    }
    expect(statuses).toEqual([0, 0, 24, 0, 0, 0, 6, 24, 31, 52]);
    expect(commandsOf(log1)).toEqual([
      'sg_persist -n -o -I -S 0x10001 /dev/sdb -> 0',
      'sg_persist -n -o -R -T 5 -K 0x10001 /dev/sdb -> 0',
      'sg_persist -n -o -L -T 5 -K 0x10001 /dev/sdb -> 6',
      'sg_persist -n -o -L -T 5 -K 0x10001 /dev/sdb -> 24',
      'sg_persist -n -o -P -A /dev/sdb -> 31',
      'sg_persist -n -o -C /dev/nowhere -> 52',
    ]);
    expect(linesOf(log2)[0]).toMatch(
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z \S+ sg_persist -n -o -R -T 5 -K 0x10002 \/dev\/sdb -> 24$/,
    );

    const replayed = await fencelab('run', '--from-log', log1, log2);
    expect([replayed.exitStatus, replayed.stderr]).toEqual([0, '']);
    const compared = [...replayed.stdout.matchAll(/ -> (\d+), recorded (\S+) {2}\((\S+)\)/g)].map((match) =>
      match.slice(1).join(' '),
    );
    expect(compared).toEqual([
      '0 0 node1.log:1',
      '0 0 node1.log:2',
      '24 24 node2.log:1',
      '0 0 node2.log:2',
      '0 0 node2.log:3',
      '0 0 node2.log:4',
      '24 24 node1.log:4',
      '31 31 node1.log:5',
    ]);
    expect(replayed.stdout).toMatch(/\nnode1, node2 \(memory\) +SAFE +SAFE +10 +4 +0 /);
  });

  it('changes nothing that a script can see, where the log cannot be written too', async () => {
    const folder = runDirectory();
    const target = await startTarget();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const line = 'sg_persist -n -i -k /dev/sdb';
    const expected = await nodeNamed('node0', target).run(line);
    const logs = [join(folder, 'log'), join(folder, 'nowhere', 'log'), folder, pipe, ''];
    for (const [index, log] of logs.entries()) {
      expect(await nodeNamed(`node${index + 1}`, target, log).run(line)).toEqual(expected);
    }
    expect(commandsOf(join(folder, 'log'))).toEqual([`${line} -> 0`]);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });

  it('keeps whole lines of the installed program where many runs end at once', async () => {
    const log = join(runDirectory(), 'node1.log');
    const runs = Array.from({ length: 8 }, async (_, run) => {
      const child = spawn(process.execPath, [BUNDLE, '-n', '-i', '-k', `/dev/nowhere${run}`], {
        stdio: 'ignore',
        env: { ...process.env, FENCELAB_RECORD: log, FENCELAB_DEVICES: '' },
      });
      await once(child, 'close');
    });
    await Promise.all(runs);
    expect(commandsOf(log).sort()).toEqual(
      runs.map((_, run) => `sg_persist -n -i -k /dev/nowhere${run} -> 52`),
    );
  });
});

const replayFixture = (name: string, ...more: string[]): Promise<Ended> =>
  fencelab(
    'run',
    '--from-log',
    ...['node1', 'node2'].map((node) => join(FIXTURES, name, `${node}.log`)),
    ...more,
  );

describe('fencelab run --from-log', () => {
  it('ends with 0 where the verdict is as expected, and with 1 otherwise', async () => {
    expect(await replayFixture('failover')).toMatchObject({ exitStatus: 0, stderr: '' });
    expect(await replayFixture('clear-gap')).toMatchObject({ exitStatus: 1, stderr: '' });
    expect(await replayFixture('clear-gap', '--expect', 'UNSAFE')).toMatchObject({ exitStatus: 0 });
    expect(await replayFixture('one-box', '--host', 'esx1=node1,node2')).toMatchObject({ exitStatus: 1 });
    expect(await replayFixture('one-box')).toMatchObject({ exitStatus: 0 });
  });

  it('takes one value for each option, in front of the files too', async () => {
    const logs = ['node1', 'node2'].map((node) => join(FIXTURES, 'one-box', `${node}.log`));
    const ended = await fencelab(
      ...['run', '--from-log', '--map', 'node1:/dev/sdb=0', '--map', 'node2:/dev/sdb=0'],
      ...['--host', 'esx1=node1', '--host', 'esx2=node2', ...logs],
    );
    expect(ended).toMatchObject({ exitStatus: 0, stderr: '' });
    const shared = await fencelab('run', '--from-log', '--host', 'esx1=node1,node2', ...logs);
    expect(shared).toMatchObject({ exitStatus: 1, stderr: '' });
  });

  it('ends with 1 where an exit status is another one, and writes the report', async () => {
    const folder = join(runDirectory(), 'logs');
    mkdirSync(folder);
    const [log, json] = [join(folder, 'node1.log'), join(folder, 'report.json')];
    writeFileSync(
      log,
      '2026-11-21T05:00:00Z sg_persist -n -o -I -S 1 /dev/sdb -> 0\n' +
        '2026-11-21T05:00:01Z sg_persist -n -o -R -T 5 -K 1 /dev/sdb -> 24\n',
    );
    const { exitStatus, stdout } = await fencelab('run', '--from-log', '--json', json, log);
    expect(exitStatus).toBe(1);
    expect(stdout).toContain('  not as expected: node1.log:2: exit status 0, recorded was 24\n');
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      allAsExpected: false,
      scenarios: [{ observed: 'SAFE', failedChecks: ['node1.log:2: exit status 0, recorded was 24'] }],
    });
  });

  it('writes the page and the JUnit file, called after its nodes', async () => {
    const folder = runDirectory();
    const [html, junit] = [join(folder, 'page.html'), join(folder, 'junit.xml')];
    const { exitStatus } = await replayFixture('clear-gap', '--html', html, '--junit', junit);
    expect(exitStatus).toBe(1);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('node1, node2 (memory)');
    expect(page).toContain('<strong>UNSAFE</strong>, NOT as expected: SAFE was expected');
    expect(page).toContain('<td>node2.log:2');
    expect(page).toContain('LUN 0: reservation');
    expect(page).toContain('writeExclusiveRegistrantsOnly, held by node2 path 1');
    expect(readFileSync(junit, 'utf8')).toContain('name="node1, node2" time=');
    expect(await replayFixture('failover', '--html', html, '--junit', html)).toMatchObject({
      exitStatus: 2,
      stderr: `fencelab: --html ${html}: --junit is written there, expected a file of its own\n`,
    });
  });

  it('asks another array too, with a process for each node, and leaves it as it was', async () => {
    const target = await startTarget();
    const { exitStatus, stdout } = await replayFixture('failover', '--target', target.urlOf(0), '--write');
    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/\nnode1, node2 \(processes\) +SAFE +SAFE +8 +4 +0 /);
    const keys = await nodeNamed('node3', target).done('sg_persist -n -i -k /dev/sdb');
    expect(keys).toContain('there are NO registered reservation keys');
  });

  it.each([
    [
      ['--map', '/dev/sdb=1'],
      '--map: LUN 1 is there and LUN 0 is not, expected LUNs from 0 without a gap with --target',
    ],
    [
      ['--map', 'node2:/dev/sdb=1'],
      '--target: the logs have 2 LUNs, expected --target once for each, or --map to make two names one LUN',
    ],
    [
      ['--map', '/dev/sdb=0@2'],
      '--target: --map names port 2, expected --target-portal for each port after the first',
    ],
    [
      ['--force'],
      '--target: the first 1040 blocks of iscsi://127.0.0.1:1/iqn.2026-11.org.fencelab:array/0 would be overwritten, expected --write to allow it',
    ],
  ])('does not begin where --target does not fit: %j', async (more, problem) => {
    const url = 'iscsi://127.0.0.1:1/iqn.2026-11.org.fencelab:array/0';
    const write = more.includes('--force') ? [] : ['--write'];
    expect(await replayFixture('failover', '--target', url, ...write, ...more)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${problem}\n`,
    });
  });

  it.each([
    [['--from-log', '/nowhere/node1.log'], '/nowhere/node1.log: there is no such log'],
    [['--from-log', FIXTURES], `${FIXTURES}: cannot be read (EISDIR)`],
    [['--map', '/dev/sdb=0', 'x.yaml'], '--map is of a replay, expected --from-log beside it'],
    [['--from-log', '--memory', 'x.log'], "option '--from-log' cannot be used with option '--memory'"],
    [
      ['--from-log', '--map', 'x', 'x.log'],
      '--map x: expected [NODE:]DEVICE=LUN[@PORT], LUN 0 to 63, PORT 1 to 8, for example node1:/dev/sdc=0@2',
    ],
  ])('%j is a mistake: one line, exit status 2', async (argv, problem) => {
    expect(await fencelab('run', ...argv)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${problem}\n`,
    });
  });
});
