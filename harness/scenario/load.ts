import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import type { PackageModel, Site } from '../cluster/model.js';
import { readArray } from './read-array.js';
import { checkCapacities } from './read-capacities.js';
import { checkVmPackages } from './read-vm-packages.js';
import { checkMemberships, membershipOf } from './read-membership.js';
import { checkNetworks } from './read-networks.js';
import { checkPortNames } from './read-port-names.js';
import { readOwnSequences } from './own-sequences.js';
import type { Scenario } from './scenario.js';
import { ScenarioSchema, type ScenarioFile } from './schema/scenario-file.js';
import { durationMs } from './schema/words.js';
import { ScenarioError, ScenarioSource, type Path } from './source.js';
import { readSteps } from './read-steps.js';
import { Random } from '../random.js';

/** Reads a scenario file. Throws ScenarioError, whose message is `file:line:column: what was wrong, what was expected`. */
export async function loadScenario(file: string): Promise<Scenario> {
  return parseScenario(await readScenarioText(file), file);
}

/** The text of a scenario file. Throws ScenarioError where it cannot be read. */
export async function readScenarioText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such scenario file' : `cannot be read (${code ?? 'unknown error'})`;
    throw new ScenarioError(`${file}: ${why}`, { cause });
  }
}

/** A scenario from its text; `file` is for messages, and control scripts are relative to it. */
export function parseScenario(text: string, file: string): Scenario {
  const source = new ScenarioSource(text, file);
  const value = source.value();
  source.check(ScenarioSchema, value, []);
  const read = value as ScenarioFile;
  const site = siteOf(source, read, file);
  checkPortNames(source, read);
  checkNames(source, read, site);
  checkMemberships(source, read);
  checkNetworks(source, read, site);
  checkCapacities(source, read);
  checkVmPackages(source, read);
  const sequences = readOwnSequences(source, read.sequences ?? {});
  const draw = readSteps(source, read.steps, ['steps'], { site, sequences, left: new Set() });
  return {
    id: basename(file, extname(file)),
    file,
    title: read.scenario,
    paper: read.paper,
    expect: read.expect,
    runtimes: runtimesOf(source, read, site),
    site,
    sequences,
    stepsUnder: (seed) => draw(new Random(seed, 'steps')),
  };
}

function siteOf(source: ScenarioSource, read: ScenarioFile, file: string): Site {
  return {
    array: readArray(source, read.array),
    hosts: read.hosts ?? [],
    servers: read.servers,
    clusters: read.clusters.map((cluster) => ({
      name: cluster.name,
      release: cluster.release,
      fence: cluster.fence ?? 'clear',
      reformationWaitMs: cluster.reformationWait === undefined ? null : durationMs(cluster.reformationWait),
      membership: membershipOf(cluster),
    })),
    nodes: read.nodes.map((node) => ({
      name: node.name,
      cluster: node.cluster,
      host: node.host ?? null,
      mapping: node.mapping ?? 'physical',
      access: node.access ?? 'raw-device-mapping',
      networks: node.networks,
      capacity: node.capacity,
    })),
    packages: read.packages.map((item) => packageOf(item, read, file)),
  };
}

function packageOf(item: ScenarioFile['packages'][number], read: ScenarioFile, file: string): PackageModel {
  const release = read.clusters.find(({ name }) => name === item.cluster)?.release;
  return {
    name: item.name,
    cluster: item.cluster,
    type: item.type ?? 'failover',
    disk: item.disk,
    monitor: item.monitor,
    // `sglx_vm` is off unless it is set on; from A.11.19 on reservations are used wherever they can be.
    persistentReservation:
      release === 'A.11.18.02' ? item.sglx_vm === 'on' : item.pkg_pr_mode !== 'pr_disabled',
    luns: item.luns,
    nodes: item.nodes,
    weight: item.weight,
    failback: item.failback,
    controlScript: item.controlScript === undefined ? null : resolve(dirname(file), item.controlScript),
  };
}

function runtimesOf(source: ScenarioSource, read: ScenarioFile, site: Site): Scenario['runtimes'] {
  const onSockets = site.array.transport !== 'fibre-channel';
  const runtimes = read.runtimes ?? (onSockets ? ['memory', 'processes'] : ['memory']);
  if (!onSockets && runtimes.includes('processes')) {
    throw source.error(['array', 'transport'], 'sockets are iSCSI, expected runtimes: [memory] beside it');
  }
  const legacy = site.packages.findIndex(({ controlScript }) => controlScript !== null);
  if (legacy >= 0 && runtimes.includes('memory')) {
    throw source.error(
      ['packages', legacy, 'controlScript'],
      'a control script is a program; expected runtimes: [processes] beside it',
    );
  }
  return runtimes;
}

/** Every name that is used must be one that is given. */
function checkNames(source: ScenarioSource, read: ScenarioFile, site: Site): void {
  const known = (
    path: Path,
    name: string,
    list: readonly { readonly name: string }[],
    what: string,
  ): void => {
    if (list.some((item) => item.name === name)) return;
    const names = list.map((item) => item.name).join(', ');
    throw source.error(
      path,
      `there is no ${what} '${name}', expected ${names === '' ? 'one to be given' : `one of ${names}`}`,
    );
  };
  for (const [kind, list] of [
    ['hosts', site.hosts],
    ['clusters', site.clusters],
    ['servers', site.servers ?? []],
    ['nodes', site.nodes],
    ['packages', site.packages],
  ] as const) {
    checkOnce(source, [kind], list);
  }
  checkOnce(source, ['array', 'luns'], site.array.luns);
  for (const [index, node] of site.nodes.entries()) {
    known(['nodes', index, 'cluster'], node.cluster, site.clusters, 'cluster');
    if (node.host !== null) known(['nodes', index, 'host'], node.host, site.hosts, 'host');
    for (const key of ['mapping', 'access'] as const) {
      if (node.host !== null || read.nodes[index]?.[key] === undefined) continue;
      throw source.error(
        ['nodes', index, key],
        `a physical node has no ${key}, expected host beside it`,
        true,
      );
    }
    if (read.nodes[index]?.mapping !== undefined && node.access !== 'raw-device-mapping') {
      throw source.error(
        ['nodes', index, 'mapping'],
        `only a raw device mapping has a mode, expected no mapping beside access: ${node.access}`,
        true,
      );
    }
    if (node.host !== null && read.nodes[index]?.networks !== undefined) {
      throw source.error(
        ['nodes', index, 'networks'],
        'a guest has the networks of its host, expected them there',
        true,
      );
    }
  }
  for (const [index, item] of site.packages.entries()) {
    known(['packages', index, 'cluster'], item.cluster, site.clusters, 'cluster');
    for (const [place, lun] of item.luns.entries()) {
      known(['packages', index, 'luns', place], lun, site.array.luns, 'LUN');
      const other = site.packages.slice(0, index).find(({ luns }) => luns.includes(lun));
      if (other === undefined) continue;
      throw source.error(
        ['packages', index, 'luns', place],
        `'${lun}' is a LUN of ${other.name}, expected one that no other package writes to`,
      );
    }
    checkTwice(source, ['packages', index, 'luns'], item.luns);
    checkTwice(source, ['packages', index, 'nodes'], item.nodes);
    const members = site.nodes.filter(({ cluster }) => cluster === item.cluster);
    for (const [place, node] of item.nodes.entries()) {
      known(['packages', index, 'nodes', place], node, members, `node of cluster ${item.cluster}`);
    }
    if (item.type === 'multi-node' && item.failback === 'automatic') {
      throw source.error(
        ['packages', index, 'failback'],
        'a multi-node package runs on several nodes and returns to none, expected failback: manual',
      );
    }
    checkParameter(source, read, index);
  }
}

function checkOnce(source: ScenarioSource, path: Path, list: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const [index, { name }] of list.entries()) {
    if (seen.has(name)) {
      throw source.error([...path, index, 'name'], `'${name}' is given twice, expected a name of its own`);
    }
    seen.add(name);
  }
}

function checkTwice(source: ScenarioSource, path: Path, names: readonly string[]): void {
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice < 0) return;
  throw source.error([...path, twice], `'${names[twice] ?? ''}' is given twice, expected it once`);
}

/** `sglx_vm` was removed in A.11.19, and there was no PKG_PR_MODE before. */
function checkParameter(source: ScenarioSource, read: ScenarioFile, index: number): void {
  const item = read.packages[index];
  const release = read.clusters.find(({ name }) => name === item?.cluster)?.release;
  const wrong = release === 'A.11.18.02' ? 'pkg_pr_mode' : 'sglx_vm';
  const right = release === 'A.11.18.02' ? 'sglx_vm' : 'pkg_pr_mode';
  if (item?.[wrong] === undefined) return;
  throw source.error(
    ['packages', index, wrong],
    `Serviceguard ${release ?? ''} has no ${wrong}, expected ${right}`,
    true,
  );
}
