import { conflictsWithReservation } from '../../reservations/conflicts.js';
import type { ReservationState } from '../../reservations/types.js';
import {
  isGood,
  REGISTERING,
  reserveIn,
  reserveOut,
  withAttentions,
  withOtherData,
  withOwnKey,
  withState,
} from './deviate.js';
import type { Quirk } from './quirk.js';

const SOURCE = 'istgt src/istgt_lu_disk.c 2d570c91';
/** READ RESERVATION: header and one reservation, whose key comes first. */
const RESERVED_LENGTH_BYTES = 24;
const KEY_BYTE = 8;

const holdersKey = ({ reservation, registrations }: ReservationState): bigint | undefined =>
  typeof reservation?.holder === 'string' ? registrations.get(reservation.holder)?.key : undefined;

/** istgt, and what grew from it. */
export const ISTGT_QUIRKS: readonly Quirk[] = [
  {
    name: 'istgt-reservation-outlives-holder',
    deviation: 'The reservation stays when its holder unregisters; it should be released',
    source: SOURCE,
    change: reserveOut(REGISTERING, (asked) => {
      const outcome = asked.decide();
      const { reservation } = asked.state;
      return isGood(outcome) && outcome.state.reservation === null
        ? withAttentions(withState(asked, outcome, { ...outcome.state, reservation }), [])
        : outcome;
    }),
  },
  {
    name: 'istgt-holder-is-the-key',
    deviation: 'Every nexus with the holder’s key holds the reservation; only one nexus should',
    source: SOURCE,
    change: ({ refusedBy }) => ({
      refusedBy: (state, row, task) => {
        const key = holdersKey(state);
        const isTheKey = state.registrations.get(task.attachment.nexusId)?.key === key;
        const holder = state.reservation?.holder;
        if (key === undefined || !isTheKey || typeof holder !== 'string') return refusedBy(state, row, task);
        const columns = row.columnsOf?.(task.cdb) ?? row.columns;
        return conflictsWithReservation(state, holder, columns) ? 'reservationConflict' : null;
      },
    }),
  },
  {
    name: 'istgt-all-registrants-have-a-key',
    deviation: 'READ RESERVATION tells a key under an all-registrants type; it should be 0',
    source: SOURCE,
    change: reserveIn(
      ['readReservation'],
      withOtherData((data, { state }) => {
        const [first] = state.registrations.values();
        if (data.length === RESERVED_LENGTH_BYTES && state.reservation?.holder === null) {
          data.writeBigUInt64BE(first?.key ?? 0n, KEY_BYTE);
        }
        return data;
      }),
    ),
  },
  {
    name: 'istgt-clear-takes-any-key',
    deviation: 'CLEAR with a key that is not the sender’s is GOOD; it should conflict',
    source: SOURCE,
    change: reserveOut(['clear'], (asked) => asked.decide({ request: withOwnKey(asked) })),
  },
  {
    name: 'istgt-clear-not-counted',
    deviation: 'PRGENERATION stays after CLEAR; it should rise by 1',
    source: SOURCE,
    change: reserveOut(['clear'], (asked) => {
      const outcome = asked.decide();
      return withState(asked, outcome, {
        ...outcome.state,
        prGeneration: asked.state.prGeneration,
      });
    }),
  },
];
