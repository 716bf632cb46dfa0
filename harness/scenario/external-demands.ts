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
  if (stepsUnder(seed).some(holdsInArray))
    return `a write must be held behind the reservation check: ${ONLY_OURS}`;
  if (luns.length > has.luns)
    return `it needs ${luns.length} LUNs, ${has.luns} given (--target, once for each)`;
  if (portals > has.portals) {
    return `it needs ${portals} portals, ${has.portals} given (--target-portal for each after the first)`;
  }
  return undefined;
}

const ONLY_OURS = 'only the built-in array can be told to';

function holdsInArray(step: Step): boolean {
  if (step.name === 'hold') return step.value.where === 'array';
  return nestedSteps(step).some(holdsInArray);
}

function nestedSteps(step: Step): readonly Step[] {
  switch (step.name) {
    case 'together':
      return step.value;
    case 'cmrunpkg':
    case 'reform':
      return step.value.between?.do ?? [];
    default:
      return [];
  }
}
