import { expect, it } from 'vitest';

/**
 * A module that throws while it is loaded takes away the tests of every file that imports it, and StrykerJS (`npm run
 * mutation`) does not count a file that could not be collected. Here it is a test that fails.
 */
it.each([
  ['reservations', () => import('../../../target/reservations/index.js')],
  ['commands/table', () => import('../../../target/commands/table.js')],
  ['commands/rows', () => import('../../../target/commands/rows/index.js')],
] as const)('target/%s can be loaded', async (_name, load) => {
  expect(Object.keys(await load())).not.toEqual([]);
});
