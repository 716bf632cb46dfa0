import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario, type ScenarioEvent, type Verdict } from '../../../harness/index.js';

/** Two guests of one host: what is held for the first lands when it is let go, whoever has fenced it. */
const HEADER = `scenario: a title
paper: somewhere
expect: UNSAFE
array: { luns: [{ name: data }, { name: logs }] }
hosts: [{ name: esx1 }]
clusters: [{ name: cluster1, release: A.11.19 }]
nodes: [{ name: guest1, cluster: cluster1, host: esx1 }, { name: guest2, cluster: cluster1, host: esx1 }]
packages: [{ name: pkg1, cluster: cluster1, luns: [data, logs], nodes: [guest1, guest2] }]
steps:
  - cmrunpkg: { package: pkg1, node: guest1 }
`;

const HOLD = '{ where: host, node: guest1 }';
const HOLD_DATA = 'hold: { where: host, node: guest1, lun: data }';
const HOLD_LOGS = 'hold: { where: host, node: guest1, lun: logs }';
const HOLD_DATA_FOR_10S = 'hold: { where: host, node: guest1, lun: data, for: 10s }';
const WRITE = 'writes: { package: pkg1, node: guest1, count: 1, wait: false }';
const AWAIT = `awaitHeld: ${HOLD}`;
const RELEASE = `release: ${HOLD}`;
const FAILOVER = ['crash: { node: guest1 }', 'reform: { cluster: cluster1 }'] as const;

interface Played {
  readonly verdict: Verdict;
  /** What the holds came to, in order. */
  readonly holds: readonly string[];
  readonly failed: readonly string[];
}

async function play(...steps: readonly string[]): Promise<Played> {
  const events: ScenarioEvent[] = [];
  const scenario = parseScenario(HEADER + steps.map((step) => `  - ${step}\n`).join(''), 'holds.yaml');
  const { verdict, checks } = await runScenario(scenario, {
    runtime: 'memory',
    onEvent: (event) => events.push(event),
  });
  return {
    verdict,
    holds: events.flatMap((event) => (event.type === 'hold' ? event.state : [])),
    failed: checks.filter(({ passed }) => !passed).map(({ text }) => text),
  };
}

const landed = ({ verdict }: Played): number =>
  verdict.findings.filter(({ kind }) => kind === 'landedLate').length;

describe('holds', () => {
  it('of two LUNs at one place are both released, the first with the write that it holds', async () => {
    const played = await play(HOLD_DATA, WRITE, AWAIT, HOLD_LOGS, ...FAILOVER, RELEASE);
    expect(played.holds).toEqual(['armed', 'held', 'armed', 'released', 'released']);
    expect(landed(played)).toBe(1);
  });

  it('of two LUNs at one place are both released at the end of a scenario that does not release them', async () => {
    const played = await play(HOLD_DATA, WRITE, AWAIT, HOLD_LOGS, ...FAILOVER);
    expect(played.holds).toEqual(['armed', 'held', 'armed', 'released', 'released']);
    expect(landed(played)).toBe(1);
  });

  it('of one LUN take its writes one after another, and awaiting them is awaiting both', async () => {
    const played = await play(
      HOLD_DATA,
      WRITE,
      AWAIT,
      HOLD_DATA,
      WRITE,
      `together: [{ ${AWAIT} }, { ${RELEASE} }]`,
    );
    expect(played.holds).toEqual(['armed', 'held', 'armed', 'held', 'held', 'released', 'released']);
  });

  it('that were released leave a later one alone when their time is due', async () => {
    const again = [HOLD_DATA, WRITE, AWAIT];
    const played = await play(HOLD_DATA_FOR_10S, WRITE, AWAIT, RELEASE, ...again, ...FAILOVER, 'wait: 15s');
    expect(played.holds).toEqual(['armed', 'held', 'released', 'armed', 'held', 'released']);
    const early = await play(
      ...[HOLD_DATA_FOR_10S, WRITE, AWAIT, RELEASE, ...again, 'crash: { node: guest1 }'],
      ...['wait: 15s', 'reform: { cluster: cluster1 }'],
    );
    expect(early.verdict.verdict).toBe('UNSAFE');
  });

  it('go on by themselves when their time is due', async () => {
    const played = await play(
      HOLD_DATA_FOR_10S,
      WRITE,
      AWAIT,
      'crash: { node: guest1 }',
      'wait: 15s',
      FAILOVER[1],
    );
    expect(played.verdict.verdict).toBe('SAFE');
  });
});
