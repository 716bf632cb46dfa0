import { invalidFieldInCdb } from '../../../protocol/index.js';
import { refuse, REGISTERING, reserveOut, SPEC_I_PT, withOtherSense, withState } from './deviate.js';
import type { Quirk } from './quirk.js';

const SOURCE = 'Haruka products/BlockDeviceLU/PRManager.fs 59efdc29';

/** nabiki-t/Haruka. */
export const HARUKA_QUIRKS: readonly Quirk[] = [
  {
    name: 'haruka-one-attention',
    deviation: 'Of several unit attentions only the last is told; all should be, in their order',
    source: SOURCE,
    change: () => ({ attentionsMax: 1 }),
  },
  {
    name: 'haruka-idle-register-not-counted',
    deviation:
      'PRGENERATION stays after a REGISTER of no key by a nexus that is not registered; as requests are counted it rises by 1, and as the request does nothing it may stay',
    open: true,
    source: `${SOURCE}, by its own choice; LIO likewise`,
    change: reserveOut(REGISTERING, (asked) => {
      const outcome = asked.decide();
      const idle = asked.own === undefined && asked.serviceActionReservationKey === 0n;
      return idle
        ? withState(asked, outcome, { ...outcome.state, prGeneration: asked.state.prGeneration })
        : outcome;
    }),
  },
  {
    name: 'haruka-spec-i-pt-in-cdb',
    deviation:
      'SPEC_I_PT of a registered sender, or with a registered nexus in its list, is an invalid field in the CDB (24/00) as in SPC-3; SPC-4 says parameter list (26/00)',
    source: SOURCE,
    change: reserveOut(
      ['register'],
      withOtherSense(0x2600, (asked) =>
        (asked.flags & SPEC_I_PT) === 0 ? asked.decide() : refuse(asked, invalidFieldInCdb({ byte: 5 })),
      ),
    ),
  },
];
