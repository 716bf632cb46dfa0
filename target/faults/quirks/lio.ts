import {
  encodeReadFullStatus,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  itNexusId,
  OPERATION_CODE,
  PR_OUT_SERVICE_ACTION,
  reservationTypeOfCode,
  type ItNexus,
} from '../../../protocol/index.js';
import { restored } from '../../reservations/power-loss.js';
import { conflictsWithReservation } from '../../reservations/conflicts.js';
import { registeredOthers, relationOf, reservationOf } from '../../reservations/state.js';
import type { ReservationState } from '../../reservations/types.js';
import {
  conflict,
  logicalUnitCommunicationFailure,
  specIPtGoesOn,
  ignore,
  isGood,
  PREEMPTING,
  refuse,
  REGISTERING,
  REGISTRATIONS_PREEMPTED,
  reserveIn,
  reserveOut,
  RESERVATIONS_RELEASED,
  rowsOf,
  SPEC_I_PT,
  tell,
  withAttentions,
  withOtherData,
  withOtherSense,
  withState,
  type Asked,
} from './deviate.js';
import { descriptorLengths, FULL_STATUS_HEADER_BYTES, transportIdWithNul } from './full-status.js';
import type { Quirk } from './quirk.js';

const SEEN = 'Linux drivers/target/target_core_pr.c; seen with Linux 6.1';
const MENDED =
  'Linux drivers/target/target_core_pr.c before D. Bogdanov’s fixes of 2021 and 2022 (1f1009ea, f050a7c6, 49790e6a, 3e2deba7, 6290e23f)';

const isAllRegistrants = ({ reservation }: ReservationState): boolean => reservation?.holder === null;

/** A nexus of the same iSCSI initiator through the same target port that is registered, whatever its ISID. */
function registeredTwin(
  state: ReservationState,
  { initiatorPort, relativeTargetPortId }: ItNexus,
): ItNexus | undefined {
  if (initiatorPort.protocol !== 'iscsi') return undefined;
  for (const { nexus } of state.registrations.values()) {
    const other = nexus.initiatorPort;
    const isSameName = other.protocol === 'iscsi' && other.iscsiName === initiatorPort.iscsiName;
    if (isSameName && nexus.relativeTargetPortId === relativeTargetPortId) return nexus;
  }
  return undefined;
}

const REGISTRATIONS: readonly Quirk[] = [
  {
    name: 'lio-unregister-not-counted',
    deviation: 'PRGENERATION stays when a nexus unregisters; it should rise by 1',
    source: SEEN,
    change: reserveOut(REGISTERING, (asked) => {
      const { state, serviceActionReservationKey: key } = asked;
      const outcome = asked.decide();
      return key === 0n
        ? withState(asked, outcome, { ...outcome.state, prGeneration: state.prGeneration })
        : outcome;
    }),
  },
  {
    name: 'lio-generation-rises-per-nexus',
    deviation:
      'PRGENERATION rises by 1 for each nexus that a SPEC_I_PT list registers; it should rise by 1 in all',
    source: SEEN,
    change: reserveOut(['register'], (asked) => {
      const outcome = asked.decide();
      const more = outcome.state.registrations.size - asked.state.registrations.size - 1;
      if ((asked.flags & SPEC_I_PT) === 0 || more <= 0) return outcome;
      const prGeneration = (outcome.state.prGeneration + more) >>> 0;
      return withState(asked, outcome, { ...outcome.state, prGeneration });
    }),
  },
  {
    name: 'lio-spec-i-pt-skips-registered',
    deviation:
      'A SPEC_I_PT list with a registered nexus is GOOD and leaves that nexus as it was; it should be refused (26/00)',
    source: SEEN,
    change: reserveOut(
      ['register'],
      specIPtGoesOn((before, alone) => new Map([...alone.registrations, ...before.registrations])),
    ),
  },
  {
    name: 'lio-isid-ignored',
    deviation:
      'A new session of a registered iSCSI initiator name, with another ISID, counts as registered; it is another nexus and should conflict',
    source: 'seen with Linux 6.1',
    change: ({ refusedBy, persistentReserveOut }) => ({
      refusedBy: (state, row, task) => {
        const twin = registeredTwin(state, task.attachment.nexus);
        if (twin === undefined || state.registrations.has(task.attachment.nexusId)) {
          return refusedBy(state, row, task);
        }
        const columns = row.columnsOf?.(task.cdb) ?? row.columns;
        return conflictsWithReservation(state, itNexusId(twin), columns) ? 'reservationConflict' : null;
      },
      persistentReserveOut: (state, request, context) => {
        const registers =
          request.serviceAction === PR_OUT_SERVICE_ACTION.register ||
          request.serviceAction === PR_OUT_SERVICE_ACTION.registerAndIgnoreExistingKey;
        const own = state.registrations.has(itNexusId(context.nexus));
        const nexus = own || registers ? undefined : registeredTwin(state, context.nexus);
        return persistentReserveOut(state, request, nexus === undefined ? context : { ...context, nexus });
      },
    }),
  },
  {
    name: 'lio-all-registrants-end-with-first',
    deviation:
      'An all-registrants reservation is gone when the nexus that registered first unregisters; it should last as long as anybody is registered',
    source: 'Linux 6c3c9baa: the nexus that made the reservation was taken for its only holder',
    change: reserveOut(REGISTERING, (asked) => {
      const outcome = asked.decide();
      const [first] = asked.state.registrations.keys();
      const leaves = first === asked.sender && !outcome.state.registrations.has(asked.sender);
      return leaves && isAllRegistrants(asked.state)
        ? withState(asked, outcome, { ...outcome.state, reservation: null })
        : outcome;
    }),
  },
  {
    name: 'lio-move-keeps-old-key',
    deviation:
      'REGISTER AND MOVE to a registered nexus leaves that nexus its old key; it should get the new one',
    source: MENDED,
    change: reserveOut(['registerAndMove'], (asked) => {
      const outcome = asked.decide();
      const registrations = new Map(outcome.state.registrations);
      for (const [id, registration] of asked.state.registrations) {
        if (registrations.has(id)) registrations.set(id, registration);
      }
      return withState(asked, outcome, { ...outcome.state, registrations });
    }),
  },
  {
    name: 'lio-aptpl-lost-at-power-loss',
    deviation:
      'APTPL is accepted and nothing is there after a power loss; registrations and reservation should be',
    source:
      'no /var/target/pr: github.com/open-iscsi/targetcli-fb/issues/56, github.com/open-iscsi/rtslib-fb/issues/15',
    change: () => ({ restored: () => restored({ kind: 'none' }) }),
  },
];

const RESERVATIONS: readonly Quirk[] = [
  {
    name: 'lio-not-ready-without-reservation',
    deviation:
      'RESERVE, RELEASE and CLEAR of a nexus that is not registered end with 02/08/00 where no reservation is held; they should conflict',
    source: `${SEEN}; SPDK lib/scsi/scsi_pr.c 3230130e likewise for RELEASE and CLEAR`,
    change: reserveOut(['reserve', 'release', 'clear'], (asked) =>
      asked.own === undefined && asked.state.reservation === null
        ? refuse(asked, logicalUnitCommunicationFailure())
        : asked.decide(),
    ),
  },
  {
    name: 'lio-release-of-other-type-conflicts',
    deviation: 'RELEASE by the holder with another TYPE conflicts; it should be an invalid release (26/04)',
    source: SEEN,
    change: reserveOut(['release'], withOtherSense(0x2604, conflict)),
  },
  {
    name: 'lio-release-by-bystander-takes-any-key',
    deviation:
      'RELEASE with a wrong key by a nexus that does not hold the reservation is GOOD; it should conflict',
    source: `${SEEN}; tgt 1.0.85 likewise`,
    change: reserveOut(['release'], (asked) =>
      asked.own !== undefined &&
      relationOf(asked.state, asked.sender) !== 'holder' &&
      isReleaseOfBasicList(asked)
        ? ignore(asked)
        : asked.decide(),
    ),
  },
  {
    name: 'lio-scope-in-parameter-list',
    deviation:
      'A SCOPE other than 0 is an invalid field in the parameter list (26/00), not in the CDB (24/00)',
    source: SEEN,
    change: reserveOut(
      ['reserve', 'release', ...PREEMPTING],
      withOtherSense(0x2400, (asked) =>
        asked.request.scope === 0 ? asked.decide() : refuse(asked, invalidFieldInParameterList({ byte: 0 })),
      ),
    ),
  },
];

function isReleaseOfBasicList({ flags, request }: Asked): boolean {
  return (flags & SPEC_I_PT) === 0 && request.parameterListLength === 24 && request.scope === 0;
}

const PREEMPTS: readonly Quirk[] = [
  {
    name: 'lio-preempt-takes-all-registrants',
    deviation:
      'PREEMPT of another’s key under an all-registrants reservation takes the reservation; it should only remove registrations',
    source: SEEN,
    change: reserveOut(PREEMPTING, (asked) => {
      const { state, sender, serviceActionReservationKey: key, own, request } = asked;
      const outcome = asked.decide();
      const type = reservationTypeOfCode(request.type);
      const only = isAllRegistrants(state) && key !== 0n && key !== own?.key;
      if (!isGood(outcome) || !only || type === undefined) return outcome;
      const taken = withState(asked, outcome, {
        ...outcome.state,
        reservation: reservationOf(type, sender),
      });
      const staying = registeredOthers(outcome.state, sender);
      return withAttentions(taken, [...outcome.attentions, ...tell(staying, RESERVATIONS_RELEASED)]);
    }),
  },
  {
    name: 'lio-preempt-of-zero-removes-nobody',
    deviation:
      'PREEMPT of key 0 under an all-registrants reservation removes nobody; it should remove all other registrations',
    source: MENDED,
    change: reserveOut(PREEMPTING, (asked) => {
      const outcome = asked.decide();
      if (!isGood(outcome) || asked.serviceActionReservationKey !== 0n) return outcome;
      const { registrations } = asked.state;
      return withAttentions(
        withState(asked, outcome, { ...outcome.state, registrations }),
        outcome.attentions.filter(({ ascq }) => ascq !== REGISTRATIONS_PREEMPTED),
      );
    }),
  },
  {
    name: 'lio-preempt-and-abort-spares-bystanders',
    deviation:
      'PREEMPT AND ABORT aborts the commands of the holder only; those of every nexus with the key should be aborted',
    source: `${MENDED}; istgt 2d570c91 likewise`,
    change: reserveOut(['preemptAndAbort'], ({ state, decide }) => {
      const outcome = decide();
      const holder = state.reservation?.holder;
      return { ...outcome, abort: outcome.abort.filter((nexus) => nexus === holder) };
    }),
  },
  {
    name: 'lio-preempt-checks-type',
    deviation: 'PREEMPT that only removes registrations refuses an unknown TYPE; it should not look at it',
    source: `lkml.iu.edu/2604.0/01077.html (SPC-6 5.14.11.2.5); SCST scst_pres.c aa5cc2dd likewise`,
    change: reserveOut(PREEMPTING, (asked) => {
      const outcome = asked.decide();
      return isGood(outcome) && reservationTypeOfCode(asked.request.type) === undefined
        ? refuse(asked, invalidFieldInCdb({ byte: 2, bit: 3 }))
        : outcome;
    }),
  },
];

const READS: readonly Quirk[] = [
  {
    name: 'lio-full-status-length-shrinks',
    deviation:
      'ADDITIONAL LENGTH of READ FULL STATUS counts only the descriptors that fit the ALLOCATION LENGTH; it should count all',
    source: SEEN,
    change: reserveIn(
      ['readFullStatus'],
      withOtherData((data, { context }) => {
        let end = FULL_STATUS_HEADER_BYTES;
        for (const length of descriptorLengths(data)) {
          if (end + length > context.allocationLength) break;
          end += length;
        }
        data.writeUInt32BE(end - FULL_STATUS_HEADER_BYTES, 4);
        return data.subarray(0, end);
      }),
    ),
  },
  {
    name: 'lio-transport-id-with-nul',
    deviation:
      'READ FULL STATUS has a NUL within the iSCSI TransportID, before “,i,0x”, and half of the ISID; there should be none, and all of it',
    source: 'Linux drivers/target/target_core_fabric_lib.c, mended later',
    change: reserveIn(
      ['readFullStatus'],
      withOtherData((_, { state }) =>
        encodeReadFullStatus(
          state.prGeneration,
          [...state.registrations].map(([id, { nexus, key }]) => ({
            key,
            holds: relationOf(state, id) === 'holder' ? (state.reservation?.type ?? null) : null,
            relativeTargetPortId: nexus.relativeTargetPortId,
            transportId: transportIdWithNul(nexus.initiatorPort),
          })),
        ),
      ),
    ),
  },
];

const OTHER_COMMANDS: readonly Quirk[] = [
  {
    name: 'lio-read-capacity-conflicts',
    deviation: 'READ CAPACITY of another nexus conflicts under Exclusive Access; it should be let through',
    source: `${SEEN}, for READ CAPACITY(10); older ones for READ CAPACITY(16) too`,
    change: rowsOf([OPERATION_CODE.readCapacity10], { columns: 'ACAAC' }),
  },
  {
    name: 'lio-synchronize-cache-passes',
    deviation:
      'SYNCHRONIZE CACHE of another nexus is let through under Write Exclusive, as it carries no data; it should conflict',
    source: SEEN,
    change: rowsOf([OPERATION_CODE.synchronizeCache10, OPERATION_CODE.synchronizeCache16], {
      columns: 'ACAAC',
    }),
  },
  {
    name: 'lio-start-stop-by-data-direction',
    deviation:
      'START STOP UNIT of another nexus fares as any command without data: START=1 conflicts under Exclusive Access and START=0 passes Write Exclusive; it should be the other way round',
    source: SEEN,
    change: rowsOf([OPERATION_CODE.startStopUnit], { columnsOf: () => 'ACAAC' }),
  },
];

/** The target of the Linux kernel. */
export const LIO_QUIRKS: readonly Quirk[] = [
  ...REGISTRATIONS,
  ...RESERVATIONS,
  ...PREEMPTS,
  ...READS,
  ...OTHER_COMMANDS,
];
