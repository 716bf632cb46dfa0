import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDeviceMapping, parseHostOfNodes } from '../../../harness/from-log/devices.js';
import { planReplay, type LogFile } from '../../../harness/from-log/plan.js';
import { replay, type ReplayResult } from '../../../harness/from-log/replay.js';
import { PLAIN, Timeline } from '../../../harness/report/index.js';
import { MemoryRuntime } from '../../../harness/runtime/memory/memory-runtime.js';

interface Settings {
  readonly map?: readonly string[];
  readonly host?: readonly string[];
  readonly sideBySide?: boolean;
}

interface Replayed extends ReplayResult {
  readonly timeline: string;
}

async function replayLogs(
  files: readonly LogFile[],
  { map = [], host = [], sideBySide = false }: Settings = {},
): Promise<Replayed> {
  const plan = planReplay(files, map.map(parseDeviceMapping), host.map(parseHostOfNodes));
  const lines: string[] = [];
  const timeline = new Timeline((line) => lines.push(line), PLAIN);
  const runtime = await MemoryRuntime.start(plan.site, 1);
  try {
    const result = await replay(plan, runtime, {
      expected: 'SAFE',
      sideBySide,
      onEvent: (event) => {
        timeline.show(event);
      },
    });
    return { ...result, timeline: lines.join('\n') };
  } finally {
    await runtime.close();
  }
}

function fixture(name: string, settings?: Settings): Promise<Replayed> {
  const folder = fileURLToPath(new URL(`../../../fixtures/logs/${name}`, import.meta.url));
  const files = readdirSync(folder).sort();
  return replayLogs(
    files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') })),
    settings,
  );
}

/** One line a second; `node1: -o -G -S 1 /dev/sdb -> 0`, where the options end with the exit status if it is known. */
function written(...lines: readonly string[]): Promise<Replayed> {
  return writtenFor({}, lines);
}

function writtenFor(settings: Settings, lines: readonly string[]): Promise<Replayed> {
  const texts = new Map<string, string>();
  for (const [second, line] of lines.entries()) {
    const [node = '', command = ''] = line.split(': ');
    const time = new Date(Date.UTC(2026, 10, 21) + second * 1000).toISOString();
    texts.set(node, `${texts.get(node) ?? ''}${time} ${node} sg_persist -n ${command}\n`);
  }
  return replayLogs(
    [...texts].map(([node, text]) => ({ file: `${node}.log`, text })),
    settings,
  );
}

/** Verdict, kinds of findings, and what differs from the logs. */
const wordsOf = ({ verdict, checks }: Replayed): object => ({
  verdict: verdict.verdict,
  findings: [...new Set(verdict.findings.map(({ kind }) => kind))].sort(),
  differences: checks.map(({ text }) => text),
});

const SAFE = { verdict: 'SAFE', findings: [], differences: [] };

describe('logs of whole failovers', () => {
  it('is SAFE where PREEMPT AND ABORT fences: the zombie is refused after every later line', async () => {
    const replayed = await fixture('failover');
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.verdict.counts).toMatchObject({ acknowledged: 8, refused: 4, landedLate: 0 });
  });

  it('is UNSAFE where a CLEAR behind the fence opens a gap', async () => {
    const replayed = await fixture('clear-gap');
    expect(wordsOf(replayed)).toMatchObject({ verdict: 'UNSAFE', differences: [] });
    // After CLEAR, and after the new registration: nothing is reserved yet.
    const late = replayed.verdict.findings.filter(({ kind }) => kind === 'landedLate');
    expect(late.map(({ write }) => write?.node)).toEqual(['node1', 'node1', 'node1']);
  });

  it('is UNSAFE in one box, and SAFE with the same lines on two machines', async () => {
    const box = await fixture('one-box', { host: ['esx1=node1,node2'] });
    expect(wordsOf(box)).toEqual({
      verdict: 'UNSAFE',
      findings: ['landedLate', 'notExclusive'],
      differences: [],
    });
    expect(wordsOf(await fixture('one-box'))).toEqual(SAFE);
  });

  it('reads package logs, whose exit statuses are not known', async () => {
    const map = ['alpha:/dev/sdb=0', 'alpha:/dev/sdc=0@2', 'beta:/dev/sdd=0'];
    const replayed = await fixture('package-logs', { map });
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.verdict.counts.refused).toBe(2);
    expect(replayed.timeline).toContain(
      'beta                $ sg_persist -n -o -A -T 5 -K 10002 -S 0x10001 /dev/sdd  -> 0, recorded unknown  (beta.log:6)',
    );
  });

  it('is judged otherwise by a fence that does not reach every node', async () => {
    // Without the map beta's disk is another one.
    const replayed = await fixture('package-logs');
    expect(replayed.verdict.counts.refused).toBe(0);
    expect(replayed.timeline).toContain(
      'Nobody who writes on LUN 0 is fenced: no fence was tried there (with --side-by-side every registered node writes).',
    );
  });
});

const NODE1_RESERVES = ['node1: -o -I -S 1 /dev/sdb -> 0', 'node1: -o -R -T 5 -K 1 /dev/sdb -> 0'];
const NODE2_PREEMPTS = ['node2: -o -I -S 2 /dev/sdb -> 0', 'node2: -o -A -T 5 -K 2 -S 1 /dev/sdb -> 0'];

describe('who writes', () => {
  it('tells a line that ends otherwise than recorded', async () => {
    const replayed = await written(...NODE1_RESERVES, 'node2: -o -R -T 5 -K 2 /dev/sdb -> 0');
    expect(wordsOf(replayed)).toEqual({
      ...SAFE,
      differences: ['node2.log:1: exit status 24, recorded was 0'],
    });
  });

  it('is not content where the holder cannot write in its own term', async () => {
    const replayed = await writtenFor({ map: ['/dev/sdb=0@3'] }, NODE1_RESERVES);
    expect(replayed.checks).toEqual([
      {
        text: 'app0 #1 on node1 was let in and none of its writes was taken: it writes through port 1, so see --map',
        passed: false,
      },
    ]);
  });

  it('passes over a line that did nothing', async () => {
    const replayed = await written(
      ...NODE1_RESERVES,
      'node2: -o -I -S 2 /dev/sdb -> 52',
      'node2: -o -I -S 2 /dev/sdb -> 0',
      'node2: -o -A -T 5 -K 2 -S 1 /dev/sdb -> 6',
    );
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.verdict.counts.refused).toBe(0);
    expect(replayed.timeline).toContain(
      'node2.log:3: not given again, since exit status 6 says that it did nothing: sg_persist -n -o -A',
    );
  });

  it('carries out a line that meets an attention of which the log does not tell', async () => {
    // node3 was told that its registration is preempted, by way of its path checker.
    const replayed = await written(
      'node3: -o -I -S 3 /dev/sdb -> 0',
      ...NODE1_RESERVES,
      'node1: -o -P -T 5 -K 1 -S 3 /dev/sdb -> 0',
      'node3: -o -I -S 3 /dev/sdb -> 0',
      'node3: -i -k /dev/sdb -> 0',
    );
    expect(wordsOf(replayed)).toEqual(SAFE);
  });

  it('lets nobody write who released', async () => {
    const replayed = await written(
      ...NODE1_RESERVES,
      'node1: -o -L -T 5 -K 1 /dev/sdb -> 0',
      'node2: -o -I -S 2 /dev/sdb -> 0',
      'node2: -o -R -T 5 -K 2 /dev/sdb -> 0',
    );
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.verdict.counts).toMatchObject({ acknowledged: 4, refused: 0 });
  });

  it.each(['-o -G -K 1 /dev/sdb', '-o -C -K 1 /dev/sdb'])('takes %s for leaving', async (command) => {
    const replayed = await written(...NODE1_RESERVES, `node1: ${command} -> 0`);
    expect(replayed.timeline).toContain('package app0 #1 halted');
    expect(replayed.verdict.counts.acknowledged).toBe(2);
  });

  it('lets a fenced node that registers anew write no more until it takes the LUN', async () => {
    const replayed = await written(
      ...NODE1_RESERVES,
      ...NODE2_PREEMPTS,
      'node1: -o -I -S 1 /dev/sdb',
      'node2: -o -L -T 5 -K 2 /dev/sdb -> 0',
      'node1: -o -R -T 5 -K 1 /dev/sdb -> 0',
    );
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.timeline).toContain('LUN 0 is taken by app0 #3; fenced: #1, #2');
  });

  it("tries nothing while a LUN is nobody's", async () => {
    const replayed = await written(...NODE1_RESERVES, ...NODE2_PREEMPTS, 'node2: -o -C -K 2 /dev/sdb -> 0');
    expect(wordsOf(replayed)).toEqual(SAFE);
  });

  it('shows that CLEAR by another machine takes the protection away', async () => {
    const replayed = await written(
      ...NODE1_RESERVES,
      ...NODE2_PREEMPTS,
      'admin: -o -I -S 3 /dev/sdb -> 0',
      'admin: -o -C -K 3 /dev/sdb -> 0',
    );
    expect(wordsOf(replayed)).toMatchObject({ verdict: 'UNSAFE', differences: [] });
  });

  it('takes PREEMPT for a fence, and all registrants for holders', async () => {
    const replayed = await written(
      'node1: -o -I -S 1 /dev/sdb -> 0',
      'node1: -o -R -T 7 -K 1 /dev/sdb -> 0',
      'node2: -o -I -S 2 /dev/sdb -> 0',
      'node2: -o -P -T 7 -K 2 -S 1 /dev/sdb -> 0',
    );
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.verdict.counts.refused).toBe(2);
  });

  it('takes no LUN for a node whose PREEMPT left another the holder', async () => {
    const replayed = await written(
      ...NODE1_RESERVES,
      'node3: -o -I -S 3 /dev/sdb -> 0',
      'node2: -o -I -S 2 /dev/sdb -> 0',
      'node2: -o -P -T 5 -K 2 -S 3 /dev/sdb -> 0',
    );
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.timeline).not.toContain('app0 #2');
  });

  it('judges each LUN by itself', async () => {
    const replayed = await written(
      ...NODE1_RESERVES,
      'node1: -o -I -S 1 /dev/sdc -> 0',
      'node1: -o -R -T 5 -K 1 /dev/sdc -> 0',
      ...NODE2_PREEMPTS,
      'node2: -o -C -K 2 /dev/sdb -> 0',
      'node2: -o -I -S 2 /dev/sdb -> 0',
      'node2: -o -R -T 5 -K 2 /dev/sdb -> 0',
    );
    expect(replayed.verdict.packages.map(({ packageName, verdict }) => [packageName, verdict])).toEqual([
      ['app0', 'UNSAFE'],
      ['app1', 'SAFE'],
    ]);
  });

  it('says nothing of logs in which nobody reserves', async () => {
    const replayed = await written('node1: -i -k /dev/sdb -> 0');
    expect(wordsOf(replayed)).toEqual({ verdict: 'INCONCLUSIVE', findings: ['noEvidence'], differences: [] });
  });

  it('refuses logs in which a LUN changes hands too often', async () => {
    const turns = Array.from({ length: 17 }, (_, turn) => [
      `node${turn % 2}: -o -I -S ${(turn % 2) + 1} /dev/sdb`,
      `node${turn % 2}: -o -R -T 5 -K ${(turn % 2) + 1} /dev/sdb`,
      `node${turn % 2}: -o -L -T 5 -K ${(turn % 2) + 1} /dev/sdb`,
    ]);
    await expect(written(...turns.flat())).rejects.toThrow(
      'the 17th application on LUN 0, expected at most 16: replay a shorter part of the logs',
    );
  });
});

describe('nodes that write side by side', () => {
  const side = (...lines: readonly string[]): Promise<Replayed> => writtenFor({ sideBySide: true }, lines);
  // As fence_scsi unfences: all register, and one reserves.
  const BOTH = ['node2: -o -I -S 2 /dev/sdb -> 0', ...NODE1_RESERVES];
  const NODE1_FENCES = 'node1: -o -A -T 5 -K 1 -S 2 /dev/sdb -> 0';

  it('write from the reservation on, and a fence of one that is not the holder is tried', async () => {
    const replayed = await side(...BOTH, NODE1_FENCES);
    expect(wordsOf(replayed)).toEqual(SAFE);
    // Two nodes after RESERVE, then the holder alone: each one write to a slot of its own.
    expect(replayed.verdict.counts).toMatchObject({ acknowledged: 3, refused: 1, landedLate: 0 });
    expect(replayed.timeline).toContain('LUN 0 is taken by app0 #2; fenced: #1');
    expect(replayed.timeline).not.toContain('no fence was tried');
  });

  it('are fenced as the logs of a cluster file system have it', async () => {
    const replayed = await fixture('cluster-file-system', { sideBySide: true });
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.timeline).toContain('LUN 0 is taken by app0 #1; fenced: #2');
    expect(replayed.verdict.counts).toMatchObject({ acknowledged: 4, refused: 1 });
  });

  it('are not fenced in one box', async () => {
    const replayed = await writtenFor({ sideBySide: true, host: ['esx1=node1,node2'] }, [
      'node1: -o -I -S 1 /dev/sdb -> 0',
      'node1: -o -R -T 5 -K 1 /dev/sdb -> 0',
      'node2: -o -I -S 2 /dev/sdb -> 0',
      'node3: -o -I -S 3 /dev/sdb -> 0',
      'node3: -o -A -T 5 -K 3 -S 2 /dev/sdb -> 0',
      // The host has one registration: node1 registers it again, and lets node2 in with it.
      'node1: -o -I -S 1 /dev/sdb -> 0',
    ]);
    expect(wordsOf(replayed)).toMatchObject({ verdict: 'UNSAFE', differences: [] });
  });

  it('lose their protection by a CLEAR', async () => {
    const replayed = await side(...BOTH, NODE1_FENCES, 'node1: -o -C -K 1 /dev/sdb -> 0');
    expect(wordsOf(replayed)).toEqual({ verdict: 'UNSAFE', findings: ['landedLate'], differences: [] });
  });

  it('leave by giving their registration back, and come back by a new one', async () => {
    const left = await side(
      ...BOTH,
      'node2: -o -G -K 2 /dev/sdb -> 0',
      NODE1_FENCES.replace('-> 0', '-> 24'),
    );
    expect(wordsOf(left)).toEqual(SAFE);
    expect(left.timeline).toContain('package app0 #1 halted');
    const back = await side(...BOTH, NODE1_FENCES, 'node2: -o -I -S 2 /dev/sdb');
    expect(wordsOf(back)).toEqual(SAFE);
    expect(back.timeline).toContain('LUN 0 is taken by app0 #3; fenced: #1');
  });

  it('keep what they have where one preempts its own key', async () => {
    const replayed = await side(...BOTH, 'node1: -o -P -T 5 -K 1 -S 1 /dev/sdb -> 0');
    expect(wordsOf(replayed)).toEqual(SAFE);
    expect(replayed.verdict.counts).toMatchObject({ acknowledged: 4, refused: 0 });
  });
});
