import { initiatorPorts } from '../cluster/placement.js';
import type { Scenario } from './scenario.js';
import type { Step } from './steps/step.js';

/**
 * Why a scenario cannot be played on an array that nobody here wrote; undefined where it can. Only what the harness would
 * have to ask of it counts: what a cluster product asks for is asked, and an array that refuses is told by its answers.
 */
export function whyNotOnExternal(
  scenario: Scenario,
  seed: number,
  has: { readonly luns: number; readonly portals: number },
): string | undefined {
  const onlyOurs = whyOnlyOurs(scenario, seed);
  if (onlyOurs !== undefined) return onlyOurs;
  const { luns, portals } = scenario.site.array;
  if (luns.length > has.luns)
    return `it needs ${luns.length} LUNs, ${has.luns} given (--target, once for each)`;
  if (portals > has.portals) {
    return `it needs ${portals} portals, ${has.portals} given (--target-portal for each after the first)`;
  }
  return undefined;
}

/**
 * The same where machines reach the array by command lines only. `lunsOf`: how many LUNs a machine reaches by one of its
 * paths, from 0.
 */
export function whyNotByCommandLines(
  scenario: Scenario,
  seed: number,
  lunsOf: (machine: string, portalIndex: number) => number,
): string | undefined {
  const onlyOurs = whyOnlyOurs(scenario, seed);
  if (onlyOurs !== undefined) return onlyOurs;
  const asking = flattened(scenario.stepsUnder(seed)).flatMap(demandsOnCommandLines);
  if (asking[0] !== undefined) return asking[0];
  const { luns, portals } = scenario.site.array;
  for (const machine of initiatorPorts(scenario.site)) {
    for (let portalIndex = 0; portalIndex < portals; portalIndex++) {
      const has = lunsOf(machine, portalIndex);
      if (has >= luns.length) continue;
      const by = portalIndex === 0 ? machine : `${machine}@${portalIndex + 1}`;
      return `it needs ${luns.length} LUNs by ${by}, ${has} given (--via ${by}=exec:COMMAND LINE, once for each)`;
    }
  }
  return undefined;
}

function whyOnlyOurs({ runtimes, site, stepsUnder }: Scenario, seed: number): string | undefined {
  const { luns, profile, quirks } = site.array;
  if (!runtimes.includes('processes')) return 'it is played in memory only';
  const refusing = luns.find(({ nopr }) => nopr);
  if (refusing !== undefined) return `LUN ${refusing.name} must refuse PERSISTENT RESERVE: ${ONLY_OURS}`;
  const deviations = [...(profile === undefined ? [] : [`profile ${profile}`]), ...quirks];
  if (deviations.length > 0) return `the array must deviate (${deviations.join(', ')}): ${ONLY_OURS}`;
  const asking = flattened(stepsUnder(seed)).flatMap(demandsOnArray);
  return asking[0] === undefined ? undefined : `${asking[0]}: ${ONLY_OURS}`;
}

const ONLY_OURS = 'only the built-in array can be told to';

/** What a step has the array do that no initiator can ask it for. */
function demandsOnArray(step: Step): readonly string[] {
  if (step.name === 'hold' && step.value.where === 'array')
    return ['a write must be held behind the reservation check'];
  return step.name === 'powerCycle' ? ['the power must go and come back'] : [];
}

/** What a step does to sessions and ports, which belong to the machines over there. */
function demandsOnCommandLines(step: Step): readonly string[] {
  switch (step.name) {
    case 'losePath':
    case 'restorePath':
    case 'loseStorage':
      return [`a path of ${step.value.node} must be lost, and a command line cannot be cut`];
    case 'moveProfile':
      return [
        `the initiator port of ${step.value.node} must move to ${step.value.to}, and a command line stays where it is`,
      ];
    case 'relogin':
      return [`the sessions of ${step.value.node} must begin anew, and a command line has none of ours`];
    default:
      return [];
  }
}

/** Steps with those inside them. */
function flattened(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => [step, ...flattened(nestedSteps(step))]);
}

function nestedSteps(step: Step): readonly Step[] {
  if (step.name === 'together') return step.value;
  if (typeof step.value !== 'object') return [];
  if ('between' in step.value) return step.value.between.do;
  return 'during' in step.value ? (step.value.during ?? []) : [];
}
