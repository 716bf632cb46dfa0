/** Limits of the admin API. */

/** Event stream clients at once; the next one is answered 503. */
export const EVENT_CLIENTS_MAX = 32;

/** Bytes that may wait for one event stream client; one that reads more slowly is dropped. */
export const EVENT_QUEUE_BYTES_MAX = 1024 * 1024;

/** How long a dropped client has to take what waits for it, before its connection is cut. */
export const DROPPED_CLIENT_GRACE_MS = 5000;
