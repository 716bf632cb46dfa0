/** Most bytes that one READ or WRITE moves: MAXIMUM TRANSFER LENGTH of the Block Limits VPD page (SBC-4). */
export const TRANSFER_LENGTH_BYTES_MAX = 16 * 1024 * 1024;
