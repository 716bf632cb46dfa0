import {
  isGuest,
  type ClusterConfiguration,
  type HostConfiguration,
  type NetworkConfiguration,
  type NodeConfiguration,
  type TeamConfiguration,
} from '../configuration/model.js';
import { fail, judge, listed, notKnown, pass, warn, type Found, type Rule } from './rule.js';
import { guestsOn } from './subjects.js';

const NICS_MAX = 3;
const HEARTBEATS_MIN = 2;
const TEAM_MIN = 2;

const uses = (network: NetworkConfiguration, use: 'data' | 'heartbeat'): boolean =>
  network.uses?.includes(use) ?? false;

function heartbeatLinks(node: NodeConfiguration): Found {
  const expected = `at least ${HEARTBEATS_MIN} networks with uses: [heartbeat]`;
  const { networks } = node;
  if (networks === undefined || networks.value.some((network) => network.uses === undefined)) {
    const at = networks?.at ?? node.at;
    return notKnown(at, `${node.name}: which networks carry heartbeats is not stated`, expected);
  }
  const links = networks.value.filter((network) => uses(network, 'heartbeat')).map(({ name }) => name);
  const found = `${node.name}: ${links.length} heartbeat link${links.length === 1 ? '' : 's'}`;
  return links.length >= HEARTBEATS_MIN
    ? pass(networks.at, `${found}, ${listed(links)}`)
    : fail(networks.at, found, expected);
}

function logicalNics(node: NodeConfiguration): Found {
  return judge({
    who: node,
    fact: node.networks,
    what: 'the number of logical NICs',
    good: (networks) => networks.length <= NICS_MAX,
    says: (networks) => `${networks.length} logical NIC${networks.length === 1 ? '' : 's'}`,
    expected: `at most ${NICS_MAX}`,
    otherwise: 'warn',
  });
}

/** Where an application needs several networks, heartbeats have no NIC of their own to spare. */
function sharedNics(node: NodeConfiguration): Found[] {
  const networks = node.networks?.value ?? [];
  if (networks.filter((network) => uses(network, 'data')).length < 2) return [];
  const alone = networks.filter((network) => uses(network, 'heartbeat') && !uses(network, 'data'));
  const at = node.networks?.at ?? node.at;
  if (networks.length <= NICS_MAX || alone.length === 0) {
    return [pass(at, `${node.name}: data and heartbeats fit into ${networks.length} logical NICs`)];
  }
  const names = listed(alone.map(({ name }) => name));
  return [
    warn(
      at,
      `${node.name}: ${networks.length} logical NICs, and only heartbeats on ${names}`,
      'heartbeats on the data networks, at most 3 logical NICs in all',
    ),
  ];
}

interface DataNetwork {
  readonly host: HostConfiguration;
  readonly network: string;
  /** Undefined where nobody has stated the teams of the host. */
  readonly team: TeamConfiguration | undefined;
}

/** The networks of each host that applications in its guests use. */
function dataNetworks(configuration: ClusterConfiguration): DataNetwork[] {
  return configuration.hosts.flatMap((host) => {
    const networks = guestsOn(configuration, host).flatMap((node) => node.networks?.value ?? []);
    const names = new Set(networks.filter((network) => uses(network, 'data')).map(({ name }) => name));
    return [...names].map((network) => ({
      host,
      network,
      team: host.teams?.find((team) => team.network === network),
    }));
  });
}

function teamed({ host, network, team }: DataNetwork): Found {
  const expected = `a team of at least ${TEAM_MIN} physical NICs for ${network} on ${host.name}`;
  if (host.teams === undefined) {
    return notKnown(host.at, `${host.name}: the teams of physical NICs are not stated`, expected);
  }
  if (team === undefined) return fail(host.at, `${host.name}: ${network} has no team`, expected);
  const { value: nics, at } = team.nics;
  const found = `${host.name}: ${network} is behind ${listed(nics)}`;
  return new Set(nics).size >= TEAM_MIN ? pass(at, found) : fail(at, `${found} alone`, expected);
}

/** Every team of a host with a guest, heartbeat networks included. */
const teams = (
  configuration: ClusterConfiguration,
): { name: string; at: TeamConfiguration['at']; team: TeamConfiguration }[] =>
  configuration.hosts
    .filter((host) => guestsOn(configuration, host).length > 0)
    .flatMap((host) =>
      (host.teams ?? []).map((team) => ({ name: `${host.name}, ${team.network}`, at: team.at, team })),
    );

/** The paper recommends it for the team and asks for it at the switch too. */
function beaconMonitoring(who: ReturnType<typeof teams>[number]): Found {
  const { team, name, at } = who;
  const own = judge({
    who,
    fact: team.beaconMonitoring,
    what: 'beacon monitoring',
    good: (on) => on,
    says: (on) => `beacon monitoring is ${on ? 'on' : 'off'}`,
    expected: 'beaconMonitoring: on',
    otherwise: 'warn',
  });
  if (own.status !== 'pass' || team.switchBeaconMonitoring?.value === true) return own;
  const expected = 'switchBeaconMonitoring: on';
  return team.switchBeaconMonitoring === undefined
    ? notKnown(at, `${name}: on in the team, at the switch not stated`, expected)
    : warn(team.switchBeaconMonitoring.at, `${name}: on in the team, off at the switch`, expected);
}

/** Rules about networks, of physical nodes and guests. */
export const NETWORK_RULES: readonly Rule[] = [
  {
    id: 'heartbeat.two-links',
    kind: 'requirement',
    text: 'Each node has at least two heartbeat links.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'always',
    check: ({ nodes }) => nodes.map(heartbeatLinks),
  },
  {
    id: 'nic.three-logical',
    kind: 'recommendation',
    text: 'More than three logical NICs in a guest are difficult in practice.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'a node is a guest',
    check: ({ nodes }) => nodes.filter(isGuest).map(logicalNics),
  },
  {
    id: 'nic.heartbeat-on-data',
    kind: 'recommendation',
    text: 'Where applications need several data networks, data and heartbeats may have to share logical NICs.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'a guest has two data networks or more',
    check: ({ nodes }) => nodes.filter(isGuest).flatMap(sharedNics),
  },
  {
    id: 'teaming.at-host',
    kind: 'requirement',
    text: 'Networks that applications in guests use are behind a NIC team of the ESX host; heartbeat networks may be.',
    section: 'Using VMware NIC teaming to avoid Single Points of Failure',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a guest has a data network',
    check: (configuration) => dataNetworks(configuration).map(teamed),
  },
  {
    id: 'teaming.fault-tolerant',
    kind: 'requirement',
    text: 'NIC teams are in fault-tolerant mode, not in load-balancing mode.',
    section: 'Using VMware NIC teaming to avoid Single Points of Failure',
    appliesWhen: 'the host of a guest has a team',
    check: (configuration) =>
      teams(configuration).map((who) =>
        judge({
          who,
          fact: who.team.mode,
          what: 'the mode of the team',
          good: (mode) => mode === 'fault-tolerant',
          says: (mode) => `${mode} mode`,
          expected: 'mode: fault-tolerant',
          otherwise: 'fail',
        }),
      ),
  },
  {
    id: 'teaming.not-in-guest',
    kind: 'support',
    text: 'Channel bonding of virtual NICs in a guest is not supported; teams belong at the host.',
    section: 'Using VMware NIC teaming to avoid Single Points of Failure',
    appliesWhen: 'a node is a guest',
    check: ({ nodes }) =>
      nodes.filter(isGuest).map((node) =>
        judge({
          who: node,
          fact: node.channelBonding,
          what: 'channel bonding',
          good: (on) => !on,
          says: (on) => `channel bonding in the guest is ${on ? 'on' : 'off'}`,
          expected: 'channelBonding: off, and a team at the host',
          otherwise: 'fail',
        }),
      ),
  },
  {
    id: 'teaming.beacon-monitoring',
    kind: 'recommendation',
    text: 'Beacon monitoring is enabled for NIC teams and at the physical switch.',
    section: 'Requirements, Guidelines, and Support Information',
    also: 'Using VMware NIC teaming to avoid Single Points of Failure',
    appliesWhen: 'the host of a guest has a team',
    check: (configuration) => teams(configuration).map(beaconMonitoring),
  },
  {
    id: 'teaming.beacon-false-failures',
    kind: 'recommendation',
    text: 'Beacon monitoring has cut ESX servers off and reports false failures: a footnote against the recommendation.',
    section: 'Using VMware NIC teaming to avoid Single Points of Failure',
    also: 'footnote 5',
    appliesWhen: 'the host of a guest has a team',
    check: (configuration) =>
      teams(configuration).map((who) =>
        judge({
          who,
          fact: who.team.beaconMonitoring,
          what: 'beacon monitoring',
          good: (on) => !on,
          says: (on) => `beacon monitoring is ${on ? 'on' : 'off'}`,
          expected: 'off, or tried on this switch: the paper recommends it and warns of it',
          otherwise: 'warn',
        }),
      ),
  },
  {
    id: 'teaming.link-aggregation',
    kind: 'recommendation',
    text: 'Switches without link aggregation (802.3ad) work with NIC teams, but without a promise of performance.',
    section: 'Using VMware NIC teaming to avoid Single Points of Failure',
    appliesWhen: 'the host of a guest has a team',
    check: (configuration) =>
      teams(configuration).map((who) =>
        judge({
          who,
          fact: who.team.linkAggregation,
          what: 'link aggregation of the switch',
          good: (capable) => capable,
          says: (capable) => `the switch has ${capable ? '' : 'no '}link aggregation`,
          expected: 'switches with 802.3ad link aggregation',
          otherwise: 'warn',
        }),
      ),
  },
];
