import { describe, expect, it } from 'vitest';
import { parseScenario, ScenarioError, type Scenario } from '../../../harness/index.js';

const HEAD = `scenario: a title
paper: somewhere
expect: SAFE
array: { luns: [{ name: data }] }
hosts: [{ name: esx1 }]
clusters: [{ name: c1, release: A.11.19 }]
nodes:
  - { name: node1, cluster: c1 }
  - { name: guest1, cluster: c1, host: esx1 }
packages: [{ name: pkg1, cluster: c1, luns: [data], nodes: [node1, guest1] }]
steps:
`;
const parse = (steps: string): Scenario => parseScenario(HEAD + steps, 's.yaml');
const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);
const textsUnder = (scenario: Scenario, seed: number): string[] =>
  scenario.stepsUnder(seed).map(({ text }) => text);

const messageOf = (steps: string): string => {
  try {
    parse(steps);
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as Error).message;
  }
  throw new Error('no mistake was found');
};

describe('what a scenario leaves to the seed', () => {
  it('is the same for the same seed, and is all drawn by some seed', () => {
    const scenario = parse('  - writes: { package: pkg1, count: 1-3 }\n  - wait: 2s-2001ms\n');
    expect(textsUnder(scenario, 5)).toEqual(textsUnder(scenario, 5));
    const all = new Set(SEEDS.map((seed) => textsUnder(scenario, seed).join('; ')));
    expect([...all].sort()).toEqual(
      [1, 2, 3].flatMap((count) => [
        `writes package=pkg1 count=${count}; wait 2000ms`,
        `writes package=pkg1 count=${count}; wait 2001ms`,
      ]),
    );
  });

  it('is one of several lists of steps, each with its own line', () => {
    const scenario = parse(`  - choose:
      - - hang: { node: node1 }
        - wait: 1s
      - - crash: { node: node1 }
      - []
  - cmviewcl: { cluster: c1 }
`);
    const played = SEEDS.map((seed) =>
      scenario
        .stepsUnder(seed)
        .map(({ name, line }) => `${name} ${line}`)
        .join(', '),
    );
    expect([...new Set(played)].sort()).toEqual([
      'cmviewcl 17',
      'crash 15, cmviewcl 17',
      'hang 13, wait 14, cmviewcl 17',
    ]);
  });

  it('may stand in steps inside of steps', () => {
    const scenario = parse(`  - reform:
      cluster: c1
      between: { after: reserve, do: [{ choose: [[{ wait: 1s }], [{ wait: 2s }]] }] }
  - together:
      - wait: 3s-4s
      - choose: [[{ hang: { node: node1 } }], [{ wake: { node: node1 } }]]
`);
    const inner = SEEDS.map((seed) => {
      const [reform, together] = scenario.stepsUnder(seed);
      if (reform?.name !== 'reform' || together?.name !== 'together') throw new Error('other steps');
      expect(together.value[0]?.text).toMatch(/^wait [34]\d{3}ms$/);
      return `${reform.value.between?.do[0]?.text ?? ''}, ${together.value[1]?.text ?? ''}`;
    });
    expect([...new Set(inner)].sort()).toEqual([
      'wait 1s, hang node=node1',
      'wait 1s, wake node=node1',
      'wait 2s, hang node=node1',
      'wait 2s, wake node=node1',
    ]);
  });

  it.each([
    [
      '  - writes: { package: pkg1, count: 5-2 }\n',
      's.yaml:12:37: 5-2 is no range, expected a lower and a higher whole number from 1 to 60 such as 1-5',
    ],
    [
      '  - writes: { package: pkg1, count: 0-2 }\n',
      's.yaml:12:37: 0-2 is no range, expected a lower and a higher whole number from 1 to 60 such as 1-5',
    ],
    [
      '  - writes: { package: pkg1, count: 70 }\n',
      's.yaml:12:37: steps[0].writes.count: found 70, expected a whole number from 1 to 60, or a range of them such as 1-5',
    ],
    [
      '  - wait: 70s-500ms\n',
      's.yaml:12:11: 70s-500ms is no range, expected the shorter time first such as 0s-70s',
    ],
    [
      '  - hold: { where: array, node: node1, lun: data, for: 70 }\n',
      's.yaml:12:56: steps[0].hold.for: found 70, expected a time such as 70s or 500ms, or a range such as 0s-70s',
    ],
    [
      '  - choose: [[{ wait: 1s }]]\n',
      's.yaml:12:13: steps[0].choose: found [[{"wait":"1s"}]], expected a list of lists of steps, at least two',
    ],
    [
      '  - choose: [[{ wait: 1s }], [{ hang: { node: node9 } }]]\n',
      "s.yaml:12:47: there is no node 'node9', expected one of node1, guest1",
    ],
  ])('is read with its mistakes told: %j', (steps, message) => {
    expect(messageOf(steps)).toBe(message);
  });
});
