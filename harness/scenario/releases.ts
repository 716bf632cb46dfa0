import { clusterOf, nodeOf, type ServiceguardRelease, type Site } from '../cluster/model.js';

/** Which release each node runs: the cluster's, until it was upgraded. */
export class Releases {
  readonly #site: Site;
  readonly #upgraded = new Map<string, ServiceguardRelease>();

  constructor(site: Site) {
    this.#site = site;
  }

  upgrade(node: string, release: ServiceguardRelease): void {
    this.#upgraded.set(node, release);
  }

  ofNode(node: string): ServiceguardRelease {
    return this.#upgraded.get(node) ?? clusterOf(this.#site, nodeOf(this.#site, node).cluster).release;
  }

  /**
   * The release whose rules a cluster follows: the oldest, since nothing new is allowed until all nodes are upgraded
   * (Managing Serviceguard, eighteenth edition, September 2010, p. 451).
   */
  ofCluster(cluster: string): ServiceguardRelease {
    const releases = this.#site.nodes
      .filter((node) => node.cluster === cluster)
      .map(({ name }) => this.ofNode(name));
    return releases.includes('A.11.18.02') ? 'A.11.18.02' : 'A.11.19';
  }
}
