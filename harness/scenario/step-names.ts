import { networksOf } from '../cluster/networks.js';
import { nodeOf, type Site } from '../cluster/model.js';
import { isSourceOf } from '../cluster/placement.js';
import type { Path, ScenarioSource } from './source.js';
import type { StepName } from './steps/index.js';

/** The names in a step must be of what the scenario has, and of the kind that the step can do something to. */
export function checkStepNames(
  source: ScenarioSource,
  name: StepName,
  value: unknown,
  path: Path,
  site: Site,
): void {
  if (!isMapping(value)) return;
  const lists: Readonly<Record<string, readonly { readonly name: string }[]>> = {
    package: site.packages,
    node: name === 'expectOwner' ? [...site.nodes, { name: 'none' }] : site.nodes,
    nodes: site.nodes,
    host: site.hosts,
    server: site.servers ?? [],
    to: MOVES_TO[name]?.(site) ?? site.hosts,
    cluster: site.clusters,
    lun: site.array.luns,
  };
  for (const [key, list] of Object.entries(lists)) {
    const given = value[key];
    for (const one of Array.isArray(given) ? given : [given]) {
      if (typeof one !== 'string' || list.some((item) => isCalled(key, item.name, one))) continue;
      const names = list.map((item) => item.name).join(', ');
      const what = key === 'nodes' ? 'node' : key;
      throw source.error([...path, key], `there is no ${what} '${one}', expected one of ${names}`);
    }
  }
  checkPathNumber(source, value, path, site);
  if (name === 'failNic') checkNic(source, value, path, site);
  if (name === 'reform') checkReform(source, value, path, site);
  if (name === 'relogin' && site.array.transport === 'fibre-channel') {
    throw source.error(path, 'an initiator port of Fibre Channel has no ISID, expected iSCSI');
  }
}

/** A node goes by its name, and what it has left behind by another. */
const isCalled = (key: string, name: string, given: string): boolean =>
  name === given || (key === 'node' && isSourceOf(given, name));

/** Where a step can move something to that is no host. */
const MOVES_TO: Partial<Record<StepName, (site: Site) => readonly { readonly name: string }[]>> = {
  moveProfile: ({ servers = [] }) => servers,
  replaceServer: ({ hosts, servers = [] }) => [...hosts, ...servers],
};

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkPathNumber(
  source: ScenarioSource,
  value: Record<string, unknown>,
  path: Path,
  { array }: Site,
): void {
  const number = value['path'];
  if (typeof number !== 'number' || number <= array.portals) return;
  throw source.error(
    [...path, 'path'],
    `there is no path ${number}, expected 1 to ${array.portals}, the portals of the array`,
  );
}

function checkNic(source: ScenarioSource, value: Record<string, unknown>, path: Path, site: Site): void {
  const { node, host, server, nic } = value as Record<'node' | 'host' | 'server', string | undefined> & {
    readonly nic: string;
  };
  const [owner, ...others] = [node, host, server].filter((name) => name !== undefined);
  if (owner === undefined || others.length > 0) {
    throw source.error(path, 'expected one of node, host and server');
  }
  if (node !== undefined && nodeOf(site, node).host !== null) {
    throw source.error([...path, 'node'], 'a guest has no NIC of its own, expected its host');
  }
  const nics = Object.values(networksOf(site, owner)).flat();
  if (nics.includes(nic)) return;
  throw source.error([...path, 'nic'], `${owner} has no NIC '${nic}', expected one of ${nics.join(', ')}`);
}

function checkReform(source: ScenarioSource, value: Record<string, unknown>, path: Path, site: Site): void {
  const cluster = site.clusters.find(({ name }) => name === value['cluster']);
  if (cluster === undefined || cluster.membership.heartbeat === null) return;
  throw source.error(
    [...path, 'cluster'],
    `${cluster.name} forms again by itself, expected a wait that is long enough`,
  );
}
