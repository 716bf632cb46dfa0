import { clusterOf, nodeOf, type Site } from '../../cluster/model.js';
import type { ClusterContext } from './context.js';
import { MembershipFaults } from './faults.js';
import { HeartbeatCluster } from './heartbeat-cluster.js';

/**
 * Who belongs to which cluster. A cluster with heartbeats finds out by itself; in any other a node that is up is a member,
 * and `reform` steps say when the rest are missed.
 */
export class Membership {
  readonly faults: MembershipFaults;
  readonly #site: Site;
  readonly #context: ClusterContext;
  readonly #byHeartbeat = new Map<string, HeartbeatCluster>();
  /** Nodes that have left in an orderly way, and run on. */
  readonly #halted = new Set<string>();

  constructor(context: ClusterContext) {
    this.#context = context;
    this.#site = context.scenario.site;
    this.faults = new MembershipFaults(this.#site, context.runtime);
    for (const cluster of this.#site.clusters) {
      const { heartbeat } = cluster.membership;
      if (heartbeat === null) continue;
      this.#byHeartbeat.set(cluster.name, new HeartbeatCluster(cluster, heartbeat, context, this.faults));
    }
  }

  isMember(node: string): boolean {
    return this.members(nodeOf(this.#site, node).cluster).includes(node);
  }

  /** In the order of the nodes. Throws SiteError where there is no such cluster. */
  members(cluster: string): readonly string[] {
    const { name } = clusterOf(this.#site, cluster);
    return (
      this.#byHeartbeat.get(name)?.members() ??
      this.#site.nodes
        .filter((node) => node.cluster === name && this.#context.nodes.state(node.name) === 'up')
        .map((node) => node.name)
        .filter((node) => !this.#halted.has(node))
    );
  }

  isHalted(node: string): boolean {
    return this.#halted.has(node);
  }

  /** A node leaves its cluster in an orderly way. */
  leave(node: string): void {
    this.#halted.add(node);
    this.#byHeartbeat.get(nodeOf(this.#site, node).cluster)?.leave(node);
  }

  /** A node that is up joins its cluster. Yields false where it does not reach it. */
  join(node: string): boolean {
    const joins = this.#byHeartbeat.get(nodeOf(this.#site, node).cluster)?.join(node) ?? true;
    if (joins) this.#halted.delete(node);
    return joins;
  }
}
