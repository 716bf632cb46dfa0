import { itNexusId, type ItNexus, type ItNexusId } from '../../protocol/index.js';
import { clusterOf, nodeOf, type Site } from './model.js';

/** What owns the sessions of a node: the node itself, or the hypervisor that its commands go out through. */
export function initiatorOwnerOf(site: Site, node: string): string {
  return nodeOf(site, node).host ?? node;
}

/** The iSCSI name of an initiator port's owner. */
export function iscsiNameOf(owner: string): string {
  return `iqn.2026-11.org.fencelab:${owner.toLowerCase()}`;
}

/**
 * The I_T nexus by which the array knows a node on one of its paths. Two guests of one host have the same: that is all
 * that makes failover inside one box unsafe.
 */
export function nexusOf(site: Site, node: string, portalIndex: number, isid: bigint): ItNexus {
  return {
    initiatorPort: {
      protocol: 'iscsi',
      iscsiName: iscsiNameOf(initiatorOwnerOf(site, node)),
      isid,
    },
    relativeTargetPortId: portalIndex + 1,
  };
}

/** Whether the array can tell two nodes apart. */
export function sameNexus(site: Site, one: string, other: string): boolean {
  return nexusIdOf(site, one, 0) === nexusIdOf(site, other, 0);
}

function nexusIdOf(site: Site, node: string, portalIndex: number): ItNexusId {
  return itNexusId(nexusOf(site, node, portalIndex, 0n));
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
