import { describe, expect, it } from 'vitest';
import type { ArrayDescription } from '../../../harness/runtime/external/array-description.js';
import { judge } from '../../../harness/oracle/judge.js';
import type { Verdict } from '../../../harness/oracle/types.js';
import {
  findingLines,
  isAsExpected,
  jsonReport,
  PLAIN,
  ReportCollector,
  styleFor,
  Timeline,
  verdictTable,
} from '../../../harness/report/index.js';
import { COLOURED } from '../../../harness/report/style.js';
import type { ScenarioEvent } from '../../../harness/scenario/events.js';
import { World } from '../oracle/world.js';

/** Incarnation 1 is fenced and writes on: into its slot if `late`, else refused. */
function verdictOf(late: boolean): Verdict {
  const world = new World();
  world.write(1, 'slot', 0);
  world.fence(2, [1]);
  world.recover(2);
  world.pass(1500);
  world.write(2, 'slot', 0);
  if (late) world.write(1, 'slot', 1);
  else world.refuse(world.issue(1, 'slot', 1));
  world.finish();
  return judge([{ name: 'pkg1', exclusive: true, luns: [0] }], world.history);
}

const write = { packageName: 'pkg1', node: 'node1', incarnation: 1, kind: 'slot' as const, lba: 16 };

function events(late: boolean): ScenarioEvent[] {
  return [
    {
      at: 0,
      type: 'scenarioStarted',
      scenario: 'physical-to-vm',
      paper: 'the paper, p. 9',
      runtime: 'memory',
      realMsPerSecond: 0,
      portals: ['127.0.0.1:3260', '127.0.0.1:3261'],
    },
    { at: 0, type: 'step', text: 'cmrunpkg -n node1 pkg1', line: 12 },
    {
      at: 1,
      type: 'command',
      node: 'node1',
      packageName: 'pkg1',
      commandLine: 'sg_persist --out --clear /dev/sdb',
      lun: 0,
      exitStatus: 24,
      output: '  EMULEX\nPR out (Clear): Reservation conflict\n',
      inferred: true,
      source: 'inferred from M9 p. 86',
    },
    { at: 2, type: 'write', write: { ...write, sequence: 1, lun: 0 }, outcome: 'acknowledged', reason: '' },
    { at: 3, type: 'write', write: { ...write, sequence: 2, lun: 1 }, outcome: 'acknowledged', reason: '' },
    { at: 4, type: 'write', write: { ...write, sequence: 3, lun: 0 }, outcome: 'refused', reason: 'EBADE' },
    { at: 5, type: 'nodeState', node: 'node1', state: 'hung' },
    { at: 5, type: 'hold', where: 'array', node: 'node1', state: 'held', count: 1 },
    { at: 6, type: 'check', text: 'LUN 0 has key 0x1', passed: true },
    { at: 12_345, type: 'judged', scenario: 'physical-to-vm', expected: 'SAFE', verdict: verdictOf(late) },
  ];
}

function collected(...runs: readonly (readonly ScenarioEvent[])[]): ReportCollector {
  const collector = new ReportCollector();
  for (const event of runs.flat()) collector.add(event);
  return collector;
}

const array: ArrayDescription = {
  vendor: 'IET',
  product: 'VIRTUAL-DISK',
  revision: '0001',
  urls: ['iscsi://h:3260/iqn.2026-11.org.fencelab:tgt/1', 'iscsi://h:3260/iqn.2026-11.org.fencelab:tgt/2'],
  portals: ['h:3260'],
  lacks: ['PREEMPT AND ABORT: the target answered CHECK CONDITION 05/24/00'],
};

/** The same, played on somebody else's array. */
function onArray(list: readonly ScenarioEvent[]): ScenarioEvent[] {
  return list.map((event) => (event.type === 'scenarioStarted' ? { ...event, array } : event));
}

const skip: ScenarioEvent = {
  at: 0,
  type: 'scenarioSkipped',
  scenario: 'clear-hazard-a1119',
  runtime: 'processes',
  expected: 'UNSAFE',
  why: 'a write must be held',
};

describe('the timeline', () => {
  it('has a line for each thing, writes that end alike in one, and what a failed command said last', () => {
    const lines: string[] = [];
    const timeline = new Timeline((line) => lines.push(line), PLAIN);
    for (const event of events(false)) timeline.show(event);
    expect(lines).toEqual([
      '',
      '── physical-to-vm (memory) '.padEnd(100, '─'),
      'the paper, p. 9; waits take no time; the array listens on 127.0.0.1:3260 and 127.0.0.1:3261',
      '    0.000s                      cmrunpkg -n node1 pkg1',
      '    0.001s  node1               $ sg_persist --out --clear /dev/sdb  (inferred)',
      '    0.001s                      exit status 24: PR out (Clear): Reservation conflict',
      '    0.002s  node1               2 writes to LUN 0, 1 acknowledged (pkg1 #1)',
      '    0.004s  node1               1 write to LUN 0 refused: EBADE (pkg1 #1)',
      '    0.005s  node1               is hung',
      '    0.005s  node1               1 write held in the array, behind its reservation check',
      '    0.006s                      as expected: LUN 0 has key 0x1',
      '   12.345s                      nobody could write for 1.5 s: pkg1 went from node1 (#1) to node2 (#2)',
      '   12.345s                      SAFE, expected SAFE',
    ]);
  });

  it("names somebody else's array, and a scenario that is skipped with the reason", () => {
    const lines: string[] = [];
    const timeline = new Timeline((line) => lines.push(line), PLAIN);
    for (const event of [...onArray(events(false)).slice(0, 1), skip]) timeline.show(event);
    expect(lines.slice(3)).toEqual([
      'the array is IET VIRTUAL-DISK 0001, iscsi://h:3260/iqn.2026-11.org.fencelab:tgt/1, ' +
        'iscsi://h:3260/iqn.2026-11.org.fencelab:tgt/2',
      '',
      '── clear-hazard-a1119 (processes) '.padEnd(100, '─'),
      'SKIPPED: a write must be held',
    ]);
  });

  it('says with colours exactly what it says without', () => {
    const coloured: string[] = [];
    const plain: string[] = [];
    const one = new Timeline((line) => coloured.push(line), COLOURED);
    const other = new Timeline((line) => plain.push(line), PLAIN);
    for (const event of events(true)) {
      one.show(event);
      other.show(event);
    }
    // eslint-disable-next-line no-control-regex -- colours begin with ESC
    expect(coloured.map((line) => line.replaceAll(/\u001b\[\d+m/g, ''))).toEqual(plain);
    expect(coloured).not.toEqual(plain);
  });
});

describe('what files, logs and arrays say', () => {
  /** A title that turns a terminal red, rings its bell and turns the direction of writing. */
  const hostile = 'red \u001b[31m, \u0007, \r and \u202e';
  const shown = 'red \\u001b[31m, \\u0007, \\u000d and \\u202e';
  const told = events(true).map((event): ScenarioEvent => {
    switch (event.type) {
      case 'scenarioStarted':
        return { ...event, scenario: hostile, paper: hostile, array: { ...array, vendor: hostile } };
      case 'check':
        return { ...event, text: hostile, passed: false };
      case 'command':
        return { ...event, output: hostile };
      default:
        return event;
    }
  });

  it('reaches a terminal as text', () => {
    const lines: string[] = [];
    const timeline = new Timeline((line) => lines.push(line), PLAIN);
    for (const event of [...told, { ...skip, scenario: hostile, why: hostile } as const]) {
      timeline.show(event);
    }
    lines.push(...verdictTable(collected(told, [{ ...skip, scenario: hostile, why: hostile }]), PLAIN));
    const said = lines.filter((line) => line.includes(shown));
    // Title, paper, array, output, check; skipped title and reason; in the table a note, a name, a reason and the array.
    expect(said).toHaveLength(11);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe('colours', () => {
  it.each([
    [{ isTTY: true }, {}, COLOURED],
    [{ isTTY: true }, { NO_COLOR: '' }, COLOURED],
    [{ isTTY: true }, { NO_COLOR: '1' }, PLAIN],
    [{ isTTY: true }, { TERM: 'dumb' }, PLAIN],
    [{}, {}, PLAIN],
  ])('on %j with %j', (stream, environment, style) => {
    expect(styleFor(stream, environment)).toBe(style);
  });
});

describe('the verdict table', () => {
  it('says what was expected and what was observed, and counts', () => {
    expect(verdictTable(collected(events(false), events(true)), PLAIN)).toEqual([
      'scenario                 expected  observed  acknowledged  refused  landed late  no writer for',
      '───────────────────────  ────────  ────────  ────────────  ───────  ───────────  ─────────────',
      'physical-to-vm (memory)  SAFE      SAFE                 2        1            0          1.5 s',
      'physical-to-vm (memory)  SAFE      UNSAFE               3        0            1          1.5 s',
      '',
      "Times are the scenario's own: what its waits stand for, not how long they took here.",
      '2 of 2 sg_persist lines are inferred: the documents give their order and effect, not their text.',
      '1 of 2 NOT as expected.',
    ]);
  });

  it('has what was skipped with its reason, and which array it was with what it lacks', () => {
    const lines = verdictTable(collected(onArray(events(false)), [skip]), PLAIN);
    expect(lines.slice(2, 5)).toEqual([
      'physical-to-vm (memory)         SAFE      SAFE                 2        1            0          1.5 s',
      'clear-hazard-a1119 (processes)  UNSAFE    SKIPPED              -        -            -              -',
      '  a write must be held',
    ]);
    expect(lines.slice(-3)).toEqual([
      'The array was IET VIRTUAL-DISK 0001, iscsi://h:3260/iqn.2026-11.org.fencelab:tgt/1, ' +
        'iscsi://h:3260/iqn.2026-11.org.fencelab:tgt/2.',
      'PREEMPT AND ABORT: the target answered CHECK CONDITION 05/24/00.',
      'All 1 as expected, 1 skipped.',
    ]);
  });

  it('says that nothing was played', () => {
    expect(verdictTable(collected([skip]), PLAIN).at(-1)).toBe('Nothing was played: 1 skipped.');
  });

  it('names a check that failed, though the verdict is as expected', () => {
    const collector = new ReportCollector();
    const [first, ...rest] = events(false);
    if (first === undefined) throw new Error('no events');
    collector.add(first);
    collector.add({ at: 1, type: 'check', text: 'LUN 0 has no keys', passed: false });
    for (const event of rest) collector.add(event);
    expect(collector.reports.map(isAsExpected)).toEqual([false]);
    expect(verdictTable(collector, PLAIN)).toContain('  not as expected: LUN 0 has no keys');
  });
});

describe('findings', () => {
  it('show the landed write with its writer, incarnation and acknowledgement, and its bytes', () => {
    const lines = findingLines(verdictOf(true), PLAIN);
    expect(lines.slice(0, 4)).toEqual([
      'landedLate: LUN 0 LBA 17: write 2 of incarnation 1 (node1, acknowledged) landed after incarnation 2 had fenced ' +
        'it and read the block',
      '    writer node1 of package pkg1, incarnation 1, sequence 2, slot, acknowledged',
      '    > 0000  46 45 4e 43 45 4c 41 42 70 6b 67 31 20 20 20 20  |FENCELABpkg1    |',
      '    > 0010  20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20  |                |',
    ]);
    expect(lines.at(-1)).toBe('      384 bytes of fill follow');
  });
});

describe('the JSON report', () => {
  it('holds verdicts, commands with their sources, and blocks as hex digits', () => {
    const report = JSON.parse(JSON.stringify(jsonReport(collected(events(true))))) as Record<string, unknown>;
    expect(report).toMatchObject({
      schemaVersion: 1,
      allAsExpected: false,
      scenarios: [
        {
          scenario: 'physical-to-vm',
          expected: 'SAFE',
          observed: 'UNSAFE',
          asExpected: false,
          commands: [{ inferred: true, source: 'inferred from M9 p. 86', exitStatus: 24 }],
          verdict: {
            counts: { issued: 3, acknowledged: 3, refused: 0, failed: 0, landedLate: 1 },
            findings: [{ kind: 'landedLate', after: expect.stringMatching(/^46454e43454c4142/) as string }],
          },
        },
      ],
    });
    expect(jsonReport(collected(events(false)))).toMatchObject({ allAsExpected: true, skipped: [] });
  });

  it('names the array and what was skipped; where nothing was played, nothing was as expected', () => {
    expect(jsonReport(collected(onArray(events(false)), [skip]))).toMatchObject({
      allAsExpected: true,
      scenarios: [{ array }],
      skipped: [{ scenario: 'clear-hazard-a1119', expected: 'UNSAFE', why: 'a write must be held' }],
    });
    expect(jsonReport(collected([skip]))).toMatchObject({ allAsExpected: false, scenarios: [] });
  });

  it('names what was not played, and then not all was as expected', () => {
    const notPlayed = [{ scenario: 'path-lost', runtime: 'memory', why: 'no port' }] as const;
    expect(jsonReport(collected(events(false)), notPlayed)).toMatchObject({
      allAsExpected: false,
      scenarios: [{ asExpected: true }],
      notPlayed,
    });
  });
});
