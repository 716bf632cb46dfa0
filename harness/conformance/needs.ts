import {
  OPERATION_CODE,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_NAME,
  type PrInServiceAction,
  type PrOutServiceAction,
  type ReservationType,
} from '../../protocol/index.js';
import { claimsType, commandCode, type Facts } from './facts.js';
import type { Reach } from './reach/reach.js';

/** Why a case cannot be run here; undefined: it can. */
export type Need = (facts: Facts, reach: Reach) => string | undefined;

const unless = (holds: boolean, reason: string): string | undefined => (holds ? undefined : reason);

/** The target lists the command, or does not say what it has. */
export const command =
  (name: string, operationCode: number, serviceAction?: number): Need =>
  ({ commands }) =>
    unless(
      commands === undefined ||
        commands.has(commandCode(operationCode, serviceAction)) ||
        // Some list an operation code without its service actions: nothing is said of them.
        (serviceAction !== undefined && commands.has(commandCode(operationCode))),
      `the target does not list ${name}`,
    );

/** The target lists the command. */
export const listedCommand =
  (name: string, operationCode: number, serviceAction?: number): Need =>
  ({ commands }) =>
    unless(
      commands?.has(commandCode(operationCode, serviceAction)) === true,
      `the target does not list ${name}`,
    );

export const reserveOutAction = (action: PrOutServiceAction): Need =>
  command(`the service action ${action}`, OPERATION_CODE.persistentReserveOut, PR_OUT_SERVICE_ACTION[action]);

export const reserveInAction = (action: PrInServiceAction): Need =>
  command(`the service action ${action}`, OPERATION_CODE.persistentReserveIn, PR_IN_SERVICE_ACTION[action]);

export const reservationType =
  (type: ReservationType): Need =>
  (facts) =>
    unless(claimsType(facts, type), `the target does not claim ${RESERVATION_TYPE_NAME[type]}`);

/** SIP_C. */
export const specIPt: Need = ({ capabilities }) =>
  unless(capabilities?.specifyInitiatorPortsCapable === 1, 'the target does not claim SPEC_I_PT (SIP_C=0)');

/** ATP_C. */
export const allTgPt: Need = ({ capabilities }) =>
  unless(capabilities?.allTargetPortsCapable === 1, 'the target does not claim ALL_TG_PT (ATP_C=0)');

/** PTPL_C. */
export const aptpl: Need = ({ capabilities }) =>
  unless(capabilities?.persistThroughPowerLossCapable === 1, 'the target does not claim APTPL (PTPL_C=0)');

/** CRH. */
export const compatibleReservationHandling: Need = ({ capabilities }) =>
  unless(capabilities?.compatibleReservationHandling === 1, 'the target does not claim CRH');

/** RLR_C. */
export const replaceLostReservation: Need = ({ capabilities }) =>
  unless(
    capabilities?.replaceLostReservationCapable === 1,
    'the target does not claim REPLACE LOST RESERVATION (RLR_C=0)',
  );

export const secondTargetPort: Need = (_, { targetPorts }) =>
  unless(targetPorts > 1, 'a second target port is needed: give its URL too');

/** Sessions that come and go, task management, Data-Out that is withheld. */
export const ownSessions: Need = (_, { ownsSessions }) =>
  unless(ownsSessions, 'a command line cannot do this: an iscsi:// URL is needed');

export const powerCycle: Need = (_, reach) =>
  unless(reach.powerCycle !== undefined, 'the power of the target must be cycled: give --power-cycle CMD');

export const controlModePage: Need = (facts) =>
  unless(facts.controlModePage, 'the target has no Control mode page');
