/**
 * An initiator port as a TransportID names it (SPC-4 7.6.4). `isid: null` is iSCSI format 00b, the name of an
 * initiator device: every port of it.
 */
export type TransportId =
  | { readonly protocol: 'iscsi'; readonly iscsiName: string; readonly isid: bigint | null }
  | { readonly protocol: 'fibreChannel'; readonly nPortName: bigint }
  | { readonly protocol: 'sas'; readonly sasAddress: bigint }
  | { readonly protocol: 'srp'; readonly initiatorPortIdentifier: string };

/**
 * The canonical name of an initiator port, equal exactly for equal ports. iSCSI: `iqn...,i,0x00023d000001`
 * (RFC 7143 4.2.3.2 and SPC-4 7.6.4; names compare in lower case), else `fc,`, `sas,` or `srp,` and hex digits.
 */
export function transportIdName(id: TransportId): string {
  switch (id.protocol) {
    case 'iscsi': {
      const name = id.iscsiName.toLowerCase();
      return id.isid === null ? name : `${name},i,0x${id.isid.toString(16).padStart(12, '0')}`;
    }
    case 'fibreChannel':
      return `fc,${id.nPortName.toString(16).padStart(16, '0')}`;
    case 'sas':
      return `sas,${id.sasAddress.toString(16).padStart(16, '0')}`;
    case 'srp':
      return `srp,${id.initiatorPortIdentifier.toLowerCase()}`;
  }
}

/**
 * The nexus of an initiator port and a target port: the identity a registration belongs to (SPC-4 5.13.1). It
 * outlives connections and sessions.
 */
export interface ItNexus {
  readonly initiatorPort: TransportId;
  /** RELATIVE TARGET PORT IDENTIFIER of the target port, 1 to 65535. */
  readonly relativeTargetPortId: number;
}

/** Canonical key of a nexus: `<transportIdName>@<relative target port identifier>`. */
export type ItNexusId = string;

export function itNexusId(nexus: ItNexus): ItNexusId {
  return `${transportIdName(nexus.initiatorPort)}@${nexus.relativeTargetPortId}`;
}
