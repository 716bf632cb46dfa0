import type { CommandWatch } from '../../target/index.js';

/** What the history of a run hangs on: what enters the array, and what is done to nodes and holds beside it. */
export type Happening =
  | {
      readonly what: 'command';
      /** iSCSI name of the initiator. */
      readonly initiator: string;
      /** Relative target port identifier. */
      readonly port: number;
      readonly lun: number;
      /** The CDB in hexadecimal digits. */
      readonly cdb: string;
      /** CRC32C of its Data-Out; absent where it has none, or was refused before it came. */
      readonly data?: string | undefined;
    }
  | { readonly what: 'hang' | 'wake' | 'crash' | 'losePath' | 'release' | 'other'; readonly on: string };

/** The order of happenings: a recorder writes it down as it comes, a replay brings it about. */
export interface Order {
  /** Settles when it is the turn of this happening. */
  turn(happening: Happening): Promise<void>;
}

/** Writes an order down, told of commands by the array itself. */
export type RecordingOrder = Order & CommandWatch;

/** Brings an order about. */
export interface ReplayingOrder extends Order {
  /** `mayNotCome`: true once nobody need wait for it any more; it still can come, as what was on the wire does. */
  turn(happening: Happening, mayNotCome?: () => boolean): Promise<void>;
  /** Lets the next one go on; false where nobody waits whose turn it is. */
  admitNext(): boolean;
  /** What does not fit where the run cannot go on, or has ended; undefined where all was repeated. */
  problem(): string | undefined;
}

/** Commands by which hosts find and attach a LU, as often as they like: their order decides nothing. */
const ATTACHING: ReadonlySet<number> = new Set([0x00, 0x03, 0x12, 0x1a, 0x25, 0x5a, 0x9e, 0xa0]);

export const isOrdered = (cdb: Uint8Array): boolean => !ATTACHING.has(cdb[0] ?? 0);
