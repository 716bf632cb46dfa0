/** Most bytes that one READ or WRITE moves: MAXIMUM TRANSFER LENGTH of the Block Limits VPD page (SBC-4). */
export const TRANSFER_LENGTH_BYTES_MAX = 16 * 1024 * 1024;

/** MAXIMUM COMPARE AND WRITE LENGTH: all that its one byte can say. */
export const COMPARE_AND_WRITE_BLOCKS_MAX = 255;

/** MAXIMUM UNMAP LBA COUNT, and descriptors in one UNMAP. */
export const UNMAP_BLOCKS_MAX = 2 ** 20;
export const UNMAP_DESCRIPTORS_MAX = 256;

/** LBA status descriptors in one answer: the device server may send fewer than there are (SBC-4). */
export const LBA_STATUS_DESCRIPTORS_MAX = 256;

/** Target descriptors of one EXTENDED COPY. */
export const COPY_TARGETS_MAX = 16;
/** Segment descriptors of one EXTENDED COPY. */
export const COPY_SEGMENTS_MAX = 64;
/** Target and segment descriptors together, in bytes. */
export const COPY_DESCRIPTOR_LIST_BYTES_MAX = 4096;
/** What one segment descriptor copies: 65,535 blocks of 4,096 bytes. */
export const COPY_SEGMENT_BYTES_MAX = 65_535 * 4096;
