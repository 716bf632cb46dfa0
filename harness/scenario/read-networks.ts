import { nodeOf, type Site } from '../cluster/model.js';
import { reaches, type NetworkFaults } from '../cluster/networks.js';
import type { ScenarioFile } from './schema/scenario-file.js';
import type { ScenarioSource } from './source.js';

/** Each NIC must be in one network, and the nodes of a cluster with heartbeats must reach each other. */
export function checkNetworks(source: ScenarioSource, read: ScenarioFile, site: Site): void {
  for (const kind of ['hosts', 'servers', 'nodes'] as const) {
    for (const [index, { networks = {} }] of (read[kind] ?? []).entries()) {
      const seen = new Set<string>();
      for (const [network, nics] of Object.entries(networks)) {
        for (const [place, nic] of nics.entries()) {
          if (!seen.has(nic)) seen.add(nic);
          else {
            throw source.error(
              [kind, index, 'networks', network, place],
              `'${nic}' is given twice, expected each NIC in one network`,
            );
          }
        }
      }
    }
  }
  for (const { name, membership } of site.clusters) {
    if (membership.heartbeat !== null) checkReach(source, site, name);
  }
}

function checkReach(source: ScenarioSource, site: Site, cluster: string): void {
  const whole: NetworkFaults = {
    failedNics: new Set(),
    splits: [],
    networksOwnerOf: (node) => nodeOf(site, node).host ?? node,
  };
  const members = site.nodes.filter((node) => node.cluster === cluster);
  for (const [index, node] of site.nodes.entries()) {
    const apart = members.find(
      (other) => node.cluster === cluster && !reaches(site, whole, node.name, other.name),
    );
    if (apart === undefined) continue;
    throw source.error(
      ['nodes', index],
      `${node.name} and ${apart.name} have no heartbeat network in common, expected one`,
    );
  }
}
