import {
  BASIC_PARAMETER_LIST_LENGTH_BYTES,
  itNexusId,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  SCSI_STATUS,
  SENSE_KEY,
  type ItNexusId,
  type PrInServiceAction,
  type PrOutServiceAction,
  type Sense,
} from '../../../protocol/index.js';
import type { CommandRow } from '../../commands/command.js';
import type { DeviceBehaviour, PersistentReserveInContext } from '../../logical-unit/behaviour.js';
import {
  ALL_TG_PT_BIT,
  APTPL_BIT,
  FLAGS_BYTE,
  SERVICE_ACTION_RESERVATION_KEY_BYTE,
  SPEC_I_PT_BIT,
  type PersistentReserveOutCommand,
} from '../../reservations/command.js';
import type { PersistentReserveInOutcome } from '../../reservations/index.js';
import {
  checkCondition,
  reservationConflict,
  settled,
  type Transition,
} from '../../reservations/outcomes.js';
import { nextGeneration } from '../../reservations/state.js';
import type {
  AttentionEffect,
  PersistentReserveOutRequest,
  ReservationContext,
  ReservationOutcome,
  ReservationState,
} from '../../reservations/types.js';
import type { Quirk } from './quirk.js';

/** A PERSISTENT RESERVE OUT as a quirk meets it; the keys are 0 where the parameter list is too short for them. */
export interface Asked extends Omit<PersistentReserveOutCommand, 'list'> {
  /** Byte 20: SPEC_I_PT, ALL_TG_PT and APTPL of a basic parameter list. */
  readonly flags: number;
  /** What is decided without the quirk, or would be if this were different. */
  readonly decide: (
    different?: Partial<{
      readonly state: ReservationState;
      readonly request: PersistentReserveOutRequest;
      readonly context: ReservationContext;
    }>,
  ) => ReservationOutcome;
}

export const SPEC_I_PT = 1 << SPEC_I_PT_BIT;
export const ALL_TG_PT = 1 << ALL_TG_PT_BIT;
export const APTPL = 1 << APTPL_BIT;

/** These service actions of PERSISTENT RESERVE OUT are decided by `judge`. */
export function reserveOut(
  actions: readonly PrOutServiceAction[],
  judge: (asked: Asked) => ReservationOutcome,
): Quirk['change'] {
  const codes = new Set<number>(actions.map((action) => PR_OUT_SERVICE_ACTION[action]));
  return ({ persistentReserveOut }) => ({
    persistentReserveOut: (state, request, context) =>
      codes.has(request.serviceAction)
        ? judge(askedWith(persistentReserveOut, state, request, context))
        : persistentReserveOut(state, request, context),
  });
}

function askedWith(
  persistentReserveOut: DeviceBehaviour['persistentReserveOut'],
  state: ReservationState,
  request: PersistentReserveOutRequest,
  context: ReservationContext,
): Asked {
  const { parameterList } = request;
  const list = Buffer.from(parameterList.buffer, parameterList.byteOffset, parameterList.length);
  const isWhole = list.length >= BASIC_PARAMETER_LIST_LENGTH_BYTES;
  const sender = itNexusId(context.nexus);
  return {
    state,
    request,
    context,
    sender,
    own: state.registrations.get(sender),
    reservationKey: isWhole ? list.readBigUInt64BE(0) : 0n,
    serviceActionReservationKey: isWhole ? list.readBigUInt64BE(SERVICE_ACTION_RESERVATION_KEY_BYTE) : 0n,
    flags: isWhole ? list.readUInt8(FLAGS_BYTE) : 0,
    decide: (different = {}) =>
      persistentReserveOut(
        different.state ?? state,
        different.request ?? request,
        different.context ?? context,
      ),
  };
}

export const EVERY_ACTION = Object.keys(PR_OUT_SERVICE_ACTION) as readonly PrOutServiceAction[];
export const REGISTERING: readonly PrOutServiceAction[] = ['register', 'registerAndIgnoreExistingKey'];
export const PREEMPTING: readonly PrOutServiceAction[] = ['preempt', 'preemptAndAbort'];

// What is decided instead

export const conflict = ({ state }: Asked): ReservationOutcome => settled(state, reservationConflict(state));

export const refuse = ({ state }: Asked, sense: Sense): ReservationOutcome =>
  settled(state, checkCondition(state, sense));

/** GOOD without any effect. */
export const ignore = ({ state }: Asked): ReservationOutcome => goodWith(state, state);

export function goodWith(
  before: ReservationState,
  state: ReservationState,
  effects: Partial<Pick<Transition, 'attentions' | 'abort'>> = {},
): ReservationOutcome {
  return settled(before, { state, status: SCSI_STATUS.good, attentions: [], abort: [], ...effects });
}

/** The outcome with another state behind it. */
export const withState = (
  { state: before }: Asked,
  outcome: ReservationOutcome,
  state: ReservationState,
): ReservationOutcome => settled(before, { ...outcome, state });

export const withAttentions = (
  outcome: ReservationOutcome,
  attentions: readonly AttentionEffect[],
): ReservationOutcome => ({ ...outcome, attentions });

export const isGood = ({ status }: ReservationOutcome): boolean => status === SCSI_STATUS.good;

/** Another sense where the standard's has this code (ASC * 256 + ASCQ). */
export const withOtherSense =
  (code: number, instead: (asked: Asked) => ReservationOutcome) =>
  (asked: Asked): ReservationOutcome => {
    const outcome = asked.decide();
    const { sense } = outcome;
    return sense !== undefined && sense.asc * 256 + sense.ascq === code ? instead(asked) : outcome;
  };

/** PRGENERATION after a request that counts. */
export const counted = (state: ReservationState): ReservationState => ({
  ...state,
  prGeneration: nextGeneration(state.prGeneration),
});

/** The request as if the sender had given its own key. */
export function withOwnKey({ request, own }: Asked): PersistentReserveOutRequest {
  if (own === undefined || request.parameterList.length < 8) return request;
  const parameterList = Buffer.from(request.parameterList);
  parameterList.writeBigUInt64BE(own.key, 0);
  return { ...request, parameterList };
}

/** The request with byte 20 of its basic parameter list changed. */
export function withFlags(
  { request, flags }: Asked,
  change: (flags: number) => number,
): PersistentReserveOutRequest {
  if (request.parameterList.length < BASIC_PARAMETER_LIST_LENGTH_BYTES) return request;
  const parameterList = Buffer.from(request.parameterList);
  parameterList.writeUInt8(change(flags), FLAGS_BYTE);
  return { ...request, parameterList };
}

/** 02/08/00. */
export const logicalUnitCommunicationFailure = (): Sense => ({
  key: SENSE_KEY.notReady,
  asc: 0x08,
  ascq: 0x00,
});

/** SPEC_I_PT lists that name a registered nexus go on; `state` says what becomes of it. */
export const specIPtGoesOn =
  (merge: (before: ReservationState, alone: ReservationState) => ReservationState['registrations']) =>
  (asked: Asked): ReservationOutcome => {
    const { state, flags, own } = asked;
    const outcome = asked.decide();
    if (isGood(outcome) || (flags & SPEC_I_PT) === 0 || own !== undefined) return outcome;
    const alone = asked.decide({ state: { ...state, registrations: new Map() } });
    return isGood(alone)
      ? withState(asked, alone, { ...alone.state, registrations: merge(state, alone.state) })
      : outcome;
  };

// PERSISTENT RESERVE IN

export interface AskedIn {
  readonly state: ReservationState;
  readonly context: PersistentReserveInContext;
  readonly decide: () => PersistentReserveInOutcome;
}

/** These service actions of PERSISTENT RESERVE IN are answered by `judge`. */
export function reserveIn(
  actions: readonly PrInServiceAction[],
  judge: (asked: AskedIn) => PersistentReserveInOutcome,
): Quirk['change'] {
  const codes = new Set<number>(actions.map((action) => PR_IN_SERVICE_ACTION[action]));
  return ({ persistentReserveIn }) => ({
    persistentReserveIn: (state, serviceAction, context) => {
      const decide = (): PersistentReserveInOutcome => persistentReserveIn(state, serviceAction, context);
      return codes.has(serviceAction) ? judge({ state, context, decide }) : decide();
    },
  });
}

export const EVERY_READ = Object.keys(PR_IN_SERVICE_ACTION) as readonly PrInServiceAction[];

export const refuseIn = (sense: Sense): PersistentReserveInOutcome => ({
  status: SCSI_STATUS.checkCondition,
  sense,
  data: new Uint8Array(0),
});

/** The data of a GOOD answer are changed. */
export const withOtherData =
  (change: (data: Buffer, asked: AskedIn) => Uint8Array) =>
  (asked: AskedIn): PersistentReserveInOutcome => {
    const outcome = asked.decide();
    return outcome.status === SCSI_STATUS.good
      ? { ...outcome, data: change(Buffer.from(outcome.data), asked) }
      : outcome;
  };

// The table of commands

/** Rows with these operation codes are different. */
export const rowsOf =
  (
    operationCodes: readonly number[],
    change: Partial<Pick<CommandRow, 'columns' | 'columnsOf'>>,
  ): Quirk['change'] =>
  ({ rows }) => ({
    rows: rows.map((row) => (operationCodes.includes(row.operationCode) ? { ...row, ...change } : row)),
  });

// Unit attentions

export const RESERVATIONS_PREEMPTED = 0x03;
export const RESERVATIONS_RELEASED = 0x04;
export const REGISTRATIONS_PREEMPTED = 0x05;

/** 06/2A/xx for each of these. */
export const tell = (nexuses: Iterable<ItNexusId>, ascq: number): readonly AttentionEffect[] =>
  [...nexuses].map((nexus) => ({ nexus, asc: 0x2a, ascq }));
