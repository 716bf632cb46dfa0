/** Limits of the initiator's side, in one place. */

/** How long a run waits for another process to give up the session of the same nexus. */
export const NEXUS_LOCK_WAIT_MS = 30_000;
/** Unit attentions that attaching to a LU consumes before it takes the LU as it is. */
export const ATTACH_ATTENTIONS_MAX = 16;

/** Frames on a host's socket: the largest, after its length field. */
export const HOST_FRAME_BYTES_MAX = 16 * 1024 * 1024 + 1024;
/** Data-In that a command on a host's socket may ask for. */
export const HOST_DATA_IN_BYTES_MAX = 16 * 1024 * 1024;
/** Commands that one user of a host may have under way; further ones wait in its socket. */
export const HOST_USER_COMMANDS_MAX = 128;
/** Answers waiting for a user that does not read them; beyond it nothing more is read from it. */
export const HOST_USER_UNREAD_BYTES_MAX = 32 * 1024 * 1024;
/** A session that answers no NOP-Out from one to the next is lost, as open-iscsi's defaults have it. */
export const KEEP_ALIVE_MS = 5_000;
/** A host's commands wait this long for a lost session to come back, as open-iscsi's do by default. */
export const REPLACEMENT_TIMEOUT_MS = 120_000;
/** Between two attempts to log in again. */
export const RECONNECT_PAUSE_MS = 200;

/** One READ or WRITE of the block layer, unless the LU's own limit is lower. */
export const BLOCK_TRANSFER_BYTES_MAX = 512 * 1024;
/** How often the block layer sends a command again before it gives up, as Linux's sd does. */
export const BLOCK_RETRIES_MAX = 5;
/** Pause before a command that met BUSY or TASK SET FULL is sent again. */
export const BLOCK_BUSY_PAUSE_MS = 50;

/** Connecting and logging in to a portal. */
export const LOGIN_TIMEOUT_MS = 15_000;
/** Portals that a login follows from one to the next when the target says it has moved. */
export const REDIRECTS_MAX = 5;
/** Commands that an iSCSI session has under way at most, unless told otherwise. */
export const QUEUE_DEPTH = 32;
/** How long the target may take to answer ABORT TASK before the connection is dropped, as open-iscsi's default. */
export const ABORT_TIMEOUT_MS = 15_000;
/** How long the target may take to answer a Logout when a session is closed. */
export const LOGOUT_TIMEOUT_MS = 5_000;

/** How long a command of an `exec:` device may take where its sender does not say, as with sg_persist. */
export const EXEC_COMMAND_TIMEOUT_MS = 60_000;
/** What ssh and the abort of a command may take on top, before the program is killed. */
export const EXEC_GRACE_MS = 15_000;
/** Data-In or Data-Out of one command: sg_raw takes no more. */
export const EXEC_TRANSFER_BYTES_MAX = 1024 * 1024;
/** Output beyond it is not sg_raw's. */
export const EXEC_OUTPUT_BYTES_MAX = 2 * 1024 * 1024;
