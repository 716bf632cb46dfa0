import { invalidFieldInCdb, OPERATION_CODE } from '../../../protocol/index.js';
import { initialState } from '../../reservations/state.js';
import { refuse, reserveOut, rowsOf } from './deviate.js';
import type { Quirk } from './quirk.js';

const SOURCE = 'illumos usr/src/uts/common/io/comstar/lu/stmf_sbd/sbd_pgr.c';
const START_STOP_BYTE = 4;

/** COMSTAR of OpenSolaris and illumos. */
export const COMSTAR_QUIRKS: readonly Quirk[] = [
  {
    name: 'comstar-start-stop-inverted',
    deviation:
      'START STOP UNIT with START=0 of another nexus is let through and START=1 conflicts; it should be the other way round',
    source: `${SOURCE}: PGR_CONFLICT_FREE_CMDS`,
    change: rowsOf([OPERATION_CODE.startStopUnit], {
      columnsOf: (cdb) => (((cdb[START_STOP_BYTE] ?? 0) & 0xf1) === 0 ? 'AAAAA' : 'CCACC'),
    }),
  },
  {
    name: 'comstar-reset-clears',
    deviation:
      'LOGICAL UNIT RESET removes registrations and reservation unless APTPL was set; they should stay in any case',
    source: `${SOURCE}: sbd_pgr_reset`,
    change: ({ logicalUnitReset }) => ({
      logicalUnitReset: (state) => (state.persistThroughPowerLoss ? logicalUnitReset(state) : initialState()),
    }),
  },
  {
    name: 'comstar-move-without-reservation-in-cdb',
    deviation:
      'REGISTER AND MOVE of a nexus that is not registered, without a reservation, is an invalid field in the CDB (24/00); it should conflict',
    source: `${SOURCE}: sbd_handle_pgr_out_data`,
    change: reserveOut(['registerAndMove'], (asked) =>
      asked.own === undefined && asked.state.reservation === null
        ? refuse(asked, invalidFieldInCdb({ byte: 1 }))
        : asked.decide(),
    ),
  },
];
