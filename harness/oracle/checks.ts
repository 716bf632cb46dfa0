import {
  sameBytes,
  showsWrite,
  writeKey,
  type BlocksRead,
  type BlockSeen,
  type Evidence,
  type Takeover,
} from './evidence.js';
import { ownerOfLba } from './record.js';
import type { Finding, WriteIdentity } from './types.js';

/**
 * One way in which data can betray a fence. Each looks at what was read, and never at the order in which answers to two
 * writers were learned; only that a write was not yet issued at the fence point is taken from the history.
 */
export type Check = (evidence: Evidence) => readonly Finding[];

/** `write 7 of incarnation 1 (node1, acknowledged)` */
function nameOf(evidence: Evidence, write: WriteIdentity): string {
  const { incarnation, sequence, node } = write;
  return `write ${sequence} of incarnation ${incarnation} (${node}, ${evidence.outcomeOf(write)})`;
}

const readerName = (read: BlocksRead): string =>
  read.by === null ? 'at the end' : `when incarnation ${read.by} recovered`;

const writeIn = (seen: BlockSeen): WriteIdentity | undefined =>
  typeof seen.content === 'string' ? undefined : seen.content;

interface Change {
  readonly takeover: Takeover;
  readonly lba: number;
  readonly before: BlockSeen;
  readonly after: BlockSeen;
  readonly read: BlocksRead;
}

/**
 * Blocks that differ between a recovery and a later reading, where that is `wrong`; one that stays changed is told once,
 * by the first takeover that it wrongs.
 */
function changesAfterRecovery(evidence: Evidence, wrong: (change: Change) => boolean): Change[] {
  const changes: Change[] = [];
  for (const takeover of evidence.takeovers) {
    for (const [lba, before] of takeover.recovery?.blocks ?? []) {
      for (const read of takeover.later) {
        const after = read.blocks.get(lba);
        if (after === undefined || sameBytes(after.bytes, before.bytes)) continue;
        const known = changes.some(
          (change) =>
            change.takeover.lun === takeover.lun &&
            change.lba === lba &&
            sameBytes(change.after.bytes, after.bytes),
        );
        const change = { takeover, lba, before, after, read };
        if (!known && wrong(change)) changes.push(change);
      }
    }
  }
  return changes;
}

function findingOf(evidence: Evidence, kind: Finding['kind'], change: Change, text: string): Finding {
  const write = writeIn(change.after);
  return {
    kind,
    packageName: evidence.judged.name,
    lun: change.takeover.lun,
    lba: change.lba,
    write,
    outcome: write && evidence.outcomeOf(write),
    text,
    before: change.before.bytes,
    after: change.after.bytes,
  };
}

/** A slot of a fenced incarnation changed after recovery had read it. */
export const landedLate: Check = (evidence) =>
  changesAfterRecovery(evidence, ({ takeover, lba }) =>
    takeover.fenced.some((fenced) => ownerOfLba(lba) === fenced),
  ).map((change) => {
    const write = writeIn(change.after);
    const what = write === undefined ? `a slot of a fenced incarnation changed` : nameOf(evidence, write);
    return findingOf(
      evidence,
      'landedLate',
      change,
      `LUN ${change.takeover.lun} LBA ${change.lba}: ${what} landed after incarnation ${change.takeover.by} ` +
        `had fenced it and read the block`,
    );
  });

/** A shared block was changed by a fenced incarnation after recovery had read it. */
export const sharedBlockOverwritten: Check = (evidence) =>
  changesAfterRecovery(evidence, ({ takeover, lba, after }) => {
    const write = writeIn(after);
    return ownerOfLba(lba) === 'shared' && write !== undefined && takeover.fenced.includes(write.incarnation);
  }).flatMap((change) => {
    const write = writeIn(change.after);
    if (write === undefined) return [];
    return findingOf(
      evidence,
      'sharedBlockOverwritten',
      change,
      `LUN ${change.takeover.lun} LBA ${change.lba}: ${nameOf(evidence, write)} overwrote a shared block after ` +
        `incarnation ${change.takeover.by} had fenced it and read the block`,
    );
  });

/**
 * A fenced incarnation issued a write after the fence point, and it was acknowledged or a later reading shows it: also
 * where it came before the recovery read, which then tells nothing. One that was issued before the fence point may have
 * been on the medium by then, whenever its answer was learned.
 */
export const issuedAfterFence: Check = (evidence) => {
  const told = new Set(
    [...landedLate(evidence), ...sharedBlockOverwritten(evidence)].flatMap(({ write }) =>
      write === undefined ? [] : writeKey(write),
    ),
  );
  return evidence.takeovers.flatMap((takeover) =>
    evidence.fates.flatMap(({ write, outcome, issuedIndex }) => {
      const { lun, by, fenced, index } = takeover;
      if (write.lun !== lun || issuedIndex < index || !fenced.includes(write.incarnation)) return [];
      const shown = blockThatHolds(evidence, write);
      if ((outcome !== 'acknowledged' && shown === undefined) || told.has(writeKey(write))) return [];
      told.add(writeKey(write));
      return {
        kind: 'landedLate' as const,
        packageName: evidence.judged.name,
        lun,
        lba: write.lba,
        write,
        outcome,
        text:
          `LUN ${lun} LBA ${write.lba}: ${nameOf(evidence, write)} was issued after incarnation ${by} had fenced it, ` +
          `and ${shown === undefined ? 'was acknowledged' : 'landed'}`,
        after: shown?.bytes,
      };
    }),
  );
};

/** The first reading of the very write. */
function blockThatHolds({ reads }: Evidence, write: WriteIdentity): BlockSeen | undefined {
  return reads
    .filter(({ lun }) => lun === write.lun)
    .flatMap(({ blocks }) => blocks.get(write.lba) ?? [])
    .find((seen) => {
      const found = writeIn(seen);
      return found !== undefined && writeKey(found) === writeKey(write);
    });
}

/**
 * An acknowledged write that is not there. At recovery: what was acknowledged before the fence point must be read. At
 * the end: whatever was ever acknowledged. A later write to the same place stands for the earlier ones.
 */
export const acknowledgedWriteLost: Check = (evidence) => {
  const findings: Finding[] = [];
  const told = new Set<WriteIdentity>();
  for (const read of evidence.reads) {
    const takeovers = evidence.takeovers.filter(({ recovery }) => recovery === read);
    const isDue = ({ endedIndex, write }: Evidence['fates'][number]): boolean =>
      read.by === null ||
      takeovers.some(({ index, fenced }) => endedIndex < index && fenced.includes(write.incarnation));
    for (const fate of evidence.fates) {
      const { write } = fate;
      const seen = read.blocks.get(write.lba);
      if (fate.outcome !== 'acknowledged' || write.lun !== read.lun || told.has(write)) continue;
      if (seen === undefined || !isDue(fate) || showsWrite(seen.content, write)) continue;
      told.add(write);
      const found = writeIn(seen);
      findings.push({
        kind: 'acknowledgedWriteLost',
        packageName: evidence.judged.name,
        lun: write.lun,
        lba: write.lba,
        write,
        outcome: 'acknowledged',
        text:
          `LUN ${write.lun} LBA ${write.lba}: ${nameOf(evidence, write)} was not there ${readerName(read)}; ` +
          `found: ${found === undefined ? describeContent(seen) : nameOf(evidence, found)}`,
        after: seen.bytes,
      });
    }
  }
  return findings;
};

const describeContent = ({ content }: BlockSeen): string =>
  content === 'blank' ? 'a block that was never written' : 'no whole record';

/**
 * Two incarnations both wrote shared blocks in one span: a fenced one was acknowledged a shared write that recovery
 * did not see, though it was not lost before the fence, and the one that took over was acknowledged shared writes too.
 * An acknowledgement that was only learned late is no such case: recovery saw that write.
 */
export const notExclusive: Check = (evidence) => {
  if (!evidence.judged.exclusive) return [];
  const shared = evidence.fates.filter(
    ({ write, outcome }) => write.kind === 'shared' && outcome === 'acknowledged',
  );
  return evidence.takeovers.flatMap((takeover) => {
    const { recovery, by } = takeover;
    if (recovery === undefined || !shared.some(({ write }) => write.incarnation === by)) return [];
    return takeover.fenced.flatMap((fenced) => {
      const afterRecovery = shared.filter(
        ({ write, endedIndex }) =>
          write.incarnation === fenced &&
          write.lun === takeover.lun &&
          endedIndex > takeover.index &&
          recovery.blocks.has(write.lba) &&
          !showsWrite(recovery.blocks.get(write.lba)?.content, write),
      );
      const first = afterRecovery[0]?.write;
      if (first === undefined) return [];
      return {
        kind: 'notExclusive' as const,
        packageName: evidence.judged.name,
        lun: takeover.lun,
        lba: first.lba,
        write: first,
        outcome: 'acknowledged' as const,
        text:
          `LUN ${takeover.lun}: incarnations ${fenced} (${first.node}) and ${by} ` +
          `(${evidence.nodeOf.get(by) ?? 'unknown node'}) both wrote shared blocks in one span; ` +
          `${afterRecovery.length} of incarnation ${fenced} came after ${by} had recovered`,
      };
    });
  });
};

/** A write that the target refused is on the medium all the same. */
export const refusedWriteLanded: Check = (evidence) => {
  const told = new Set<string>();
  return evidence.reads.flatMap((read) =>
    [...read.blocks].flatMap(([lba, seen]) => {
      const write = writeIn(seen);
      if (write === undefined || evidence.outcomeOf(write) !== 'refused') return [];
      const key = `${read.lun}/${lba}/${write.incarnation}.${write.sequence}`;
      if (told.has(key)) return [];
      told.add(key);
      return {
        kind: 'refusedWriteLanded' as const,
        packageName: evidence.judged.name,
        lun: read.lun,
        lba,
        write,
        outcome: 'refused' as const,
        text: `LUN ${read.lun} LBA ${lba}: ${nameOf(evidence, write)} is on the medium, read ${readerName(read)}`,
        after: seen.bytes,
      };
    }),
  );
};

/** A block holds no whole record, or one that says that it belongs elsewhere. */
export const tornBlock: Check = (evidence) => {
  const told = new Set<string>();
  return evidence.reads.flatMap((read) =>
    [...read.blocks].flatMap(([lba, seen]) => {
      const problem = whyTorn(evidence, read.lun, lba, seen);
      const key = `${read.lun}/${lba}/${problem ?? ''}`;
      if (problem === undefined || told.has(key)) return [];
      told.add(key);
      return {
        kind: 'tornBlock' as const,
        packageName: evidence.judged.name,
        lun: read.lun,
        lba,
        write: writeIn(seen),
        text: `LUN ${read.lun} LBA ${lba}: ${problem}, read ${readerName(read)}`,
        after: seen.bytes,
      };
    }),
  );
};

function whyTorn(evidence: Evidence, lun: number, lba: number, seen: BlockSeen): string | undefined {
  if (seen.content === 'blank') return undefined;
  if (seen.content === 'torn') return 'holds no whole record';
  const { content: write } = seen;
  const owner = ownerOfLba(lba);
  const ownPlace =
    write.packageName === evidence.judged.name &&
    write.lun === lun &&
    write.lba === lba &&
    (owner === 'shared' || owner === write.incarnation);
  if (ownPlace) return undefined;
  return `holds ${nameOf(evidence, write)} of package ${write.packageName}, meant for LUN ${write.lun} LBA ${write.lba}`;
}
