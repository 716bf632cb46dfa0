import type { PortalOptions } from '../options.js';
import { ConfigurationError } from './config-error.js';

/** What `parsePortal` takes, for messages. */
export const PORTAL_EXPECTED = 'ADDRESS:PORT such as 127.0.0.1:3260 or [::1]:3260';

/** Reads `127.0.0.1:3260`, `[::1]:3260` or `host:0` (port 0: any free port). Throws ConfigurationError. */
export function parsePortal(text: string): PortalOptions {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || host.trim() === '' || !(port <= 65_535)) {
    throw new ConfigurationError(`portal '${text}': expected ${PORTAL_EXPECTED}`);
  }
  return { host, port };
}
