import {
  OPERATION_CODE as OP,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
} from '../../../protocol/index.js';
import type { CommandRow } from '../command.js';
import { admitPersistentReserveOut } from '../persistent-reserve.js';
import type { UnitDescription } from '../unit-description.js';
import { usage } from './row.js';

const presentOn = ({ persistentReservations }: UnitDescription): boolean => persistentReservations;

/** A row for each service action (SPC-4 6.15, 6.16). */
// prettier-ignore
export const PERSISTENT_RESERVE_ROWS: readonly CommandRow[] = [
  persistentReserveIn('READ KEYS', PR_IN_SERVICE_ACTION.readKeys),
  persistentReserveIn('READ RESERVATION', PR_IN_SERVICE_ACTION.readReservation),
  persistentReserveIn('REPORT CAPABILITIES', PR_IN_SERVICE_ACTION.reportCapabilities),
  persistentReserveIn('READ FULL STATUS', PR_IN_SERVICE_ACTION.readFullStatus),
  persistentReserveOut('REGISTER', PR_OUT_SERVICE_ACTION.register),
  persistentReserveOut('RESERVE', PR_OUT_SERVICE_ACTION.reserve),
  persistentReserveOut('RELEASE', PR_OUT_SERVICE_ACTION.release),
  persistentReserveOut('CLEAR', PR_OUT_SERVICE_ACTION.clear),
  persistentReserveOut('PREEMPT', PR_OUT_SERVICE_ACTION.preempt),
  persistentReserveOut('PREEMPT AND ABORT', PR_OUT_SERVICE_ACTION.preemptAndAbort),
  persistentReserveOut('REGISTER AND IGNORE EXISTING KEY', PR_OUT_SERVICE_ACTION.registerAndIgnoreExistingKey),
  persistentReserveOut('REGISTER AND MOVE', PR_OUT_SERVICE_ACTION.registerAndMove),
  persistentReserveOut('REPLACE LOST RESERVATION', PR_OUT_SERVICE_ACTION.replaceLostReservation),
];

function persistentReserveIn(name: string, serviceAction: number): CommandRow {
  return {
    operationCode: OP.persistentReserveIn,
    serviceAction,
    name: `PERSISTENT RESERVE IN, ${name}`,
    usage: [OP.persistentReserveIn, serviceAction, ...usage('00 00 00 00 00 FF FF 00')],
    columns: 'S',
    needsMedium: false,
    accessibleIn: 'standby',
    presentOn,
    run: (task, unit) => unit.persistentReserveIn(task),
  };
}

/** SCOPE and TYPE are evaluated by some service actions and ignored by others: the machine knows which. */
function persistentReserveOut(name: string, serviceAction: number): CommandRow {
  return {
    operationCode: OP.persistentReserveOut,
    serviceAction,
    name: `PERSISTENT RESERVE OUT, ${name}`,
    usage: [OP.persistentReserveOut, serviceAction, ...usage('FF 00 00 FF FF FF FF 00')],
    columns: 'S',
    needsMedium: false,
    accessibleIn: 'standby',
    presentOn,
    admit: admitPersistentReserveOut,
    run: (task, unit) => unit.persistentReserveOut(task),
  };
}
