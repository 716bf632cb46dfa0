import type { ConformanceCase } from '../case.js';
import { selectCases } from '../select.js';
import { REQUIREMENT_TABLES, type RequirementTable } from './tables.js';

/** Ids of the cases that try what a cell demands. */
export function casesOfCell(
  cases: readonly ConformanceCase[],
  patterns: readonly string[],
): readonly string[] {
  return selectCases(cases, patterns).map(({ id }) => id);
}

/** The tables of what the standard demands, with the ids of the cases in every cell. */
export function matrixLines(cases: readonly ConformanceCase[]): readonly string[] {
  return REQUIREMENT_TABLES.flatMap((table) => [table.title, ...tableLines(table, cases), '']);
}

function tableLines(
  { columns, rows }: RequirementTable,
  cases: readonly ConformanceCase[],
): readonly string[] {
  return rows.flatMap(({ title, cells }) => [
    `  ${title}`,
    ...cells.flatMap((patterns, index) => {
      if (patterns === null) return [];
      const label = columns.length === 1 ? '' : `${columns[index] ?? ''}: `;
      return [`    ${label}${casesOfCell(cases, patterns).join(' ')}`];
    }),
  ]);
}
