import type { Sequences } from '../clients/sequence.js';
import { networksOf } from '../cluster/networks.js';
import { nodeOf, type Site } from '../cluster/model.js';
import { isSourceOf, sourceOf } from '../cluster/placement.js';
import type { Path, ScenarioSource } from './source.js';
import type { StepName } from './steps/index.js';

/** What the steps of a scenario are about. */
export interface Given {
  readonly site: Site;
  /** What the user's own sequences replace. */
  readonly sequences: Partial<Sequences>;
  /** What nodes have left behind, in the steps that were read so far. */
  readonly left: Set<string>;
}

/** The names in a step must be of what the scenario has, and of the kind that the step can do something to. */
export function checkStepNames(
  source: ScenarioSource,
  name: StepName,
  value: unknown,
  path: Path,
  { site, left }: Given,
): void {
  if (!isMapping(value)) return;
  checkLeftBehind(source, name, value['node'], [...path, 'node'], { site, left });
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
      const what = NOUN[key] ?? key;
      throw source.error([...path, key], `there is no ${what} '${one}', expected one of ${names}`);
    }
  }
  checkPathNumber(source, value, path, site);
  if (name === 'failNic') checkNic(source, value, path, site);
  if (name === 'reform') checkReform(source, value, path, site);
  if (name === 'relogin' && site.array.transport === 'fibre-channel') {
    throw source.error(path, 'an initiator port of Fibre Channel has no ISID, expected iSCSI');
  }
  const { node } = value;
  if (!LEAVES_BEHIND.includes(name) || typeof node !== 'string') return;
  const before = [...left].filter((each) => isSourceOf(each, node)).length;
  left.add(sourceOf(node, before + 1));
}

/** What is named under a key that does not say it. */
const NOUN: Readonly<Record<string, string>> = { nodes: 'node', to: 'place to go to called' };

/** Steps behind which there is what their node has left behind. */
const LEAVES_BEHIND: readonly StepName[] = ['moveProfile', 'replaceServer'];
/** What can be done to that. */
const OF_LEFT_BEHIND: readonly StepName[] = [
  ...(['hang', 'wake', 'crash', 'writes'] as const),
  ...(['hold', 'awaitHeld', 'release'] as const),
];

function checkLeftBehind(
  source: ScenarioSource,
  name: StepName,
  given: unknown,
  path: Path,
  { site, left }: Pick<Given, 'site' | 'left'>,
): void {
  if (typeof given !== 'string') return;
  const node = site.nodes.find((each) => isSourceOf(given, each.name))?.name;
  if (node === undefined) return;
  if (!OF_LEFT_BEHIND.includes(name)) {
    throw source.error(
      path,
      `what ${node} left behind is no node of a cluster, expected one of ${OF_LEFT_BEHIND.join(', ')} for it`,
    );
  }
  if (left.has(given)) return;
  throw source.error(
    path,
    `there is no '${given}' yet, expected ${LEAVES_BEHIND.join(' or ')} of ${node} before`,
  );
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
