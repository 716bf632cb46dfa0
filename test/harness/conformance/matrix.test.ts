import { describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { casesOfCell, matrixLines } from '../../../harness/conformance/matrix/print.js';
import { REQUIREMENT_TABLES } from '../../../harness/conformance/matrix/tables.js';

describe('the tables of what the standard demands', () => {
  it.each(REQUIREMENT_TABLES)('$title: no cell is without a case', ({ columns, rows }) => {
    const empty = rows.flatMap(({ title, cells }) =>
      cells.flatMap((patterns, index) =>
        patterns !== null && patterns.some((pattern) => casesOfCell(CASES, [pattern]).length === 0)
          ? [`${title}, ${columns[index] ?? ''}`]
          : [],
      ),
    );
    expect(empty).toEqual([]);
    expect(rows.filter(({ cells }) => cells.length !== columns.length)).toEqual([]);
  });

  it('are printed with the ids of the cases', () => {
    const lines = matrixLines(CASES);
    expect(lines.some((line) => line.includes('conflict.write-10.we.unregistered'))).toBe(true);
    expect(lines.filter((line) => line.startsWith('C'))).toHaveLength(5);
  });
});

it('has no two cases of one id, and ids in the one form', () => {
  const ids = CASES.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(id))).toEqual([]);
  expect(CASES.length).toBeGreaterThanOrEqual(250);
});
