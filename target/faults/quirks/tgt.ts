import type { Quirk } from './quirk.js';

/** fujita/tgt 1.0.85. */
export const TGT_QUIRKS: readonly Quirk[] = [
  {
    name: 'tgt-preempt-tells-reservations-preempted',
    deviation: 'PREEMPT tells its victims 2A/03 where they should hear 2A/05',
    source: 'tgt usr/spc.c f0dc199b; seen with tgt 1.0.85',
    change: ({ persistentReserveOut }) => ({
      persistentReserveOut: (state, request, context) => {
        const outcome = persistentReserveOut(state, request, context);
        const attentions = outcome.attentions.map((one) =>
          one.ascq === 0x05 ? { ...one, ascq: 0x03 } : one,
        );
        return { ...outcome, attentions };
      },
    }),
  },
];
