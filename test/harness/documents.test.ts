import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CASES } from '../../harness/conformance/cases/index.js';
import { selectCases } from '../../harness/conformance/select.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');

/** What a table says it is held by: each test file of a cell with the "titles" that follow it. */
function held(document: string): { readonly file: string; readonly titles: readonly string[] }[] {
  const cells = read(document)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => line.split(' | '));
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`(test\/[^`]+\.ts)`([^`]*)/g)].map(([, file = '', after = '']) => ({
      file,
      titles: [...after.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
    })),
  );
}

describe.each(['docs/initiators.md', 'docs/conformance.md'])('%s', (document) => {
  const references = held(document);

  it('names tests that there are', () => {
    expect(references.length).toBeGreaterThan(40);
    const missing = references.flatMap(({ file, titles }) =>
      existsSync(`${ROOT}${file}`)
        ? titles.filter((title) => !read(file).includes(title)).map((title) => `${file}: ${title}`)
        : [file],
    );
    expect(missing).toEqual([]);
  });
});

describe('docs/initiators.md', () => {
  it('names conformance cases that there are', () => {
    const patterns = [...read('docs/initiators.md').matchAll(/conformance cases ((?:`[^`]+`(?:, )?)+)/g)]
      .flatMap(([, list = '']) => [...list.matchAll(/`([^`]+)`/g)])
      .map(([, pattern = '']) => pattern);
    expect(patterns.length).toBeGreaterThan(5);
    expect(patterns.filter((pattern) => selectCases(CASES, [pattern]).length === 0)).toEqual([]);
  });
});
