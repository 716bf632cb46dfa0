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

const TARGET_PORTAL_EXPECTED = `${PORTAL_EXPECTED}, or with its target port group, 127.0.0.1:3261,group=2`;
const TARGET_PORT_GROUP_MAX = 0xffff;

/** Reads a portal of a target: as `parsePortal`, and `,group=N` behind it. Throws ConfigurationError. */
export function parseTargetPortal(text: string): PortalOptions {
  const [, address = text, digits] = /^(.*),group=(\d{1,5})$/.exec(text) ?? [];
  if (digits === undefined) {
    if (text.includes(','))
      throw new ConfigurationError(`portal '${text}': expected ${TARGET_PORTAL_EXPECTED}`);
    return parsePortal(text);
  }
  const targetPortGroup = Number(digits);
  if (targetPortGroup < 1 || targetPortGroup > TARGET_PORT_GROUP_MAX) {
    throw new ConfigurationError(
      `portal '${text}': group: expected a number from 1 to ${TARGET_PORT_GROUP_MAX}, found ${digits}`,
    );
  }
  return { ...parsePortal(address), targetPortGroup };
}
