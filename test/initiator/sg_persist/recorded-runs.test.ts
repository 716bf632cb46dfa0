import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runSgInq } from '../../../initiator/sg_inq/run.js';
import { runSgPersist } from '../../../initiator/sg_persist/run.js';
import { runSgTurs } from '../../../initiator/sg_persist/turs-run.js';
import { outcomeOf, readGolden, recordedOutcome, type GoldenRecord, type Program } from './golden.js';

const PROGRAMS: Readonly<Record<string, Program>> = {
  sg_persist: runSgPersist,
  sg_turs: runSgTurs,
  sg_inq: runSgInq,
};

function programOf(record: GoldenRecord): Program {
  const name = /\b(sg_persist|sg_turs|sg_inq)\b/.exec(record.cmd)?.[1] ?? '';
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error(`no program for ${record.cmd}`);
  return program;
}

describe.each([
  { file: 'sg_persist.jsonl', records: 707, what: 'sg3_utils 1.46 over LIO' },
  { file: 'sg_persist-answers.jsonl', records: 787, what: 'sg3_utils 1.46 with scripted answers' },
  { file: 'sg_persist-lines.jsonl', records: 400, what: 'sg_persist of sg3_utils 1.46 at random lines' },
  { file: 'sg_inq-answers.jsonl', records: 727, what: 'sg_inq of sg3_utils 1.46 with scripted answers' },
])('$file: what $what printed and sent', ({ file, records }) => {
  const golden = readGolden(file);

  it.each(golden.map((record) => ({ title: `#${record.n} ${record.cmd.trim()}`, record })))(
    '$title',
    async ({ record }) => {
      expect(await outcomeOf(programOf(record), record)).toEqual(recordedOutcome(record));
    },
  );

  it(`matches in all ${records} command lines, and says so`, async () => {
    const outcomes = await Promise.all(
      golden.map(async (record) =>
        isDeepStrictEqual(await outcomeOf(programOf(record), record), recordedOutcome(record)),
      ),
    );
    const matching = outcomes.filter(Boolean).length;
    console.info(`${file}: ${matching} of ${golden.length} command lines match`);
    expect({ matching, recorded: golden.length }).toEqual({ matching: records, recorded: records });
  });
});
