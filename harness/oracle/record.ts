import { crc32c } from '../../protocol/index.js';
import {
  BLOCK_KINDS,
  PLACEMENT,
  RECORD_LAYOUT,
  RECORD_LENGTH_BYTES,
  RECORD_MAGIC,
  type WriteIdentity,
} from './types.js';

const CHECKSUM_OFFSET = RECORD_LAYOUT.offsetOf('checksum');

/** The block that a write puts on the medium: the same identity always makes the same bytes. */
export function encodeRecord(write: WriteIdentity): Uint8Array {
  const record = {
    magic: RECORD_MAGIC,
    packageName: write.packageName,
    node: write.node,
    incarnation: write.incarnation,
    kind: BLOCK_KINDS.indexOf(write.kind),
    lun: write.lun,
    sequence: BigInt(write.sequence),
    lba: BigInt(write.lba),
    fill: fillOf(write),
  };
  const checksum = crc32c(RECORD_LAYOUT.toBytes({ ...record, checksum: 0 }));
  return RECORD_LAYOUT.toBytes({ ...record, checksum });
}

/** The write that made a block, or why there is none: never written (`blank`), or no whole record (`torn`). */
export function decodeRecord(block: Uint8Array): WriteIdentity | 'blank' | 'torn' {
  if (isZero(block)) return 'blank';
  if (block.length !== RECORD_LENGTH_BYTES) return 'torn';
  const record = RECORD_LAYOUT.decode(block);
  const kind = BLOCK_KINDS[record.kind];
  const unsigned = block.slice();
  unsigned.fill(0, CHECKSUM_OFFSET, CHECKSUM_OFFSET + 4);
  const checksum = crc32c(unsigned);
  if (record.magic !== RECORD_MAGIC || record.checksum !== checksum || kind === undefined) return 'torn';
  return {
    packageName: record.packageName.trimEnd(),
    node: record.node.trimEnd(),
    incarnation: record.incarnation,
    sequence: Number(record.sequence),
    kind,
    lun: record.lun,
    lba: Number(record.lba),
  };
}

const ZEROS = new Uint8Array(RECORD_LENGTH_BYTES);

function isZero(block: Uint8Array): boolean {
  return block.length === ZEROS.length
    ? Buffer.compare(block, ZEROS) === 0
    : block.every((byte) => byte === 0);
}

/** The logical block address of slot `index` of an incarnation; an incarnation that has used all begins again. */
export function slotLba(incarnation: number, index: number): number {
  if (incarnation < 1 || incarnation > PLACEMENT.incarnationsMax) {
    throw new RangeError(`incarnation ${incarnation}: a LUN has room for ${PLACEMENT.incarnationsMax}`);
  }
  return (
    PLACEMENT.slotsFromLba +
    (incarnation - 1) * PLACEMENT.slotsPerIncarnation +
    (index % PLACEMENT.slotsPerIncarnation)
  );
}

/** The incarnation that owns the slot at `lba`, or `shared`; undefined where the placement leaves a gap. */
export function ownerOfLba(lba: number): number | 'shared' | undefined {
  if (lba < PLACEMENT.sharedBlocks) return 'shared';
  if (lba < PLACEMENT.slotsFromLba) return undefined;
  return Math.floor((lba - PLACEMENT.slotsFromLba) / PLACEMENT.slotsPerIncarnation) + 1;
}

/** The rest of the block, different for each write, so that a half-written one cannot carry the right checksum. */
function fillOf(write: WriteIdentity): Uint8Array {
  const fill = new Uint8Array(RECORD_LENGTH_BYTES - RECORD_LAYOUT.offsetOf('fill'));
  const seed = write.incarnation * 31 + write.sequence * 7 + write.lba;
  for (let i = 0; i < fill.length; i++) fill[i] = (seed + i) & 0xff;
  return fill;
}
