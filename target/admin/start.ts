import type { PortalOptions, Target } from '../options.js';

/** A running admin API. */
export interface Admin {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Ends event streams and connections; resolves when the port is free. */
  close(): Promise<void>;
}

export interface AdminOptions extends PortalOptions {
  /** Bytes that may wait for one event stream client. */
  readonly eventQueueBytesMax?: number | undefined;
}

/**
 * Serves what there is to see of a target over HTTP, and what may be changed of it, for people and tools; on loopback
 * only, since it asks nobody who they are: every user of the machine may do what it can do, and `PUT /api/luns/:lun` makes a
 * LUN of any regular file that the target's user may open (docs/security.md). Throws ConfigurationError for another address
 * and for a port in use.
 *
 * `GET /api/targets`, `/api/luns`, `/api/sessions`, `/api/luns/:lun/reservations`, `/api/target-port-groups`, and
 * `/api/events`, a server-sent event stream; `PUT /api/target-port-groups/:group`, `PUT` and `DELETE /api/luns/:lun`, `PUT
 * /api/luns/:lun/size`.
 */
export async function startAdmin(target: Target, options: AdminOptions): Promise<Admin> {
  // Loaded when it is wanted: who imports the target alone need not wait for a web server and its schemas.
  const { serveAdmin } = await import('./server.js');
  return serveAdmin(target, options);
}
