import { describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { CAUGHT_BY } from '../../../harness/conformance/zoo/caught-by.js';
import { caughtBy, runOnQuirks } from '../../../harness/conformance/zoo/run-zoo.js';
import { QUIRKS } from '../../../target/index.js';

describe('the zoo', () => {
  it('finds nothing wrong with a target without quirks, and skips nothing', async () => {
    const { results } = await runOnQuirks([], CASES);
    const others = results.filter(({ outcome }) => outcome.kind !== 'passed');
    expect(others.map(({ case: { id }, outcome }) => ({ id, outcome }))).toEqual([]);
  });

  it.each(Object.entries(CAUGHT_BY))('catches %s by %s', async (quirk, id) => {
    const cases = CASES.filter((one) => one.id === id);
    expect(caughtBy(await runOnQuirks([quirk], cases))).toEqual([id]);
  });

  it('names each quirk once, by what the array is called', () => {
    const names = QUIRKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)+$/.test(name))).toEqual([]);
  });
});
