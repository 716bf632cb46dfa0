import { describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { caughtBy, runOnQuirks } from '../../../harness/conformance/zoo/run-zoo.js';
import { QUIRKS } from '../../../target/index.js';

describe('the zoo', () => {
  it('finds nothing wrong with a target without quirks, and skips nothing', async () => {
    const { results } = await runOnQuirks([], CASES);
    const others = results.filter(({ outcome }) => outcome.kind !== 'passed');
    expect(others.map(({ case: { id }, outcome }) => ({ id, outcome }))).toEqual([]);
  });

  it.each(QUIRKS.map(({ name }) => name))('catches %s', async (name) => {
    expect(caughtBy(await runOnQuirks([name], CASES))).not.toEqual([]);
  });
});
