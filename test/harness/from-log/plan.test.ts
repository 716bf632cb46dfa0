import { describe, expect, it } from 'vitest';
import { parseDeviceMapping, parseHostOfNodes } from '../../../harness/from-log/devices.js';
import { planReplay, type ReplayPlan } from '../../../harness/from-log/plan.js';

interface Settings {
  readonly map?: readonly string[];
  readonly host?: readonly string[];
}

/** `lines`: node and what stands behind `sg_persist`. */
function plan(
  lines: readonly (readonly [node: string, command: string])[],
  settings: Settings = {},
): ReplayPlan {
  const nodes = [...new Set(lines.map(([node]) => node))];
  const files = nodes.map((node) => ({
    file: `${node}.log`,
    text: lines
      .map(([of, command], second) =>
        of === node ? `2026-11-21T05:00:${10 + second}Z sg_persist ${command}\n` : '',
      )
      .join(''),
  }));
  const { map = [], host = [] } = settings;
  return planReplay(files, map.map(parseDeviceMapping), host.map(parseHostOfNodes));
}

const replayed = (lines: readonly (readonly [string, string])[], ...map: string[]): string[] =>
  plan(lines, { map }).commands.map(({ lun, replayArgs }) => `${lun ?? '-'}: ${replayArgs.join(' ')}`);

describe('which LUN a device name is', () => {
  it('the same for all nodes that call it the same, in order of appearance', () => {
    expect(
      replayed([
        ['node2', '-n -i -k /dev/sdc'],
        ['node1', '-n -i -k /dev/mapper/data'],
        ['node1', '-n -i -k /dev/sdc'],
        ['node1', '--version'],
      ]).sort(),
    ).toEqual(['-: --version', '0: -n -i -k /dev/sdb', '0: -n -i -k /dev/sdb', '1: -n -i -k /dev/sdc']);
  });

  it('none where every line says that it did nothing', () => {
    expect(
      replayed([
        ['node1', '-n -i -k /dev/nowhere -> 52'],
        ['node1', '-n -i -k /dev/sdb -> 0'],
      ]),
    ).toEqual(['-: -n -i -k /dev/nowhere', '0: -n -i -k /dev/sdb']);
  });

  it('what a mapping says, of one node before all, and of a port', () => {
    expect(
      replayed(
        [
          ['node1', '-n -i -k /dev/sdb'],
          ['node1', '-n -i -k /dev/sdc'],
          ['node2', '-n -i -k /dev/sdb'],
          ['node2', '-n -i -k /dev/other'],
        ],
        '/dev/sdb=0',
        'node1:/dev/sdb=3',
        'node1:/dev/sdc=0@2',
      ),
    ).toEqual([
      '3: -n -i -k /dev/sdh',
      '0: -n -i -k /dev/sdc',
      '0: -n -i -k /dev/sdb',
      '1: -n -i -k /dev/sdd',
    ]);
  });

  it('wherever the name stands in the command', () => {
    const name = 'iscsi://h:3260/iqn.2026-11.org.fencelab:array/0';
    expect(
      replayed(
        [
          ['node1', `-n -d ${name} -i -k`],
          ['node1', `-ind${name} -k`],
          ['node1', `-i --device=${name} -k`],
          ['node1', `-i --dev=${name} -k`],
          ['node1', `${name} -i -k`],
        ],
        `node1:${name}=0`,
      ),
    ).toEqual([
      '0: -n -d /dev/sdb -i -k',
      '0: -ind/dev/sdb -k',
      '0: -i --device=/dev/sdb -k',
      '0: -i --dev=/dev/sdb -k',
      '0: /dev/sdb -i -k',
    ]);
  });

  it.each(['/dev/sdb', '/dev/sdb=x', '/dev/sdb=64', '/dev/sdb=0@0', '/dev/sdb=0@9', '=1'])(
    '--map %s is no mapping',
    (text) => {
      expect(() => parseDeviceMapping(text)).toThrow(`--map ${text}: expected [NODE:]DEVICE=LUN[@PORT]`);
    },
  );

  it.each(['-n -i -k ""', "-n -i -k ' '"])('is not asked for by %s', (command) => {
    expect(() => plan([['node1', command]])).toThrow(
      'node1.log:1: the name of its device is empty, expected one',
    );
  });

  it.each(['/dev/sdb=1', '/dev/sdb=0@2'])('is not two: /dev/sdb=0 and %s', (other) => {
    expect(() => plan([['node1', '-n -i -k /dev/sdb']], { map: ['/dev/sdb=0', other] })).toThrow(
      `--map ${other}: contradicts --map /dev/sdb=0, expected one of them`,
    );
  });

  it('is not asked of a device that no log names', () => {
    expect(() => plan([['node1', '-n -i -k /dev/sdb']], { map: ['node2:/dev/sdb=0'] })).toThrow(
      '--map node2:/dev/sdb=0: no log names this device, expected one of node1:/dev/sdb',
    );
  });
});

describe('the nodes', () => {
  const two = [
    ['node1', '-n -i -k /dev/sdb'],
    ['node2', '-n -i -k /dev/sdb'],
  ] as const;

  it('are physical, or guests of the hosts that are given', () => {
    const { site } = plan(two, { host: ['esx1=node2'] });
    expect(site.hosts).toEqual([{ name: 'esx1' }]);
    expect(site.nodes.map(({ name, host }) => [name, host])).toEqual([
      ['node1', null],
      ['node2', 'esx1'],
    ]);
  });

  it.each([
    ['esx1', '--host esx1: expected HOST=NODE,NODE..., for example esx1=node1,node2'],
    ['esx1=', '--host esx1=: expected HOST=NODE,NODE..., for example esx1=node1,node2'],
    ['esx1=node3', '--host esx1=node3: there is no log of node3, expected one of node1, node2'],
    ['Node1=node2', '--host Node1=node2: Node1 is a node or a host already, expected a name of its own'],
    ['esx1=node1,node1', '--host esx1=node1,node1: node1 is a guest of esx1 already, expected it once'],
  ])('--host %s is a mistake', (host, problem) => {
    expect(() => plan(two, { host: [host] })).toThrow(problem);
  });

  it('have a log each', () => {
    const text = '2026-11-21T05:00:00Z sg_persist -n -i -k /dev/sdb';
    expect(() =>
      planReplay(
        [
          { file: 'a/node1.log', text },
          { file: 'b/Node1.log', text },
        ],
        [],
        [],
      ),
    ).toThrow('b/Node1.log: a/node1.log is the log of Node1 already, expected one file for each node');
  });
});

describe('a command that runs elsewhere', () => {
  const from = (command: string): ReplayPlan =>
    planReplay(
      [
        { file: 'a.log', text: '' },
        { file: 'b.log', text: `2026-11-21T05:00:00Z ${command}` },
      ],
      [],
      [],
    );

  it.each([
    '+ ssh a sg_persist -n -o -C -K 1 /dev/sdb',
    '+ /usr/bin/ssh -q -l root -p 22 A.example.com "sg_persist -n -o -C -K 1 /dev/sdb"',
    "+ rsh root@a 'sg_persist -n -o -C -K 1 /dev/sdb'",
    'node2 pkg1: cmexec a /usr/bin/sg_persist -n -o -C -K 1 /dev/sdb',
    '+ ssh a "vgs && sg_persist -n -o -C -K 1 /dev/sdb; vgs"',
    '+ ssh gate ssh a sg_persist -n -o -C -K 1 /dev/sdb',
    '+ pdsh -w a sg_persist -n -o -C -K 1 /dev/sdb',
    '+ /usr/bin/pdsh -SbR ssh -l root -wssh:root@a,b -x b "sg_persist -n -o -C -K 1 /dev/sdb"',
    '+ clush -qw a --worker=ssh --user root sg_persist -n -o -C -K 1 /dev/sdb',
  ])("is that machine's: %s", (command) => {
    expect(from(command).commands.map(({ node, log, args }) => [node, log, args.join(' ')])).toEqual([
      ['a', 'b', '-n -o -C -K 1 /dev/sdb'],
    ]);
  });

  it.each([
    ['+ ssh c sg_persist -n -i -k /dev/sdb', 'ran on c, of which there is no log, expected one of a, b'],
    ['+ ssh -q sg_persist -n -i -k /dev/sdb', 'ssh runs it elsewhere, expected a host behind it'],
    [
      '+ pdsh -w a,c sg_persist -n -i -k /dev/sdb',
      'ran on c, of which there is no log, expected one of a, b',
    ],
    ['+ ssh $NODE sg_persist -n -i -k /dev/sdb', 'holds $NODE, which only the shell could have replaced'],
    [
      '+ pdsh sg_persist -n -i -k /dev/sdb',
      'pdsh runs it elsewhere and names no node, expected -w and names',
    ],
    ['+ pdsh -w a -x a sg_persist -n -i -k /dev/sdb', 'pdsh runs it elsewhere and names no node'],
    ['+ pdsh -a sg_persist -n -i -k /dev/sdb', 'pdsh runs it elsewhere and -a chooses its nodes'],
    [
      '+ pdsh -R exec -w a sg_persist -n -i -k /dev/sdb',
      'pdsh runs it elsewhere and -R exec runs it where it is itself',
    ],
    ['+ clush -bg all sg_persist -n -i -k /dev/sdb', 'clush runs it elsewhere and -g chooses its nodes'],
    [
      '+ clush --hostfile=f sg_persist -n -i -k /dev/sdb',
      'clush runs it elsewhere and --hostfile chooses its nodes',
    ],
    [
      "+ clush -w '@x&@y' sg_persist -n -i -k /dev/sdb",
      'clush runs it elsewhere and -w @x&@y is no list of names',
    ],
    [
      '+ pssh -H a sg_persist -n -i -k /dev/sdb',
      'pssh runs it on other machines, expected a line of each of them',
    ],
  ])('is refused where no log is of it: %s', (command, problem) => {
    expect(() => from(command)).toThrow(`b.log:1: ${problem}`);
  });

  it.each(['b ssh: sg_persist -n -i -k /dev/sdb', '+ ssh a vgs; sg_persist -n -i -k /dev/sdb'])(
    'is not one that only follows: %s',
    (command) => {
      expect(from(command).commands.map(({ node }) => node)).toEqual(['b']);
    },
  );

  it('runs on each node that pdsh names, in an order that is not sure, and its end is not told', () => {
    const { commands, remarks } = from('+ pdsh -w a,b sg_persist -n -o -G -S 1 /dev/sdb -> 0');
    expect(commands.map(({ node, recordedExitStatus }) => [node, recordedExitStatus])).toEqual([
      ['a', undefined],
      ['b', undefined],
    ]);
    expect(remarks).toContain(
      'The order of a and b in b.log:1 is not sure: their times do not tell it. Another order may be judged otherwise.',
    );
  });

  it('is of the node whose output the line is, as pdsh puts its name before it', () => {
    const text = `2026-11-21T05:00:00Z start
a: + sg_persist -n -i -k /dev/sdb
pkg1.sh: + sg_persist -n -i -k /dev/sdb`;
    const { commands } = planReplay(
      [
        { file: 'a.log', text: '' },
        { file: 'b.log', text },
      ],
      [],
      [],
    );
    expect(commands.map(({ node }) => node)).toEqual(['a', 'b']);
  });
});

describe('what is to be said of the logs', () => {
  const at = (node: string, times: readonly string[]): { file: string; text: string } => ({
    file: `${node}.log`,
    text: times.map((time) => `${time} sg_persist -n -o -G -S 1 /dev/sdb`).join('\n'),
  });

  it('where time begins, years that are missing, clocks that go back, and an order that is not sure', () => {
    const files = [
      at('node1', ['Nov 21 05:00:00', 'Nov 21 05:00:08']),
      at('node2', ['Nov 21 05:00:08', 'Nov 21 05:00:07']),
    ];
    expect(planReplay(files, [], []).remarks).toEqual([
      '0 s is the time of node1.log:1.',
      'Times without a year are taken to be of one year.',
      'node2.log:2: its time is before that of a line above it; the lines of a file keep their order.',
      'The order of node1.log:2 and node2.log:1 is not sure: their times do not tell it. Another order may be judged otherwise.',
      'The order of node1.log:2 and node2.log:2 is not sure: their times do not tell it. Another order may be judged otherwise.',
    ]);
  });

  it('not more than five times the same', () => {
    const same = Array.from({ length: 3 }, () => '2026-11-21T05:00:00Z');
    const { remarks } = planReplay([at('node1', same), at('node2', same)], [], []);
    expect(remarks).toHaveLength(7);
    expect(remarks.at(-1)).toBe('The same holds for 4 more.');
  });

  it('which lines speak of sg_persist and are not given again', () => {
    const text = `2026-11-21T05:00:00Z sg_persist -n -i -k /dev/sdb
+ echo sg_persist -n -o -C -K 1 /dev/sdb
sg_persist failed
other talk
`;
    expect(planReplay([{ file: 'node1.log', text }], [], []).remarks.slice(1)).toEqual([
      'node1.log:2: speaks of sg_persist and is no command that is given again.',
      'node1.log:3: speaks of sg_persist and is no command that is given again.',
    ]);
  });

  it('that there is nothing to replay', () => {
    expect(() => planReplay([{ file: 'node1.log', text: 'nothing' }], [], [])).toThrow(
      'node1.log: no line holds an sg_persist command',
    );
  });
});
