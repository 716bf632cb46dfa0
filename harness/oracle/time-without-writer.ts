import type { Evidence, WriteFate } from './evidence.js';
import type { TimeWithoutWriter } from './types.js';

interface Span {
  readonly ms: number;
  readonly why: string;
}

/**
 * How long nobody was able to write a package: while it changed hands, or while the machine of the incarnation that alone
 * may write stood still. A multi-node package has no such moment.
 */
export function timeWithoutWriter(evidence: Evidence): TimeWithoutWriter {
  if (!evidence.judged.exclusive) return longestOf([]);
  const acknowledged = evidence.fates.filter(({ outcome }) => outcome === 'acknowledged');
  return longestOf([...handovers(evidence, acknowledged), ...standstills(evidence, acknowledged)]);
}

/** The longest of several packages. */
export function longestWithoutWriter(times: readonly TimeWithoutWriter[]): TimeWithoutWriter {
  return longestOf(
    times.flatMap(({ timeWithoutWriterMs: ms, whyWithoutWriter: why }) =>
      ms === null || why === null ? [] : { ms, why },
    ),
  );
}

/** From the first acknowledged write of an incarnation back to the last one of an earlier incarnation before it. */
function handovers({ judged }: Evidence, acknowledged: readonly WriteFate[]): Span[] {
  const inTime = acknowledged.toSorted((one, other) => one.endedAt - other.endedAt);
  const incarnations = new Set(acknowledged.map(({ write }) => write.incarnation));
  return [...incarnations].flatMap((incarnation) => {
    const first = inTime.find(({ write }) => write.incarnation === incarnation);
    const last = inTime.findLast(
      ({ write, endedAt }) => write.incarnation < incarnation && endedAt <= (first?.endedAt ?? 0),
    );
    if (first === undefined || last === undefined) return [];
    const why = `${judged.name} went from ${nameOf(last)} to ${nameOf(first)}`;
    return { ms: first.endedAt - last.endedAt, why };
  });
}

const nameOf = ({ write }: WriteFate): string => `${write.node} (#${write.incarnation})`;

/**
 * A zombie that stands still keeps nobody waiting, hence only the latest incarnation counts; and where another one takes
 * over meanwhile, its first acknowledged write is the end.
 */
function standstills(evidence: Evidence, acknowledged: readonly WriteFate[]): Span[] {
  return evidence.standstills.flatMap(({ incarnation, fromMs, toMs, why, latest }) => {
    if (incarnation !== latest) return [];
    const byOthers = acknowledged
      .filter(({ write }) => write.incarnation > incarnation)
      .map(({ endedAt }) => endedAt);
    const ms = Math.min(toMs, ...byOthers) - fromMs;
    return Number.isFinite(ms) ? { ms, why } : [];
  });
}

function longestOf(spans: readonly Span[]): TimeWithoutWriter {
  const [longest] = spans.toSorted((one, other) => other.ms - one.ms);
  return { timeWithoutWriterMs: longest?.ms ?? null, whyWithoutWriter: longest?.why ?? null };
}
