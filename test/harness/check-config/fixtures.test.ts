import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkConfiguration, loadConfiguration } from '../../../harness/index.js';

const FOLDER = fileURLToPath(new URL('../../../fixtures/clusters/', import.meta.url));

/** Every finding that is no pass, `status rule`, each once; the paper warns of beacon monitoring on and off. */
const BEACON = 'warn teaming.beacon-monitoring';
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'figure-9': [BEACON, 'warn lock-lun.cmapplyconf'],
  'figure-10': [BEACON],
  'physical-to-vm': [BEACON],
  'vm-to-physical': [BEACON, 'warn package.migrate-legacy'],
  'standbys-on-one-host': [BEACON],
  'several-nodes-on-one-host': [BEACON, 'warn placement.one-node-per-host'],
  'all-of-the-above': [BEACON, 'fail placement.one-host-failover', 'warn placement.one-node-per-host'],
  'one-box': [
    BEACON,
    'fail placement.one-host-failover',
    'fail placement.box',
    'warn placement.one-node-per-host',
  ],
  'one-box-for-training': [
    BEACON,
    'warn placement.one-host-failover',
    'warn placement.box',
    'warn placement.one-node-per-host',
  ],
  'migrated-package': [BEACON, 'fail package.module', 'fail package.sglx-vm', 'fail package.migrated-module'],
  'guest-with-mistakes': [
    BEACON,
    'fail esx.release',
    'fail vmware-ha.off',
    'fail vmotion.off',
    'fail vm.pci-devices',
    'warn nic.three-logical',
    'warn nic.heartbeat-on-data',
    'fail lock-lun.same-device',
    'warn lock-lun.cmapplyconf',
    'fail teaming.at-host',
    'fail teaming.fault-tolerant',
    'fail teaming.not-in-guest',
    'fail rdm.shared-lun',
    'fail rdm.physical-mode',
    'fail rdm.unit-number',
    'fail rdm.bus-sharing',
    'fail storage.same-lun',
    'not-known storage.same-lun',
    'fail storage.volume-groups',
    'fail storage.persistent-reservation',
    'fail time.host-firewall',
    'fail time.host-daemon',
    'fail tools.running',
    'fail tools.time-sync',
    'fail vminfo.distribution',
    'fail sg-persist.every-node',
    'fail package.sglx-vm',
  ],
};

describe('the cluster configurations of fixtures/clusters', () => {
  it('are all expected here', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    const findings = checkConfiguration(loadConfiguration(`${FOLDER}${name}/cluster.yaml`));
    const others = findings
      .filter(({ status }) => status !== 'pass')
      .map(({ status, rule }) => `${status} ${rule.id}`);
    expect([...new Set(others)].toSorted()).toEqual(expected.toSorted());
  });

  it('give the mode of a mapping from the descriptor beside the .vmx file, with its line', () => {
    const findings = checkConfiguration(loadConfiguration(`${FOLDER}guest-with-mistakes/cluster.yaml`));
    const mode = findings.find(({ rule, status }) => rule.id === 'rdm.physical-mode' && status === 'fail');
    expect(mode?.at).toEqual({ file: `${FOLDER}guest-with-mistakes/data-rdm.vmdk`, line: 5 });
  });
});
