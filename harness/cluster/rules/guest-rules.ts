import {
  clusterNamed,
  hasGuest,
  type ClusterConfiguration,
  type NodeConfiguration,
} from '../configuration/model.js';
import {
  compareVersions,
  hasSglxVm,
  readDistribution,
  RELEASE_WITHOUT_SGLX_VM,
  type Distribution,
} from '../configuration/versions.js';
import { fail, judge, notKnown, pass, warn, type Found, type Rule } from './rule.js';
import { eachGuest, eachHost } from './subjects.js';

/** The first update of Red Hat 4 that has sg_persist and is certified. */
const RED_HAT_4_UPDATE = 5;
/** The paper's two numbers for it contradict each other; docs/decisions.md says why this one. */
const SG3_UTILS_MIN = '1.22-3.1';

/** Every node, physical ones too, of a cluster that has at least one guest. */
const eachNodeBesideGuest =
  (check: (node: NodeConfiguration) => Found[]) =>
  (configuration: ClusterConfiguration): Found[] =>
    configuration.nodes.filter(({ cluster }) => hasGuest(configuration, cluster)).flatMap(check);

const CERTIFIED = 'Red Hat 4 U5, Red Hat 5 or SLES 10';

function distribution(node: NodeConfiguration): Found[] {
  const { distribution: fact, name } = node;
  if (fact === undefined) return [notKnown(node.at, `${name}: the distribution is not stated`, CERTIFIED)];
  const read = readDistribution(fact.value);
  const found = `${name}: ${fact.value}`;
  const status = read === undefined ? 'fail' : certified(read);
  if (status === 'pass') return [pass(fact.at, found)];
  if (status === 'not-known') return [notKnown(fact.at, `${found}, and the update is not stated`, CERTIFIED)];
  return status === 'warn'
    ? [warn(fact.at, `${found}, later than the paper`, `${CERTIFIED}, or as the certification matrix lists`)]
    : [fail(fact.at, `${found} is not certified`, CERTIFIED)];
}

function certified({ name, version, update }: Distribution): Found['status'] {
  const [oldest, newest] = name === 'SLES' ? [10, 10] : [4, 5];
  if (version < oldest) return 'fail';
  if (version > newest) return 'warn';
  if (name === 'SLES' || version === newest) return 'pass';
  if (update === undefined) return 'not-known';
  if (update < RED_HAT_4_UPDATE) return 'fail';
  return update === RED_HAT_4_UPDATE ? 'pass' : 'warn';
}

function vminfo(node: NodeConfiguration, configuration: ClusterConfiguration): Found[] {
  const release = clusterNamed(configuration, node.cluster)?.release;
  if (release === undefined) return [];
  if (!hasSglxVm(release.value)) {
    return [pass(release.at, `${node.name}: vminfo comes with ${release.value}`)];
  }
  return [
    judge({
      who: node,
      fact: node.vmtoolkit,
      what: 'the vmtoolkit rpm',
      good: (rpm) => rpm !== null,
      says: (rpm) => (rpm === null ? 'vmtoolkit is not installed, so vminfo -M is missing' : rpm),
      expected: `the vmtoolkit rpm, up to ${RELEASE_WITHOUT_SGLX_VM}`,
      otherwise: 'fail',
    }),
  ];
}

/** `vmtoolkit-0.1-0.rhel5.noarch.rpm` is for Red Hat 5. */
function vmtoolkitFits(node: NodeConfiguration): Found[] {
  const { vmtoolkit, distribution: fact } = node;
  const read = fact === undefined ? undefined : readDistribution(fact.value);
  if (vmtoolkit === undefined || vmtoolkit.value === null || read === undefined) return [];
  const own = `${read.name === 'SLES' ? 'sles' : 'rhel'}${read.version}`;
  const found = `${node.name}: ${vmtoolkit.value} on ${fact?.value ?? ''}`;
  return [
    vmtoolkit.value.split('.').includes(own)
      ? pass(vmtoolkit.at, found)
      : fail(vmtoolkit.at, found, `vmtoolkit-0.1-0.${own}.noarch.rpm`),
  ];
}

function sgPersist(node: NodeConfiguration): Found[] {
  return [
    judge({
      who: node,
      fact: node.sg3Utils,
      what: 'whether sg_persist is installed',
      good: (version) => version !== null,
      says: (version) => (version === null ? 'sg_persist is not installed' : `sg3_utils ${version}`),
      expected: 'sg_persist on every node of the cluster, physical ones too',
      otherwise: 'fail',
    }),
  ];
}

const redHatOf = (node: NodeConfiguration): Distribution | undefined => {
  const read = node.distribution === undefined ? undefined : readDistribution(node.distribution.value);
  return read?.name === 'Red Hat' ? read : undefined;
};

function sgPersistVersion(node: NodeConfiguration): Found[] {
  const { sg3Utils, name } = node;
  if (redHatOf(node) === undefined || sg3Utils === undefined || sg3Utils.value === null) return [];
  const found = `${name}: sg3_utils ${sg3Utils.value}`;
  return [
    compareVersions(sg3Utils.value, SG3_UTILS_MIN) >= 0
      ? pass(sg3Utils.at, found)
      : fail(sg3Utils.at, found, `${SG3_UTILS_MIN} or higher`),
  ];
}

function redHatUpdate(node: NodeConfiguration): Found[] {
  const read = redHatOf(node);
  if (read === undefined || node.distribution === undefined || read.version > 4) return [];
  const found = `${node.name}: ${node.distribution.value}`;
  const { at } = node.distribution;
  const expected = 'Red Hat 4 Update 5 or later, or Red Hat 5';
  if (read.version === 4 && read.update === undefined) {
    return [notKnown(at, `${found}, and the update is not stated`, expected)];
  }
  return [
    read.version === 4 && (read.update ?? 0) >= RED_HAT_4_UPDATE
      ? pass(at, found)
      : fail(at, `${found} has no sg_persist`, expected),
  ];
}

/** Rules about the software of guests, and of the nodes and hosts beside them. */
export const GUEST_RULES: readonly Rule[] = [
  {
    id: 'time.host-ntp',
    kind: 'requirement',
    text: 'The time of all ESX hosts is synchronized: each names an NTP server in /etc/ntp.conf.',
    section: 'Time synchronization on VMware Host',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) =>
      judge({
        who: host,
        fact: host.ntp?.servers,
        what: 'the NTP server',
        good: (servers) => servers.length > 0,
        says: (servers) => (servers.length === 0 ? 'no NTP server' : `NTP from ${servers.join(', ')}`),
        expected: 'an NTP server',
        otherwise: 'fail',
      }),
    ),
  },
  {
    id: 'time.host-firewall',
    kind: 'requirement',
    text: 'The firewall of each ESX host lets the NTP client through.',
    section: 'Time synchronization on VMware Host',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) =>
      judge({
        who: host,
        fact: host.ntp?.firewallOpen,
        what: 'whether the firewall lets NTP through',
        good: (open) => open,
        says: (open) => `the firewall is ${open ? 'open' : 'closed'} for NTP`,
        expected: 'esxcfg-firewall with the service ntpClient enabled',
        otherwise: 'fail',
      }),
    ),
  },
  {
    id: 'time.host-daemon',
    kind: 'requirement',
    text: 'ntpd runs on each ESX host.',
    section: 'Time synchronization on VMware Host',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) =>
      judge({
        who: host,
        fact: host.ntp?.running,
        what: 'whether ntpd runs',
        good: (running) => running,
        says: (running) => `ntpd is ${running ? 'running' : 'stopped'}`,
        expected: 'ntpd: running',
        otherwise: 'fail',
      }),
    ),
  },
  {
    id: 'tools.running',
    kind: 'requirement',
    text: 'VMware Tools run in every guest.',
    section: 'VMware guest tools',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a node is a guest',
    check: eachGuest((node) => [
      judge({
        who: node,
        fact: node.vmwareTools,
        what: 'the state of VMware Tools',
        good: (state) => state === 'running',
        says: (state) => `VMware Tools are ${state === 'none' ? 'not installed' : state}`,
        expected: 'vmwareTools: running',
        otherwise: 'fail',
      }),
    ]),
  },
  {
    id: 'tools.time-sync',
    kind: 'requirement',
    text: 'Time synchronization between guest and host is on: tools.syncTime = "TRUE" in the .vmx file.',
    section: 'VMware guest tools',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a node is a guest',
    check: eachGuest((node) => [
      judge({
        who: node,
        fact: node.timeSync,
        what: 'tools.syncTime',
        good: (on) => on,
        says: (on) => `tools.syncTime is ${on ? 'on' : 'off'}`,
        expected: 'tools.syncTime = "TRUE"',
        otherwise: 'fail',
      }),
    ]),
  },
  {
    id: 'vminfo.installed',
    kind: 'requirement',
    text: 'Guests have the vminfo command: by the vmtoolkit rpm up to A.11.18, by Serviceguard itself from A.11.19 on.',
    section: 'Installing vminfo',
    also: 'About vminfo; VMware guest tools; Requirements, Guidelines, and Support Information (it is fully supported)',
    appliesWhen: 'a node is a guest',
    check: eachGuest(vminfo),
  },
  {
    id: 'vminfo.distribution',
    kind: 'requirement',
    text: 'The vmtoolkit rpm is the one for the distribution: sles10, rhel4 or rhel5.',
    section: 'Installing vminfo',
    appliesWhen: 'a guest has the vmtoolkit rpm',
    check: eachGuest(vmtoolkitFits),
  },
  {
    id: 'sg-persist.every-node',
    kind: 'requirement',
    text: 'All nodes of a cluster with a guest have sg_persist, physical ones too.',
    section: 'About sg_persist',
    also: 'Installing sg_persist on Red Hat',
    appliesWhen: 'a cluster has a guest',
    check: eachNodeBesideGuest(sgPersist),
  },
  {
    id: 'sg-persist.version',
    kind: 'requirement',
    text: 'On Red Hat sg3_utils is 1.22-3.1 or higher.',
    section: 'Installing sg_persist on Red Hat',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a cluster has a guest, and the node runs Red Hat',
    check: eachNodeBesideGuest(sgPersistVersion),
  },
  {
    id: 'sg-persist.red-hat-update',
    kind: 'requirement',
    text: 'sg_persist is in Red Hat 4 from Update 5 on, and in Red Hat 5.',
    section: 'Installing sg_persist on Red Hat',
    appliesWhen: 'a cluster has a guest, and the node runs Red Hat 4 or earlier',
    check: eachNodeBesideGuest(redHatUpdate),
  },
  {
    id: 'guest.distribution',
    kind: 'support',
    text: 'Guests run Red Hat 4 U5, Red Hat 5 or SLES 10.',
    section: 'Executive Summary',
    also: 'Serviceguard on VM guests; Scope (later ones: the certification matrix)',
    appliesWhen: 'a node is a guest',
    check: eachGuest(distribution),
  },
  {
    id: 'guest.architecture',
    kind: 'support',
    text: 'Guests run 32-bit or 64-bit x86 versions of Linux.',
    section: 'Serviceguard on VM guests',
    also: 'Executive Summary',
    appliesWhen: 'a node is a guest',
    check: eachGuest((node) => [
      judge({
        who: node,
        fact: node.architecture,
        what: 'the architecture',
        good: (architecture) => architecture === 'x86' || architecture === 'x86-64',
        says: (architecture) => architecture,
        expected: 'x86 or x86-64',
        otherwise: 'fail',
      }),
    ]),
  },
];
