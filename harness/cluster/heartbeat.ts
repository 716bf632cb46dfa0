/** Heartbeats of one cluster: values only. Times are milliseconds of the cluster's own clock, which waits drive. */
export interface Heartbeats {
  /** When a node last heard another, by `heardKey`. */
  readonly heardMs: ReadonlyMap<string, number>;
  readonly underway: readonly Heartbeat[];
}

interface Heartbeat {
  readonly from: string;
  readonly to: string;
  readonly arrivesMs: number;
}

/** A node that sends, and how late its timer is. */
export interface Sender {
  readonly name: string;
  readonly lateMs: number;
}

/** Everyone has just heard everyone. */
export function allHeard(nodes: readonly string[], nowMs: number): Heartbeats {
  return { heardMs: new Map(pairsOf(nodes).map(([to, from]) => [heardKey(to, from), nowMs])), underway: [] };
}

/** A node has joined: it and the others have just heard each other. */
export function joined(
  beats: Heartbeats,
  node: string,
  others: readonly string[],
  nowMs: number,
): Heartbeats {
  const heardMs = new Map(beats.heardMs);
  for (const other of others) {
    heardMs.set(heardKey(other, node), nowMs).set(heardKey(node, other), nowMs);
  }
  return { ...beats, heardMs };
}

/** One interval: each sender sends to everyone that it reaches, and what is due by now has arrived. */
export function beat(
  beats: Heartbeats,
  nowMs: number,
  senders: readonly Sender[],
  receivers: readonly string[],
  reaches: (from: string, to: string) => boolean,
): Heartbeats {
  const sent = senders.flatMap(({ name, lateMs }) =>
    receivers
      .filter((to) => to !== name && reaches(name, to))
      .map((to) => ({ from: name, to, arrivesMs: nowMs + lateMs })),
  );
  const all = [...beats.underway, ...sent];
  const heardMs = new Map(beats.heardMs);
  for (const { from, to, arrivesMs } of all.filter((each) => each.arrivesMs <= nowMs)) {
    const key = heardKey(to, from);
    heardMs.set(key, Math.max(arrivesMs, heardMs.get(key) ?? 0));
  }
  return { heardMs, underway: all.filter((each) => each.arrivesMs > nowMs) };
}

/** Whether `to` has heard `from` within the time-out. */
export function hears(
  beats: Heartbeats,
  to: string,
  from: string,
  nowMs: number,
  timeoutMs: number,
): boolean {
  return nowMs - (beats.heardMs.get(heardKey(to, from)) ?? Number.NEGATIVE_INFINITY) < timeoutMs;
}

/**
 * The parts into which nodes fall: within each, everyone hears everyone. The first node takes all whom it hears and who
 * hear it and each other; the next that is left does the same. How the product chooses where hearing is not transitive is
 * not documented: inferred.
 */
export function partsOf(
  nodes: readonly string[],
  hear: (to: string, from: string) => boolean,
): readonly (readonly string[])[] {
  const parts: string[][] = [];
  for (const node of nodes) {
    const part = parts.find((each) => each.every((other) => hear(node, other) && hear(other, node)));
    if (part === undefined) parts.push([node]);
    else part.push(node);
  }
  return parts;
}

/** What a part of a cluster of `size` members may do by its number alone (the ninth edition, p. 45). */
export function quorumByNumber(part: number, size: number): 'majority' | 'half' | 'minority' {
  if (part * 2 > size) return 'majority';
  return part * 2 === size ? 'half' : 'minority';
}

const heardKey = (to: string, from: string): string => `${to} ${from}`;

function pairsOf(nodes: readonly string[]): [string, string][] {
  return nodes.flatMap((to) =>
    nodes.filter((from) => from !== to).map((from): [string, string] => [to, from]),
  );
}
