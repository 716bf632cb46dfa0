import { invalidFieldInParameterList } from '../../../protocol/index.js';
import { TYPE_TRAITS, withoutRegistrations } from '../../reservations/state.js';
import {
  counted,
  EVERY_ACTION,
  goodWith,
  isGood,
  PREEMPTING,
  refuse,
  REGISTRATIONS_PREEMPTED,
  reserveIn,
  reserveOut,
  RESERVATIONS_RELEASED,
  tell,
  withAttentions,
  withOtherData,
} from './deviate.js';
import type { Quirk } from './quirk.js';

const SOURCE = 'FreeBSD sys/cam/ctl/ctl.c 000ad56f';
const BASIC_LIST_BYTES = 24;

/** FreeBSD's CAM Target Layer. */
export const CTL_QUIRKS: readonly Quirk[] = [
  {
    name: 'ctl-clear-tells-registrations-preempted',
    deviation: 'CLEAR tells 2A/05 where the others should hear 2A/03',
    source: SOURCE,
    change: reserveOut(['clear'], ({ decide }) => {
      const outcome = decide();
      const others = outcome.attentions.map(({ nexus }) => nexus);
      return withAttentions(outcome, tell(others, REGISTRATIONS_PREEMPTED));
    }),
  },
  {
    name: 'ctl-preempt-and-abort-aborts-nothing',
    deviation:
      'PREEMPT AND ABORT is PREEMPT: commands of the victims go on, and may reach the medium after GOOD',
    source: `${SOURCE}; gotgt 7e7ebacd has no aborts either`,
    change: reserveOut(['preemptAndAbort'], ({ decide }) => ({ ...decide(), abort: [] })),
  },
  {
    name: 'ctl-type-change-of-exclusive-tells-nobody',
    deviation:
      'PREEMPT that changes the type tells those who stay 2A/04 only if the old type was a registrants-only one; they should always hear it',
    source: SOURCE,
    change: reserveOut(PREEMPTING, ({ state, decide }) => {
      const outcome = decide();
      const { reservation } = state;
      const oldIsRegistrantsOnly =
        reservation !== null &&
        reservation.holder !== null &&
        TYPE_TRAITS[reservation.type].admitsRegistrants;
      return oldIsRegistrantsOnly
        ? outcome
        : withAttentions(
            outcome,
            outcome.attentions.filter(({ ascq }) => ascq !== RESERVATIONS_RELEASED),
          );
    }),
  },
  {
    name: 'ctl-preempt-of-own-key-refused',
    deviation:
      'PREEMPT of its own key without a reservation, or under an all-registrants one, is refused (26/00); it should remove registrations',
    source: SOURCE,
    change: reserveOut(PREEMPTING, (asked) => {
      const outcome = asked.decide();
      const { state, own, serviceActionReservationKey } = asked;
      const isOwn = own?.key === serviceActionReservationKey;
      return isGood(outcome) && isOwn && typeof state.reservation?.holder !== 'string'
        ? refuse(asked, invalidFieldInParameterList({ byte: 8 }))
        : outcome;
    }),
  },
  {
    name: 'ctl-longer-list-accepted',
    deviation:
      'A basic parameter list of more than 24 bytes without SPEC_I_PT is accepted; its length should be refused (1A/00)',
    source: SOURCE,
    change: reserveOut(
      EVERY_ACTION.filter((action) => action !== 'registerAndMove'),
      ({ request, decide }) => {
        const outcome = decide();
        if (outcome.sense?.asc !== 0x1a || request.parameterList.length <= BASIC_LIST_BYTES) return outcome;
        const parameterList = request.parameterList.subarray(0, BASIC_LIST_BYTES);
        return decide({ request: { ...request, parameterList, parameterListLength: BASIC_LIST_BYTES } });
      },
    ),
  },
  {
    name: 'ctl-reserved-allow-commands',
    deviation: 'REPORT CAPABILITIES has a reserved code, 5, in ALLOW COMMANDS',
    source: `${SOURCE}: byte 3 is D0h`,
    change: reserveIn(
      ['reportCapabilities'],
      withOtherData((data) => {
        data.writeUInt8((data.readUInt8(3) & 0x8f) | 0x50, 3);
        return data;
      }),
    ),
  },
  {
    name: 'ctl-ha-preempt-inverted',
    deviation:
      'PREEMPT of a key without a reservation removes the other nexuses that have another key, not those that have it',
    source: `${SOURCE}, on the peer of a pair for high availability: its comparison is inverted`,
    change: reserveOut(PREEMPTING, (asked) => {
      const { state, sender, serviceActionReservationKey: key } = asked;
      const outcome = asked.decide();
      if (!isGood(outcome) || state.reservation !== null) return outcome;
      const leaving = [...state.registrations]
        .filter(([id, registration]) => id !== sender && registration.key !== key)
        .map(([id]) => id);
      return goodWith(state, counted(withoutRegistrations(state, new Set(leaving))), {
        attentions: tell(leaving, REGISTRATIONS_PREEMPTED),
        abort: outcome.abort,
      });
    }),
  },
];
