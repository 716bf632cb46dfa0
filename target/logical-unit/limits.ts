/** Registrations of a logical unit beyond which 05/55/04 is answered, unless configured. */
export const REGISTRATIONS_MAX_DEFAULT = 1024;

/**
 * I_T nexuses without a session whose unit attention conditions are remembered; of more, the one that left first is
 * forgotten and meets 29/00 like a new one.
 */
export const DETACHED_NEXUSES_MAX = 4096;
