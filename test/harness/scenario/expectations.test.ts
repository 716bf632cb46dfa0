import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario, type ScenarioResult } from '../../../harness/index.js';

interface Given {
  readonly hosts?: readonly [string, string];
  readonly packages?: string;
  readonly sequences?: readonly string[];
  readonly steps: readonly string[];
}

const PACKAGE = '{ name: pkg1, cluster: cluster1, luns: [data], nodes: [guest1, guest2] }';
const MULTI_NODE = PACKAGE.replace('luns', 'type: multi-node, luns');
const RUN = 'cmrunpkg: { package: pkg1, node: guest1 }';
const HANG = 'hang: { node: guest1 }';
const REFORM = 'reform: { cluster: cluster1 }';
const REGISTER = "{ id: register, eachPath: '-n -o -I -S {key}' }";
const RESERVE = "{ id: reserve, eachLun: '-n -o -R -K {key} -T 5', fences: true }";
const APPLICATION = '{ id: application, application: start }';

const textOf = ({ hosts = ['esx1', 'esx2'], packages = PACKAGE, sequences = [], steps }: Given): string =>
  [
    'scenario: a title',
    'paper: somewhere',
    'expect: SAFE',
    'array: { luns: [{ name: data }] }',
    'hosts: [{ name: esx1 }, { name: esx2 }]',
    'clusters: [{ name: cluster1, release: A.11.19 }]',
    `nodes: [${hosts.map((host, index) => `{ name: guest${index + 1}, cluster: cluster1, host: ${host} }`).join(', ')}]`,
    `packages: [${packages}]`,
    ...(sequences.length === 0 ? [] : ['sequences:', ...sequences.map((line) => `  ${line}`)]),
    'steps:',
    ...steps.map((step) => `  - ${step}`),
  ].join('\n');

const play = (given: Given): Promise<ScenarioResult> =>
  runScenario(parseScenario(textOf(given), 's.yaml'), { runtime: 'memory' });

const failedIn = async (given: Given): Promise<readonly string[]> =>
  (await play(given)).checks.filter(({ passed }) => !passed).map(({ text }) => text);

const messageOf = (given: Given): string => {
  try {
    parseScenario(textOf(given), 's.yaml');
    return 'sound';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('what is expected of writes', () => {
  const writes = (how: string): string => `writes: { package: pkg1, ${how} }`;

  it.each([
    ['acknowledged', 'refused'],
    ['refused', 'acknowledged'],
  ])('of a node that hangs is held to what they come to when it wakes: %s', async (expected, other) => {
    const steps = (word: string): readonly string[] => [
      ...[RUN, HANG, writes(`node: guest1, count: 2, expect: ${word}`)],
      ...(expected === 'refused' ? [REFORM] : []),
    ];
    expect(await failedIn({ steps: steps(expected) })).toEqual([]);
    expect(await failedIn({ steps: steps(other) })).toEqual([`writes of pkg1 on guest1 are ${other}`]);
  });

  it('that nobody waits for is held to what they come to at the end', async () => {
    const steps = (word: string): readonly string[] => [
      RUN,
      writes(`count: 1, wait: false, expect: ${word}`),
    ];
    expect(await failedIn({ steps: steps('acknowledged') })).toEqual([]);
    expect(await failedIn({ steps: steps('refused') })).toEqual(['writes of pkg1 on guest1 are refused']);
  });

  it.each([
    ['dead', ['crash: { node: guest1 }', REFORM]],
    ['halted', ['cmhaltpkg: { package: pkg1 }']],
  ])('by an application that is %s fails: it writes nothing', async (_, end) => {
    for (const expected of ['acknowledged', 'refused']) {
      const step = writes(`node: guest1, count: 1, expect: ${expected}`);
      expect(await failedIn({ steps: [RUN, ...end, step] })).toEqual([
        `writes of pkg1 on guest1 are ${expected}`,
      ]);
    }
  });

  it('is of these writes alone, and not of those that were asked for before', async () => {
    const hold = 'hold: { where: array, node: guest1, lun: data, for: 5s }';
    const steps = [
      ...[RUN, hold, writes('count: 1, wait: false'), 'awaitHeld: { where: array, node: guest1 }'],
      ...[`together: [{ ${writes('count: 1, expect: refused')} }, { wait: 6s }]`],
    ];
    expect(await failedIn({ steps })).toEqual(['writes of pkg1 on guest1 are refused']);
    const killed = [
      ...[
        RUN,
        'hold: { where: host, node: guest1, lun: data }',
        writes('count: 1, wait: false, expect: acknowledged'),
      ],
      ...['awaitHeld: { where: host, node: guest1 }', 'crash: { node: guest1 }'],
    ];
    expect(await failedIn({ steps: killed })).toEqual(['writes of pkg1 on guest1 are acknowledged']);
  });
});

describe('what is played between two lines', () => {
  const between = (after: string): string =>
    `between: { after: ${after}, do: [{ expectOwner: { package: pkg1, node: nobody } }] }`.replace(
      'nobody',
      'none',
    );
  const run = (after: string): string => `cmrunpkg: { package: pkg1, node: guest1, ${between(after)} }`;
  const reform = (after: string): string => `reform: { cluster: cluster1, ${between(after)} }`;
  const LINES = 'register-to-clear, clear, register, reserve, start-application';

  it.each([
    ['of no line', { steps: [run('registre')] }, `there is no line 'registre', expected one of ${LINES}`],
    [
      'of no line of a start',
      { steps: [reform('release')] },
      `there is no line 'release', expected one of ${LINES}`,
    ],
    [
      'of no line of the fence of a survivor either',
      { packages: MULTI_NODE, steps: [reform('fence')] },
      `there is no line 'fence', expected one of ${LINES}, fence-failed-node`,
    ],
    [
      "of none of the user's own",
      { sequences: ['start:', `  - ${RESERVE}`, `  - ${APPLICATION}`], steps: [run('register')] },
      "there is no line 'register', expected one of reserve, application",
    ],
    [
      'of a control script',
      { packages: PACKAGE.replace('luns', 'controlScript: pkg1.cntl, luns'), steps: [run('reserve')] },
      'there is no line to stop behind where control scripts start packages, expected no between',
    ],
  ] as const)('is refused behind a line %s', (_, given, problem) => {
    const text = textOf(given).replace('expect: SAFE', 'expect: SAFE\nruntimes: [processes]');
    expect(() => parseScenario(text, 's.yaml')).toThrow(problem);
  });

  it('is refused with its place', () => {
    expect(messageOf({ steps: [run('registre')] })).toMatch(/^s\.yaml:10:\d+: there is no line 'registre'/);
  });

  it('fails where no procedure comes there', async () => {
    const reached = 'a procedure comes to the line reserve, and what is between is played';
    expect(await failedIn({ steps: [RUN, reform('reserve')] })).toEqual([reached]);
    expect(await failedIn({ steps: [run('reserve')] })).toEqual([]);
  });

  it('is played once where two packages move', async () => {
    const second = '{ name: pkg2, cluster: cluster1, luns: [logs], nodes: [guest1, guest2] }';
    const text = textOf({
      packages: `${PACKAGE}, ${second}`,
      steps: [RUN, 'cmrunpkg: { package: pkg2, node: guest1 }', HANG, reform('reserve')],
    }).replace('[{ name: data }]', '[{ name: data }, { name: logs }]');
    const { checks } = await runScenario(parseScenario(text, 's.yaml'), { runtime: 'memory' });
    expect(checks.filter(({ text: what }) => what.startsWith('pkg1 runs on'))).toEqual([
      { text: 'pkg1 runs on none, expected none', passed: true },
    ]);
  });
});

describe('a scenario that shows nothing', () => {
  it('is INCONCLUSIVE where nothing is started', async () => {
    const { verdict, passed } = await play({ steps: ['wait: 1s'] });
    expect([verdict.verdict, passed]).toEqual(['INCONCLUSIVE', false]);
    expect(verdict.findings.map(({ text }) => text)).toEqual(['package pkg1: no write was acknowledged']);
  });

  it('is SAFE where the start was expected to fail', async () => {
    const run = 'cmrunpkg: { package: pkg1, node: guest1, expect: fails }';
    const { verdict, passed } = await play({ steps: ['loseStorage: { node: guest1 }', run] });
    expect([verdict.verdict, passed]).toEqual(['SAFE', true]);
  });

  it.each([
    [
      'a start without an application',
      ['start:', `  - ${REGISTER}`],
      'start has no line with application: start, expected one',
    ],
    [
      'a start with two',
      ['start:', `  - ${APPLICATION}`, `  - ${APPLICATION.replace('id: a', 'id: another-a')}`],
      'start has 2 lines with application: start, expected one',
    ],
    [
      'a halt that stops nothing',
      ['halt:', `  - ${REGISTER}`],
      'halt has no line with application: stop, expected one',
    ],
    [
      'a start that stops',
      ['start:', '  - { id: stop, application: stop }'],
      'a line of start has application: stop, expected application: start',
    ],
    [
      'an application in another sequence',
      ['undoStart:', '  - { id: stop, application: stop }'],
      'a line of undoStart has application: stop, expected it in start or halt alone',
    ],
    [
      'a command while a cluster forms again',
      ['reform:', '  - { id: wait, wait: reformation }', `  - ${REGISTER}`],
      'a line of reform gives a command, expected wait: reformation, for nobody runs a package then',
    ],
  ])('is refused with its line: %s', (_, sequences, problem) => {
    const message = messageOf({ sequences, steps: [RUN] });
    expect(message).toMatch(/^s\.yaml:1[0-2]:\d+: /);
    expect(message).toContain(problem);
  });
});

describe("the user's own reform", () => {
  it('is played, with each of its waits', async () => {
    const waits: number[] = [];
    const sequences = ['reform:', '  - { id: one, wait: reformation }', '  - { id: two, wait: reformation }'];
    const text = textOf({ sequences, steps: [RUN, HANG, REFORM] });
    const slow = text.replace('release: A.11.19', 'release: A.11.19, reformationWait: 7s');
    await runScenario(parseScenario(slow, 's.yaml'), {
      runtime: 'memory',
      onEvent: (event) => event.type === 'wait' && waits.push(event.waitMs),
    });
    expect(waits).toEqual([7_000, 7_000]);
  });
});

describe('a start that fails behind the line that starts the application', () => {
  /** Good on guest1 alone: it swaps the key of that node. */
  const sequences = [
    'start:',
    `  - ${REGISTER}`,
    `  - ${APPLICATION}`,
    `  - ${RESERVE}`,
    "  - { id: guest1-alone, eachLun: '-n -o -G -K 0x10001 -S 0x10001' }",
  ];
  const hold = 'where: host, node: guest1';
  const steps = [
    ...[RUN, `hold: { ${hold}, lun: data }`, 'writes: { package: pkg1, count: 1, wait: false }'],
    ...[`awaitHeld: { ${hold} }`, HANG, 'cmmodpkg: { package: pkg1, switching: disable }', REFORM],
    ...['cmrunpkg: { package: pkg1, node: guest2, expect: fails }'],
    ...['expectOwner: { package: pkg1, node: none }', `release: { ${hold} }`],
  ];

  it('ends the application, and the fence that it relied on counts', async () => {
    const { verdict, checks } = await play({ hosts: ['esx1', 'esx1'], sequences, steps });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(verdict.findings.map(({ kind }) => kind)).toContain('landedLate');
  });
});
