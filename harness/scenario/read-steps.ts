import type { Site } from '../cluster/model.js';
import { STEP_NAMES, STEP_SCHEMAS, type Step, type StepName } from './steps/index.js';
import type { Path, ScenarioSource } from './source.js';

/** Reads a list of steps: each a mapping of one name to its value. */
export function readSteps(
  source: ScenarioSource,
  values: readonly unknown[],
  path: Path,
  site: Site,
): readonly Step[] {
  return values.map((value, index) => readStep(source, value, [...path, index], site));
}

function readStep(source: ScenarioSource, value: unknown, path: Path, site: Site): Step {
  const entries = isMapping(value) ? Object.entries(value) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) {
    throw source.error(path, `a step is one name and its value, expected one of ${STEP_NAMES.join(', ')}`);
  }
  const [given, inner] = entry;
  const name = STEP_NAMES.find((each) => each === given);
  if (name === undefined) {
    throw source.error(
      [...path, given],
      `there is no step '${given}', expected one of ${STEP_NAMES.join(', ')}`,
      true,
    );
  }
  source.check(STEP_SCHEMAS[name], inner, [...path, name]);
  checkNames(source, inner, [...path, name], site);
  const step = {
    name,
    value: withNestedSteps(source, name, inner, [...path, name], site),
    line: source.lineOf(path),
    text: textOf(name, inner),
  };
  // The schema of the name has just been held to the value.
  return step as Step;
}

function withNestedSteps(
  source: ScenarioSource,
  name: StepName,
  value: unknown,
  path: Path,
  site: Site,
): unknown {
  if (name === 'together') return readSteps(source, value as readonly unknown[], path, site);
  if (!isMapping(value)) return value;
  const between = value['between'];
  if (!isMapping(between)) return value;
  const steps = between['do'] as readonly unknown[];
  return {
    ...value,
    between: { after: between['after'], do: readSteps(source, steps, [...path, 'between', 'do'], site) },
  };
}

/** The names in a step must be of what the scenario has. */
function checkNames(source: ScenarioSource, value: unknown, path: Path, site: Site): void {
  if (!isMapping(value)) return;
  const lists: Readonly<Record<string, readonly { readonly name: string }[]>> = {
    package: site.packages,
    node: site.nodes,
    cluster: site.clusters,
    lun: site.array.luns,
  };
  for (const [key, list] of Object.entries(lists)) {
    const name = value[key];
    if (typeof name !== 'string' || list.some((item) => item.name === name)) continue;
    const names = list.map((item) => item.name).join(', ');
    throw source.error([...path, key], `there is no ${key} '${name}', expected one of ${names}`);
  }
  const pathNumber = value['path'];
  if (typeof pathNumber === 'number' && pathNumber > site.array.portals) {
    throw source.error(
      [...path, 'path'],
      `there is no path ${pathNumber}, expected 1 to ${site.array.portals}, the portals of the array`,
    );
  }
  const host = site.nodes.find(({ name }) => name === value['node'])?.host;
  if (value['where'] === 'host' && host === null) {
    throw source.error(
      [...path, 'node'],
      'a physical node has no hypervisor to hold a write, expected a guest',
    );
  }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `cmrunpkg package=pkg1 node=node1`; steps inside are left to their own lines. */
function textOf(name: StepName, value: unknown): string {
  if (!isMapping(value)) return Array.isArray(value) ? name : `${name} ${String(value)}`;
  const words = Object.entries(value)
    .filter(([key]) => key !== 'between')
    .map(([key, inner]) => `${key}=${Array.isArray(inner) ? `[${inner.join(', ')}]` : String(inner)}`);
  return [name, ...words].join(' ');
}
