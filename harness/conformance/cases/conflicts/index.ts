import { RESERVATION_TYPE_NAME, type ReservationType } from '../../../../protocol/index.js';
import type { Actor } from '../../actor.js';
import type { Bench } from '../../bench.js';
import type { ConformanceCase } from '../../case.js';
import { read10, type Command } from '../../command.js';
import {
  CONFLICT,
  GOOD,
  INVALID_FIELD_IN_CDB,
  LET_THROUGH,
  matches,
  type Expected,
} from '../../expectation.js';
import { command, listedCommand, reservationType, type Need } from '../../needs.js';
import { isAllRegistrants, TYPE_ID, TYPES } from '../service-actions/situation.js';
import { CONFLICT_ROWS, type ConflictRow } from './table.js';

/** The columns of the table that each type uses. */
const COLUMNS: Readonly<
  Record<ReservationType, { readonly registered: number; readonly unregistered: number }>
> = {
  writeExclusive: { registered: 0, unregistered: 0 },
  exclusiveAccess: { registered: 1, unregistered: 1 },
  writeExclusiveRegistrantsOnly: { registered: 2, unregistered: 3 },
  exclusiveAccessRegistrantsOnly: { registered: 2, unregistered: 4 },
  writeExclusiveAllRegistrants: { registered: 2, unregistered: 3 },
  exclusiveAccessAllRegistrants: { registered: 2, unregistered: 4 },
};

type Relation = 'holder' | 'registered' | 'unregistered';

const WHO: Readonly<Record<Relation, string>> = {
  holder: 'the holder',
  registered: 'a registered nexus that does not hold it',
  unregistered: 'a nexus that is not registered',
};

/** SPC-4 tables 65 and 66, SBC-4 table 13: every command x every type x who sends it. */
export const CONFLICT_CASES: readonly ConformanceCase[] = CONFLICT_ROWS.flatMap((row) =>
  TYPES.flatMap((type) =>
    (['holder', 'registered', 'unregistered'] as const).flatMap((relation) => casesOf(row, type, relation)),
  ),
);

function casesOf(row: ConflictRow, type: ReservationType, relation: Relation): ConformanceCase[] {
  if (relation === 'registered' && isAllRegistrants(type)) return [];
  const column = relation === 'holder' ? undefined : COLUMNS[type][relation];
  const conflicts = column !== undefined && row.columns[column] === 'C';
  if (row.refusedOnly === true && !conflicts) return [];
  const outcome = conflicts ? 'conflicts' : 'is let through';
  return [
    {
      id: `conflict.${row.id}.${TYPE_ID[type]}.${relation}`,
      title: `${row.name} by ${WHO[relation]} under ${RESERVATION_TYPE_NAME[type]} ${outcome}`,
      clause: 'SPC-4 5.13.1 tables 65 and 66, SBC-4 4.17 table 13',
      needs: [needOf(row), reservationType(type)],
      ...(row.writes === true ? { writes: true } : {}),
      run: (bench) => tryUnder(bench, row, type, relation, conflicts),
    },
  ];
}

function needOf({ name, operationCode, serviceAction, optional }: ConflictRow): Need {
  return (optional === true ? listedCommand : command)(name, operationCode, serviceAction);
}

async function tryUnder(
  bench: Bench,
  row: ConflictRow,
  type: ReservationType,
  relation: Relation,
  conflicts: boolean,
): Promise<void> {
  const { a, b } = bench;
  const sent = await commandOf(bench, row);
  await bench.register(a);
  if (relation === 'registered') await bench.register(b);
  await bench.reserve(a, type);
  const sender: Actor = relation === 'holder' ? a : b;
  const expected = [expectedOf(bench, row, relation, conflicts), lacking(bench, row)].flat();
  const received = await sender.expect(expected, sent).finally(() => undo(row, sender, a));
  if (lacking(bench, row).some((one) => matches(one, received))) bench.skip(`the target has no ${row.name}`);
  if (!conflicts && relation !== 'holder' && row.allowCommandsMin !== undefined && !mustAllow(bench, row)) {
    const answer = matches(CONFLICT, received) ? 'it conflicts' : 'it is let through';
    bench.choose(`${row.name} of another nexus under a reservation that lets reads through`, answer);
  }
}

/** How a service action is refused that nobody has said to be there; of operation codes the bench knows by itself. */
const lacking = ({ facts }: Bench, { serviceAction }: ConflictRow): readonly Expected[] =>
  facts.commands === undefined && serviceAction !== undefined ? [INVALID_FIELD_IN_CDB] : [];

/** What a reservation should have kept from happening. */
async function undo({ undoing }: ConflictRow, ...actors: readonly Actor[]): Promise<void> {
  if (undoing === undefined) return;
  for (const actor of actors) await actor.send(undoing);
}

function expectedOf(
  bench: Bench,
  row: ConflictRow,
  relation: Relation,
  conflicts: boolean,
): Expected | readonly Expected[] {
  if (conflicts) return CONFLICT;
  if (relation === 'holder' || mustAllow(bench, row)) return row.endsAnyHow === true ? LET_THROUGH : GOOD;
  return [GOOD, CONFLICT];
}

/** Whether the target has to let it through, or may follow SPC-2 and SPC-3 (SPC-4 table 208). */
function mustAllow({ facts, level }: Bench, { allowCommandsMin }: ConflictRow): boolean {
  if (allowCommandsMin === undefined || level === 'spc5') return true;
  const allowed = facts.capabilities?.allowCommands ?? 0;
  return allowed >= allowCommandsMin && allowed <= ALLOW_COMMANDS_MAX;
}

/** 5 to 7 are reserved and say nothing. */
const ALLOW_COMMANDS_MAX = 4;

async function commandOf(bench: Bench, row: ConflictRow): Promise<Command> {
  const { blockLengthBytes } = bench.facts;
  const { blocksOut, comparedFirst, ...rest } = row.command(blockLengthBytes);
  if (blocksOut === undefined) return { name: row.name, ...rest };
  const blocks = await bench.a.read(read10(0, blocksOut * blockLengthBytes));
  const dataOut = comparedFirst === true ? Buffer.concat([blocks, blocks]) : blocks;
  return { name: row.name, ...rest, dataOut };
}
