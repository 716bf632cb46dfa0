import { nodeOf, type NodeModel, type Site } from './model.js';

/** How a guest reaches a LUN: through its host's initiator port, through a virtual port of its own, or by itself. */
export type GuestAccess = 'raw-device-mapping' | 'npiv' | 'initiator-in-guest';

/** Where a node runs now, and by whose initiator port the array knows it. A move makes another one. */
export interface Place {
  /** The hypervisor; null for a machine of its own. */
  readonly host: string | null;
  /** Whose initiator port its commands go out by: a host's, a server's, or the node's own wherever it runs. */
  readonly port: string;
  /**
   * Who keeps the session of that port: the machine itself, the hypervisor for all its guests, or the hypervisor for
   * this guest alone (NPIV).
   */
  readonly session: 'own' | 'hypervisor' | 'virtualPort';
}

/** The place that each node has before anything moves. */
export function firstPlaces(site: Site): Map<string, Place> {
  return new Map(site.nodes.map((node) => [node.name, placeOn(node, node.host)]));
}

/** What a node is when it runs on a host, or on a server by a port of its own where there is none. */
export function placeOn({ name, access }: Pick<NodeModel, 'name' | 'access'>, host: string | null): Place {
  if (host === null) return { host, port: name, session: 'own' };
  switch (access) {
    case 'raw-device-mapping':
      return { host, port: host, session: 'hypervisor' };
    case 'npiv':
      return { host, port: name, session: 'virtualPort' };
    case 'initiator-in-guest':
      return { host, port: name, session: 'own' };
  }
}

/** Everything by whose initiator port the array can come to know somebody: hosts, servers, nodes with one of their own. */
export function initiatorPorts(site: Site): readonly string[] {
  const own = [...firstPlaces(site).values()].map(({ port }) => port);
  return [...new Set([...own, ...[...site.hosts, ...(site.servers ?? [])].map(({ name }) => name)])];
}

/** What the machine is called that a node has left by its `move`th move, from 1, while it may still run. */
export const sourceOf = (node: string, move: number): string =>
  move === 1 ? `${node}.source` : `${node}.source${move}`;

/** Whether a name is that of a machine which a node has left. */
export const isSourceOf = (name: string, node: string): boolean =>
  name.startsWith(`${node}.source`) && /^([2-9]|[1-9]\d+)?$/.test(name.slice(`${node}.source`.length));

/** Nodes of the same cluster by whose nexus the array also knows a node: it cannot tell them apart. */
export function sharersOf(site: Site, node: string, placeOf: (node: string) => Place): readonly string[] {
  const { cluster } = nodeOf(site, node);
  return site.nodes
    .filter((other) => other.cluster === cluster && other.name !== node)
    .map(({ name }) => name)
    .filter((name) => placeOf(name).port === placeOf(node).port);
}
