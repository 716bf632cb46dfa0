/** Registrations of a logical unit beyond which 05/55/04 is answered, unless configured. */
export const REGISTRATIONS_MAX_DEFAULT = 1024;

/**
 * I_T nexuses without a session whose unit attention conditions are remembered; of more, the one that left first is
 * forgotten and meets 29/00 like a new one.
 */
export const DETACHED_NEXUSES_MAX = 4096;

/** A sanitize operation goes on in so many steps at least, so that its progress can be seen. */
export const SANITIZE_STEPS_MIN = 256;

/** What one step of an overwrite writes at most: other logical units are served between two steps. */
export const OVERWRITE_PIECE_BYTES_MAX = 4 * 1024 * 1024;

/** What EXTENDED COPY moves at a time: after each piece it looks anew whether it may go on. */
export const COPY_PIECE_BYTES = 1024 * 1024;
