import {
  clusterNamed,
  hasGuest,
  isGuest,
  nodesOf,
  type ClusterConfiguration,
  type ClusterOfConfiguration,
  type NodeConfiguration,
  type PackageConfiguration,
} from '../configuration/model.js';
import { fail, listed, pass, warn, type Found, type Rule } from './rule.js';

/** A later manual than the paper, which forbids what the paper calls safe. */
const LATER_MANUAL = 'Managing HP Serviceguard for Linux, ninth edition (April 2009), pages 85 to 87';
const SERIES = "HP's series on Integrity VM (2009), its last part";

/** Nodes by host, those hosts only that carry more than one of them. */
function crowded(nodes: readonly NodeConfiguration[]): { host: string; guests: NodeConfiguration[] }[] {
  const byHost = new Map<string, NodeConfiguration[]>();
  for (const node of nodes) {
    if (node.host === undefined) continue;
    byHost.set(node.host.value, [...(byHost.get(node.host.value) ?? []), node]);
  }
  return [...byHost].flatMap(([host, guests]) => (guests.length > 1 ? [{ host, guests }] : []));
}

const names = (nodes: readonly NodeConfiguration[]): string => listed(nodes.map(({ name }) => name));

/** Test and training clusters may do what production may not. */
const mayRisk = (cluster: ClusterOfConfiguration | undefined): boolean =>
  cluster?.purpose !== undefined && cluster.purpose.value !== 'production';

const membersOf = (configuration: ClusterConfiguration, item: PackageConfiguration): NodeConfiguration[] =>
  configuration.nodes.filter(({ name }) => item.nodes.value.includes(name));

/** Computed from node lists and hosts: two guests of one host are one I_T nexus. */
function oneHostFailover(configuration: ClusterConfiguration): Found[] {
  const expected = 'no two guests of one ESX host in the node list of a package';
  return configuration.packages
    .filter(({ cluster }) => hasGuest(configuration, cluster))
    .map((item) => {
      const [worst] = crowded(membersOf(configuration, item));
      const { at } = item.nodes;
      if (worst === undefined) return pass(at, `${item.name}: no two of its nodes share an ESX host`);
      const what = item.type === 'failover' ? 'may fail over between' : 'runs at once, under one nexus, on';
      const found = `${item.name}: ${what} ${names(worst.guests)}, all on ${worst.host}`;
      const cluster = clusterNamed(configuration, item.cluster);
      return mayRisk(cluster)
        ? warn(at, `${found}, of a ${cluster?.purpose?.value ?? ''} cluster`, expected)
        : fail(at, found, expected);
    });
}

/** A cluster that consists of guests of one host. */
function box(configuration: ClusterConfiguration): Found[] {
  return configuration.clusters
    .filter(({ name }) => hasGuest(configuration, name))
    .map((cluster) => {
      const nodes = nodesOf(configuration, cluster.name);
      const hosts = new Set(nodes.map((node) => node.host?.value));
      const [host] = hosts;
      const at = cluster.purpose?.at ?? cluster.at;
      if (nodes.length < 2 || hosts.size > 1 || host === undefined) {
        return pass(cluster.at, `${cluster.name}: ${optionOf(nodes)}`);
      }
      const found = `${cluster.name}: all of ${names(nodes)} are on ${host}`;
      return mayRisk(cluster)
        ? warn(
            at,
            `${found}, a box for ${cluster.purpose?.value ?? ''}`,
            `never production; ${SERIES}, has it`,
          )
        : fail(at, `${found}, a cluster in a box`, 'nodes on several machines, or purpose: test or training');
    });
}

/** Which of the paper's options a cluster is. */
function optionOf(nodes: readonly NodeConfiguration[]): string {
  const guests = nodes.filter(isGuest);
  const hosts = new Set(guests.map((node) => node.host?.value)).size;
  const parts = [
    ...(guests.length < nodes.length ? [`${nodes.length - guests.length} physical`] : []),
    `${guests.length} guest${guests.length === 1 ? '' : 's'} on ${hosts} host${hosts === 1 ? '' : 's'}`,
  ];
  return parts.join(', ');
}

/** Safe in the paper where no package moves between them; the later manual forbids it all the same. */
function oneNodePerHost(configuration: ClusterConfiguration): Found[] {
  return configuration.clusters
    .filter(({ name }) => hasGuest(configuration, name))
    .flatMap((cluster) => {
      const several = crowded(nodesOf(configuration, cluster.name));
      if (several.length === 0) {
        return [pass(cluster.at, `${cluster.name}: at most one node on an ESX host`)];
      }
      return several.map(({ host, guests }) => {
        const moves = configuration.packages.some(
          (item) => membersOf(configuration, item).filter((node) => guests.includes(node)).length > 1,
        );
        const safe = moves ? '' : ', no package moves between them, which the paper calls safe';
        return warn(
          guests[0]?.host?.at ?? cluster.at,
          `${cluster.name}: ${names(guests)} are on ${host}${safe}`,
          'at most one node of a cluster on a host, as a later manual than the paper asks',
        );
      });
    });
}

/** Rules about which node is where. */
export const PLACEMENT_RULES: readonly Rule[] = [
  {
    id: 'placement.one-host-failover',
    kind: 'requirement',
    text: 'No package may fail over between two guests of one ESX host: I/O of the first may still be pending there.',
    section: 'Cluster configuration options',
    appliesWhen: 'a cluster has a guest',
    check: oneHostFailover,
  },
  {
    id: 'placement.box',
    kind: 'requirement',
    text: 'A cluster of guests of one ESX host is not safe and not for production; it may serve tests and training.',
    section: 'Cluster configuration options',
    also: SERIES,
    appliesWhen: 'a cluster has a guest',
    check: box,
  },
  {
    id: 'placement.one-node-per-host',
    kind: 'support',
    text: 'Several nodes of a cluster on one host are safe if no package moves between them; a later manual forbids them.',
    section: 'Cluster configuration options',
    also: LATER_MANUAL,
    appliesWhen: 'a cluster has a guest',
    check: oneNodePerHost,
  },
];
