/**
 * What a logical unit has at most, at its start and by a resize: 64 TiB, beyond which a slip of the hand is likelier than a
 * need. What is kept of each part of a medium, written or not, takes about 100 MiB then.
 */
export const CAPACITY_BYTES_MAX = 64 * 2 ** 40;
