import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { whyNoIscsiName, formatPortal } from '../../protocol/index.js';
import type { IscsiUrl } from '../url.js';
import { DeviceOpenError } from './errors.js';

/** The initiator's end of a nexus, and the target port at the other end. */
export interface NexusIdentity {
  readonly initiatorName: string;
  readonly isid: bigint;
  readonly targetName: string;
  readonly host: string;
  readonly port: number;
}

/** The nexus that a LU is reached through; equal for all LUNs behind one portal of one target. */
export function nexusIdentity(
  url: Pick<IscsiUrl, 'host' | 'port' | 'targetName'>,
  initiatorName: string,
  isid?: bigint,
): NexusIdentity {
  return {
    initiatorName,
    isid: isid ?? deriveIsid(initiatorName, url),
    targetName: url.targetName,
    host: url.host,
    port: url.port,
  };
}

/** A text that is equal exactly for equal identities. iSCSI names compare in lower case (RFC 7143 4.2.7.1). */
export function nexusIdentityName(identity: NexusIdentity): string {
  const target = identity.targetName.toLowerCase();
  return `${identity.initiatorName.toLowerCase()},i,${formatIsid(identity.isid)} at ${target} on ${formatPortal(identity).toLowerCase()}`;
}

/** `0x` and twelve digits, as in a TransportID (SPC-4 7.6.4.6). */
export const formatIsid = (isid: bigint): string => `0x${isid.toString(16).padStart(12, '0')}`;

/**
 * An ISID that is the same at every run, so that a registration is found again. Each target portal gets its own: two
 * sessions with one ISID into one portal group would reinstate each other (RFC 7143 4.4.3). Format 10b, "random":
 * 24 bits and a 16-bit qualifier that are ours to choose (RFC 7143 11.12.5).
 */
export function deriveIsid(
  initiatorName: string,
  portal: Pick<IscsiUrl, 'host' | 'port' | 'targetName'>,
): bigint {
  const parts = [initiatorName, portal.targetName, formatPortal(portal)];
  const digest = createHash('sha256').update(parts.join('\0').toLowerCase()).digest();
  return (0x80n << 40n) | BigInt(digest.readUIntBE(0, 5));
}

/** The initiator name of this host: FENCELAB_INITIATOR, else one made of the host name. */
export function localInitiatorName(environment: NodeJS.ProcessEnv): string {
  const given = environment['FENCELAB_INITIATOR'];
  if (given === undefined || given === '') {
    return `iqn.2026-11.org.fencelab:${hostname().toLowerCase()}`;
  }
  const wrong = whyNoIscsiName(given);
  if (wrong !== undefined) throw new DeviceOpenError('EINVAL', `FENCELAB_INITIATOR: ${wrong}`);
  return given;
}
