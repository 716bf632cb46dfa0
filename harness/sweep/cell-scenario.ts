import type { FencingKind } from './kinds.js';

/** One cell of the sweep. */
export interface Cell {
  readonly kind: FencingKind;
  /** Mean of the delay of the pending write: the seed draws it evenly from 0 to twice this. */
  readonly delayMs: number;
  /** From the failure until the cluster forms again; a release's own wait comes on top. */
  readonly failoverMs: number;
}

/**
 * The scenario of a cell. The guest is dead, not hung: one that wakes in a box writes again whatever had been pending,
 * and the question is what becomes of the one write. What is pending when the package runs elsewhere lands in the wait
 * at the end, and the last transaction shows whether it harmed.
 */
export function cellScenario({ kind, delayMs, failoverMs }: Cell): string {
  const hosts = kind.adoptiveHost === 'esx1' ? ['esx1'] : ['esx1', 'esx2'];
  const reservation = kind.release === 'A.11.18.02' ? 'sglx_vm: on' : 'pkg_pr_mode: pr_enabled';
  return `scenario: ${kind.name}
paper: '"Cluster configuration options": a very small possibility'
expect: SAFE
array: { luns: [{ name: data }] }
hosts: [${hosts.map((host) => `{ name: ${host} }`).join(', ')}]
clusters: [{ name: cluster1, release: ${kind.release}, fence: ${kind.fence} }]
nodes:
  - { name: guest1, cluster: cluster1, host: esx1 }
  - { name: guest2, cluster: cluster1, host: ${kind.adoptiveHost} }
packages:
  - { name: pkg1, cluster: cluster1, ${reservation}, luns: [data], nodes: [guest1, guest2] }
steps:
  - cmrunpkg: { package: pkg1, node: guest1 }
  - hold: { where: ${kind.pendingIn}, node: guest1, lun: data, for: 0ms-${2 * delayMs}ms }
  - writes: { package: pkg1, node: guest1, count: 1, wait: false }
  - awaitHeld: { where: ${kind.pendingIn}, node: guest1 }
  - crash: { node: guest1 }
  - wait: ${failoverMs}ms
  - reform: { cluster: cluster1 }
  - wait: ${2 * delayMs}ms
  - writes: { package: pkg1, count: 1 }
`;
}
