import type { Scenario } from './scenario.js';
import type { Step } from './steps/step.js';

/**
 * Why a scenario cannot be played on an array that nobody here wrote; undefined where it can. Only what the harness would
 * have to ask of it counts: what a cluster product asks for is asked, and an array that refuses is told by its answers.
 */
export function whyNotOnExternal(
  { runtimes, site, stepsUnder }: Scenario,
  seed: number,
  has: { readonly luns: number; readonly portals: number },
): string | undefined {
  const { luns, portals, ignoreReservations } = site.array;
  if (!runtimes.includes('processes')) return 'it is played in memory only';
  const refusing = luns.find(({ nopr }) => nopr);
  if (refusing !== undefined) return `LUN ${refusing.name} must refuse PERSISTENT RESERVE: ${ONLY_OURS}`;
  if (ignoreReservations) return `reservations must be answered GOOD and ignored: ${ONLY_OURS}`;
  const asking = stepsUnder(seed).flatMap(demandsOf);
  if (asking[0] !== undefined) return `${asking[0]}: ${ONLY_OURS}`;
  if (luns.length > has.luns)
    return `it needs ${luns.length} LUNs, ${has.luns} given (--target, once for each)`;
  if (portals > has.portals) {
    return `it needs ${portals} portals, ${has.portals} given (--target-portal for each after the first)`;
  }
  return undefined;
}

const ONLY_OURS = 'only the built-in array can be told to';

/** What a step, or a step inside it, has the array do that no initiator can ask it for. */
function demandsOf(step: Step): readonly string[] {
  if (step.name === 'hold' && step.value.where === 'array')
    return ['a write must be held behind the reservation check'];
  if (step.name === 'powerCycle') return ['the power must go and come back'];
  return nestedSteps(step).flatMap(demandsOf);
}

function nestedSteps(step: Step): readonly Step[] {
  if (step.name === 'together') return step.value;
  return typeof step.value === 'object' && 'between' in step.value ? step.value.between.do : [];
}
