import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario } from '../../../harness/index.js';

const scenarioWith = (steps: string): ReturnType<typeof parseScenario> =>
  parseScenario(
    `scenario: a title
paper: somewhere
expect: SAFE
array: { luns: [{ name: data }] }
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }, { name: node2, cluster: c1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data], nodes: [node1, node2] }]
steps:
${steps}`,
    's.yaml',
  );

describe('a scenario in which a step waits for ever', () => {
  it.each([
    ['a write that nobody releases', '  - hold: { where: array, node: node1, lun: data }\n', 11],
    [
      'a write that goes on when time passes, and none does',
      '  - hold: { where: array, node: node1, lun: data, for: 5s }\n',
      11,
    ],
  ])('is told: %s', async (_, hold, line) => {
    const scenario = scenarioWith(
      `  - cmrunpkg: { package: pkg1, node: node1 }\n${hold}  - writes: { package: pkg1, count: 1 }\n`,
    );
    await expect(runScenario(scenario, { runtime: 'memory' })).rejects.toThrow(
      `s.yaml:${line}: writes package=pkg1 count=1: it waits for ever, expected nobody to wait for a write that is held`,
    );
  });

  it('is told also where no command was ever given', async () => {
    const scenario = scenarioWith(
      '  - hold: { where: array, node: node1, lun: data }\n  - awaitHeld: { where: array, node: node1 }\n',
    );
    await expect(runScenario(scenario, { runtime: 'memory' })).rejects.toThrow('s.yaml:10: awaitHeld');
  });

  it('is no matter of a run that stops at each line until somebody goes on', async () => {
    const scenario = scenarioWith('  - cmrunpkg: { package: pkg1, node: node1 }\n');
    const { verdict } = await runScenario(scenario, {
      runtime: 'memory',
      step: () => new Promise((resolve) => setTimeout(resolve, 1)),
    });
    expect(verdict.counts.acknowledged).toBe(2);
  });
});
