import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fencelab, type ProgramRun } from './run-program.js';
import { parseScenario, runScenario } from '../../../harness/index.js';
import { parseRunLog, runLogText, type LogEntry, type RunLog } from '../../../harness/replay/log.js';
import { runEnd } from '../../../harness/replay/replay-run.js';
import type { Happening, ReplayingOrder } from '../../../harness/runtime/order.js';

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

/** Lets everybody in as they come, and writes that down. */
class AsTheyCome implements ReplayingOrder {
  readonly entries: LogEntry[] = [];
  readonly #waiting: (() => void)[] = [];

  turn(happening: Happening): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push(() => {
        this.entries.push(happening as LogEntry);
        go();
      });
    });
  }

  admitNext(): boolean {
    const next = this.#waiting.shift();
    next?.();
    return next !== undefined;
  }

  problem(): undefined {
    return undefined;
  }
}

/** The log of a run in memory, as `change` leaves it. */
async function changedLog(name: string, change: (log: RunLog) => RunLog): Promise<string> {
  const order = new AsTheyCome();
  const result = await runScenario(parseScenario(SCENARIO, 's.yaml'), { runtime: 'memory', replay: order });
  const text = runLogText({
    file: 's.yaml',
    scenario: SCENARIO,
    seed: 1,
    entries: order.entries,
    end: runEnd(result),
  });
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, runLogText(change(parseRunLog(text, file))));
  return file;
}

/** The same log with its first command that carries data as `change` leaves it, and the line of that. */
async function withChangedWrite(
  name: string,
  change: (command: Extract<LogEntry, { what: 'command' }>) => LogEntry,
): Promise<{ file: string; line: number }> {
  let line = 0;
  const file = await changedLog(name, (log) => {
    const at = log.entries.findIndex((entry) => 'data' in entry);
    // The first entry stands in line 2.
    line = at + 2;
    const entries = log.entries.map((entry, index) =>
      index === at && entry.what === 'command' ? change(entry) : entry,
    );
    return { ...log, entries };
  });
  return { file, line };
}

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

  it('comes to what the log came to', async () => {
    const { exitStatus, stdout } = await replayed(await changedLog('good', (log) => log));
    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/\nAll 1 as expected\.\nAs recorded: SAFE with 0 findings\.\n$/);
  });

  it.each([
    ['verdict', { verdict: 'UNSAFE', findings: [] }, 'UNSAFE with 0 findings'],
    ['finding', { verdict: 'SAFE', findings: ['LUN 0 LBA 17'] }, 'SAFE with 1 findings'],
  ])('says where it comes to another %s than the log', async (what, end, words) => {
    const file = await changedLog(what, (log) => ({ ...log, end }));
    const { exitStatus, stdout } = await replayed(file);
    expect(exitStatus).toBe(1);
    expect(stdout.split('\n').slice(-3, -1)).toEqual([
      'All 1 as expected.',
      `NOT as recorded, which was ${words}: see the last line of ${file}.`,
    ]);
  });

  it.each([
    ['data', { data: '1234abcd' }],
    ['port', { port: 2 }],
    ['initiator', { initiator: 'iqn.2026-11.org.fencelab:node2' }],
  ])('tells the line of a command with other %s', async (what, other) => {
    const { file, line } = await withChangedWrite(what, (command) => ({ ...command, ...other }));
    const { exitStatus, stderr } = await replayed(file);
    expect(exitStatus).toBe(2);
    expect(stderr).toContain(`${file}:${line}: the run does not fit, expected {"what":"command"`);
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
