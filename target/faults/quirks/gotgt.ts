import { invalidFieldInCdb, RESERVATION_TYPE_CODE } from '../../../protocol/index.js';
import { withoutRegistrations } from '../../reservations/state.js';
import { conflict, counted, goodWith, ignore, isGood, PREEMPTING, refuse, reserveOut } from './deviate.js';
import type { Quirk } from './quirk.js';

const SOURCE = 'gotgt pkg/scsi/spc.go 7e7ebacd';

/** gostor/gotgt. */
export const GOTGT_QUIRKS: readonly Quirk[] = [
  {
    name: 'gotgt-never-enforces',
    deviation: 'Reservations are accepted and reported, and no command ever conflicts with one',
    source: SOURCE,
    change: () => ({ refusedBy: () => null }),
  },
  {
    name: 'gotgt-no-exclusive-types',
    deviation:
      'RESERVE of Write Exclusive and Exclusive Access is refused (24/00), though REPORT CAPABILITIES lists both types',
    source: SOURCE,
    change: reserveOut(['reserve'], (asked) => {
      const { type } = asked.request;
      return type === RESERVATION_TYPE_CODE.writeExclusive || type === RESERVATION_TYPE_CODE.exclusiveAccess
        ? refuse(asked, invalidFieldInCdb({ byte: 2, bit: 3 }))
        : asked.decide();
    }),
  },
  {
    name: 'gotgt-preempt-inverted',
    deviation:
      'PREEMPT of a registered key conflicts; of a key that nobody has it is GOOD and removes the sender; it should be the other way round',
    source: SOURCE,
    change: reserveOut(PREEMPTING, (asked) => {
      const { state, sender, own, reservationKey, serviceActionReservationKey: key } = asked;
      if (own?.key !== reservationKey || key === 0n) return asked.decide();
      const isKnown = [...state.registrations.values()].some((one) => one.key === key);
      if (isKnown) return conflict(asked);
      return goodWith(state, counted(withoutRegistrations(state, new Set([sender]))));
    }),
  },
  {
    name: 'gotgt-move-by-holder-does-nothing',
    deviation: 'REGISTER AND MOVE by the holder is GOOD without effect; the reservation should move',
    source: SOURCE,
    change: reserveOut(['registerAndMove'], (asked) =>
      isGood(asked.decide()) ? ignore(asked) : asked.decide(),
    ),
  },
];
