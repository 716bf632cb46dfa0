/** How a cluster finds out who still belongs to it. */
export interface MembershipModel {
  /** null: the cluster forms again only where a scenario says so. */
  readonly heartbeat: HeartbeatModel | null;
  /** The LUN on which the cluster lock lies; null: an even split has no tie-breaker. */
  readonly lockLun: string | null;
  /** `none`: any part goes on, whatever its size. No product does so: a negative control, as two masters. */
  readonly quorum: 'majority' | 'none';
}

export interface HeartbeatModel {
  readonly intervalMs: number;
  /** A member that is not heard for so long is removed (NODE_TIMEOUT of A.11.18, MEMBER_TIMEOUT of A.11.19). */
  readonly memberTimeoutMs: number;
}

/** The networks that carry heartbeats, by name, each with the NICs that serve it: more than one is a team. */
export type Networks = Readonly<Record<string, readonly string[]>>;
