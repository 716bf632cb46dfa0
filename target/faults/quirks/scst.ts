import {
  invalidFieldInCdb,
  invalidFieldInParameterList,
  OPERATION_CODE,
  type ItNexusId,
} from '../../../protocol/index.js';
import type { CommandRow } from '../../commands/command.js';
import type { ReservationContext, ReservationState } from '../../reservations/types.js';
import {
  ALL_TG_PT,
  isGood,
  PREEMPTING,
  refuse,
  reserveIn,
  reserveOut,
  EVERY_ACTION,
  specIPtGoesOn,
  withAttentions,
  withOtherData,
  withOwnKey,
  withState,
} from './deviate.js';
import { descriptorLengths } from './full-status.js';
import type { Quirk } from './quirk.js';

const SOURCE = 'SCST scst/src/scst_pres.c aa5cc2dd';
const DLM = 'SCST README.dlm and github.com/SCST-project/scst/pull/155';

/** The nexus is one of the node, here the target port, that the sender uses. */
const isOfSendersPort = ({ registrations }: ReservationState, { nexus }: ReservationContext) => {
  return (id: ItNexusId): boolean =>
    registrations.get(id)?.nexus.relativeTargetPortId === nexus.relativeTargetPortId;
};

const SERVICE_ACTION_BITS = 0x1f;
const ONE_ROW_CODES: readonly number[] = [
  OPERATION_CODE.persistentReserveIn,
  OPERATION_CODE.persistentReserveOut,
];

/** One row for all service actions of an operation code: the machine tells them apart. */
function withoutServiceActions(rows: readonly CommandRow[]): CommandRow[] {
  const met = new Set<number>();
  return rows.flatMap(({ serviceAction, ...row }) => {
    if (serviceAction === undefined || !ONE_ROW_CODES.includes(row.operationCode)) {
      return [serviceAction === undefined ? row : { ...row, serviceAction }];
    }
    if (met.has(row.operationCode)) return [];
    met.add(row.operationCode);
    const usage = row.usage.map((byte, index) => (index === 1 ? SERVICE_ACTION_BITS : byte));
    return [{ ...row, usage }];
  });
}

/** The SCST project. */
export const SCST_QUIRKS: readonly Quirk[] = [
  {
    name: 'scst-all-tg-pt-refused',
    deviation: 'ALL_TG_PT with a service action other than REGISTER is refused (26/00); it should be ignored',
    source: SOURCE,
    change: reserveOut(['reserve', 'release', 'clear', ...PREEMPTING], (asked) => {
      const outcome = asked.decide();
      return isGood(outcome) && (asked.flags & ALL_TG_PT) !== 0
        ? refuse(asked, invalidFieldInParameterList({ byte: 20, bit: 2 }))
        : outcome;
    }),
  },
  {
    name: 'scst-release-without-reservation-takes-any-key',
    deviation: 'RELEASE with a wrong key is GOOD where no reservation is held; it should conflict',
    source: SOURCE,
    change: reserveOut(['release'], (asked) =>
      asked.state.reservation === null ? asked.decide({ request: withOwnKey(asked) }) : asked.decide(),
    ),
  },
  {
    name: 'scst-preempt-of-own-key-keeps-registration-when-free',
    deviation:
      'PREEMPT of its own key leaves the sender registered where no reservation is held; it should be gone too',
    source: SOURCE,
    change: reserveOut(PREEMPTING, (asked) => {
      const { own, sender, state } = asked;
      const outcome = asked.decide();
      if (!isGood(outcome) || state.reservation !== null || own === undefined) return outcome;
      if (outcome.state.registrations.has(sender)) return outcome;
      const registrations = new Map(outcome.state.registrations).set(sender, own);
      return withState(asked, outcome, { ...outcome.state, registrations });
    }),
  },
  {
    name: 'scst-move-of-zero-in-cdb',
    deviation:
      'REGISTER AND MOVE with key 0 for its destination is an invalid field in the CDB (24/00), not in the parameter list (26/00)',
    source: SOURCE,
    change: reserveOut(['registerAndMove'], (asked) => {
      const { sense } = asked.decide();
      return sense?.asc === 0x26 && asked.serviceActionReservationKey === 0n
        ? refuse(asked, invalidFieldInCdb({ byte: 1 }))
        : asked.decide();
    }),
  },
  {
    name: 'scst-spec-i-pt-changes-keys',
    deviation:
      'A SPEC_I_PT list with a registered nexus changes that nexus’s key; it should be refused (26/00)',
    source: SOURCE,
    change: reserveOut(
      ['register'],
      specIPtGoesOn((before, alone) => new Map([...before.registrations, ...alone.registrations])),
    ),
  },
  {
    name: 'scst-full-status-drops-last',
    deviation:
      'READ FULL STATUS leaves out the last descriptor where it would just fit the ALLOCATION LENGTH',
    source: SOURCE,
    change: reserveIn(
      ['readFullStatus'],
      withOtherData((data, { context }) => {
        const last = descriptorLengths(data).at(-1) ?? 0;
        return data.length === context.allocationLength ? data.subarray(0, data.length - last) : data;
      }),
    ),
  },
  {
    name: 'scst-one-row-for-service-actions',
    deviation:
      'REPORT SUPPORTED OPERATION CODES lists PERSISTENT RESERVE IN and OUT without service actions; each should have its own descriptor',
    source: 'SCST scst_lib.c aa5cc2dd',
    change: ({ rows }) => ({ rows: withoutServiceActions(rows) }),
  },
  {
    name: 'scst-dlm-preempt-and-abort-stays-local',
    deviation:
      'PREEMPT AND ABORT aborts only commands that came through the sender’s target port; those through every port should be aborted',
    source: `${DLM}: only those of the local node`,
    change: reserveOut(['preemptAndAbort'], ({ state, context, decide }) => {
      const outcome = decide();
      return { ...outcome, abort: outcome.abort.filter(isOfSendersPort(state, context)) };
    }),
  },
  {
    name: 'scst-dlm-attentions-stay-local',
    deviation:
      'Nexuses of another target port than the sender’s are not told of what was released, preempted or cleared; they should be',
    source: `${DLM}: registrants on another node`,
    change: reserveOut(EVERY_ACTION, ({ state, context, decide }) => {
      const outcome = decide();
      const isLocal = isOfSendersPort(state, context);
      return withAttentions(
        outcome,
        outcome.attentions.filter(({ nexus }) => isLocal(nexus)),
      );
    }),
  },
];
