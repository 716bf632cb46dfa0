import type { Site } from '../../cluster/model.js';
import type { Finding, WriteIdentity } from '../../oracle/types.js';
import type { RuntimeKind, ScenarioEvent } from '../../scenario/events.js';

/** One scenario as it was played: everything that a page shows of it. */
export interface Recording {
  readonly scenario: string;
  readonly runtime: RuntimeKind;
  readonly site: Pick<Site, 'nodes' | 'hosts' | 'array'>;
  readonly events: readonly ScenarioEvent[];
}

/** How a write ended, the worst that is known of it: what was found on the medium stands before what its writer was told. */
export type Fate =
  | 'landedLate'
  | 'lost'
  | 'wrongOnMedium'
  | 'notExclusive'
  | 'acknowledged'
  | 'refused'
  | 'failed'
  | 'pending';

export interface WriteSeen {
  readonly write: WriteIdentity;
  readonly fate: Fate;
  /** What its writer was told. */
  readonly outcome: 'acknowledged' | 'refused' | 'failed' | 'pending';
  /** Places in the list of events; of a pending write the end is null. */
  readonly issuedIndex: number;
  readonly endedIndex: number | null;
}

/** From the worst; what a finding makes of its write. */
const FATE_OF_FINDING: readonly (readonly [Finding['kind'], Fate])[] = [
  ['landedLate', 'landedLate'],
  ['sharedBlockOverwritten', 'landedLate'],
  ['acknowledgedWriteLost', 'lost'],
  ['refusedWriteLanded', 'wrongOnMedium'],
  ['tornBlock', 'wrongOnMedium'],
  ['notExclusive', 'notExclusive'],
];

export const writeName = ({ packageName, incarnation, sequence }: WriteIdentity): string =>
  `${packageName} #${incarnation} write ${sequence}`;

/** Every write that was handed over, with its fate by the verdict. */
export function writesOf(events: readonly ScenarioEvent[]): readonly WriteSeen[] {
  const findings = events.flatMap((event) => (event.type === 'judged' ? event.verdict.findings : []));
  const found = new Map<string, Set<Finding['kind']>>();
  for (const { write, kind } of findings) {
    if (write === undefined) continue;
    const kinds = found.get(writeName(write)) ?? new Set();
    found.set(writeName(write), kinds.add(kind));
  }
  const ends = new Map<string, { index: number; outcome: 'acknowledged' | 'refused' | 'failed' }>();
  for (const [index, event] of events.entries()) {
    if (event.type === 'write') ends.set(writeName(event.write), { index, outcome: event.outcome });
  }
  return events.flatMap((event, issuedIndex): WriteSeen[] => {
    if (event.type !== 'writeIssued') return [];
    const { write } = event;
    const end = ends.get(writeName(write));
    const outcome = end?.outcome ?? 'pending';
    const kinds = found.get(writeName(write));
    const fate = FATE_OF_FINDING.find(([kind]) => kinds?.has(kind))?.[1] ?? outcome;
    return [{ write, fate, outcome, issuedIndex, endedIndex: end?.index ?? null }];
  });
}
