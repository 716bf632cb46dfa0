import {
  hasGuest,
  nodesOf,
  placeText,
  type ClusterConfiguration,
  type ClusterOfConfiguration,
  type Fact,
  type LunConfiguration,
  type NodeConfiguration,
  type VolumeGroup,
} from '../configuration/model.js';
import { lunsOfNode } from './disk-rules.js';
import type { LunObservation, Refusal, ReservationCapabilities } from './observation.js';
import { fail, listed, notKnown, pass, seen, warn, type Found, type Rule } from './rule.js';
import { guestsOn } from './subjects.js';

const isRefusal = (answer: object): answer is Refusal => 'refused' in answer;

/** Every LUN of a cluster with a guest. */
const lunsInUse = (configuration: ClusterConfiguration): LunConfiguration[] => {
  const used = new Set(
    configuration.nodes
      .filter(({ cluster }) => hasGuest(configuration, cluster))
      .flatMap((node) => lunsOfNode(configuration, node)),
  );
  return configuration.luns.filter(({ name }) => used.has(name));
};

function persistentReservation(
  configuration: ClusterConfiguration,
  observations: readonly LunObservation[],
): Found[] {
  return lunsInUse(configuration).flatMap((lun) => {
    const asked = observations.filter((observation) => observation.lun === lun.name);
    return asked.length === 0 ? [statedReservation(lun)] : asked.map((one) => observedReservation(lun, one));
  });
}

const SUPPORTED = 'storage that supports persistent reservation';

function statedReservation(lun: LunConfiguration): Found {
  const { persistentReservation: stated, name } = lun;
  if (stated === undefined) {
    return notKnown(
      lun.at,
      `${name}: whether the storage supports persistent reservation is not stated`,
      `${SUPPORTED}, or a url at which it can be asked`,
    );
  }
  return stated.value
    ? pass(stated.at, `${name}: stated to support persistent reservation, not asked`)
    : fail(stated.at, `${name}: no persistent reservation`, SUPPORTED);
}

function observedReservation(lun: LunConfiguration, { owner, reservations }: LunObservation): Found {
  const at = lun.url?.at ?? lun.at;
  const who = `${lun.name} from ${owner}`;
  if (isRefusal(reservations)) {
    return fail(at, `${who}: REPORT CAPABILITIES failed, ${reservations.refused}`, SUPPORTED);
  }
  return judgeCapabilities(who, at, reservations);
}

function judgeCapabilities(who: string, at: Found['at'], answer: ReservationCapabilities): Found {
  if (!answer.typeMaskValid) {
    return warn(
      at,
      `${who}: the array does not tell its types of reservation`,
      'a valid type mask with type 5',
    );
  }
  return answer.writeExclusiveRegistrantsOnly
    ? pass(at, `${who}: Write Exclusive, registrants only (type 5) is supported`)
    : fail(at, `${who}: type 5 is not among the types`, 'Write Exclusive, registrants only (type 5)');
}

interface Sight {
  readonly who: string;
  readonly at: Found['at'];
  /** Undefined where the LUN could not be seen. */
  readonly identity: string | undefined;
  readonly refused?: string;
}

interface Sights {
  readonly sights: readonly Sight[];
  /** Names of nodes of which nobody has said what they see. */
  readonly silent: readonly string[];
}

/** What identifies a LUN as each node sees it: what the array answered, else what CLUSTER.yaml states. */
function sightsOf(
  lun: LunConfiguration,
  nodes: readonly NodeConfiguration[],
  observations: readonly LunObservation[],
): Sights {
  const names = new Set(nodes.map(({ name }) => name));
  const asked = observations.filter(
    (one) => one.lun === lun.name && one.nodes.some((node) => names.has(node)),
  );
  if (asked.length > 0) {
    const at = lun.url?.at ?? lun.at;
    const sights = asked.map(({ owner, identity }): Sight =>
      isRefusal(identity)
        ? { who: owner, at, identity: undefined, refused: identity.refused }
        : { who: owner, at, identity: identity.join(' ') },
    );
    const heard = asked.flatMap((one) => one.nodes);
    return { sights, silent: [...names].filter((name) => !heard.includes(name)) };
  }
  const sights = nodes.flatMap((node) =>
    node.sharedDisks.flatMap(({ lun: name, identifier }) =>
      name === lun.name && identifier !== undefined
        ? [{ who: node.name, at: identifier.at, identity: identifier.value }]
        : [],
    ),
  );
  return { sights, silent: [...names].filter((name) => !sights.some(({ who }) => who === name)) };
}

/** The same identity from everywhere; what nobody has stated of a node is not known. */
function judgeSights(lun: LunConfiguration, { sights, silent }: Sights): Found {
  const expected = 'the same designators of VPD page 83h from every node';
  const [first, ...others] = sights;
  if (first === undefined) {
    return notKnown(lun.at, `${lun.name}: what each node sees is not stated`, `${expected}, or a url`);
  }
  const { identity } = first;
  const blind = sights.find((sight) => sight.identity === undefined);
  if (identity === undefined || blind !== undefined) {
    const { at, who, refused = '' } = blind ?? first;
    return fail(at, `${lun.name}: ${who} does not see it, ${refused}`, expected);
  }
  const other = others.find((sight) => sight.identity !== identity);
  if (other?.identity !== undefined) {
    return fail(
      other.at,
      `${lun.name}: ${other.who} sees ${other.identity}, ${first.who} sees ${identity}`,
      expected,
    );
  }
  if (silent.length > 0) {
    return notKnown(
      first.at,
      `${lun.name}: what ${listed(silent)} see${silent.length === 1 ? 's' : ''} is not stated`,
      `${expected}, or a url`,
    );
  }
  const who = listed(sights.map((sight) => sight.who));
  // One designator is enough to know it by; all of them were compared.
  const [designator = identity] = identity.split(' ');
  return pass(first.at, `${lun.name}: ${who} see${sights.length === 1 ? 's' : ''} ${designator}`);
}

function sameLun(configuration: ClusterConfiguration, observations: readonly LunObservation[]): Found[] {
  const seenAs = new Map<string, string>();
  return lunsInUse(configuration).flatMap((lun) => {
    const nodes = configuration.nodes.filter((node) => lunsOfNode(configuration, node).includes(lun.name));
    const seenBy = sightsOf(lun, nodes, observations);
    const found = judgeSights(lun, seenBy);
    const identity = seenBy.sights[0]?.identity;
    if (found.status === 'fail' || identity === undefined) return [found];
    const twin = seenAs.get(identity);
    seenAs.set(identity, lun.name);
    if (twin !== undefined) {
      return [
        fail(found.at, `${lun.name} and ${twin} are one logical unit, ${identity}`, 'a LUN of its own'),
      ];
    }
    return [found, ...notedOtherwise(lun, nodes, identity)];
  });
}

/** A node for which CLUSTER.yaml states an identifier that the array does not answer. */
function notedOtherwise(
  lun: LunConfiguration,
  nodes: readonly NodeConfiguration[],
  identity: string,
): Found[] {
  const designators = identity.split(' ');
  return nodes.flatMap((node) =>
    node.sharedDisks.flatMap(({ lun: name, identifier }) =>
      name !== lun.name || identifier === undefined || designators.includes(identifier.value)
        ? []
        : [
            warn(
              identifier.at,
              `${lun.name}: ${node.name} is stated to see ${identifier.value}, the array answers ${identity}`,
              'the url of this LUN, or the identifier that the array answers',
            ),
          ],
    ),
  );
}

const withLockLun = (
  configuration: ClusterConfiguration,
  check: (cluster: ClusterOfConfiguration, lockLun: Fact<string>) => Found[],
): Found[] =>
  configuration.clusters.flatMap((cluster) =>
    cluster.lockLun !== undefined && hasGuest(configuration, cluster.name)
      ? check(cluster, cluster.lockLun)
      : [],
  );

function lockLunSame(configuration: ClusterConfiguration, observations: readonly LunObservation[]): Found[] {
  return withLockLun(configuration, (cluster, { value: name }) => {
    const lun = configuration.luns.find((each) => each.name === name);
    if (lun === undefined) return [];
    const nodes = nodesOf(configuration, cluster.name);
    const found = judgeSights(lun, sightsOf(lun, nodes, observations));
    return [{ ...found, found: `lock LUN of ${cluster.name}, ${found.found}` }];
  });
}

/** Another guest of the same host that is switched on or off may make cmapplyconf fail. */
function lockLunApply(configuration: ClusterConfiguration): Found[] {
  return withLockLun(configuration, (cluster, { at }) => {
    const busy = configuration.hosts.filter((host) => {
      const guests = guestsOn(configuration, host);
      const machines = Math.max(guests.length, host.virtualMachines?.value ?? 0);
      return guests.some((node) => node.cluster === cluster.name) && machines > 1;
    });
    if (busy.length === 0) return [pass(at, `${cluster.name}: each of its guests is alone on its host`)];
    const hosts = listed(busy.map(({ name }) => name));
    return [
      warn(
        at,
        `${cluster.name}: other virtual machines run on ${hosts}; cmapplyconf may refuse the lock LUN as not similar`,
        'cmapplyconf given again if it fails while one of them is switched on or off',
      ),
    ];
  });
}

/** The same output of `vgs` from every node, and every volume group of a package in it. */
function volumeGroups(configuration: ClusterConfiguration): Found[] {
  return configuration.clusters
    .filter(({ name }) => hasGuest(configuration, name))
    .flatMap((cluster) => {
      const nodes = nodesOf(configuration, cluster.name);
      const first = nodes.find((node) => node.volumeGroups !== undefined);
      return [
        ...nodes.map((node) => sameVolumeGroups(node, first)),
        ...configuration.packages
          .filter((item) => item.cluster === cluster.name)
          .flatMap(({ name, volumeGroups: groups, nodes: members }) =>
            groups.flatMap((group) => packageGroup(name, group, nodes, members.value)),
          ),
      ];
    });
}

function sameVolumeGroups(node: NodeConfiguration, first: NodeConfiguration | undefined): Found {
  const expected = 'the same output of vgs on every node';
  const own = node.volumeGroups;
  const reference = first?.volumeGroups;
  if (own === undefined || reference === undefined) {
    return notKnown(node.at, `${node.name}: the output of vgs is not given`, expected);
  }
  const difference = firstDifference(own.value, reference.value);
  if (difference === undefined) {
    return pass(own.at, `${node.name}: ${own.value.length} volume group${own.value.length === 1 ? '' : 's'}`);
  }
  return fail(
    own.at,
    `${node.name}: ${difference} differs from ${first?.name ?? ''} ${seen(reference.at)}`,
    expected,
  );
}

function firstDifference(own: readonly VolumeGroup[], other: readonly VolumeGroup[]): string | undefined {
  const lines = (groups: readonly VolumeGroup[]): Set<string> => new Set(groups.map(({ line }) => line));
  const [left, right] = [lines(own), lines(other)];
  return own.find(({ line }) => !right.has(line))?.name ?? other.find(({ line }) => !left.has(line))?.name;
}

function packageGroup(
  item: string,
  group: Fact<string>,
  nodes: readonly NodeConfiguration[],
  members: readonly string[],
): Found[] {
  const told = nodes.filter((node) => members.includes(node.name) && node.volumeGroups !== undefined);
  const blind = told.find((node) => !node.volumeGroups?.value.some(({ name }) => name === group.value));
  if (told.length === 0) return [];
  return [
    blind?.volumeGroups === undefined
      ? pass(group.at, `${item}: ${listed(told.map(({ name }) => name))} see ${group.value}`)
      : fail(
          group.at,
          `${item}: vgs on ${blind.name} does not show ${group.value}`,
          `${group.value} in ${placeText(blind.volumeGroups.at)}: restart the cluster, then ESX, if it is not visible`,
        ),
  ];
}

/** Rules about the array and what nodes see of it. */
export const STORAGE_RULES: readonly Rule[] = [
  {
    id: 'storage.persistent-reservation',
    kind: 'requirement',
    text: 'Storage that is shared in a cluster with a guest supports persistent reservation.',
    section: 'Data integrity during package failover',
    also: 'Installing sg_persist on Red Hat; Requirements, Guidelines, and Support Information',
    appliesWhen: 'a cluster has a guest and shares a LUN',
    check: persistentReservation,
  },
  {
    id: 'storage.same-lun',
    kind: 'requirement',
    text: 'Every node sees the same logical unit: the raw LUN is shared with physical machines as it is.',
    section: 'Shared storage',
    appliesWhen: 'a cluster has a guest and shares a LUN',
    check: sameLun,
  },
  {
    id: 'storage.volume-groups',
    kind: 'requirement',
    text: 'vgs prints the same on all nodes of the cluster.',
    section: 'Shared storage',
    appliesWhen: 'a cluster has a guest',
    check: volumeGroups,
  },
  {
    id: 'lock-lun.same-device',
    kind: 'requirement',
    text: 'The lock LUN is the same device on every node, or cmapplyconf refuses it.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'a cluster with a guest has a lock LUN',
    check: lockLunSame,
  },
  {
    id: 'lock-lun.cmapplyconf',
    kind: 'recommendation',
    text: 'Switching another guest of the host on or off may make cmapplyconf refuse the lock LUN: try it again.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'a cluster with a guest has a lock LUN',
    check: (configuration) => lockLunApply(configuration),
  },
];
