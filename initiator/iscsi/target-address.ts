import { ISCSI_PORT } from '../url.js';
import type { IscsiPortal } from './options.js';

export interface TargetAddress extends IscsiPortal {
  readonly portalGroupTag: number | undefined;
}

/** Reads `host[:port][,portal-group-tag]` (RFC 7143 13.8); undefined if it is none. */
export function parseTargetAddress(text: string): TargetAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:,[\]]+))(?::(\d{1,5}))?(?:,(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined) return undefined;
  const port = match[3] === undefined ? ISCSI_PORT : Number(match[3]);
  if (port < 1 || port > 65_535) return undefined;
  return { host, port, portalGroupTag: match[4] === undefined ? undefined : Number(match[4]) };
}
