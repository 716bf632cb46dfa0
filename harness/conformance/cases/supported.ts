import { encodeTransportId } from '../../../protocol/index.js';
import type { ConformanceCase } from '../case.js';
import { registerAndMove, reserveIn } from '../command.js';
import {
  CONFLICT,
  GOOD,
  INVALID_FIELD_IN_CDB,
  INVALID_FIELD_IN_PARAMETER_LIST,
  receivedInWords,
} from '../expectation.js';
import { likelyPortId, STRANGER } from './transport-id-bytes.js';
import { prepare, VALID_ACTIONS, validCommand } from './valid-actions.js';

/** READ KEYS is not among them: without it a suite cannot tell whether anybody uses the LU, and does not begin. */
const READS = [
  { id: 'read-reservation', name: 'READ RESERVATION', action: 'readReservation' },
  { id: 'report-capabilities', name: 'REPORT CAPABILITIES', action: 'reportCapabilities' },
] as const;

/**
 * Service actions that no capability lets a device server leave out: whoever lacks one fails here, though the cases that
 * need it are skipped.
 */
export const SUPPORTED_CASES: readonly ConformanceCase[] = [
  ...READS.map(
    ({ id, name, action }) =>
      ({
        id: `supported.${id}`,
        title: `PERSISTENT RESERVE IN has the service action ${name}`,
        clause: 'SPC-4 6.15.1 table 201',
        run: async ({ a }) => {
          await a.expect(GOOD, reserveIn(action));
        },
      }) satisfies ConformanceCase,
  ),
  {
    id: 'supported.read-full-status',
    title: 'PERSISTENT RESERVE IN has the service action READ FULL STATUS, which SPC-3 was the first to have',
    clause: 'SPC-4 6.15.1 table 201',
    run: async (bench) => {
      const allowed = bench.level === 'spc3' ? [GOOD, INVALID_FIELD_IN_CDB] : GOOD;
      const received = await bench.a.expect(allowed, reserveIn('readFullStatus'));
      if (bench.level === 'spc3') bench.choose('READ FULL STATUS in SPC-3', receivedInWords(received));
    },
  },
  ...VALID_ACTIONS.map((valid): ConformanceCase => ({
    id: `supported.${valid.id}`,
    title: `PERSISTENT RESERVE OUT has the service action ${valid.name}`,
    clause: 'SPC-4 6.16.2 table 213',
    run: async (bench) => {
      await prepare(bench);
      await bench.a.expect(GOOD, validCommand(valid, bench));
    },
  })),
  {
    id: 'supported.register-and-move',
    title:
      'Whether PERSISTENT RESERVE OUT has REGISTER AND MOVE is told; who does not hold what is held is refused',
    clause: 'SPC-4 5.13.8, 6.16.2 table 213',
    run: async (bench) => {
      await prepare(bench);
      const sent = registerAndMove({
        reservationKey: bench.b.key,
        serviceActionReservationKey: bench.b.key,
        relativeTargetPortId: likelyPortId(bench, 0),
        transportId: encodeTransportId(STRANGER),
      });
      const received = await bench.b.expect(
        [CONFLICT, INVALID_FIELD_IN_CDB, INVALID_FIELD_IN_PARAMETER_LIST],
        sent,
      );
      bench.choose('REGISTER AND MOVE by one who does not hold the reservation', receivedInWords(received));
    },
  },
];
