import { Type } from 'typebox';
import { closed, CountOrRange, DurationOrRange, durationMs, Name, oneOf } from '../schema/words.js';
import type { Place } from '../../cluster/placement.js';
import type { StepHandlers } from './step.js';

/** Writes that are kept back: barriers for the interleavings on which a verdict rests. */
export const holdStepSchemas = {
  /** The next writes of a guest stay in its hypervisor, or those of a node in the array behind the checks. */
  hold: Type.Object(
    {
      where: oneOf('host', 'array'),
      node: Name,
      lun: Name,
      count: Type.Optional(CountOrRange),
      for: Type.Optional(DurationOrRange),
    },
    { ...closed, description: 'where (host or array), node, lun, and count, for' },
  ),
  /** Settles when what was to be held is held. */
  awaitHeld: Type.Object(
    { where: oneOf('host', 'array'), node: Name },
    { ...closed, description: 'where (host or array) and node' },
  ),
  release: Type.Object(
    { where: oneOf('host', 'array'), node: Name },
    { ...closed, description: 'where (host or array) and node' },
  ),
} as const;

export const holdSteps: StepHandlers<typeof holdStepSchemas> = {
  hold: ({ where, node, lun, count = 1, for: forTime }, { runtime, holds }) => {
    const problem = where === 'host' ? whyNotInHost(runtime.placeOf(node)) : undefined;
    if (problem !== undefined) throw new Error(problem);
    return holds.arm({ where, node }, lun, count, forTime === undefined ? undefined : durationMs(forTime));
  },
  awaitHeld: ({ where, node }, { holds }) => holds.awaitHeld({ where, node }),
  release: ({ where, node }, { holds }) => holds.release({ where, node }),
};

/** Why no hypervisor can hold what is written at a place, which a node may have moved to. */
function whyNotInHost({ host, session }: Place): string | undefined {
  if (host === null) return 'a physical node has no hypervisor to hold a write, expected a guest';
  if (session !== 'own') return undefined;
  return 'what an initiator in the guest sends its hypervisor cannot hold, expected another access';
}
