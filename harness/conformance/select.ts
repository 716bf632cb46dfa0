import type { ConformanceCase } from './case.js';

/** The cases whose ids match one of the patterns, in which `*` stands for any characters; all without a pattern. */
export function selectCases(
  cases: readonly ConformanceCase[],
  patterns: readonly string[],
): readonly ConformanceCase[] {
  if (patterns.length === 0) return cases;
  const expressions = patterns.map(expressionOf);
  return cases.filter(({ id }) => expressions.some((expression) => expression.test(id)));
}

function expressionOf(pattern: string): RegExp {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`);
}
