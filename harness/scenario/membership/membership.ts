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
  /** Nodes that a cluster without heartbeats has missed since they joined. */
  readonly #missed = new Set<string>();
  /** After how many boots each node joined last; none at first. */
  readonly #joinedAtBoot = new Map<string, number>();

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

  /** A member that is up, and has neither been missed nor booted since it joined. */
  runsOn(node: string): boolean {
    const heartbeats = this.#byHeartbeat.get(nodeOf(this.#site, node).cluster);
    if (heartbeats !== undefined) return heartbeats.runsOn(node);
    if (!this.isMember(node) || this.#missed.has(node)) return false;
    return this.#context.nodes.bootsOf(node) === (this.#joinedAtBoot.get(node) ?? 0);
  }

  /** A cluster without heartbeats forms again without a node. */
  miss(node: string): void {
    this.#missed.add(node);
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
    if (!joins) return false;
    this.#halted.delete(node);
    this.#missed.delete(node);
    this.#joinedAtBoot.set(node, this.#context.nodes.bootsOf(node));
    return true;
  }
}
