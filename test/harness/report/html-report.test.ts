import { describe, expect, it } from 'vitest';
import { loadScenario, runScenario, scenarioFolder, type ScenarioResult } from '../../../harness/index.js';
import { layOut } from '../../../harness/report/html/layout.js';
import { writeName, type Recording } from '../../../harness/report/html/recording.js';
import { htmlReport } from '../../../harness/report/index.js';
import type { ScenarioEvent } from '../../../harness/scenario/events.js';

async function played(name: string): Promise<{ recording: Recording; result: ScenarioResult }> {
  const scenario = await loadScenario(`${scenarioFolder()}/${name}.yaml`);
  const events: ScenarioEvent[] = [];
  const result = await runScenario(scenario, { runtime: 'memory', onEvent: (event) => events.push(event) });
  return { recording: { scenario: name, runtime: 'memory', site: scenario.site, events }, result };
}

describe('the picture of a scenario', () => {
  it.each(['vm-to-vm-one-box-pending', 'all-in-one-cluster', 'standbys-on-one-host'])(
    '%s has a mark for each write of the history, with its fate',
    async (name) => {
      const { recording, result } = await played(name);
      const told = { writeAcknowledged: 'acknowledged', writeRefused: 'refused', writeFailed: 'failed' };
      const expected = new Map<string, string>();
      for (const event of result.history) {
        if (event.type === 'writeIssued') expected.set(writeName(event.write), 'pending');
        else if ('write' in event) expected.set(writeName(event.write), told[event.type]);
      }
      const worse = {
        notExclusive: 'notExclusive',
        acknowledgedWriteLost: 'lost',
        sharedBlockOverwritten: 'landedLate',
        landedLate: 'landedLate',
      };
      for (const [kind, fate] of Object.entries(worse)) {
        for (const finding of result.verdict.findings) {
          if (finding.kind === kind && finding.write) expected.set(writeName(finding.write), fate);
        }
      }
      const { marks } = layOut(recording);
      const seen = marks.flatMap(({ glyph, write }) => (write ? [[writeName(write.write), glyph]] : []));
      expect(seen.length).toBeGreaterThan(5);
      expect(seen).toEqual([...expected]);
    },
  );

  it('shows registrations and the reservation as the array tells them, and says so where it tells none', async () => {
    const { recording } = await played('vm-to-vm-one-box-pending');
    const ofArray = ({ kind }: { kind: string }): boolean =>
      kind === 'registration' || kind === 'reservation';
    const bands = layOut(recording).bands.filter(ofArray);
    expect(bands.map(({ text }) => text)).toContain('0x10001');
    expect(bands.map(({ text }) => text)).toContain('writeExclusiveRegistrantsOnly, held by esx1 path 1');
    const events = recording.events.filter(({ type }) => type !== 'reservations');
    const blind = layOut({ ...recording, events });
    expect(blind.bands.filter(ofArray)).toEqual([]);
    expect(blind.lanes.at(-1)?.label).toBe('LUN 0 data: not told');
  });

  it('goes from left to right as time does, and groups guests under their host', async () => {
    const { recording } = await played('all-in-one-cluster');
    const { scale, lanes } = layOut(recording);
    const xs = recording.events.map((_, index) => scale.xOf(index));
    expect(xs).toEqual(xs.toSorted((one, other) => one - other));
    expect(scale.gaps.map(({ text }) => text)).toContain('70 s');
    expect(lanes.slice(1, 7).map(({ label }) => label)).toEqual([
      'node1',
      'node2',
      'host esx1: one nexus',
      'guest1',
      'host esx2: one nexus',
      'guest2',
    ]);
  });
});

describe('lanes', () => {
  const labelsOf = async (name: string): Promise<readonly string[]> =>
    layOut((await played(name)).recording).lanes.map(({ label }) => label);

  it('say whose nexus a guest goes by', async () => {
    expect((await labelsOf('vmotion-npiv')).slice(1, 5)).toEqual([
      'host esx1',
      'guest1: own nexus (NPIV)',
      'host esx2: one nexus',
      'guest2',
    ]);
    expect((await labelsOf('vmotion-initiator-in-guest')).slice(1, 3)).toEqual([
      'host esx1',
      'guest1: own nexus',
    ]);
  });

  it('have none of steps where there are none, as of a log', async () => {
    const { recording } = await played('vmotion-npiv');
    const events = recording.events.filter(({ type }) => type !== 'step');
    const { lanes } = layOut({ ...recording, events });
    expect(lanes.map(({ kind }) => kind)).not.toContain('steps');
    expect(lanes[0]).toMatchObject({ label: 'host esx1', y: 30 });
  });

  it('of a node that boots elsewhere leave what hangs, and what it writes, with the machine that it left', async () => {
    const { recording, result } = await played('profile-move.unsafe-left-on');
    const { lanes, bands, marks, scale } = layOut(recording);
    const [node, source] = lanes.slice(1, 3);
    expect([node?.label, source?.label]).toEqual(['node1', 'node1.source']);
    const moved = recording.events.findIndex(({ type }) => type === 'move');
    const hung = bands.filter(({ kind }) => kind === 'hung').map(({ y, x }) => [y, x > scale.xOf(moved)]);
    expect(hung).toEqual(
      expect.arrayContaining([
        [node?.y, false],
        [source?.y, true],
      ]),
    );
    expect(bands.filter(({ text }) => text === 'pkg1 #1 running')).toHaveLength(2);
    const late = result.verdict.findings.filter(({ kind }) => kind === 'landedLate').length;
    const within = ({ y }: { y: number }): boolean =>
      source !== undefined && y > source.y && y < source.y + source.height;
    const atSource = marks.filter((mark) => mark.write !== undefined && within(mark));
    expect(atSource.length).toBeGreaterThanOrEqual(late);
    expect(new Set(atSource.map(({ write }) => write?.write.incarnation))).toEqual(new Set([1]));
    expect(marks.filter(({ code }) => code === 'M')).toHaveLength(2);
  });
});

describe('the HTML report', () => {
  it('is one file that names no other, and escapes what scenarios say', async () => {
    const { recording } = await played('vm-to-vm-one-box-pending');
    const hostile = '<script>alert(1)</script>';
    const page = htmlReport([{ ...recording, scenario: hostile }], { failure: hostile });
    expect(page).not.toContain(hostile);
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toMatch(/\b(src|href)="(?!#)|url\(|@import|https?:/);
    expect(page).toContain('default-src &#39;none&#39;');
    expect(page).toContain('landed after incarnation 2 had fenced it and read the block');
  });

  it('lists what was skipped, and why', () => {
    const why = 'it needs <two> portals';
    const page = htmlReport([], {
      skipped: [{ scenario: 'path-lost', runtime: 'processes', expected: 'SAFE', why }],
    });
    expect(page).toContain(
      '<tr><td>path-lost (processes)<td>SAFE<td>SKIPPED<td colspan="4">it needs &lt;two&gt; portals</tr>',
    );
  });

  it('says that a scenario was not played to its end', async () => {
    const { recording } = await played('vm-to-vm-one-box-pending');
    const page = htmlReport([{ ...recording, events: recording.events.slice(0, 20) }], {
      failure: 'no port',
    });
    expect(page).toContain('The run could not go on: no port');
    expect(page).toContain('Not played to its end: there is no verdict.');
  });
});
