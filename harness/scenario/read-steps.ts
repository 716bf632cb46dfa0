import type { Random } from '../random.js';
import { whyTooLong } from './schema/words.js';
import { checkBetween } from './read-between.js';
import { drawnValue, whyNoRange } from './ranges.js';
import { checkStepRules } from './step-rules.js';
import { checkStepNames, isMapping, type Given } from './step-names.js';
import { STEP_NAMES, STEP_SCHEMAS, type Step, type StepName } from './steps/index.js';
import type { Path, ScenarioSource } from './source.js';

/** Steps as they are written: what is played is drawn from them. */
export type WrittenSteps = (random: Random) => readonly Step[];

/** Reads a list of steps: each a mapping of one name to its value. */
export function readSteps(
  source: ScenarioSource,
  values: readonly unknown[],
  path: Path,
  given: Given,
): WrittenSteps {
  const written = values.map((value, index) => readStep(source, value, [...path, index], given));
  return (random) => written.flatMap((steps) => steps(random));
}

function readStep(source: ScenarioSource, value: unknown, path: Path, given: Given): WrittenSteps {
  const entries = isMapping(value) ? Object.entries(value) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) {
    throw source.error(path, `a step is one name and its value, expected one of ${STEP_NAMES.join(', ')}`);
  }
  const [word, inner] = entry;
  const name = STEP_NAMES.find((each) => each === word);
  if (name === undefined) {
    throw source.error(
      [...path, word],
      `there is no step '${word}', expected one of ${STEP_NAMES.join(', ')}`,
      true,
    );
  }
  const place = [...path, name];
  source.check(STEP_SCHEMAS[name], inner, place);
  if (name === 'choose') return readChoice(source, inner as readonly unknown[][], place, given);
  checkStepNames(source, name, inner, place, given);
  if (isMapping(inner)) checkStepRules(source, name, inner, place, given.site);
  if (isMapping(inner)) checkBetween(source, name, inner, place, given);
  checkRanges(source, inner, place);
  const nested = nestedSteps(source, name, inner, place, given);
  const line = source.lineOf(path);
  return (random) => {
    const drawn = drawnValue(inner, random);
    const step = { name, value: nested(drawn, random), line, text: textOf(name, drawn) };
    // The schema of the name has just been held to the value.
    return [step as Step];
  };
}

function readChoice(
  source: ScenarioSource,
  alternatives: readonly unknown[][],
  path: Path,
  given: Given,
): WrittenSteps {
  const written = alternatives.map((steps, index) => readSteps(source, steps, [...path, index], given));
  return (random) => written[random.below(written.length)]?.(random) ?? [];
}

/** Puts steps in the place of what was read for them. */
type WithNestedSteps = (value: unknown, random: Random) => unknown;

function nestedSteps(
  source: ScenarioSource,
  name: StepName,
  value: unknown,
  path: Path,
  given: Given,
): WithNestedSteps {
  if (name === 'together') {
    const written = readSteps(source, value as readonly unknown[], path, given);
    return (_, random) => written(random);
  }
  if (!isMapping(value)) return (drawn) => drawn;
  const nested: Record<string, (random: Random) => unknown> = {};
  const { between, during } = value;
  if (isMapping(between)) {
    const place = [...path, 'between', 'do'];
    const written = readSteps(source, between['do'] as readonly unknown[], place, given);
    nested['between'] = (random) => ({ after: between['after'], do: written(random) });
  }
  if (Array.isArray(during)) nested['during'] = readSteps(source, during, [...path, 'during'], given);
  return (drawn, random) => ({
    ...(drawn as object),
    ...Object.fromEntries(Object.entries(nested).map(([key, written]) => [key, written(random)])),
  });
}

/** A time must not be too long; a range must go up, and stay within what its step allows. */
function checkRanges(source: ScenarioSource, value: unknown, path: Path): void {
  const places = isMapping(value) ? Object.entries(value) : [['', value] as const];
  for (const [key, inner] of places) {
    const problem = typeof inner === 'string' ? (whyTooLong(inner) ?? whyNoRange(inner)) : undefined;
    if (problem !== undefined) throw source.error(key === '' ? path : [...path, key], problem);
  }
}

/** `cmrunpkg package=pkg1 node=node1`; steps inside are left to their own lines. */
function textOf(name: StepName, value: unknown): string {
  if (!isMapping(value)) return Array.isArray(value) ? name : `${name} ${String(value)}`;
  const words = Object.entries(value)
    .filter(([key]) => key !== 'between' && key !== 'during')
    .map(([key, inner]) => `${key}=${Array.isArray(inner) ? `[${inner.join(', ')}]` : String(inner)}`);
  return [name, ...words].join(' ');
}
