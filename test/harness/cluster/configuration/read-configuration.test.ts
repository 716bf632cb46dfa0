import { describe, expect, it } from 'vitest';
import {
  checkConfiguration,
  ConfigurationError,
  parseConfiguration,
  type ClusterConfiguration,
} from '../../../../harness/index.js';

const CLUSTER = `configuration: a title
luns:
  - name: data
hosts:
  - name: esx1
clusters:
  - { name: c1, release: A.11.18.02 }
nodes:
  - name: node1
    cluster: c1
  - name: guest1
    cluster: c1
    host: esx1
    disks:
      - { lun: data, address: 'scsi1:0', mapping: physical-rdm }
packages:
  - name: pkg1
    cluster: c1
    nodes: [node1, guest1]
    sglx_vm: on
`;
const VMX = `displayName = "guest1"
guestOS = "rhel5"
scsi1.present = "TRUE"
scsi1.sharedBus = "physical"
scsi1:0.present = "TRUE"
scsi1:0.fileName = "data.vmdk"
ethernet0.present = "TRUE"
ethernet0.networkName = "production"
`;
const CONF = `package_name pkg1
module_name sg/persistent_res
node_name node1
node_name guest1
sglx_vm on
`;
const SCRIPT = '#!/bin/sh\nSGLX_VM=on\n';

const read = (
  text: string,
  files: Readonly<Record<string, string>> = {},
  given: readonly string[] = Object.keys(files),
): ClusterConfiguration =>
  parseConfiguration(text, 'dir/cluster.yaml', { given, textOf: (file) => files[file] });

const messageOf = (...args: Parameters<typeof read>): string => {
  try {
    read(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error('no mistake was found');
};

const changed = (from: string, to: string, text = CLUSTER): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe('CLUSTER.yaml', () => {
  it.each([
    [
      'release: A.11.18.02',
      'release: 11.18',
      'dir/cluster.yaml:7:26: clusters[0].release: found 11.18, expected a release of Serviceguard such as A.11.18.02',
    ],
    ['host: esx1', 'host: esx2', "dir/cluster.yaml:13:11: there is no host 'esx2', expected one of esx1"],
    [
      'nodes: [node1, guest1]',
      'nodes: [node9]',
      "dir/cluster.yaml:19:13: there is no node of cluster c1 'node9', expected one of node1, guest1",
    ],
    ['lun: data,', 'lun: other,', "dir/cluster.yaml:15:16: there is no LUN 'other', expected one of data"],
    [
      'name: guest1',
      'name: node1',
      "dir/cluster.yaml:11:11: 'node1' is given twice, expected a name of its own",
    ],
    [
      '  - name: node1\n',
      '  - name: node1\n    vMotion: off\n',
      'dir/cluster.yaml:10:5: a physical node has no vMotion, expected host beside it',
    ],
    [
      '    host: esx1\n',
      '',
      'dir/cluster.yaml:14:22: a disk of a physical node has no address, expected host beside the node',
    ],
    [
      '    host: esx1\n',
      '    host: esx1\n    vmx: no.vmx\n',
      'dir/cluster.yaml:14:10: there is no file dir/no.vmx',
    ],
    [
      '    host: esx1\n',
      '    host: esx1\n    vgs: no.txt\n',
      'dir/cluster.yaml:14:10: there is no file dir/no.txt',
    ],
    [
      'sglx_vm: on',
      'sglx_vm: true',
      'dir/cluster.yaml:20:14: packages[0].sglx_vm: found true, expected one of on, off',
    ],
  ])('is refused with %j as %j', (from, to, message) => {
    expect(messageOf(changed(from, to))).toBe(message);
  });
});

describe('files beside CLUSTER.yaml', () => {
  it('find their node or package by what they say', () => {
    const files = { 'a.vmx': VMX, 'b.conf': CONF };
    const configuration = read(CLUSTER, files);
    expect(configuration.nodes[1]?.sharedDisks[0]?.busSharing).toEqual({
      value: 'physical',
      at: { file: 'a.vmx', line: 4 },
    });
    expect(configuration.packages[0]?.sglxVm).toEqual({ value: true, at: { file: 'b.conf', line: 5 } });
  });

  it('a control script is the one that the package file runs, in whatever order they are given', () => {
    const files = { 'x/start.sh': SCRIPT, 'b.ascii': 'PACKAGE_NAME pkg1\nRUN_SCRIPT /conf/start.sh\n' };
    expect(read(CLUSTER, files).packages[0]?.script?.sglxVm?.at).toEqual({ file: 'x/start.sh', line: 2 });
  });

  it('are the same file when CLUSTER.yaml names them too', () => {
    const named = changed('    host: esx1\n', '    host: esx1\n    vmx: guest1.vmx\n');
    const files = { 'dir/guest1.vmx': VMX };
    expect(read(named, files, ['dir/./guest1.vmx']).nodes[1]?.pciDevices?.value).toBe(3);
  });

  it('a disk that only the .vmx file shares is found too, and one beside it that is not', () => {
    const vmx = `${VMX}scsi1:1.present = "TRUE"\nscsi1:1.fileName = "raw.vmdk"\n`.replace(
      'scsi1.sharedBus = "physical"\n',
      '',
    );
    const files = {
      'g.vmx': `${vmx}scsi1:2.present = "TRUE"\nscsi1:2.fileName = "own.vmdk"\n`,
      'data.vmdk': 'createType="vmfsPassthroughRawDeviceMap"\n',
      'raw.vmdk': 'createType="vmfsRawDeviceMap"\n',
    };
    const configuration = read(CLUSTER, files);
    const guest = configuration.nodes[1];
    expect(guest?.sharedDisks.map(({ lun, mapping }) => [lun, mapping?.value])).toEqual([
      ['data', 'physical-rdm'],
      [undefined, 'virtual-rdm'],
    ]);
    expect(guest?.privateDisks?.map(({ value }) => value)).toEqual([{ controller: 1, unit: 2 }]);
    const controller = checkConfiguration(configuration).filter(
      ({ rule }) => rule.id === 'rdm.own-controller',
    );
    expect(controller.map(({ status, found }) => [status, found])).toEqual([
      ['fail', 'guest1: data at scsi1:0: beside scsi1:2, which is not shared'],
      ['fail', 'guest1: a shared disk at scsi1:1: beside scsi1:2, which is not shared'],
    ]);
  });

  it('node_name * stands for every node of the cluster', () => {
    const text = changed('    nodes: [node1, guest1]\n', '');
    const conf = CONF.replace('node_name node1\nnode_name guest1', 'node_name *');
    expect(read(text, { 'p.conf': conf }).packages[0]?.nodes.value).toEqual(['node1', 'guest1']);
  });
});

describe('what a file says and CLUSTER.yaml contradicts is one line', () => {
  it.each([
    [
      '.vmx',
      'sharedBus',
      changed('mapping: physical-rdm', 'busSharing: none'),
      { 'g.vmx': VMX },
      'g.vmx:4: sharedBus of scsi1 is physical, expected none as dir/cluster.yaml:15 has it',
    ],
    [
      '.vmx',
      'address',
      changed('scsi1:0', 'scsi1:3'),
      { 'g.vmx': VMX },
      'g.vmx:1: there is no disk scsi1:3 (scsi1:0), expected one as dir/cluster.yaml:15 has it',
    ],
    [
      '.vmdk',
      'mapping',
      CLUSTER,
      { 'g.vmx': VMX, 'data.vmdk': 'createType="vmfsRawDeviceMap"\n' },
      'data.vmdk:1: the mapping of scsi1:0 is virtual-rdm, expected physical-rdm as dir/cluster.yaml:15 has it',
    ],
    [
      '.vmx',
      'guestOS',
      changed('    host: esx1\n', '    host: esx1\n    distribution: SLES 10\n'),
      { 'g.vmx': VMX },
      'g.vmx:2: guestOS is Red Hat 5, expected SLES 10 as dir/cluster.yaml:14 has it',
    ],
    [
      '.vmx',
      'architecture',
      changed('    host: esx1\n', '    host: esx1\n    architecture: x86-64\n'),
      { 'g.vmx': VMX },
      'g.vmx:2: guestOS is x86, expected x86-64 as dir/cluster.yaml:14 has it',
    ],
    [
      '.vmx',
      'syncTime',
      changed('    host: esx1\n', '    host: esx1\n    timeSync: on\n'),
      { 'g.vmx': VMX },
      'g.vmx:1: tools.syncTime is off, expected on as dir/cluster.yaml:14 has it',
    ],
    [
      '.vmx',
      'PCI devices',
      changed('    host: esx1\n', '    host: esx1\n    pciDevices: 6\n'),
      { 'g.vmx': VMX },
      'g.vmx:1: the number of PCI devices is 3, expected 6 as dir/cluster.yaml:14 has it',
    ],
    [
      '.vmx',
      'networks',
      changed('    host: esx1\n', '    host: esx1\n    networks: [{ name: a, uses: [data] }]\n'),
      { 'g.vmx': VMX },
      'g.vmx:8: the list of networks is production, expected a as dir/cluster.yaml:14 has it',
    ],
    [
      'package file',
      'sglx_vm',
      changed('sglx_vm: on', 'sglx_vm: off'),
      { 'p.conf': CONF },
      'p.conf:5: sglx_vm is on, expected off as dir/cluster.yaml:20 has it',
    ],
    [
      'package file',
      'nodes',
      changed('nodes: [node1, guest1]', 'nodes: [guest1, node1]'),
      { 'p.conf': CONF },
      'p.conf:3: the node list is node1, guest1, expected guest1, node1 as dir/cluster.yaml:19 has it',
    ],
    [
      'package file',
      'modules',
      changed('sglx_vm: on', 'modules: [sg/failover]'),
      { 'p.conf': CONF },
      'p.conf:2: the list of modules is persistent_res, expected failover as dir/cluster.yaml:20 has it',
    ],
    [
      'package file',
      'type',
      changed('sglx_vm: on', 'type: failover'),
      { 'p.conf': `${CONF}package_type multi_node\n` },
      'p.conf:6: package_type is multi-node, expected failover as dir/cluster.yaml:20 has it',
    ],
    [
      'package file',
      'a type that is another multi-node one',
      changed('sglx_vm: on', 'type: system_multi_node'),
      { 'p.conf': `${CONF}package_type multi_node\n` },
      'p.conf:6: package_type is multi-node, expected system-multi-node as dir/cluster.yaml:20 has it',
    ],
    [
      'package file',
      'another control script',
      changed('sglx_vm: on', 'controlScript: two.cntl'),
      { 'p.ascii': `PACKAGE_NAME pkg1\nRUN_SCRIPT /${'x'.repeat(5000)}\n`, 'dir/two.cntl': SCRIPT },
      `p.ascii:2: run_script is /${'x'.repeat(59)}..., expected the control script dir/two.cntl`,
    ],
    [
      'package file',
      'a strange node of any length',
      changed('    nodes: [node1, guest1]\n', ''),
      { 'p.conf': CONF.replace('node1', 'x'.repeat(5000)) },
      `p.conf:3: there is no node '${'x'.repeat(60)}...' in cluster c1, expected one of node1, guest1`,
    ],
    [
      'package file',
      'modules of any length',
      changed('sglx_vm: on', 'modules: [sg/failover]'),
      { 'p.conf': CONF.replace('persistent_res', 'x'.repeat(5000)) },
      `p.conf:2: the list of modules is ${'x'.repeat(400)}..., expected failover as dir/cluster.yaml:20 has it`,
    ],
    [
      'package file',
      'style',
      changed('sglx_vm: on', 'style: legacy'),
      { 'p.conf': CONF },
      'p.conf:2: the style of the package is modular, expected legacy as dir/cluster.yaml:20 has it',
    ],
    [
      'package file',
      'a strange node',
      changed('    nodes: [node1, guest1]\n', ''),
      { 'p.conf': CONF.replace('node1', 'node9') },
      "p.conf:3: there is no node 'node9' in cluster c1, expected one of node1, guest1",
    ],
    [
      'control script',
      'SGLX_VM',
      CLUSTER,
      { 'pkg1.cntl': SCRIPT.replace('=on', '=off') },
      'pkg1.cntl:2: SGLX_VM is off, expected on as dir/cluster.yaml:20 has it',
    ],
    [
      'control script',
      'another one',
      changed('sglx_vm: on', 'controlScript: two.cntl'),
      { 'p.ascii': 'PACKAGE_NAME pkg1\nRUN_SCRIPT /one.cntl\n', 'dir/two.cntl': SCRIPT },
      'p.ascii:2: run_script is /one.cntl, expected the control script dir/two.cntl',
    ],
  ] as const)('%s: %s', (_kind, _what, text, files, message) => {
    expect(messageOf(text, files)).toBe(message);
  });

  it.each([
    [
      { 'g.vmx': VMX.replace('guest1', 'guest9') },
      'g.vmx:1: it belongs to no guest, expected displayName to be one of guest1',
    ],
    [
      { 'p.conf': CONF.replace('pkg1', 'pkg9') },
      'p.conf:1: it belongs to no package, expected package_name to be one of pkg1',
    ],
    [{ 'x.cntl': SCRIPT }, 'x.cntl:1: it belongs to no package, expected it to be called after one of pkg1'],
    [{ 'a.vmx': VMX, 'b.vmx': VMX }, 'b.vmx:1: guest1 has a.vmx already, expected one file'],
    [{ 'other.vmdk': 'createType="vmfs"\n' }, 'other.vmdk:1: no .vmx file that was given names this disk'],
  ])('a file that belongs to nothing: %j', (files, message) => {
    expect(messageOf(CLUSTER, files)).toBe(message);
  });

  it('a .vmx file that CLUSTER.yaml names for another guest', () => {
    const named = changed('    host: esx1\n', '    host: esx1\n    vmx: g.vmx\n');
    expect(messageOf(named, { 'dir/g.vmx': VMX.replace('guest1', 'guest9') }, [])).toBe(
      'dir/g.vmx:1: displayName is guest9, expected guest1 as dir/cluster.yaml:11 has it',
    );
  });

  it('a .vmx file that CLUSTER.yaml names for two guests', () => {
    const named = changed('  - name: node1\n', '  - name: node1\n    host: esx1\n    vmx: g.vmx\n');
    const twice = changed(
      '    cluster: c1\n    host: esx1\n    disks',
      '    cluster: c1\n    host: esx1\n    vmx: g.vmx\n    disks',
      named,
    );
    const nameless = VMX.replace('displayName = "guest1"\n', '');
    expect(messageOf(twice, { 'dir/g.vmx': nameless }, [])).toBe(
      'dir/cluster.yaml:16:10: node1 has dir/g.vmx already, expected a file of its own',
    );
  });

  it('a file that is not there', () => {
    expect(messageOf(CLUSTER, {}, ['no.conf'])).toBe('no.conf: there is no such file');
    expect(messageOf(CLUSTER, {}, ['no.vmdk'])).toBe('no.vmdk: there is no such file');
  });
});
