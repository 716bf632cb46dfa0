import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario, type ScenarioResult } from '../../../harness/index.js';
import { decodeRecord } from '../../../harness/oracle/record.js';
import { ReplayOrder } from '../../../harness/replay/replay-order.js';
import type { LogEntry } from '../../../harness/replay/log.js';
import type { Happening, ReplayingOrder } from '../../../harness/runtime/order.js';

const SITE = `scenario: a node that stops with a write on the wire
paper: a test
expect: SAFE
array: { luns: [{ name: data }], portals: 2 }
hosts: [{ name: esx1 }]
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }, { name: guest1, cluster: c1, host: esx1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data], nodes: [node1, guest1], pkg_pr_mode: pr_enabled }]
steps:
  - cmrunpkg: { package: pkg1, node: node1 }
`;

interface Waiting {
  readonly happening: Happening;
  readonly go: () => void;
  readonly mayNotCome: () => boolean;
}

/** An order that a run over sockets could have: what comes `first`, and whether what is on the wire arrives. */
class Arranged implements ReplayingOrder {
  readonly entries: LogEntry[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #first: Happening['what'];
  readonly #wire: 'arrives' | 'is lost';

  constructor(first: Happening['what'], wire: 'arrives' | 'is lost') {
    this.#first = first;
    this.#wire = wire;
  }

  turn(happening: Happening, mayNotCome = (): boolean => false): Promise<void> {
    return new Promise((go) => this.#waiting.add({ happening, go, mayNotCome }));
  }

  admitNext(): boolean {
    const coming = [...this.#waiting].filter(({ mayNotCome }) => this.#wire === 'arrives' || !mayNotCome());
    const waiter = coming.find(({ happening }) => happening.what === this.#first) ?? coming[0];
    if (waiter === undefined) return false;
    this.#waiting.delete(waiter);
    this.entries.push(waiter.happening as LogEntry);
    waiter.go();
    return true;
  }

  problem(): string | undefined {
    return undefined;
  }
}

const play = (steps: string, replay: ReplayingOrder): Promise<ScenarioResult> =>
  runScenario(parseScenario(`${SITE}${steps}`, 's.yaml'), { runtime: 'memory', replay });

/** What a log has around its entry of this kind; commands by their initiator and operation code. */
const around = (entries: readonly LogEntry[], what: LogEntry['what']): readonly string[] => {
  const at = entries.findIndex((entry) => entry.what === what);
  return entries
    .slice(at - 1, at + 2)
    .map((entry) =>
      entry.what === 'command'
        ? `${entry.initiator.split(':')[1] ?? ''} ${entry.cdb.slice(0, 2)}`
        : entry.what,
    );
};

const ends = ({ history }: ScenarioResult): readonly string[] =>
  history.flatMap((event) =>
    event.type === 'writeAcknowledged' || event.type === 'writeRefused' || event.type === 'writeFailed'
      ? [`${event.type} ${event.write.node} ${event.write.sequence}`]
      : [],
  );

/** The writes of node1 that are there at the end. */
const sequencesAtTheEnd = ({ history }: ScenarioResult): readonly number[] =>
  history.flatMap((event) =>
    event.type !== 'finalRead'
      ? []
      : event.blocks.flatMap(({ bytes }) => {
          const record = decodeRecord(bytes);
          return typeof record === 'object' && record.node === 'node1' ? [record.sequence] : [];
        }),
  );

async function fitsAgain(steps: string, { entries }: Arranged, first: ScenarioResult): Promise<void> {
  const order = new ReplayOrder(entries, 'run.jsonl');
  const second = await play(steps, order);
  expect(order.problem()).toBeUndefined();
  expect(second.history).toEqual(first.history);
}

describe('a replay', () => {
  it('takes what a node had on the wire when it hung', async () => {
    const steps = `  - writes: { package: pkg1, count: 1, wait: false }
  - hang: { node: node1 }
  - reform: { cluster: c1 }
  - wake: { node: node1 }
  - writes: { package: pkg1, node: node1, count: 1 }
`;
    const arranged = new Arranged('hang', 'arrives');
    const first = await play(steps, arranged);
    expect(around(arranged.entries, 'hang')).toEqual(['node1 2a', 'hang', 'node1 2a']);
    // It was there before the adoptive node fenced, so it was taken; its answer came when the node woke.
    expect(first.verdict.verdict).toBe('SAFE');
    expect(ends(first).filter((end) => end.endsWith('node1 3'))).toEqual(['writeAcknowledged node1 3']);
    expect(ends(first).filter((end) => end.startsWith('writeRefused'))).toHaveLength(3);
    await fitsAgain(steps, arranged, first);
  });

  it.each([
    ['arrives', ['node1 2a', 'crash', 'node1 2a']],
    ['is lost', ['node1 2a', 'crash', 'esx1 5f']],
  ] as const)('lets a node crash with a write on the wire, which %s', async (wire, expected) => {
    const steps = `  - writes: { package: pkg1, count: 1, wait: false }
  - crash: { node: node1 }
  - reform: { cluster: c1 }
`;
    const arranged = new Arranged('crash', wire);
    const first = await play(steps, arranged);
    expect(around(arranged.entries, 'crash')).toEqual(expected);
    expect(sequencesAtTheEnd(first).includes(3)).toBe(wire === 'arrives');
    await fitsAgain(steps, arranged, first);
  });

  it('fails what waits on a path that is lost, and sends it down the next', async () => {
    const steps = `  - writes: { package: pkg1, count: 1, wait: false }
  - losePath: { node: node1, path: 1 }
  - restorePath: { node: node1, path: 1 }
`;
    const arranged = new Arranged('losePath', 'is lost');
    const first = await play(steps, arranged);
    const at = arranged.entries.findIndex(({ what }) => what === 'losePath');
    const later = arranged.entries.slice(at).flatMap((entry) => ('port' in entry ? [entry.port] : []));
    expect(later[0]).toBe(2);
    await fitsAgain(steps, arranged, first);
  });
});
