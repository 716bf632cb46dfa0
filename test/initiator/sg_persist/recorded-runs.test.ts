import { describe, expect, it } from 'vitest';
import { runSgPersist } from '../../../initiator/sg_persist/run.js';
import { runSgTurs } from '../../../initiator/sg_persist/turs-run.js';
import { expectedOf, readGolden, replay, withoutUsage, type GoldenRecord, type Program } from './golden.js';

const PROGRAMS: Readonly<Record<string, Program>> = { sg_persist: runSgPersist, sg_turs: runSgTurs };

const normalise = (text: string): string => text.replace(/duration=\d+ ms/g, 'duration=<n> ms');

function programOf(record: GoldenRecord): Program {
  const name = /\b(sg_persist|sg_turs)\b/.exec(record.cmd)?.[1] ?? '';
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error(`no program for ${record.cmd}`);
  return program;
}

describe.each([
  { file: 'sg_persist.jsonl', records: 652, what: 'sg3_utils 1.46 over LIO' },
  { file: 'sg_persist-answers.jsonl', records: 787, what: 'sg3_utils 1.46 with scripted answers' },
])('$file: what $what printed and sent', ({ file, records }) => {
  const golden = readGolden(file);

  it('is all there', () => {
    expect(golden).toHaveLength(records);
  });

  it.each(golden.map((record) => ({ title: `#${record.n} ${record.cmd.trim()}`, record })))(
    '$title',
    async ({ record }) => {
      const run = await replay(programOf(record), record);
      const stdout = withoutUsage(run.stdout);
      const stderr = withoutUsage(run.stderr);
      expect({
        stdout: stdout.text,
        stderr: normalise(stderr.text),
        status: run.status,
        asked: run.asked,
        usage: stdout.usage ? 'stdout' : stderr.usage ? 'stderr' : undefined,
        closed: run.closed,
      }).toEqual({
        stdout: record.stdout,
        stderr: record.stderr,
        status: record.status,
        asked: expectedOf(record),
        usage: record.then_usage,
        closed: true,
      });
    },
  );
});
