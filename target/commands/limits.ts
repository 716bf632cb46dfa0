/** Most bytes that one READ or WRITE moves: MAXIMUM TRANSFER LENGTH of the Block Limits VPD page (SBC-4). */
export const TRANSFER_LENGTH_BYTES_MAX = 16 * 1024 * 1024;

/** MAXIMUM COMPARE AND WRITE LENGTH: all that its one byte can say. */
export const COMPARE_AND_WRITE_BLOCKS_MAX = 255;

/** MAXIMUM UNMAP LBA COUNT, and descriptors in one UNMAP. */
export const UNMAP_BLOCKS_MAX = 2 ** 20;
export const UNMAP_DESCRIPTORS_MAX = 256;

/** LBA status descriptors in one answer: the device server may send fewer than there are (SBC-4). */
export const LBA_STATUS_DESCRIPTORS_MAX = 256;
