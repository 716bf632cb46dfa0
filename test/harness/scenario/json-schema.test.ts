import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Check } from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { scenarioJsonSchema } from '../../../harness/index.js';
import { nameOf, scenarioFiles } from './fixtures.js';

const FILE = fileURLToPath(new URL('../../../docs/schema/scenario.schema.json', import.meta.url));

describe('docs/schema/scenario.schema.json', () => {
  it('is the language that scenarios are held to; `vitest -u` writes it again', async () => {
    await expect(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(FILE);
  });

  const isScenario = (value: unknown): boolean => Check(scenarioJsonSchema() as never, value);
  const read = (file: string): Record<string, unknown> =>
    parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

  it.each(scenarioFiles.map((file) => [nameOf(file), file]))('takes %s', (_, file) => {
    expect(isScenario(read(file))).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a step that is not there', { cmrunpgk: { package: 'pkg1', node: 'node1' } }],
    ['two steps in one', { wake: { node: 'node1' }, hang: { node: 'node1' } }],
    ['a step without its value', { wake: {} }],
    ['such a step within another', { together: [{ wake: { node: 'node1' } }, { wake: {} }] }],
    ['such a step of a choice', { choose: [[], [{ wake: {} }]] }],
  ])('refuses %s', (_, step) => {
    const scenario = read(scenarioFiles[0] ?? '');
    expect(isScenario({ ...scenario, steps: [{ wake: { node: 'node1' } }] })).toBe(true);
    expect(isScenario({ ...scenario, steps: [step] })).toBe(false);
  });
});
