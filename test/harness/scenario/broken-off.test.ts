import { describe, expect, it } from 'vitest';
import { FILE, lineOf, playSteps } from './small-site.js';

const START = 'cmrunpkg: { package: pkg1, node: guest1 }';
const WRITE = 'writes: { package: pkg1, count: 1, expect: acknowledged }';

describe('a host that is dead', () => {
  it.each([
    ['vmotion: { node: guest2, to: esx1 }', 'guest2'],
    ['migrate: { node: guest2, to: esx1 }', 'guest2'],
    ['hpvmsg_move: { node: guest2, to: esx1 }', 'guest2'],
    ['replaceServer: { node: server, to: esx1 }', 'server'],
    ['cmrunnode: { node: guest1, expect: fails }', undefined],
    ['haRestart: { node: guest1, to: esx1 }', 'guest1'],
  ])('takes nobody: %s', async (step, node) => {
    const { failed } = await playSteps([
      'cmrunpkg: { package: pkg1, node: guest2 }',
      'crashHost: { host: esx1 }',
      step,
      WRITE,
    ]);
    expect(failed).toEqual(node === undefined ? [] : [`esx1 is not dead and can run ${node}`]);
  });
});

describe('a guest that dies while it moves', () => {
  it.each(['vmotion', 'migrate', 'hpvmsg_move'])('does not arrive: %s', async (move) => {
    const { failed, events } = await playSteps([
      START,
      `${move}: { node: guest1, to: esx2, during: [{ crash: { node: guest1 } }] }`,
      'reform: { cluster: c1 }',
      WRITE,
    ]);
    expect(failed).toEqual([]);
    const told = events.flatMap((event) => (event.type === 'move' ? [event.text] : []));
    expect(told).toContain('its move breaks off: guest1 is dead');
    expect(told.filter((text) => text.startsWith('is on'))).toEqual([]);
  });
});

describe('what an operator asks of a node that hangs', () => {
  it.each([
    ['cmrunpkg: { package: pkg1, node: npiv, expect: fails }', 'npiv', []],
    ['cmhaltpkg: { package: pkg1 }', 'guest2', ['pkg1 can be halted, but guest2 hangs']],
    ['cmhaltnode: { node: guest2 }', 'guest2', ['guest2 is a member and can be halted, but guest2 hangs']],
    ['failApplication: { package: pkg1 }', 'guest2', ['pkg1 runs and can fail, but guest2 hangs']],
    [
      'registerAgain: { package: pkg1, node: guest2 }',
      'guest2',
      ['pkg1 runs on guest2 and can register again'],
    ],
  ])('is answered: %s', async (step, hung, expected) => {
    const steps = ['cmrunpkg: { package: pkg1, node: guest2 }', `hang: { node: ${hung} }`, step];
    const { failed } = await playSteps(steps, { heartbeat: true });
    expect(failed).toEqual(expected);
  });
});

describe('what goes wrong in a step', () => {
  it('ends the run with its file and line: no step is played after it, and nothing more is told', async () => {
    const steps = [
      START,
      'hold: { where: array, node: guest1, lun: data }',
      'writes: { package: pkg1, count: 1 }',
      'expectOwner: { package: pkg1, node: none }',
    ];
    const told: string[] = [];
    await expect(playSteps(steps, { onEvent: ({ type }) => told.push(type) })).rejects.toThrow(
      `${FILE}:${lineOf(2)}: writes package=pkg1 count=1: it waits for ever`,
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(told.at(-1)).toBe('writeIssued');
  });
});

describe('a hold in a hypervisor', () => {
  const held = (node: string): readonly string[] => [
    `hold: { where: host, node: ${node}, lun: data }`,
    'writes: { package: pkg1, count: 1, wait: false }',
    `awaitHeld: { where: host, node: ${node} }`,
  ];

  it('goes by where a node is now', async () => {
    const { failed } = await playSteps([
      'replaceServer: { node: server, to: esx2 }',
      'cmrunpkg: { package: pkg1, node: server }',
      ...held('server'),
    ]);
    expect(failed).toEqual([]);
  });

  it.each([
    ['replaceServer: { node: guest1, to: blade }', 'guest1'],
    ['wait: 1s', 'server'],
  ])('is none of a physical node: %s', async (before, node) => {
    await expect(playSteps([before, ...held(node)])).rejects.toThrow(
      `${FILE}:${lineOf(1)}: hold where=host node=${node} lun=data: a physical node has no hypervisor to hold a write, expected a guest`,
    );
  });
});
