import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario, type ScenarioResult } from '../../../harness/index.js';
import { textOf } from './membership/cluster-text.js';

const nodes =
  '{ name: node1, cluster: cluster1, host: esx1, access: npiv }, { name: node2, cluster: cluster1, host: esx2 }, ' +
  '{ name: node3, cluster: cluster1 }';
const hosts = '{ name: esx1 }, { name: esx2 }, { name: esx3 }';
const packages = '{ name: pkg1, cluster: cluster1, luns: [data], nodes: [node1, node2] }';
const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';

function play(...steps: readonly string[]): Promise<ScenarioResult> {
  const text = textOf({ nodes, hosts, packages, steps: [RUN, ...steps] });
  return runScenario(parseScenario(text, 'standstills.yaml'), { runtime: 'memory' });
}

/** What the history says of incarnations that stand still. */
const standstillsIn = ({ history }: ScenarioResult): readonly string[] =>
  history.flatMap((event) => {
    if (event.type === 'incarnationStopped') return `#${event.incarnation} stopped: ${event.why}`;
    return event.type === 'incarnationWentOn' ? `#${event.incarnation} went on` : [];
  });

describe('a machine that stands still', () => {
  it('by online migration keeps its package waiting from I/O quiesce to the end of the freeze', async () => {
    const result = await play('migrate: { node: node1, to: esx3, quiesce: 2s, frozen: 7s }');
    expect(result.verdict).toMatchObject({
      timeWithoutWriterMs: 9_000,
      whyWithoutWriter: 'node1 was migrated to esx3',
    });
    expect(standstillsIn(result)).toEqual(['#1 stopped: node1 was migrated to esx3', '#1 went on']);
  });

  it('by vMotion for as long as it is frozen', async () => {
    const { verdict } = await play('vmotion: { node: node1, to: esx3, frozen: 3s }');
    expect(verdict).toMatchObject({
      timeWithoutWriterMs: 3_000,
      whyWithoutWriter: 'node1 moved live to esx3',
    });
  });

  it('by a move until its I/O goes on, though it runs before', async () => {
    const during = 'during: [{ wait: 1s }, { wake: { node: node1 } }]';
    const { verdict } = await play(`vmotion: { node: node1, to: esx3, frozen: 3s, ${during} }`);
    expect(verdict.timeWithoutWriterMs).toBe(3_000);
  });

  it('by a hang that is shorter than the time-out too', async () => {
    const { verdict } = await play('hang: { node: node1 }', 'wait: 5s', 'wake: { node: node1 }', 'wait: 60s');
    expect(verdict).toMatchObject({ timeWithoutWriterMs: 5_000, whyWithoutWriter: 'node1 hung' });
  });

  it('and dies never goes on, also where it boots and stands still again', async () => {
    const result = await play(
      'hang: { node: node1 }',
      'crash: { node: node1 }',
      'haRestart: { node: node1, to: esx3 }',
      'hang: { node: node1 }',
      'wake: { node: node1 }',
    );
    expect(standstillsIn(result)).toEqual(['#1 stopped: node1 hung']);
  });

  it('under a host that dies never goes on either', async () => {
    const result = await play(
      'hang: { node: node1 }',
      'crashHost: { host: esx1 }',
      'haRestart: { node: node1, to: esx3 }',
      'hang: { node: node1 }',
      'wake: { node: node1 }',
    );
    expect(standstillsIn(result)).toEqual(['#1 stopped: node1 hung']);
  });

  it('keeps only what runs on it waiting', async () => {
    const result = await play(
      'hang: { node: node2 }',
      'wake: { node: node2 }',
      'cmhaltpkg: { package: pkg1 }',
    );
    expect(standstillsIn(result)).toEqual([]);
    const halted = await play(
      'cmhaltpkg: { package: pkg1 }',
      'hang: { node: node1 }',
      'wake: { node: node1 }',
    );
    expect(standstillsIn(halted)).toEqual([]);
  });
});
