import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario, type ScenarioResult } from '../../../harness/index.js';
import type { Target } from '../../../target/index.js';
import { nameOf, scenarioFiles } from './fixtures.js';

const text = readFileSync(
  scenarioFiles.find((file) => nameOf(file) === 'relogin-another-isid') ?? '',
  'utf8',
);
const before = text.slice(0, text.indexOf('steps:'));

interface Played {
  readonly result: ScenarioResult;
  /** Initiator and ISID of each registration at the end. */
  readonly registered: readonly string[];
  /** Whom the last picture of registrations shows. */
  readonly shown: readonly unknown[];
  /** How each sg_persist ended, one that met a unit attention and was sent again among them. */
  readonly exitStatuses: readonly number[];
}

/** Plays steps on the site of the scenario, in memory. */
async function play(steps: string, site = before): Promise<Played> {
  let target: Target | undefined;
  let shown: readonly unknown[] = [];
  const exitStatuses: number[] = [];
  const result = await runScenario(parseScenario(`${site}${steps}`, 's.yaml'), {
    runtime: 'memory',
    onTarget: (built) => (target = built),
    onEvent: (event) => {
      if (event.type === 'reservations') shown = event.registrations;
      if (event.type === 'command') exitStatuses.push(event.exitStatus);
    },
  });
  const registered = [...(target?.reservations(0).registrations.keys() ?? [])];
  return { result, registered, shown, exitStatuses };
}

const failed = ({ result }: Played): readonly string[] =>
  result.checks.filter(({ passed }) => !passed).map(({ text: what }) => what);

describe('a node that logs in again by another ISID', () => {
  it('leaves one row behind the PREEMPT of its own key: its own', async () => {
    const { registered } = await play(text.slice(text.indexOf('steps:')));
    expect(registered).toEqual(['iqn.2026-11.org.fencelab:node1,i,0x800000000002@1']);
  });

  it('attaches anew, and is shown by its ISID beside the row that it left', async () => {
    const { shown, exitStatuses } = await play(`steps:
  - cmrunpkg: { package: pkg1, node: node1 }
  - relogin: { node: node1, isid: '0x800000000002' }
  - sgPersist: { node: node1, lun: data, options: '-n -o -I -S {key}' }
`);
    expect(shown).toEqual([
      { initiator: 'node1', path: 1, key: '0x10002' },
      { initiator: 'node1', isid: '0x800000000002', path: 1, key: '0x10002' },
    ]);
    expect(new Set(exitStatuses)).toEqual(new Set([0]));
  });

  it('sends what the array held of it again, by the nexus that it has now', async () => {
    const played = await play(`steps:
  - cmrunpkg: { package: pkg1, node: node1 }
  - hold: { where: array, node: node1, lun: data }
  - writes: { package: pkg1, count: 1, wait: false }
  - awaitHeld: { where: array, node: node1 }
  - relogin: { node: node1, isid: '0x800000000002' }
  - release: { where: array, node: node1 }
`);
    expect(failed(played)).toEqual([]);
    const ends = played.result.history.flatMap(({ type }) => (type.startsWith('write') ? [type] : []));
    expect(ends.slice(-4)).toEqual(['writeIssued', 'writeRefused', 'writeIssued', 'writeRefused']);
  });

  it('is held in the array by the nexus that it has now', async () => {
    const played = await play(`steps:
  - cmrunpkg: { package: pkg1, node: node1 }
  - relogin: { node: node1, isid: '0x800000000002' }
  - sgPersist: { node: node1, lun: data, options: '-n -o -I -S {key}' }
  - hold: { where: array, node: node1, lun: data }
  - writes: { package: pkg1, count: 1, wait: false }
  - awaitHeld: { where: array, node: node1 }
`);
    expect(failed(played)).toEqual([]);
  });

  it('loses a path by either, and has its first ISID again when it boots', async () => {
    const played = await play(`steps:
  - cmrunpkg: { package: pkg1, node: node1 }
  - relogin: { node: node1, isid: '0x800000000002' }
  - losePath: { node: node1, path: 1 }
  - sgPersist: { node: node1, lun: data, options: '-n -i -k', exit: 55 }
  - restorePath: { node: node1, path: 1 }
  - writes: { package: pkg1, count: 1, expect: refused }
  - crash: { node: node1 }
  - cmrunnode: { node: node1 }
  - sgPersist: { node: node1, lun: data, options: '-n -o -G -K {key} -S {key}' }
`);
    expect(failed(played)).toEqual([]);
    expect(played.registered).toEqual(['iqn.2026-11.org.fencelab:node1,i,0x800000000001@1']);
  });

  it('is the hypervisor for every guest that it has, also for one that hangs', async () => {
    const twoGuests = before.replace('name: node1\n    cluster: cluster1', '$&\n    host: esx1');
    expect(twoGuests).not.toBe(before);
    const played = await play(
      `steps:
  - cmrunpkg: { package: pkg1, node: guest1 }
  - hang: { node: guest1 }
  - relogin: { node: guest1, isid: '0x800000000002' }
  - sgPersist: { node: node1, lun: data, options: '-n -o -I -S {key}' }
`,
      twoGuests,
    );
    expect(failed(played)).toEqual([]);
    expect(played.registered).toEqual([
      'iqn.2026-11.org.fencelab:esx1,i,0x800000000001@1',
      'iqn.2026-11.org.fencelab:esx1,i,0x800000000002@1',
    ]);
  });

  it('cannot while it hangs', async () => {
    const played = await play(`steps:
  - cmrunpkg: { package: pkg1, node: node1 }
  - hang: { node: node1 }
  - relogin: { node: node1, isid: '0x800000000002' }
`);
    expect(failed(played)).toEqual(['the sessions of node1 are there, and who keeps them can log in again']);
  });

  it('has one to change only with iSCSI', () => {
    const site = before.replace('portals: 1', 'portals: 1\n  transport: fibre-channel');
    const steps = "steps:\n  - relogin: { node: node1, isid: '0x800000000002' }\n";
    expect(() => parseScenario(`${site}runtimes: [memory]\n${steps}`, 's.yaml')).toThrow(
      's.yaml:30:14: an initiator port of Fibre Channel has no ISID, expected iSCSI',
    );
  });
});
