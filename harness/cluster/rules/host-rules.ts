import { nodesOf, type ClusterConfiguration, type HostConfiguration } from '../configuration/model.js';
import { compareVersions } from '../configuration/versions.js';
import { fail, judge, notKnown, pass, type Found, type Rule } from './rule.js';
import { eachGuest, eachHost, guestsOn } from './subjects.js';

/** The release that the paper certifies. */
const CERTIFIED_ESX = '3.0.2';
/** Serviceguard's own heartbeat interval where none is configured. */
const DEFAULT_HEARTBEAT_MS = 1_000;

function esxRelease(host: HostConfiguration): Found {
  const expected = `ESX ${CERTIFIED_ESX}`;
  const { esx } = host;
  if (esx === undefined) return notKnown(host.at, `${host.name}: the release of ESX is not stated`, expected);
  const found = `${host.name}: ESX ${esx.value}`;
  const order = compareVersions(esx.value, CERTIFIED_ESX);
  if (order === 0) return pass(esx.at, found);
  if (order < 0) return fail(esx.at, `${found}, which was not tested and is not supported`, expected);
  return {
    status: 'warn',
    found: `${found}, later than the paper`,
    at: esx.at,
    expected: `${expected}, or a release that the certification matrix lists`,
  };
}

/** A heartbeat interval must be longer than the usual one where a host makes its guests miss heartbeats. */
function heartbeatIntervals(host: HostConfiguration, configuration: ClusterConfiguration): Found[] {
  const { missedHeartbeats, name } = host;
  if (missedHeartbeats === undefined) {
    return [notKnown(host.at, `${name}: whether guests miss heartbeats is not stated`, 'none missed')];
  }
  if (!missedHeartbeats.value) return [pass(missedHeartbeats.at, `${name}: no heartbeat was missed`)];
  const clusters = configuration.clusters.filter((cluster) =>
    nodesOf(configuration, cluster.name).some((node) => node.host?.value === name),
  );
  return clusters.map((cluster) => {
    const interval = cluster.heartbeatIntervalMs;
    const milliseconds = interval?.value ?? DEFAULT_HEARTBEAT_MS;
    const found = `${cluster.name}: heartbeats every ${milliseconds} ms, and guests of ${name} have missed some`;
    const at = interval?.at ?? cluster.at;
    return milliseconds > DEFAULT_HEARTBEAT_MS
      ? pass(at, found)
      : fail(at, found, `a heartbeatInterval above ${DEFAULT_HEARTBEAT_MS} ms`);
  });
}

function virtualMachines(host: HostConfiguration, configuration: ClusterConfiguration): Found[] {
  const known = guestsOn(configuration, host).length;
  const { virtualMachinesMax: max, virtualMachines: stated, name } = host;
  const count = Math.max(stated?.value ?? known, known);
  const at = stated?.at ?? host.at;
  const found = `${name}: ${count} virtual machine${count === 1 ? '' : 's'}`;
  if (max === undefined) {
    return [
      notKnown(at, `${found}, and no limit is stated`, 'virtualMachinesMax, found by trial on this host'),
    ];
  }
  return [
    count <= max.value
      ? pass(at, `${found}, of at most ${max.value}`)
      : {
          status: 'warn',
          found: `${found}, more than ${max.value}: timer interrupts may be lost, and heartbeats with them`,
          at,
          expected: `at most ${max.value}`,
        },
  ];
}

/** Rules about ESX hosts, and what they do with a guest as a whole. */
export const HOST_RULES: readonly Rule[] = [
  {
    id: 'esx.release',
    kind: 'support',
    text: 'ESX Server 3.0.2 is certified; 3.0.1 was not tested and is not supported.',
    section: 'Requirements, Guidelines, and Support Information',
    also: 'Executive Summary; Scope (later releases: the certification matrix)',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) => [esxRelease(host)]),
  },
  {
    id: 'esx.server',
    kind: 'support',
    text: 'The servers under ESX are HP ProLiant; other makes were for the future.',
    section: 'Executive Summary',
    also: 'its footnote on platforms',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) => [
      judge({
        who: host,
        fact: host.server,
        what: 'the make of the server',
        good: (server) => /\bproliant\b/i.test(server),
        says: (server) => server,
        expected: 'an HP ProLiant server, or one that the certification matrix lists',
        otherwise: 'warn',
      }),
    ]),
  },
  {
    id: 'esx.architecture',
    kind: 'support',
    text: 'ESX runs on 32-bit and 64-bit x86 only.',
    section: 'Serviceguard on VM guests',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) => [
      judge({
        who: host,
        fact: host.architecture,
        what: 'the architecture',
        good: (architecture) => architecture === 'x86' || architecture === 'x86-64',
        says: (architecture) => architecture,
        expected: 'x86 or x86-64',
        otherwise: 'fail',
      }),
    ]),
  },
  {
    id: 'esx.no-serviceguard',
    kind: 'support',
    text: 'Serviceguard is certified in guests and not on the ESX host itself.',
    section: 'Scope',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) => [
      judge({
        who: host,
        fact: host.serviceguard,
        what: 'whether Serviceguard is installed on the host',
        good: (installed) => !installed,
        says: (installed) => `Serviceguard is ${installed ? 'installed on the host' : 'not on the host'}`,
        expected: 'Serviceguard in the guests only',
        otherwise: 'fail',
      }),
    ]),
  },
  {
    id: 'vmware-ha.off',
    kind: 'support',
    text: 'VMware HA together with Serviceguard in guests was not tested and is not supported.',
    section: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a node is a guest',
    check: eachHost((host) => [
      judge({
        who: host,
        fact: host.vmwareHa,
        what: 'VMware HA',
        good: (on) => !on,
        says: (on) => `VMware HA is ${on ? 'on: it may start a node on the host of another' : 'off'}`,
        expected: 'vmwareHa: off',
        otherwise: 'fail',
      }),
    ]),
  },
  {
    id: 'vmotion.off',
    kind: 'support',
    text: 'VMotion of a cluster node is not supported.',
    section: 'Virtual Machine configuration considerations',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a node is a guest',
    check: eachGuest((node) =>
      judge({
        who: node,
        fact: node.vMotion,
        what: 'VMotion',
        good: (on) => !on,
        says: (on) => `VMotion is ${on ? 'on: the node may move to the host of another' : 'off'}`,
        expected: 'vMotion: off',
        otherwise: 'fail',
      }),
    ),
  },
  {
    id: 'timer.virtual-machines',
    kind: 'recommendation',
    text: 'Too many virtual machines on a host lose timer interrupts; the limit is found case by case.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'a node is a guest',
    check: eachHost(virtualMachines),
  },
  {
    id: 'timer.heartbeat-interval',
    kind: 'requirement',
    text: 'Where guests of a host miss heartbeats, every cluster with a node there needs a longer heartbeat interval.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'a node is a guest',
    check: eachHost(heartbeatIntervals),
  },
  {
    id: 'vm.pci-devices',
    kind: 'requirement',
    text: 'A virtual machine has at most six PCI devices.',
    section: 'Virtual Machine configuration considerations',
    appliesWhen: 'a node is a guest',
    check: eachGuest((node) =>
      judge({
        who: node,
        fact: node.pciDevices,
        what: 'the number of PCI devices',
        good: (count) => count <= 6,
        says: (count) => `${count} PCI device${count === 1 ? '' : 's'}`,
        expected: 'at most 6: display adapter, SCSI controllers, NICs and sound together',
        otherwise: 'fail',
      }),
    ),
  },
];
