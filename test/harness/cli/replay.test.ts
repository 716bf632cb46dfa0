import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fencelab, type ProgramRun } from './run-program.js';
import { runLogText, type LogEntry } from '../../../harness/replay/log.js';

const folder = mkdtempSync(join(tmpdir(), 'fencelab-replay-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SCENARIO = `scenario: two writers on a LUN without reservations
paper: a test
expect: SAFE
array: { luns: [{ name: data }] }
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }, { name: node2, cluster: c1 }]
packages:
  - { name: pkg1, cluster: c1, type: multi-node, luns: [data], nodes: [node1, node2] }
steps:
  - cmrunpkg: { package: pkg1, node: node1 }
`;

/** A log of what the scenario does: its probe of the LUN, what recovery reads, and the write of the start. */
function logWith(entries: readonly LogEntry[], findings: readonly string[] = []): string {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.jsonl`);
  const end = { verdict: 'SAFE', findings: [...findings] };
  writeFileSync(file, runLogText({ file: 's.yaml', scenario: SCENARIO, seed: 1, entries, end }));
  return file;
}

const command = (cdb: string): LogEntry => ({
  what: 'command',
  initiator: 'iqn.2026-11.org.fencelab:node1',
  port: 1,
  lun: 0,
  cdb,
});

const replayed = (file: string): Promise<ProgramRun> => fencelab('run', '--replay', file);

describe('fencelab run --replay', () => {
  it('tells the line of a log where the run does not fit', async () => {
    const file = logWith([{ what: 'hang', on: 'node1' }]);
    const { exitStatus, stderr } = await replayed(file);
    expect(exitStatus).toBe(2);
    expect(stderr).toMatch(
      new RegExp(
        `^fencelab: ${file}:2: the run does not fit, expected {"what":"hang","on":"node1"}, and who waits is {"what":"command","initiator":"iqn.2026-11.org.fencelab:node1","port":1,"lun":0,"cdb":"`,
      ),
    );
  });

  it('tells where a log ends too soon', async () => {
    const file = logWith([]);
    const { exitStatus, stderr } = await replayed(file);
    expect(exitStatus).toBe(2);
    expect(stderr).toContain(`${file}: the log ends here, and who waits is {"what":"command"`);
  });

  it('tells a scenario that was changed, and what is no log', async () => {
    const changed = join(folder, 'changed.jsonl');
    const text = runLogText({
      file: 's.yaml',
      scenario: SCENARIO,
      seed: 1,
      entries: [command('28')],
      end: { verdict: 'SAFE', findings: [] },
    });
    writeFileSync(changed, text.replace('two writers', 'six writers'));
    expect(await replayed(changed)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${changed}:1: the scenario was changed, expected the text that was recorded\n`,
    });
    const cut = join(folder, 'cut.jsonl');
    writeFileSync(cut, text.split('\n').slice(0, 2).join('\n'));
    expect((await replayed(cut)).stderr).toBe(
      `fencelab: ${cut}:2: no end of a log, expected what fencelab run --record wrote\n`,
    );
  });
});
