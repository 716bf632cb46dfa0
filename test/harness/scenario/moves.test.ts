import { describe, expect, it } from 'vitest';
import {
  parseScenario,
  runScenario,
  type ScenarioEvent,
  type ScenarioResult,
} from '../../../harness/index.js';

const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const REFORM = 'reform: { cluster: cluster1 }';

function textOf(steps: readonly string[], transport = 'iscsi', mode = 'pr_enabled'): string {
  return [
    'scenario: nodes that move',
    'paper: nowhere',
    'expect: SAFE',
    `array: { transport: ${transport}, portals: 2, luns: [{ name: data }] }`,
    'hosts: [{ name: esx1 }, { name: esx2 }, { name: esx3 }]',
    'servers: [{ name: blade1 }, { name: blade2 }]',
    'clusters: [{ name: cluster1, release: A.11.19 }]',
    'nodes:',
    '  - { name: node1, cluster: cluster1 }',
    '  - { name: guest1, cluster: cluster1, host: esx1 }',
    '  - { name: guest2, cluster: cluster1, host: esx2 }',
    'packages:',
    `  - { name: pkg1, cluster: cluster1, luns: [data], nodes: [node1, guest1, guest2], pkg_pr_mode: ${mode} }`,
    'steps:',
    ...steps.map((step) => `  - ${step}`),
  ].join('\n');
}

async function play(
  steps: readonly string[],
  ...site: readonly string[]
): Promise<ScenarioResult & { readonly failed: readonly string[]; readonly moves: readonly string[] }> {
  const moves: string[] = [];
  const onEvent = (event: ScenarioEvent): void => {
    if (event.type === 'move') moves.push(`${event.node} ${event.text}`);
  };
  const [transport, mode] = site;
  const scenario = parseScenario(textOf(steps, transport, mode), 'moves.yaml');
  const result = await runScenario(scenario, { runtime: 'memory', onEvent });
  return { ...result, moves, failed: result.checks.filter(({ passed }) => !passed).map(({ text }) => text) };
}

const messageOf = (...steps: readonly string[]): string => {
  try {
    parseScenario(textOf(steps), 'moves.yaml');
    return 'sound';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('what a node leaves behind', () => {
  it('has a name of its own each time it moves, and each is a machine that can be asked', async () => {
    const { failed, moves, verdict } = await play([
      RUN,
      'hang: { node: node1 }',
      'moveProfile: { node: node1, to: blade1 }',
      RUN,
      'hang: { node: node1 }',
      'moveProfile: { node: node1, to: blade2 }',
      RUN,
      'crash: { node: node1.source }',
      'wake: { node: node1.source2 }',
      'writes: { package: pkg1, node: node1.source2, count: 1, expect: acknowledged }',
    ]);
    expect(failed).toEqual([]);
    expect(moves).toEqual([
      'node1 boots on blade1; what it leaves is hung, and called node1.source',
      'node1 is on node1; its nexus is that of node1',
      'node1 boots on blade2; what it leaves is hung, and called node1.source2',
      'node1 is on node1; its nexus is that of node1',
    ]);
    // The second machine has the nexus of the third: nothing refuses it.
    expect(verdict.findings.map(({ write }) => write?.incarnation)).toContain(2);
    expect(verdict.findings.map(({ write }) => write?.incarnation)).not.toContain(1);
  });

  it('keeps what ran on it: the package is lost there, and runs on nobody', async () => {
    const { failed } = await play([
      RUN,
      'moveProfile: { node: node1, to: blade1 }',
      'expectOwner: { package: pkg1, node: none }',
      'writes: { package: pkg1, node: node1.source, count: 1, expect: acknowledged }',
    ]);
    expect(failed).toEqual([]);
  });

  it('leaves the node up, whatever became of the machine', async () => {
    const { failed } = await play([
      'crash: { node: node1 }',
      'replaceServer: { node: node1, to: blade1 }',
      'expectMembers: { cluster: cluster1, nodes: [node1, guest1, guest2] }',
      RUN,
    ]);
    expect(failed).toEqual([]);
  });

  it.each(['node1.source1', 'node1.source0', 'node1.source02', 'node1.sources', 'source2'])(
    'is not called %s',
    (name) => {
      expect(messageOf(`hang: { node: ${name} }`)).toBe(
        `moves.yaml:15:19: there is no node '${name}', expected one of node1, guest1, guest2`,
      );
    },
  );
});

describe('a place after a move', () => {
  it.each([
    ['vmotion: { node: guest1, to: esx3 }', 'is on esx3; its nexus is that of esx3'],
    [
      'vmotion: { node: guest1, to: esx2 }',
      'is on esx2; its nexus is that of esx2; the array cannot tell it from guest2',
    ],
    ['migrate: { node: guest1, to: esx3 }', 'is on esx3; its nexus is that of esx3'],
    ['replaceServer: { node: guest1, to: blade1 }', 'is on blade1; its nexus is that of blade1'],
    [
      'replaceServer: { node: node1, to: esx2 }',
      'is on esx2; its nexus is that of esx2; the array cannot tell it from guest2',
    ],
    ['moveProfile: { node: node1, to: blade1 }', 'is on node1; its nexus is that of node1'],
  ])('by %s is told: %s', async (step, text) => {
    const { moves, failed } = await play([step]);
    expect(failed).toEqual([]);
    expect(moves.at(-1)?.split(' ').slice(1).join(' ')).toBe(text);
  });

  it('is that of the host on which VMware HA boots a dead guest', async () => {
    const { moves, failed } = await play([
      'crash: { node: guest1 }',
      'haRestart: { node: guest1, to: esx3 }',
    ]);
    expect(failed).toEqual([]);
    expect(moves).toEqual(['guest1 is on esx3; its nexus is that of esx3']);
  });

  it('has the paths of that place: one that was lost before is not lost there', async () => {
    const steps = [
      'cmrunpkg: { package: pkg1, node: guest1 }',
      'loseStorage: { node: guest1 }',
      'vmotion: { node: guest1, to: esx3 }',
      'writes: { package: pkg1, count: 1, expect: acknowledged }',
    ];
    expect((await play(steps, 'iscsi', 'pr_disabled')).failed).toEqual([]);
  });
});

describe('a move that cannot be', () => {
  it.each([
    ['vmotion: { node: node1, to: esx2 }', 'node1 is a guest that runs, and can move'],
    ['migrate: { node: node1, to: esx2 }', 'node1 is a guest that runs, and can move'],
    ['haRestart: { node: guest1, to: esx2 }', 'guest1 is dead and can be restarted on esx2'],
    ['registerAgain: { package: pkg1, node: node1 }', 'pkg1 runs on node1 and can register again'],
  ])('is told of %s', async (step, check) => {
    const { failed, moves } = await play([step]);
    expect(failed).toEqual([check]);
    expect(moves).toEqual([]);
  });

  it.each([
    ['hang: { node: guest1 }', 'vmotion: { node: guest1, to: esx2 }'],
    ['crash: { node: guest1 }', 'migrate: { node: guest1, to: esx2 }'],
  ])('is one of a guest that does not run: %s', async (...steps) => {
    expect((await play(steps)).failed).toEqual(['guest1 is a guest that runs, and can move']);
  });

  it.each([
    ['vmotion: { node: guest1, to: blade1 }', "'blade1', expected one of esx1, esx2, esx3"],
    ['haRestart: { node: guest1, to: blade1 }', "'blade1', expected one of esx1, esx2, esx3"],
    ['moveProfile: { node: node1, to: esx1 }', "'esx1', expected one of blade1, blade2"],
    ['replaceServer: { node: node1, to: x }', "'x', expected one of esx1, esx2, esx3, blade1, blade2"],
  ])('is refused: %s', (step, message) => {
    expect(messageOf(step)).toMatch(/^moves\.yaml:15:\d+: there is no place to go to called /);
    expect(messageOf(step)).toContain(message);
  });

  it.each([
    ['vmotion: { node: guest1 }', 'to missing, expected node and to, and frozen, during'],
    ['migrate: { node: guest1, to: esx2, copy: 5 }', 'copy: found 5, expected a time such as 70s or 500ms'],
    ['crashHost: { host: esx9 }', "there is no host 'esx9', expected one of esx1, esx2, esx3"],
    ['vmotion: { node: guest1, to: esx2, during: [hagn: {}] }', "there is no step 'hagn', expected one of"],
  ])('is refused by its form: %s', (step, message) => {
    expect(messageOf(step)).toContain(message);
  });
});

describe('times of a move', () => {
  const waitedBy = async (step: string): Promise<number> => {
    const clock: number[] = [];
    const scenario = parseScenario(textOf([step]), 'moves.yaml');
    await runScenario(scenario, { runtime: 'memory', onEvent: ({ at }) => clock.push(at) });
    return Math.round((clock.at(-1) ?? 0) / 1_000);
  };

  it.each([
    ['vmotion: { node: guest1, to: esx3 }', 2],
    ['vmotion: { node: guest1, to: esx3, frozen: 9s }', 9],
    ['migrate: { node: guest1, to: esx3 }', 22],
    ['migrate: { node: guest1, to: esx3, init: 0s, copy: 0s, quiesce: 0s }', 7],
    ['migrate: { node: guest1, to: esx3, init: 10s, copy: 20s, quiesce: 30s, frozen: 40s }', 100],
    // What happens in the freeze is part of it, unless it takes longer.
    ['vmotion: { node: guest1, to: esx3, frozen: 5s, during: [wait: 3s] }', 5],
    ['vmotion: { node: guest1, to: esx3, frozen: 5s, during: [wait: 8s] }', 8],
  ])('are those of the step: %s takes %i s', async (step, seconds) => {
    expect(await waitedBy(step)).toBe(seconds);
  });
});

describe('hpvmsg_move', () => {
  const move = (during: string): string =>
    `hpvmsg_move: { node: guest1, to: esx3, frozen: 9s, during: [${during}] }`;
  const start = 'cmrunpkg: { package: pkg1, node: guest1 }';

  it('keeps what runs on the guest from starting elsewhere, and then lets it', async () => {
    const { failed, moves } = await play([
      start,
      move(REFORM),
      'expectOwner: { package: pkg1, node: guest1 }',
      'hang: { node: guest1 }',
      REFORM,
      'expectOwner: { package: pkg1, node: node1 }',
    ]);
    expect(failed).toEqual([]);
    expect(moves.filter((text) => text.includes('failover'))).toEqual([
      'guest1 failover is off for pkg1',
      'guest1 failover is as before for pkg1',
    ]);
  });

  it('gives nothing back that was started elsewhere meanwhile', async () => {
    const { failed } = await play([
      start,
      move(`${REFORM}, cmrunpkg: { package: pkg1, node: node1 }`),
      'expectOwner: { package: pkg1, node: node1 }',
    ]);
    expect(failed).toEqual([]);
  });
});

describe('a WWN', () => {
  it('goes on where an iSCSI login would end what its first machine had handed over', async () => {
    const steps = [
      RUN,
      'hold: { where: array, node: node1, lun: data }',
      'writes: { package: pkg1, node: node1, count: 1, wait: false }',
      'awaitHeld: { where: array, node: node1 }',
      'hang: { node: node1 }',
      'moveProfile: { node: node1, to: blade1 }',
      RUN,
      'crash: { node: node1.source }',
      'release: { where: array, node: node1 }',
    ];
    expect((await play(steps)).verdict.verdict).toBe('SAFE');
    expect((await play(steps, 'fibre-channel')).verdict.verdict).toBe('UNSAFE');
  });
});
