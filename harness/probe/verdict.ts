import { transportIdName } from '../../protocol/index.js';
import type { FullStatusDescriptor } from '../../protocol/index.js';

/** The keys that the two devices registered. */
export interface ProbeKeys {
  readonly a: bigint;
  readonly b: bigint;
}

/** Who registered, as the array names it. */
export interface Registrant {
  /** Canonical name of the initiator port, or its TransportID in hex where that is none that is understood. */
  readonly initiatorPort: string;
  /** The iSCSI name in it; undefined for other transports. */
  readonly iscsiName: string | undefined;
  /** Relative target port identifiers; empty: all of them. */
  readonly targetPorts: readonly number[];
}

/** What the array makes of the two. */
export type ProbeVerdict =
  /** Two initiator ports: a registration each. */
  | { readonly kind: 'apart'; readonly a: Registrant; readonly b: Registrant }
  /** One nexus: the second registration took the place of the first. */
  | { readonly kind: 'oneNexus'; readonly both: Registrant }
  /** One initiator by two target ports: two registrations, yet a host has both paths. */
  | { readonly kind: 'oneInitiator'; readonly a: Registrant; readonly b: Registrant }
  /** The same without READ FULL STATUS: by the keys that stayed. */
  | { readonly kind: 'apartByKeys' }
  | { readonly kind: 'oneNexusByKeys' };

/** Whether the nodes are told apart, which is what fencing one of them needs. */
export function isApart(verdict: ProbeVerdict): boolean {
  return verdict.kind === 'apart' || verdict.kind === 'apartByKeys';
}

/** A finding that allows no answer. The message is a line without its end. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
}

/** Reads the answer from READ FULL STATUS, after both have registered. Throws ProbeError. */
export function verdictOf(descriptors: readonly FullStatusDescriptor[], keys: ProbeKeys): ProbeVerdict {
  const wholeKeys = descriptors.map(({ key }) => key);
  checkKeys(wholeKeys, keys, 'READ FULL STATUS');
  const b = registrantOf(descriptors.filter(({ key }) => key === keys.b));
  if (!wholeKeys.includes(keys.a)) return { kind: 'oneNexus', both: b };
  const a = registrantOf(descriptors.filter(({ key }) => key === keys.a));
  const sameInitiator = a.iscsiName !== undefined && a.iscsiName === b.iscsiName;
  if (a.initiatorPort === b.initiatorPort || (sameInitiator && !sharePort(a, b))) {
    return { kind: 'oneInitiator', a, b };
  }
  return { kind: 'apart', a, b };
}

/**
 * Reads the answer from READ KEYS where there is no READ FULL STATUS. `keyOfAWorks`: a REGISTER of A with A's key was
 * accepted afterwards. Throws ProbeError.
 */
export function verdictOfKeys(
  registered: readonly bigint[],
  keys: ProbeKeys,
  keyOfAWorks: boolean,
): ProbeVerdict {
  checkKeys(registered, keys, 'READ KEYS');
  if (registered.includes(keys.a) !== keyOfAWorks) {
    throw new ProbeError(
      `the array contradicts itself: A's key ${hex(keys.a)} is ${keyOfAWorks ? 'not ' : ''}among the keys, ` +
        `but ${keyOfAWorks ? 'is accepted' : 'is refused'} from A`,
    );
  }
  return { kind: keyOfAWorks ? 'apartByKeys' : 'oneNexusByKeys' };
}

function checkKeys(found: readonly bigint[], keys: ProbeKeys, command: string): void {
  const others = found.filter((key) => key !== keys.a && key !== keys.b);
  if (others.length > 0) {
    throw new ProbeError(`somebody else registered meanwhile: ${others.map(hex).join(', ')}`);
  }
  if (!found.includes(keys.b)) {
    throw new ProbeError(`${command} does not show the key ${hex(keys.b)} that B registered just now`);
  }
}

/** One registration, or one for each target port where a device server keeps ALL_TG_PT so. */
function registrantOf(descriptors: readonly FullStatusDescriptor[]): Registrant {
  const [first] = descriptors;
  const transportId = first?.transportId;
  return {
    initiatorPort:
      transportId === undefined
        ? `TransportID ${Buffer.from(first?.transportIdBytes ?? []).toString('hex')}`
        : transportIdName(transportId),
    iscsiName: transportId?.protocol === 'iscsi' ? transportId.iscsiName.toLowerCase() : undefined,
    targetPorts: descriptors
      .filter(({ allTgPt }) => !allTgPt)
      .map(({ relativeTargetPortId }) => relativeTargetPortId),
  };
}

/** Whether some target port serves both; no list means all. */
function sharePort(a: Registrant, b: Registrant): boolean {
  if (a.targetPorts.length === 0 || b.targetPorts.length === 0) return true;
  return a.targetPorts.some((port) => b.targetPorts.includes(port));
}

export const hex = (key: bigint): string => `0x${key.toString(16)}`;
