import { invalidFieldInCdb, OPERATION_CODE, SCSI_STATUS } from '../../../protocol/index.js';
import { TYPE_TRAITS, withoutRegistrations } from '../../reservations/state.js';
import type { Registration, ReservationState } from '../../reservations/types.js';
import type { ItNexusId } from '../../../protocol/index.js';
import {
  ALL_TG_PT,
  APTPL,
  counted,
  EVERY_ACTION,
  EVERY_READ,
  goodWith,
  ignore,
  isGood,
  PREEMPTING,
  refuse,
  refuseIn,
  REGISTERING,
  REGISTRATIONS_PREEMPTED,
  reserveIn,
  reserveOut,
  RESERVATIONS_PREEMPTED,
  RESERVATIONS_RELEASED,
  rowsOf,
  tell,
  withAttentions,
  withOtherSense,
  withOwnKey,
  withState,
  type Asked,
} from './deviate.js';
import type { Quirk } from './quirk.js';

const SEEN = 'tgt usr/spc.c f0dc199b; seen with tgt 1.0.85';

/** The reservation that one nexus alone holds is gone since. */
const isReleased = (before: ReservationState, after: ReservationState): boolean =>
  before.reservation !== null && before.reservation.holder !== null && after.reservation === null;

const keepsOwnRegistration = (asked: Asked) => {
  const outcome = asked.decide();
  const { own, sender, state } = asked;
  if (!isGood(outcome) || own === undefined || outcome.state.registrations.has(sender)) return outcome;
  const registrations = new Map(outcome.state.registrations).set(sender, own);
  return withState(asked, outcome, {
    ...outcome.state,
    registrations,
    reservation: state.reservation,
  });
};

const withoutPersistent = (state: ReservationState): ReservationState => ({
  ...state,
  registrations: new Map<ItNexusId, Registration>(),
  reservation: null,
});

const PREEMPTS: readonly Quirk[] = [
  {
    name: 'tgt-preempt-tells-reservations-preempted',
    deviation: 'PREEMPT tells its victims 2A/03 where they should hear 2A/05',
    source: SEEN,
    change: reserveOut(PREEMPTING, ({ decide }) => {
      const outcome = decide();
      const attentions = outcome.attentions.map((one) =>
        one.ascq === REGISTRATIONS_PREEMPTED ? { ...one, ascq: RESERVATIONS_PREEMPTED } : one,
      );
      return withAttentions(outcome, attentions);
    }),
  },
  {
    name: 'tgt-preempt-of-own-key-keeps-registration',
    deviation:
      'PREEMPT of its own key leaves a sender that does not hold the reservation registered; it should be gone too',
    source: `${SEEN}; 3PAR likewise: lkml.iu.edu/2604.0/01077.html`,
    change: reserveOut(PREEMPTING, keepsOwnRegistration),
  },
  {
    name: 'tgt-preempt-of-zero-succeeds',
    deviation: 'PREEMPT of key 0 without a reservation is GOOD; nobody has that key, so it should be refused',
    source: SEEN,
    change: reserveOut(
      PREEMPTING,
      withOtherSense(0x2600, (asked) => {
        const { state, serviceActionReservationKey: key } = asked;
        const nothingHeld = key === 0n && state.reservation === null;
        return nothingHeld ? goodWith(state, counted(state)) : asked.decide();
      }),
    ),
  },
  {
    name: 'tgt-preempt-of-zero-in-cdb',
    deviation:
      'PREEMPT of key 0 under a reservation of one holder is an invalid field in the CDB (24/00), not in the parameter list (26/00)',
    source: SEEN,
    change: reserveOut(
      PREEMPTING,
      withOtherSense(0x2600, (asked) =>
        asked.serviceActionReservationKey === 0n && asked.state.reservation !== null
          ? refuse(asked, invalidFieldInCdb({ byte: 1 }))
          : asked.decide(),
      ),
    ),
  },
];

const RELEASES: readonly Quirk[] = [
  {
    name: 'tgt-release-of-shared-tells-nobody',
    deviation:
      'RELEASE of a registrants-only or all-registrants reservation tells nobody; the others should hear 2A/04',
    source: SEEN,
    change: reserveOut(['release'], ({ decide }) => withAttentions(decide(), [])),
  },
  {
    name: 'tgt-release-of-exclusive-tells-everybody',
    deviation:
      'RELEASE of Write Exclusive or Exclusive Access tells 2A/04, the sender too; nobody should hear of it',
    source: SEEN,
    change: reserveOut(['release'], ({ state, decide }) => {
      const outcome = decide();
      const { reservation, registrations } = state;
      const exclusive = reservation !== null && !TYPE_TRAITS[reservation.type].admitsRegistrants;
      if (!exclusive || !isReleased(state, outcome.state)) return outcome;
      return withAttentions(outcome, tell(registrations.keys(), RESERVATIONS_RELEASED));
    }),
  },
];

const REGISTRATIONS: readonly Quirk[] = [
  {
    name: 'tgt-unregister-tells-everybody',
    deviation:
      'A holder that unregisters is told 2A/04 with all others, whatever the type; only the others should hear it, and only under a registrants-only type',
    source: SEEN,
    change: reserveOut(REGISTERING, ({ state, decide }) => {
      const outcome = decide();
      if (!isReleased(state, outcome.state)) return outcome;
      return withAttentions(outcome, tell(state.registrations.keys(), RESERVATIONS_RELEASED));
    }),
  },
  {
    name: 'tgt-unregister-of-holder-counts-twice',
    deviation: 'PRGENERATION rises by 2 when the holder unregisters; it should rise by 1',
    source: SEEN,
    change: reserveOut(REGISTERING, (asked) => {
      const outcome = asked.decide();
      return isReleased(asked.state, outcome.state)
        ? withState(asked, outcome, counted(outcome.state))
        : outcome;
    }),
  },
  {
    name: 'tgt-registration-goes-with-session',
    deviation:
      'A registration goes with its session, so that the same nexus conflicts after it logs in again; it should stay',
    source:
      'tgt usr/target.c f0dc199b: registrations are kept by itn_id and creation time; seen with tgt 1.0.85',
    change: ({ nexusLost }) => ({
      nexusLost: (state, nexus) => withoutRegistrations(nexusLost(state, nexus), new Set([nexus])),
    }),
  },
  {
    name: 'tgt-reserve-ignores-key',
    deviation: 'RESERVE with a key that is not the sender’s is GOOD; it should conflict',
    source: `${SEEN}; gotgt pkg/scsi/spc.go likewise`,
    change: reserveOut(['reserve'], (asked) => asked.decide({ request: withOwnKey(asked) })),
  },
  {
    name: 'tgt-move-by-bystander-succeeds',
    deviation:
      'REGISTER AND MOVE by a registered nexus that does not hold the reservation is GOOD; it should conflict',
    source: 'tgt usr/spc.c f0dc199b',
    change: reserveOut(['registerAndMove'], (asked) => {
      const { own, reservationKey, state, sender } = asked;
      if (own?.key !== reservationKey || state.reservation === null) return asked.decide();
      return state.reservation.holder === sender ? asked.decide() : ignore(asked);
    }),
  },
];

const FIELDS: readonly Quirk[] = [
  {
    name: 'tgt-parameter-list-length-in-cdb',
    deviation:
      'A PARAMETER LIST LENGTH other than 24 is an invalid field in the CDB (24/00), not a length error (1A/00)',
    source: SEEN,
    change: reserveOut(
      EVERY_ACTION,
      withOtherSense(0x1a00, (asked) => refuse(asked, invalidFieldInCdb({ byte: 5 }))),
    ),
  },
  {
    name: 'tgt-ignored-flags-refused',
    deviation:
      'ALL_TG_PT or APTPL in a RESERVE, RELEASE, CLEAR or PREEMPT is refused (24/00) where it should be ignored',
    source: SEEN,
    change: reserveOut(['reserve', 'release', 'clear', ...PREEMPTING], (asked) =>
      (asked.flags & (ALL_TG_PT | APTPL)) === 0
        ? asked.decide()
        : refuse(asked, invalidFieldInCdb({ byte: 5 })),
    ),
  },
  {
    name: 'tgt-short-allocation-refused',
    deviation:
      'PERSISTENT RESERVE IN with an ALLOCATION LENGTH below 8 is refused (24/00); its data should be cut there',
    source: `${SEEN}; LIO of Linux 6.1 likewise`,
    change: reserveIn(EVERY_READ, ({ context, decide }) =>
      context.allocationLength < 8 ? refuseIn(invalidFieldInCdb({ byte: 7 })) : decide(),
    ),
  },
];

const OTHER_COMMANDS: readonly Quirk[] = [
  {
    name: 'tgt-mode-sense-conflicts',
    deviation:
      'MODE SENSE of another nexus conflicts under Write Exclusive, though ALLOW COMMANDS says that it is let through',
    source: 'tgt usr/spc.c f0dc199b; Haruka 59efdc29 and illumos sbd_pgr.c likewise, by the SPC-3 table',
    change: rowsOf([OPERATION_CODE.modeSense6, OPERATION_CODE.modeSense10], { columns: 'CCACC' }),
  },
  {
    name: 'tgt-reserve6-beside-registrations',
    deviation:
      'RESERVE(6/10) and RELEASE(6/10) are carried out while nexuses are registered; they should conflict',
    source: SEEN,
    change: ({ reserve, release }) => ({
      reserve: (state, nexus) => {
        const { spc2Holder } = reserve(withoutPersistent(state), nexus).state;
        return spc2Holder === nexus ? goodWith(state, { ...state, spc2Holder }) : reserve(state, nexus);
      },
      release: (state, nexus) => {
        const { spc2Holder } = release(withoutPersistent(state), nexus).state;
        return goodWith(state, { ...state, spc2Holder });
      },
    }),
  },
  {
    name: 'tgt-release6-of-another-conflicts',
    deviation: 'RELEASE(6/10) by a nexus that did not reserve conflicts; it should be GOOD without effect',
    source: 'github.com/sahlberg/libiscsi/pull/21',
    change: ({ release }) => ({
      release: (state, nexus) =>
        state.spc2Holder !== null && state.spc2Holder !== nexus
          ? { state, status: SCSI_STATUS.reservationConflict, attentions: [], abort: [], persist: false }
          : release(state, nexus),
    }),
  },
  {
    name: 'tgt-persistent-reserve-in-under-reserve6',
    deviation: 'PERSISTENT RESERVE IN is answered under another’s RESERVE(6/10); it should conflict',
    source: SEEN,
    change: ({ persistentReserveIn }) => ({
      persistentReserveIn: (state, serviceAction, context) =>
        persistentReserveIn({ ...state, spc2Holder: null }, serviceAction, context),
    }),
  },
];

/** fujita/tgt, Debian's 1.0.85. */
export const TGT_QUIRKS: readonly Quirk[] = [
  ...REGISTRATIONS,
  ...RELEASES,
  ...PREEMPTS,
  ...FIELDS,
  ...OTHER_COMMANDS,
];
