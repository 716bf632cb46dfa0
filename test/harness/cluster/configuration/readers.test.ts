import { describe, expect, it } from 'vitest';
import { parseControlScript } from '../../../../harness/cluster/configuration/control-script.js';
import { parsePackageFile } from '../../../../harness/cluster/configuration/package-file.js';
import { compareVersions, readDistribution } from '../../../../harness/cluster/configuration/versions.js';
import { parseVmdk } from '../../../../harness/cluster/configuration/vmdk.js';
import { parseVmx } from '../../../../harness/cluster/configuration/vmx.js';

const at = (file: string, line: number) => ({ file, line });

/** A file that is something else has lines of any length; so much of one is shown. */
const LONG = 'x'.repeat(5000);
const CUT = 'x'.repeat(60);

describe('a .vmx file', () => {
  const VMX = `# a comment
displayName = "guest1"
guestOS = "rhel5-64"
TOOLS.SYNCTIME = "true"
scsi0.present = "TRUE"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "guest1.vmdk"
scsi0:1.present = "FALSE"
scsi0:2.present = "TRUE"
scsi0:2.deviceType = "cdrom-image"
scsi1.present = "TRUE"
scsi1.sharedBus = "Physical"
scsi1:0.present = "TRUE"
scsi1:0.fileName = "shared.vmdk"
ethernet0.present = "TRUE"
ethernet0.networkName = "production"
ethernet1.present = "TRUE"
ethernet2.present = "FALSE"
sound.present = "TRUE"
`;

  it('tells of disks, bus sharing, NICs and time', () => {
    expect(parseVmx(VMX, 'g.vmx')).toEqual({
      file: 'g.vmx',
      displayName: { value: 'guest1', at: at('g.vmx', 2) },
      distribution: { value: 'RHEL 5', at: at('g.vmx', 3) },
      architecture: { value: 'x86-64', at: at('g.vmx', 3) },
      timeSync: { value: true, at: at('g.vmx', 4) },
      disks: [
        {
          address: { controller: 0, unit: 0 },
          at: at('g.vmx', 6),
          fileName: 'guest1.vmdk',
          busSharing: { value: 'none', at: at('g.vmx', 5) },
        },
        {
          address: { controller: 1, unit: 0 },
          at: at('g.vmx', 13),
          fileName: 'shared.vmdk',
          busSharing: { value: 'physical', at: at('g.vmx', 12) },
        },
      ],
      nics: [
        { value: 'production', at: at('g.vmx', 16) },
        { value: undefined, at: at('g.vmx', 1) },
      ],
      // display adapter, 2 controllers, 2 NICs, sound
      pciDevices: { value: 6, at: at('g.vmx', 1) },
    });
  });

  it.each(['scsi1.present = "TRUE"', 'scsi1.present = "FALSE"\n', ''])(
    'has no disk behind a controller that is not there: %j',
    (line) => {
      const { disks } = parseVmx(VMX.replace('scsi1.present = "TRUE"', line), 'g.vmx');
      expect(disks.some(({ address }) => address.controller === 1)).toBe(line.includes('TRUE'));
    },
  );

  it('may have values without quotes', () => {
    expect(parseVmx('tools.syncTime = TRUE\n', 'g.vmx').timeSync.value).toBe(true);
  });

  it('has time synchronization off where no entry turns it on', () => {
    expect(parseVmx('displayName = "g"\n', 'g.vmx').timeSync).toEqual({ value: false, at: at('g.vmx', 1) });
  });

  it.each([
    ['displayName guest1', 'g.vmx:1: found "displayName guest1", expected name = "value"'],
    [
      'scsi1:0.present = "TRUE"\nscsi1.present = "TRUE"\nscsi1.sharedBus = "some"',
      'g.vmx:3: scsi1.sharedBus is "some", expected physical, virtual or none',
    ],
    [`\u0000${LONG}`, `g.vmx:1: found "\\u0000${CUT.slice(7)}..., expected name = "value"`],
    [
      `scsi1:0.present = "TRUE"\nscsi1.present = "TRUE"\nscsi1.sharedBus = "${LONG}"`,
      `g.vmx:3: scsi1.sharedBus is "${CUT}...", expected physical, virtual or none`,
    ],
  ])('is refused: %j', (text, message) => {
    expect(() => parseVmx(text, 'g.vmx')).toThrow(message);
  });
});

describe('a disk descriptor', () => {
  it.each([
    ['vmfsPassthroughRawDeviceMap', 'physical-rdm'],
    ['vmfsRawDeviceMap', 'virtual-rdm'],
    ['vmfs', 'file'],
    ['twoGbMaxExtentSparse', 'file'],
  ])('of createType %s is %s', (createType, mapping) => {
    const text = `# Disk DescriptorFile\nversion=1\ncreateType="${createType}"\n`;
    expect(parseVmdk(text, 'd.vmdk')).toEqual({ value: mapping, at: at('d.vmdk', 3) });
  });

  it('is refused without one', () => {
    expect(() => parseVmdk('version=1\n', 'd.vmdk')).toThrow(
      'd.vmdk:1: there is no createType, expected a disk descriptor',
    );
  });
});

describe('a package configuration file', () => {
  it('of a modular package tells its modules, nodes and sglx_vm', () => {
    const text = `# pkg1
package_name pkg1
module_name sg/failover
module_name sg/persistent_res
package_type multi_node
node_name node1   # preferred
node_name guest1
vg vg1
SGLX_VM ON
service_cmd "/opt/app/run -v"
`;
    expect(parsePackageFile(text, 'p.conf')).toEqual({
      file: 'p.conf',
      style: { value: 'modular', at: at('p.conf', 3) },
      name: { value: 'pkg1', at: at('p.conf', 2) },
      type: { value: 'multi-node', at: at('p.conf', 5) },
      nodes: { value: ['node1', 'guest1'], at: at('p.conf', 6) },
      sglxVm: { value: true, at: at('p.conf', 9) },
      modules: { value: ['failover', 'persistent_res'], at: at('p.conf', 3) },
      volumeGroups: [{ value: 'vg1', at: at('p.conf', 8) }],
      runScript: undefined,
    });
  });

  it('may have parameters of toolkits, and be of a package that runs everywhere', () => {
    const text = 'package_name p\npackage_type SYSTEM_MULTI_NODE\ntkit/apache/apache/HOME /opt/apache\n';
    expect(parsePackageFile(text, 'p.conf').type?.value).toBe('system-multi-node');
  });

  it('of a legacy package tells its control script', () => {
    const read = parsePackageFile('PACKAGE_NAME pkg1\nRUN_SCRIPT /conf/pkg1.cntl\n', 'p.ascii');
    expect(read.style).toEqual({ value: 'legacy', at: at('p.ascii', 2) });
    expect(read.runScript).toEqual({ value: '/conf/pkg1.cntl', at: at('p.ascii', 2) });
    expect(read.nodes).toBeUndefined();
  });

  it.each([
    ['node_name node1', 'p.conf:1: package_name is missing, expected a package configuration'],
    ['package_name', 'p.conf:1: found "package_name", expected a name and a value'],
    ['package_name p\nsglx_vm yes', 'p.conf:2: sglx_vm is yes, expected on or off'],
    [
      'package_name p\npackage_type odd',
      'p.conf:2: package_type is odd, expected failover, multi_node or system_multi_node',
    ],
    [`package_name p\n${LONG}`, `p.conf:2: found "${CUT.slice(1)}..., expected a name and a value`],
    [`package_name p\nsglx_vm ${LONG}`, `p.conf:2: sglx_vm is ${CUT}..., expected on or off`],
    [`package_name p\npackage_type ${LONG}`, `p.conf:2: package_type is ${CUT}..., expected failover`],
  ])('is refused: %j', (text, message) => {
    expect(() => parsePackageFile(text, 'p.conf')).toThrow(message);
  });
});

describe('a control script', () => {
  it('tells what it does about reservations', () => {
    const script = parseControlScript(
      `#!/bin/sh
SGLX_VM="on"   # not the default
VG[0]="vg1"; VG[1]=vg2
persist_reservation() {
  sg_persist -n -o -R -T 5 -K 0x1 $lun
}
function persist_release
{
  /usr/bin/sg_persist -n -o -L -T 5 -K 0x1 $lun
}
# persist_release
persist_reservation || exit 1
SGLX_VM=on
echo "# not a comment"
`,
      'p.cntl',
    );
    expect(script).toEqual({
      file: 'p.cntl',
      at: at('p.cntl', 1),
      sglxVm: { value: true, at: at('p.cntl', 13) },
      sglxVmDoubt: undefined,
      functions: new Map([
        ['persist_reservation', at('p.cntl', 4)],
        ['persist_release', at('p.cntl', 7)],
      ]),
      called: new Set(['persist_reservation']),
      volumeGroups: [
        { value: 'vg1', at: at('p.cntl', 3) },
        { value: 'vg2', at: at('p.cntl', 3) },
      ],
      sgPersist: [
        { value: 'sg_persist -n -o -R -T 5 -K 0x1 $lun', at: at('p.cntl', 5) },
        { value: '/usr/bin/sg_persist -n -o -L -T 5 -K 0x1 $lun', at: at('p.cntl', 9) },
      ],
    });
  });

  it('that leaves SGLX_VM to the environment has its default', () => {
    const text = '#!/bin/sh\nSGLX_VM=${SGLX_VM:-"off"}\n';
    expect(parseControlScript(text, 'p.cntl').sglxVm?.value).toBe(false);
  });

  it.each([
    ['SGLX_VM="on"\ntypeset SGLX_VM=off', 'is set to on in line 2 and to off in line 3'],
    ['SGLX_VM=on\nif true; then SGLX_VM=off; fi', 'is set to on in line 2 and to off in line 3'],
    ['SGLX_VM=on\n[ -f /x ] && SGLX_VM="off"', 'is set to on in line 2 and to off in line 3'],
    ['SGLX_VM=on\nf() {\n  local SGLX_VM=off\n}', 'is set to on in line 2 and to off in line 4'],
    ['if true; then SGLX_VM=on; fi', 'is set to on in line 2, which may not run'],
    ['[ -f /x ] &&\n  SGLX_VM=on', 'is set to on in line 3, which may not run'],
    ['case "$1" in\nstart) SGLX_VM=on ;;\nesac', 'is set to on in line 3, which may not run'],
    ['SGLX_VM=on true', 'is set to on in line 2, which may not run'],
    ['x=$(SGLX_VM=on; echo)', 'is set to on in line 2, which may not run'],
    ['SGLX_VM=on\nunset SGLX_VM', 'is set to "" in line 3, neither on nor off'],
    ['SGLX_VM="ON"', 'is set to "ON" in line 2, neither on nor off'],
    ['SGLX_VM=$1', 'is set to "$1" in line 2, neither on nor off'],
  ])('does not tell SGLX_VM: %j', (text, doubt) => {
    const { sglxVm, sglxVmDoubt } = parseControlScript(`#!/bin/sh\n${text}\n`, 'p.cntl');
    expect([sglxVm, sglxVmDoubt?.value]).toEqual([undefined, doubt]);
  });

  it.each([
    [": <<'EOC'\nSGLX_VM=on\nEOC", undefined],
    [': <<-EOC\n\tSGLX_VM=on\n\tEOC\nSGLX_VM=off', false],
    ['# SGLX_VM=on', undefined],
    ['echo "\nSGLX_VM=on\n"', undefined],
    ['declare -r SGLX_VM=on', true],
    ['a=1; export SGLX_VM="on"', true],
    ['case "$1" in\nstart) true ;;\nesac\nif true\nthen true\nfi\nSGLX_VM=on', true],
    ['if true; then SGLX_VM=off; fi', false],
    ['x=$((1 << 2))\nSGLX_VM=on', true],
    ['LUN=(a b)\nf 2>&1 >/dev/null\nSGLX_VM=on', true],
  ])('tells SGLX_VM: %j is %s', (text, value) => {
    const { sglxVm, sglxVmDoubt } = parseControlScript(`#!/bin/sh\n${text}\n`, 'p.cntl');
    expect([sglxVm?.value, sglxVmDoubt]).toEqual([value, undefined]);
  });

  it.each([
    ['echo "now; persist_release"', false],
    ['echo persist_release', false],
    ["cat <<'EOT'\npersist_release\nEOT", false],
    ['case $1 in\npersist_release) true ;;\nesac', false],
    ['x=persist_release', false],
    ['persist_release', true],
    ['true && persist_release', true],
    ['if ! persist_release; then exit 1; fi', true],
    ['case $1 in\nstop) persist_release ;;\nesac', true],
    ['(persist_release)', true],
    ['x="$(persist_release)"', true],
    ["trap 'persist_release' EXIT", true],
  ])('calls a function only where a command stands: %j is %s', (text, expected) => {
    const script = parseControlScript(`persist_release() {\n  true\n}\n${text}\n`, 'p.cntl');
    expect(script.called.has('persist_release')).toBe(expected);
  });
});

describe('versions', () => {
  it.each([
    ['1.22-3.1', '1.22-3.1', 0],
    ['1.22-3', '1.22-3.1', -1],
    ['1.223-3.1', '1.22-3.1', 1],
    ['1.9', '1.22', -1],
    ['A.11.18', 'A.11.18.02', -1],
    ['A.11.19', 'A.11.18.02', 1],
    ['3.0.10', '3.0.2', 1],
  ])('%s against %s is %i', (one, other, order) => {
    expect(compareVersions(one, other)).toBe(order);
    expect(compareVersions(other, one)).toBe(-order + 0);
  });

  it.each([
    ['RHEL 4 U5', { name: 'Red Hat', version: 4, update: 5 }],
    ['RedHat 4 Update 5', { name: 'Red Hat', version: 4, update: 5 }],
    ['Red Hat Enterprise Linux 5.2', { name: 'Red Hat', version: 5, update: 2 }],
    ['SLES10 SP1', { name: 'SLES', version: 10, update: 1 }],
    ['sles 10', { name: 'SLES', version: 10, update: undefined }],
    ['Debian 4', undefined],
  ])('of the distribution %s', (text, expected) => {
    expect(readDistribution(text)).toEqual(expected);
  });
});
