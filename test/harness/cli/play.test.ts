import { PassThrough } from 'node:stream';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliContext } from '../../../harness/cli/context.js';
import { exitStatusOf, playAll, type Play, type Player, type PlayHooks } from '../../../harness/cli/play.js';
import { run, type RunArguments } from '../../../harness/cli/run-command.js';
import { judge } from '../../../harness/oracle/judge.js';
import type { VerdictWord } from '../../../harness/oracle/types.js';
import type { Scenario } from '../../../harness/scenario/scenario.js';
import { createTarget } from '../../../target/index.js';
import { World } from '../oracle/world.js';
import { fencelab } from './run-program.js';

const SCENARIO = `
scenario: a test
paper: p. 1
expect: SAFE
array: { luns: [{ name: data }] }
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data], nodes: [node1] }]
steps: [{ cmviewcl: { cluster: c1 } }]
`;

class Terminal implements CliContext {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough({ encoding: 'utf8', highWaterMark: 2 ** 20 });
  readonly stderr = new PassThrough({ encoding: 'utf8' });
  readonly environment = {};
  readonly controller = new AbortController();
  readonly stop = (): AbortSignal => this.controller.signal;

  get printed(): string {
    return (this.stdout.read() as string | null) ?? '';
  }
}

function play(expected: 'SAFE' | 'UNSAFE', id = 'one'): Play {
  const scenario: Scenario = {
    id,
    file: `${id}.yaml`,
    title: 'a test',
    paper: 'p. 1',
    expect: expected,
    runtimes: ['memory'],
    site: {
      array: { portals: 1, luns: [], quirks: [] },
      hosts: [],
      nodes: [],
      clusters: [],
      packages: [],
    },
    sequences: {},
    stepsUnder: () => [],
  };
  return { scenario, runtime: 'memory' };
}

/** Tells what a run tells; one write is acknowledged and read back. */
function tell({ scenario, runtime }: Play, { onEvent }: PlayHooks): void {
  const world = new World();
  world.write(1, 'slot', 0);
  world.finish();
  const verdict = judge([{ name: 'pkg1', exclusive: true, luns: [0] }], world.history);
  onEvent({
    at: 0,
    type: 'scenarioStarted',
    scenario: scenario.id,
    paper: scenario.paper,
    runtime,
    realMsPerSecond: 0,
    portals: [],
  });
  const expected: VerdictWord = scenario.expect;
  onEvent({ at: 1, type: 'judged', scenario: scenario.id, expected, verdict });
}

describe('playing scenarios', () => {
  it('ends with the verdict table, and the exit status says whether all was as expected', async () => {
    const terminal = new Terminal();
    const player = (one: Play, hooks: PlayHooks): Promise<void> => {
      tell(one, hooks);
      return Promise.resolve();
    };
    const good = await playAll([play('SAFE')], player, terminal);
    expect(terminal.printed).toMatch(
      /\none \(memory\)\s+SAFE\s+SAFE\s+1\s+0\s+0\s+-\n\nAll 1 as expected\.\n$/,
    );
    expect(exitStatusOf(good)).toBe(0);
    const bad = await playAll([play('SAFE'), play('UNSAFE', 'two')], player, terminal);
    expect(terminal.printed).toMatch(/1 of 2 NOT as expected\.\n$/);
    expect(exitStatusOf(bad)).toBe(1);
  });

  it('tells what is skipped and does not play it; where all is skipped, nothing was asked', async () => {
    const terminal = new Terminal();
    const skipped = { ...play('SAFE'), skipped: 'a write must be held' };
    const never = (): Promise<void> => Promise.reject(new Error('it was played'));
    expect(exitStatusOf(await playAll([skipped], never, terminal))).toBe(2);
    expect(terminal.printed).toMatch(
      /\nSKIPPED: a write must be held\n(?:.*\n)*Nothing was played: 1 skipped\.\n$/,
    );
    const player = (one: Play, hooks: PlayHooks): Promise<void> => {
      tell(one, hooks);
      return Promise.resolve();
    };
    const both = await playAll([skipped, play('SAFE', 'two')], player, terminal);
    expect(both.skipped).toMatchObject([{ scenario: 'one', why: 'a write must be held' }]);
    expect(exitStatusOf(both)).toBe(0);
  });

  it('passes on what a player rejects with', async () => {
    const failing = playAll([play('SAFE')], () => Promise.reject(new Error('no port')), new Terminal());
    await expect(failing).rejects.toThrow('no port');
  });

  it('says that it was interrupted, and plays nothing more', async () => {
    const terminal = new Terminal();
    const played: string[] = [];
    const playing = playAll(
      [play('SAFE'), play('SAFE', 'two')],
      (one) => {
        played.push(one.scenario.id);
        terminal.controller.abort('SIGTERM');
        return Promise.reject(new Error('interrupted'));
      },
      terminal,
    );
    await expect(playing).rejects.toThrow('interrupted by SIGTERM');
    expect(played).toEqual(['one']);
  });

  it('with --step shows keys before and after, and waits for Enter before each line', async () => {
    const terminal = new Terminal();
    const steps: string[] = [];
    const pauseAt = { node: 'node1', commandLine: 'sg_persist --out --clear /dev/sdb', lun: 0 };
    const playing = playAll(
      [play('SAFE')],
      async (one, hooks) => {
        tell(one, hooks);
        const before = hooks.pause?.({ ...pauseAt, phase: 'before', readKeys: 'registered keys:\n  0x1\n' });
        steps.push(`asked: ${String(terminal.printed.includes('press Enter'))}`);
        terminal.stdin.write('\n');
        await before;
        await hooks.pause?.({ ...pauseAt, phase: 'after', readKeys: 'no keys\n' });
        steps.push(terminal.printed);
        terminal.stdin.end();
        // At the end of standard input it goes on by itself.
        await hooks.pause?.({ ...pauseAt, phase: 'before', readKeys: '' });
      },
      terminal,
      { step: true },
    );
    await playing;
    expect(steps).toEqual(['asked: true', '            keys of LUN 0 after:\n            | no keys\n']);
  });
});

describe('fencelab run', () => {
  it('names a scenario that is missing, and plays none', async () => {
    const missing = run({ scenarios: ['/nowhere/x.yaml'] }, new Terminal(), () => Promise.resolve());
    await expect(missing).rejects.toThrow('/nowhere/x.yaml: there is no such scenario file');
  });

  it('tells what is wrong in one line that garbles no terminal', async () => {
    expect(await fencelab('run', '/nowhere/\u001b[31m.yaml')).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: 'fencelab: /nowhere/\\u001b[31m.yaml: there is no such scenario file\n',
    });
  });

  it('that is interrupted while it looks at an array plays nothing, and leaves nothing there', async () => {
    const target = await createTarget({
      iqn: 'iqn.2026-11.org.fencelab:array',
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
    });
    const folder = await mkdtemp(join(tmpdir(), 'fencelab-run-'));
    try {
      const file = join(folder, 'one.yaml');
      await writeFile(file, SCENARIO);
      // Signals are told to who has asked before they come.
      const stops = [AbortSignal.abort('SIGINT'), new AbortController().signal];
      const terminal = Object.assign(new Terminal(), { stop: () => stops.shift() ?? AbortSignal.abort() });
      const typed = { scenarios: [file], target: [target.urlOf(0)], write: true } as const;
      const unplayed: Player = () => Promise.reject(new Error('it was played'));
      await expect(run(typed, terminal, unplayed)).rejects.toThrow('interrupted by SIGINT');
      expect(target.reservations(0).registrations.size).toBe(0);
    } finally {
      await target.close();
      await rm(folder, { recursive: true });
    }
  });

  it('writes the report as JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fencelab-run-'));
    try {
      const file = join(folder, 'one.yaml');
      await writeFile(file, SCENARIO);
      const json = join(folder, 'report.json');
      const player = (one: Play, hooks: PlayHooks): Promise<void> => {
        tell(one, hooks);
        return Promise.resolve();
      };
      expect(await run({ scenarios: [file], memory: true, json }, new Terminal(), player)).toBe(0);
      expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
        schemaVersion: 1,
        allAsExpected: true,
        scenarios: [{ scenario: 'one', runtime: 'memory', observed: 'SAFE' }],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  describe('reports', () => {
    let folder: string;
    let file: string;
    const told: Player = (one, hooks) => {
      tell(one, hooks);
      return Promise.resolve();
    };

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fencelab-run-'));
      file = join(folder, 'one.yaml');
      await writeFile(file, SCENARIO);
    });

    afterEach(() => rm(folder, { recursive: true }));

    it('are written though a verdict differs', async () => {
      await writeFile(file, SCENARIO.replace('expect: SAFE', 'expect: UNSAFE'));
      const junit = join(folder, 'junit.xml');
      expect(await run({ scenarios: [file], memory: true, junit }, new Terminal(), told)).toBe(1);
      expect(await readFile(junit, 'utf8')).toContain('<failure message="observed SAFE, expected UNSAFE"');
    });

    it('tell of a scenario that could not be played to its end', async () => {
      const junit = join(folder, 'junit.xml');
      const breaking: Player = (one, hooks) => {
        if (one.runtime === 'processes') return Promise.reject(new Error('no port'));
        return told(one, hooks);
      };
      await expect(run({ scenarios: [file], junit }, new Terminal(), breaking)).rejects.toThrow('no port');
      const xml = await readFile(junit, 'utf8');
      expect(xml).toContain('<testcase classname="fencelab.memory" name="one"');
      expect(xml).toMatch(
        /<testcase classname="fencelab.processes" name="one" time="\d+\.\d{3}">\n\s*<error message="no port" type="notPlayed"\/>/,
      );
    });

    it('of a run that breaks off have all that was asked for: played, broken off, not begun, skipped', async () => {
      const target = await createTarget({
        iqn: 'iqn.2026-11.org.fencelab:array',
        portals: [{ host: '127.0.0.1', port: 0 }],
        logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
      });
      try {
        const files = ['one', 'two', 'three', 'four'].map((name) => join(folder, `${name}.yaml`));
        for (const name of files) await writeFile(name, SCENARIO);
        await writeFile(join(folder, 'two.yaml'), SCENARIO.replace('array: {', 'array: { portals: 2,'));
        const [json, junit, html] = ['json', 'junit', 'html'].map((kind) => join(folder, kind));
        const typed = {
          scenarios: files,
          target: [target.urlOf(0)],
          write: true,
          json,
          junit,
          html,
        } as const;
        const breaking: Player = (one, hooks) =>
          one.scenario.id === 'three' ? Promise.reject(new Error('no port')) : told(one, hooks);
        await expect(run(typed as RunArguments, new Terminal(), breaking)).rejects.toThrow('no port');
        const report = JSON.parse(await readFile(join(folder, 'json'), 'utf8')) as object;
        expect(report).toMatchObject({
          allAsExpected: false,
          scenarios: [{ scenario: 'one', asExpected: true }],
          skipped: [{ scenario: 'two' }],
          notPlayed: [
            { scenario: 'three', runtime: 'processes', why: 'no port' },
            { scenario: 'four', runtime: 'processes', why: 'not begun: no port' },
          ],
        });
        const xml = await readFile(join(folder, 'junit'), 'utf8');
        expect(xml).toMatch(
          /<testsuite name="fencelab run" tests="4" failures="0" errors="2" time="[\d.]+" skipped="1"/,
        );
        const ends = [
          ...xml.matchAll(/name="(\w+)" time="[\d.]+">\s*<(system-out|error message="[^"]*"|skipped)/g),
        ];
        expect(ends.map(([, name, end]) => [name, end])).toEqual([
          ['one', 'system-out'],
          ['three', 'error message="no port"'],
          ['four', 'error message="not begun: no port"'],
          ['two', 'skipped'],
        ]);
        const page = await readFile(join(folder, 'html'), 'utf8');
        expect(page).toContain('<tr><td>four (processes)<td colspan="6">not begun</tr>');
        expect(page).toContain('<tr><td>two (processes)<td>SAFE<td>SKIPPED');
      } finally {
        await target.close();
      }
    });

    it('tell of an array that cannot be reached', async () => {
      const json = join(folder, 'json');
      const target = ['iscsi://127.0.0.1:1/iqn.2026-11.org.fencelab:array/0'];
      const unplayed: Player = () => Promise.reject(new Error('it was played'));
      const running = run({ scenarios: [file], target, write: true, json }, new Terminal(), unplayed);
      await expect(running).rejects.toThrow('ECONNREFUSED');
      expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
        allAsExpected: false,
        scenarios: [],
        notPlayed: [{ scenario: 'one', why: expect.stringContaining('not begun: ') as string }],
      });
    });

    it.each(['junit', 'html'] as const)(
      'does not write %s of many seeds, and says what does',
      async (option) => {
        const typed = { scenarios: ['no.yaml'], seeds: '2', [option]: '/tmp/report' };
        await expect(run(typed, new Terminal(), told)).rejects.toThrow(
          `--${option} tells single runs and --seeds plays many at once, expected --json, or --seed N for the run that is wanted`,
        );
      },
    );

    it.each(['json', 'junit', 'html'] as const)(
      'that cannot be written are told before anything is played: --%s',
      async (option) => {
        const unplayed: Player = () => Promise.reject(new Error('it was played'));
        const into = (place: string): Promise<number> =>
          run({ scenarios: [file], memory: true, [option]: place }, new Terminal(), unplayed);
        await expect(into('/nowhere/x')).rejects.toThrow(
          `--${option} /nowhere/x: the folder /nowhere does not exist`,
        );
        await expect(into(folder)).rejects.toThrow(`--${option} ${folder}: it is a folder, expected a file`);
        await expect(into('')).rejects.toThrow(`--${option} '': expected a file`);
        await expect(into('-')).rejects.toThrow(
          `--${option} -: standard output is for people, expected a file`,
        );
      },
    );

    it('go to a file each', async () => {
      const unplayed: Player = () => Promise.reject(new Error('it was played'));
      const typed = { scenarios: [file], memory: true, json: 'report', html: 'report' } as const;
      await expect(run(typed, new Terminal(), unplayed)).rejects.toThrow(
        '--html report: --json is written there, expected a file of its own',
      );
    });

    it('that cannot be written in the end name their option', async () => {
      await expect(
        run({ scenarios: [file], memory: true, junit: '/dev/full' }, new Terminal(), told),
      ).rejects.toThrow('--junit /dev/full: it cannot be written (ENOSPC)');
    });
  });
});
