import { dirname, isAbsolute, join } from 'node:path';
import { durationMs } from '../../scenario/schema/words.js';
import { ClusterSource } from './cluster-source.js';
import { readGivenFiles, type TextOf } from './given-files.js';
import type {
  ClusterConfiguration,
  ClusterOfConfiguration,
  Fact,
  HostConfiguration,
  LunConfiguration,
  TeamConfiguration,
  VolumeGroup,
} from './model.js';
import { readNode } from './read-nodes.js';
import { readPackage } from './read-packages.js';
import type { ClusterFile } from './schema.js';

export interface ConfigurationFiles {
  /** `.vmx` and `.vmdk` files, package configuration files and control scripts beside those that CLUSTER.yaml names. */
  readonly given?: readonly string[];
  /** Looks up the text of a file; undefined where there is none. */
  readonly textOf?: TextOf;
}

/**
 * Reads a cluster configuration from the text of CLUSTER.yaml; `file` is for messages, and what it names is relative
 * to it.
 *
 * @throws ConfigurationError, one line: `file:line: what was wrong, what was expected`
 */
export function parseConfiguration(
  text: string,
  file: string,
  { given = [], textOf = () => undefined }: ConfigurationFiles = {},
): ClusterConfiguration {
  const source = new ClusterSource(text, file);
  const files = readGivenFiles(source, given, textOf);
  const { configuration, luns = [], hosts = [], clusters, nodes, packages } = source.value;
  return {
    file,
    title: configuration,
    luns: luns.map((lun, index) => lunOf(source, index, lun)),
    hosts: hosts.map((host, index) => hostOf(source, index, host)),
    clusters: clusters.map((cluster, index) => clusterOf(source, index, cluster)),
    nodes: nodes.map((node, index) =>
      readNode(source, index, node, files, volumeGroupsOf(source, index, textOf)),
    ),
    packages: packages.map((item, index) => readPackage(source, index, item, files)),
  };
}

function lunOf(
  source: ClusterSource,
  index: number,
  lun: NonNullable<ClusterFile['luns']>[number],
): LunConfiguration {
  return {
    name: lun.name,
    at: source.at('luns', index),
    url: source.fact(lun.url, ['luns', index, 'url']),
    persistentReservation: source.fact(lun.persistentReservation, ['luns', index, 'persistentReservation']),
  };
}

type HostFile = NonNullable<ClusterFile['hosts']>[number];

function hostOf(source: ClusterSource, index: number, host: HostFile): HostConfiguration {
  const path = (...names: string[]) => ['hosts', index, ...names];
  return {
    name: host.name,
    at: source.at(...path()),
    esx: source.fact(host.esx, path('esx')),
    server: source.fact(host.server, path('server')),
    architecture: source.fact(host.architecture, path('architecture')),
    serviceguard: source.fact(host.serviceguard, path('serviceguard')),
    vmwareHa: source.fact(host.vmwareHa, path('vmwareHa'), isOn),
    virtualMachines: source.fact(host.virtualMachines, path('virtualMachines')),
    virtualMachinesMax: source.fact(host.virtualMachinesMax, path('virtualMachinesMax')),
    missedHeartbeats: source.fact(host.missedHeartbeats, path('missedHeartbeats')),
    initiator: source.fact(host.initiator, path('initiator')),
    ntp: host.ntp && {
      servers: source.fact(host.ntp.servers, path('ntp', 'servers')),
      firewallOpen: source.fact(host.ntp.firewall, path('ntp', 'firewall'), (value) => value === 'open'),
      running: source.fact(host.ntp.ntpd, path('ntp', 'ntpd'), (value) => value === 'running'),
    },
    teams: host.teams?.map((team, place) => teamOf(source, index, place, team)),
  };
}

const isOn = (value: 'on' | 'off'): boolean => value === 'on';

function teamOf(
  source: ClusterSource,
  host: number,
  index: number,
  team: NonNullable<HostFile['teams']>[number],
): TeamConfiguration {
  const path = (...names: string[]) => ['hosts', host, 'teams', index, ...names];
  return {
    network: team.network,
    at: source.at(...path()),
    nics: { value: team.nics, at: source.at(...path('nics')) },
    mode: source.fact(team.mode, path('mode')),
    beaconMonitoring: source.fact(team.beaconMonitoring, path('beaconMonitoring'), isOn),
    switchBeaconMonitoring: source.fact(team.switchBeaconMonitoring, path('switchBeaconMonitoring'), isOn),
    linkAggregation: source.fact(team.linkAggregation, path('linkAggregation')),
  };
}

function clusterOf(
  source: ClusterSource,
  index: number,
  cluster: ClusterFile['clusters'][number],
): ClusterOfConfiguration {
  const path = (name: string) => ['clusters', index, name];
  return {
    name: cluster.name,
    at: source.at('clusters', index),
    release: { value: cluster.release, at: source.at(...path('release')) },
    purpose: source.fact(cluster.purpose, path('purpose')),
    lockLun: source.fact(cluster.lockLun, path('lockLun')),
    heartbeatIntervalMs: source.fact(cluster.heartbeatInterval, path('heartbeatInterval'), durationMs),
  };
}

/** The output of `vgs` on a node, kept in a file: the heading is passed over, as is an empty line. */
function volumeGroupsOf(
  source: ClusterSource,
  index: number,
  textOf: TextOf,
): Fact<readonly VolumeGroup[]> | undefined {
  const vgs = source.value.nodes[index]?.vgs;
  if (vgs === undefined) return undefined;
  const file = isAbsolute(vgs) ? vgs : join(dirname(source.file), vgs);
  const text = textOf(file);
  if (text === undefined) throw source.error(['nodes', index, 'vgs'], `there is no file ${file}`);
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '' && !/^VG\s/.test(line));
  const groups = lines.map((line): VolumeGroup => ({ name: line.split(' ', 1)[0] ?? line, line }));
  return { value: groups.toSorted((one, other) => (one.name < other.name ? -1 : 1)), at: { file, line: 1 } };
}
