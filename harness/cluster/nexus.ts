import type { ItNexus } from '../../protocol/index.js';
import { clusterOf, nodeOf, type Site, type Transport } from './model.js';
import type { Place } from './placement.js';

/** Whose initiator port that of the machine is which belongs to no cluster and reads what is there. */
export const OBSERVER = 'observer';

/** The iSCSI name of an initiator port's owner. */
export function iscsiNameOf(owner: string): string {
  return `iqn.2026-11.org.fencelab:${owner.toLowerCase()}`;
}

/** The N_Port name of an initiator port's owner: NAA 3h, locally assigned, and 60 bits of the name's FNV-1a hash. */
export function worldWideNameOf(owner: string): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of Buffer.from(owner.toLowerCase(), 'utf8')) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
  }
  return (3n << 60n) | (hash >> 4n);
}

/**
 * The I_T nexus by which the array knows whoever is at a place, on one of its paths. Two guests of one host have the
 * same: that is all that makes failover inside one box unsafe. It is of the place and not of the node: it changes, or
 * is kept, when a node moves.
 */
export function nexusOf(
  { port }: Pick<Place, 'port'>,
  portalIndex: number,
  isid: bigint,
  transport: Transport = 'iscsi',
): ItNexus {
  return {
    initiatorPort:
      transport === 'iscsi'
        ? { protocol: 'iscsi', iscsiName: iscsiNameOf(port), isid }
        : { protocol: 'fibreChannel', nPortName: worldWideNameOf(port) },
    relativeTargetPortId: portalIndex + 1,
  };
}

/**
 * `node_pr_key` of a node: 16 bits of the cluster and 16 bits of the node, as cmviewcl shows it in hexadecimal
 * (10001: cluster 1, node 1). The layout is inferred from the samples in the manuals.
 */
export function nodePrKey(site: Site, node: string): bigint {
  const { cluster } = nodeOf(site, node);
  const clusterNumber = site.clusters.indexOf(clusterOf(site, cluster)) + 1;
  const members = site.nodes.filter((candidate) => candidate.cluster === cluster);
  const nodeNumber = members.findIndex((candidate) => candidate.name === node) + 1;
  return (BigInt(clusterNumber) << 16n) | BigInt(nodeNumber);
}
