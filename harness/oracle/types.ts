import { ascii, bytes, layout, reserved, u16be, u32be, u64be, u8 } from '../../protocol/index.js';

/** Every block that an application writes is one record of this length: the logical block length of scenario LUNs. */
export const RECORD_LENGTH_BYTES = 512;

/** First bytes of every record; a block without them was never written by an application. */
export const RECORD_MAGIC = 'FENCELAB';

/**
 * What one block holds: who wrote it, and when in that writer's own order. The checksum is CRC32C over the whole record
 * with the checksum field itself zero, so that a torn or foreign block is told from a whole one.
 */
export const RECORD_LAYOUT = layout(
  'Write record',
  ascii('magic', 8),
  ascii('packageName', 40),
  ascii('node', 40),
  u32be('incarnation'),
  /** 0 slot, 1 shared: see `BLOCK_KINDS`. */
  u8('kind'),
  reserved(1),
  u16be('lun'),
  u64be('sequence'),
  u64be('lba'),
  u32be('checksum'),
  reserved(12),
  bytes('fill', RECORD_LENGTH_BYTES - 128),
);

export type BlockKind = 'slot' | 'shared';
/** The value of the `kind` field is the index. */
export const BLOCK_KINDS: readonly BlockKind[] = ['slot', 'shared'];

/**
 * Where a package keeps its blocks on each of its LUNs: first the shared blocks, which the running incarnation
 * overwrites; then, for each incarnation in order from 1, slots that no other incarnation writes.
 */
export const PLACEMENT = {
  sharedBlocks: 4,
  slotsFromLba: 16,
  slotsPerIncarnation: 64,
  /** Incarnations that a LUN has room for; it needs `placementLengthBlocks` blocks. */
  incarnationsMax: 16,
} as const;

export const placementLengthBlocks =
  PLACEMENT.slotsFromLba + PLACEMENT.slotsPerIncarnation * PLACEMENT.incarnationsMax;

/** One write as the harness speaks of it; together with the fill rule these fields make the record. */
export interface WriteIdentity {
  readonly packageName: string;
  readonly node: string;
  /** Counted per package from 1, one for each start of the application anywhere. */
  readonly incarnation: number;
  /** Counted per incarnation from 1, over all LUNs and both kinds. */
  readonly sequence: number;
  readonly kind: BlockKind;
  readonly lun: number;
  readonly lba: number;
}

/** A block as it was read. */
export interface BlockImage {
  readonly lba: number;
  readonly bytes: Uint8Array;
}

/**
 * What happened, as the applications and the reader saw it. `at` is milliseconds of scenario time. The order in the
 * history is the order in which the runner learned of it; for one incarnation that is also the order of events, between
 * incarnations it may differ, so a judgement rests on what was read, never on the order in which answers to two writers
 * stand. One order holds: a `writeIssued` after a fence point was issued after it. An application tells of a write
 * before it hands it over, and the runner learns of a fence only when the fencing command has ended, long after its GOOD.
 */
export type HistoryEvent = { readonly at: number; readonly packageName: string } & HistoryHappening;

export type HistoryHappening =
  /** The application of an incarnation was started; it has not read or written yet. */
  | {
      readonly type: 'incarnationStarted';
      readonly incarnation: number;
      readonly node: string;
      /** Hypervisor of the node, absent for a physical one. */
      readonly host?: string | undefined;
    }
  /** The application ended in an orderly way (halt) or was seen to be dead (its process was killed). */
  | {
      readonly type: 'incarnationEnded';
      readonly incarnation: number;
      readonly why: 'halted' | 'killed';
    }
  /** The machine of an incarnation stands still: it can hand over no write until it goes on. `why`: a sentence. */
  | { readonly type: 'incarnationStopped'; readonly incarnation: number; readonly why: string }
  | { readonly type: 'incarnationWentOn'; readonly incarnation: number }
  | { readonly type: 'writeIssued'; readonly write: WriteIdentity }
  /** GOOD came back. */
  | { readonly type: 'writeAcknowledged'; readonly write: WriteIdentity }
  /** RESERVATION CONFLICT came back. */
  | { readonly type: 'writeRefused'; readonly write: WriteIdentity }
  /** Anything else: another status, or no status at all. The write may or may not be on the medium. */
  | { readonly type: 'writeFailed'; readonly write: WriteIdentity; readonly reason: string }
  /**
   * From here on the incarnations `fenced` must not change LUN `lun` any more: the GOOD of the reserving command of
   * incarnation `by`, or, where the package reserves nothing, the moment before recovery reads.
   */
  | {
      readonly type: 'fencePoint';
      readonly lun: number;
      readonly by: number;
      readonly fenced: readonly number[];
      /** The command that fenced, as it was typed; absent where nothing fenced. */
      readonly commandLine?: string | undefined;
    }
  /** Incarnation `by` read the shared blocks and all slots of earlier incarnations after its fence point. */
  | {
      readonly type: 'recoveryRead';
      readonly lun: number;
      readonly by: number;
      readonly blocks: readonly BlockImage[];
    }
  /** The same blocks and those of all incarnations, read at the end, when no write was pending anywhere. */
  | { readonly type: 'finalRead'; readonly lun: number; readonly blocks: readonly BlockImage[] };

/** How a package is meant to be used: a failover package has one writer at a time, a multi-node package several. */
export interface JudgedPackage {
  readonly name: string;
  /** False for a multi-node package: its instances write slots only, and side by side. */
  readonly exclusive: boolean;
  /** LUN numbers. */
  readonly luns: readonly number[];
}

export type VerdictWord = 'SAFE' | 'UNSAFE' | 'INCONCLUSIVE';

export type FindingKind =
  /** A slot of a fenced incarnation changed after recovery had read it, or a write it issued after the fence was made. */
  | 'landedLate'
  /** A shared block was changed by a fenced incarnation after recovery had read it. */
  | 'sharedBlockOverwritten'
  /** A write was acknowledged before the fence and recovery (or the end) did not find it. */
  | 'acknowledgedWriteLost'
  /** Two incarnations were acknowledged shared writes in one span. */
  | 'notExclusive'
  /** A write that was answered RESERVATION CONFLICT is on the medium. */
  | 'refusedWriteLanded'
  /** A block holds no whole record, or one that belongs elsewhere. */
  | 'tornBlock'
  /** Nothing can be said: for example no write was acknowledged, or no final read was made. */
  | 'noEvidence';

export interface Finding {
  readonly kind: FindingKind;
  readonly packageName: string;
  readonly lun?: number | undefined;
  readonly lba?: number | undefined;
  /** The write that is found where it must not be, or missing where it must be. */
  readonly write?: WriteIdentity | undefined;
  /** How that write ended for its writer. */
  readonly outcome?: 'acknowledged' | 'refused' | 'failed' | 'pending' | undefined;
  /** One sentence for people. */
  readonly text: string;
  /** What recovery read, and what is there at the end: for the hex dump. */
  readonly before?: Uint8Array | undefined;
  readonly after?: Uint8Array | undefined;
}

export interface WriteCounts {
  readonly issued: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly failed: number;
  readonly landedLate: number;
}

/** How long nobody was able to write. */
export interface TimeWithoutWriter {
  /**
   * In scenario milliseconds, the longest span of these: from the last acknowledged write of one incarnation to the first
   * of the next one, and while the machine of the only one that may write stood still. Null where there is neither.
   */
  readonly timeWithoutWriterMs: number | null;
  /** What that span was, as a sentence; null where there is none. */
  readonly whyWithoutWriter: string | null;
}

export interface PackageVerdict extends TimeWithoutWriter {
  readonly packageName: string;
  readonly verdict: VerdictWord;
  readonly findings: readonly Finding[];
  readonly counts: WriteCounts;
}

/** UNSAFE where one package is, else INCONCLUSIVE where one is; the counts are sums, the time is the longest. */
export interface Verdict extends TimeWithoutWriter {
  readonly verdict: VerdictWord;
  readonly findings: readonly Finding[];
  readonly counts: WriteCounts;
  readonly packages: readonly PackageVerdict[];
}

/** What helps the judgement be made: implemented by `judge` in judge.ts. */
export type Judge = (packages: readonly JudgedPackage[], history: readonly HistoryEvent[]) => Verdict;
