import { decodeRecord } from './record.js';
import type { Finding, HistoryEvent, JudgedPackage, WriteIdentity } from './types.js';

/** How a write ended for its writer, and where in the history that stands. */
export interface WriteFate {
  readonly write: WriteIdentity;
  readonly outcome: NonNullable<Finding['outcome']>;
  /** Place in the history at which it was issued; -1 where nobody told. */
  readonly issuedIndex: number;
  /** Place in the history at which the outcome was learned; Infinity while it is pending. */
  readonly endedIndex: number;
  readonly endedAt: number;
}

export interface BlockSeen {
  readonly bytes: Uint8Array;
  readonly content: WriteIdentity | 'blank' | 'torn';
}

/** One reading of the blocks of a LUN: by an incarnation that recovered, or at the end (`by` null). */
export interface BlocksRead {
  readonly lun: number;
  readonly by: number | null;
  readonly index: number;
  readonly blocks: ReadonlyMap<number, BlockSeen>;
}

/** A fence and what was read behind it. */
export interface Takeover {
  readonly lun: number;
  readonly by: number;
  readonly fenced: readonly number[];
  /** Place of the fence point in the history. */
  readonly index: number;
  /** What incarnation `by` read when it had fenced; undefined if it never did. */
  readonly recovery: BlocksRead | undefined;
  /** Every later reading of the LUN. */
  readonly later: readonly BlocksRead[];
}

/** A time in which the machine of an incarnation stood still. */
export interface Standstill {
  readonly incarnation: number;
  readonly fromMs: number;
  /** Infinity where it never went on. */
  readonly toMs: number;
  readonly why: string;
  /** The last incarnation that had been started by then: none of them can have been waited for but it. */
  readonly latest: number;
}

/** The history of one package, put in order for the checks. */
export interface Evidence {
  readonly judged: JudgedPackage;
  /**
   * Every write that was issued, by incarnation and in its order: which of two writers came first is the affair of their
   * sockets, and no finding may be told earlier or later for it.
   */
  readonly fates: readonly WriteFate[];
  readonly reads: readonly BlocksRead[];
  readonly takeovers: readonly Takeover[];
  readonly nodeOf: ReadonlyMap<number, string>;
  /** Where in the history an incarnation was halted in an orderly way; a killed one may still have writes under way. */
  readonly haltedIndex: ReadonlyMap<number, number>;
  readonly standstills: readonly Standstill[];
  outcomeOf(write: WriteIdentity): WriteFate['outcome'];
}

/** A name for a write within its package. */
export const writeKey = (write: WriteIdentity): string => `${write.incarnation}.${write.sequence}`;

const OUTCOME = {
  writeAcknowledged: 'acknowledged',
  writeRefused: 'refused',
  writeFailed: 'failed',
} as const;

/** Collects what the history says about one package. */
export function gatherEvidence(judged: JudgedPackage, history: readonly HistoryEvent[]): Evidence {
  const fates = new Map<string, WriteFate>();
  const nodeOf = new Map<number, string>();
  const haltedIndex = new Map<number, number>();
  const standstills: Standstill[] = [];
  const reads: BlocksRead[] = [];
  const fences: Omit<Takeover, 'recovery' | 'later'>[] = [];
  for (const [index, event] of history.entries()) {
    if (event.packageName !== judged.name) continue;
    switch (event.type) {
      case 'incarnationStarted':
        nodeOf.set(event.incarnation, event.node);
        break;
      case 'incarnationEnded':
        if (event.why === 'halted') haltedIndex.set(event.incarnation, index);
        break;
      case 'incarnationStopped':
        standstills.push({
          incarnation: event.incarnation,
          fromMs: event.at,
          toMs: Infinity,
          why: event.why,
          latest: Math.max(...nodeOf.keys()),
        });
        break;
      case 'incarnationWentOn': {
        const index = standstills.findLastIndex(({ incarnation }) => incarnation === event.incarnation);
        const open = standstills[index];
        if (open !== undefined) standstills[index] = { ...open, toMs: event.at };
        break;
      }
      case 'writeIssued':
        fates.set(writeKey(event.write), {
          write: event.write,
          outcome: 'pending',
          issuedIndex: index,
          endedIndex: Infinity,
          endedAt: Infinity,
        });
        break;
      case 'writeAcknowledged':
      case 'writeRefused':
      case 'writeFailed':
        fates.set(writeKey(event.write), {
          write: event.write,
          outcome: OUTCOME[event.type],
          issuedIndex: fates.get(writeKey(event.write))?.issuedIndex ?? -1,
          endedIndex: index,
          endedAt: event.at,
        });
        break;
      case 'fencePoint':
        fences.push({ lun: event.lun, by: event.by, fenced: event.fenced, index });
        break;
      case 'recoveryRead':
      case 'finalRead': {
        const by = event.type === 'recoveryRead' ? event.by : null;
        const blocks = event.blocks.map(
          ({ lba, bytes }) => [lba, { bytes, content: decodeRecord(bytes) }] as const,
        );
        reads.push({ lun: event.lun, by, index, blocks: new Map(blocks) });
        break;
      }
    }
  }
  return {
    judged,
    fates: [...fates.values()].sort(inOrderOfWriters),
    reads,
    takeovers: fences.map((fence) => takeoverOf(fence, reads)),
    nodeOf,
    haltedIndex,
    standstills,
    outcomeOf: (write) => fates.get(writeKey(write))?.outcome ?? 'pending',
  };
}

const inOrderOfWriters = ({ write: one }: WriteFate, { write: other }: WriteFate): number =>
  one.incarnation - other.incarnation || one.sequence - other.sequence;

function takeoverOf(fence: Omit<Takeover, 'recovery' | 'later'>, reads: readonly BlocksRead[]): Takeover {
  const afterwards = reads.filter(({ lun, index }) => lun === fence.lun && index > fence.index);
  const recovery = afterwards.find(({ by }) => by === fence.by);
  const later = recovery === undefined ? [] : afterwards.filter(({ index }) => index > recovery.index);
  return { ...fence, recovery, later };
}

/** Whether a block that holds `content` shows that `write` or a later one of its place was made. */
export function showsWrite(content: BlockSeen['content'] | undefined, write: WriteIdentity): boolean {
  if (content === undefined || typeof content === 'string') return false;
  if (content.incarnation !== write.incarnation) return content.incarnation > write.incarnation;
  return content.sequence >= write.sequence;
}

/** Compared by the million when a thousand seeds are judged, hence not byte by byte. */
export const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
