import { describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { CAUGHT_BY } from '../../../harness/conformance/zoo/caught-by.js';
import { caughtBy, runOnQuirks, toldApart } from '../../../harness/conformance/zoo/run-zoo.js';
import { profileNamed, PROFILES, quirkNamed, QUIRKS } from '../../../target/index.js';

describe('the zoo', () => {
  it('finds nothing wrong with a target without quirks, and skips nothing', async () => {
    const { results } = await runOnQuirks([], CASES);
    const others = results.filter(({ outcome }) => outcome.kind !== 'passed');
    expect(others.map(({ case: { id }, outcome }) => ({ id, outcome }))).toEqual([]);
  });

  it.each(['spc3', 'spc5'] as const)(
    'finds nothing wrong with the profile of %s at its level',
    async (level) => {
      const { deviations } = profileNamed(level);
      expect(caughtBy(await runOnQuirks(deviations, CASES, level))).toEqual([]);
    },
  );

  it.each(PROFILES.map(({ name }) => name))('tells the profile of %s by what it decides', async (name) => {
    const { deviations } = profileNamed(name);
    const quirks = Object.entries(CAUGHT_BY).filter(([quirk]) =>
      deviations.some((one) => one === quirkNamed(quirk)),
    );
    const cases = CASES.filter(({ id }) => quirks.some(([, caught]) => caught === id));
    const isArray = !name.startsWith('spc');
    expect(caughtBy(await runOnQuirks(deviations, cases)).length > 0).toBe(isArray);
  });

  it.each(Object.entries(CAUGHT_BY))('catches %s by %s', async (quirk, id) => {
    const cases = CASES.filter((one) => one.id === id);
    const found = await runOnQuirks([quirk], cases);
    const isOpen = quirkNamed(quirk).open === true;
    expect(caughtBy(found)).toEqual(isOpen ? [] : [id]);
    expect(isOpen ? toldApart(found, await runOnQuirks([], cases)) : [id]).toEqual([id]);
  });

  it('has a case on record for every quirk', () => {
    expect(Object.keys(CAUGHT_BY).sort()).toEqual(QUIRKS.map(({ name }) => name).sort());
  });

  it('names each quirk once, by what the array is called', () => {
    const names = QUIRKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)+$/.test(name))).toEqual([]);
  });
});
