import {
  clusterNamed,
  hasGuest,
  type ClusterConfiguration,
  type ControlScriptConfiguration,
  type PackageConfiguration,
} from '../configuration/model.js';
import { compareVersions, FIRST_RELEASE, hasSglxVm } from '../configuration/versions.js';
import { fail, judge, notKnown, pass, warn, type Found, type Rule } from './rule.js';

const MODULE = 'persistent_res';
/** What the new control script defines, and an older one does not. */
const RESERVE = 'persist_reservation';
const RELEASE = 'persist_release';

/** Packages of clusters with a guest whose release has sglx_vm, or whose release has none. */
const eachPackage =
  (withSglxVm: boolean, check: (item: PackageConfiguration) => Found[]) =>
  (configuration: ClusterConfiguration): Found[] =>
    configuration.packages
      .filter(({ cluster }) => {
        const release = clusterNamed(configuration, cluster)?.release.value;
        return release !== undefined && hasSglxVm(release) === withSglxVm && hasGuest(configuration, cluster);
      })
      .flatMap(check);

const releases = (configuration: ClusterConfiguration): Found[] =>
  configuration.clusters
    .filter(({ name }) => hasGuest(configuration, name))
    .map(({ name, release }) => {
      const found = `${name}: ${release.value}`;
      return compareVersions(release.value, FIRST_RELEASE) >= 0
        ? pass(release.at, found)
        : fail(release.at, found, `${FIRST_RELEASE} or later`);
    });

function module(item: PackageConfiguration): Found[] {
  if (item.style?.value === 'legacy') return [];
  const expected = `module sg/${MODULE}`;
  if (item.modules === undefined) {
    return [
      notKnown(item.at, `${item.name}: its modules are not stated`, `${expected}, or a control script`),
    ];
  }
  const { value: modules, at } = item.modules;
  return [
    modules.includes(MODULE)
      ? pass(at, `${item.name}: has ${expected}`)
      : fail(at, `${item.name}: has no ${expected}`, expected),
  ];
}

function newScript(item: PackageConfiguration): Found[] {
  if (item.style?.value !== 'legacy') return [];
  const expected = `the control script of ${FIRST_RELEASE}: ${RESERVE} and ${RELEASE}, defined and called`;
  if (item.script === undefined) {
    return [notKnown(item.at, `${item.name}: its control script is not given`, expected)];
  }
  return [judgeScript(item.name, item.script, expected)];
}

function judgeScript(name: string, script: ControlScriptConfiguration, expected: string): Found {
  for (const needed of [RESERVE, RELEASE]) {
    const defined = script.functions.get(needed);
    if (defined === undefined) return fail(script.at, `${name}: its script defines no ${needed}`, expected);
    if (!script.called.has(needed)) return fail(defined, `${name}: nothing calls ${needed}`, expected);
  }
  const at = script.functions.get(RESERVE) ?? script.at;
  const lines = script.sgPersist.length;
  return lines === 0
    ? warn(at, `${name}: ${RESERVE} and ${RELEASE} are called, but no line runs sg_persist`, expected)
    : pass(at, `${name}: ${RESERVE} and ${RELEASE} are called, ${lines} lines run sg_persist`);
}

function sglxVm(item: PackageConfiguration): Found[] {
  const isLegacy = item.style?.value === 'legacy';
  const parameter = isLegacy ? 'SGLX_VM' : 'sglx_vm';
  const expected = `${parameter} on in all packages of the cluster; the default is off`;
  const doubt = item.script?.sglxVmDoubt;
  if (doubt !== undefined) {
    return [notKnown(doubt.at, `${item.name}: SGLX_VM ${doubt.value}`, expected)];
  }
  // The file that would set it is there, and does not.
  const silent = isLegacy ? item.script?.at : item.style?.at;
  if (item.sglxVm === undefined && silent !== undefined && silent.file !== item.at.file) {
    return [fail(silent, `${item.name}: ${parameter} is not set, so it is off`, expected)];
  }
  return [
    judge({
      who: item,
      fact: item.sglxVm,
      what: parameter,
      good: (on) => on,
      says: (on) => `${parameter} is ${on ? 'on' : 'off'}`,
      expected,
      otherwise: 'fail',
    }),
  ];
}

function sglxVmRemoved(item: PackageConfiguration): Found[] {
  const { name } = item;
  const fact = item.sglxVm ?? item.script?.sglxVmDoubt;
  return [
    fact === undefined
      ? pass(item.at, `${name}: no sglx_vm`)
      : fail(
          fact.at,
          `${name}: sglx_vm is still there`,
          'no sglx_vm: A.11.19 has removed it from all packages',
        ),
  ];
}

/** The migration tool leaves the module out, and says so only for packages that were made on A.11.18.02. */
function migratedModule(item: PackageConfiguration): Found[] {
  if (item.migratedFrom === undefined) return [];
  const from = item.migratedFrom.value;
  const silent = compareVersions(from, FIRST_RELEASE) < 0;
  const found = `${item.name}: migrated from ${from}`;
  const expected = `cmmakepkg -m sg/${MODULE} on the migrated package`;
  if (item.modules === undefined) {
    return [notKnown(item.migratedFrom.at, `${found}, and its modules are not stated`, expected)];
  }
  const how = silent ? ', of which the tool gives no warning' : '';
  return [
    item.modules.value.includes(MODULE)
      ? pass(item.modules.at, `${found}, and sg/${MODULE} was added`)
      : fail(item.modules.at, `${found} without sg/${MODULE}${how}`, expected),
  ];
}

function migrateLegacy(item: PackageConfiguration): Found[] {
  const { style, name } = item;
  if (style === undefined) return [];
  return [
    style.value === 'modular'
      ? pass(style.at, `${name}: a modular package`)
      : warn(style.at, `${name}: a legacy package`, 'a modular package, made of it by cmmigratepkg'),
  ];
}

/** Rules about packages, and the release that they are made for. */
export const PACKAGE_RULES: readonly Rule[] = [
  {
    id: 'serviceguard.release',
    kind: 'support',
    text: 'Serviceguard in guests is A.11.18.02 or later.',
    section: 'Serviceguard on VM guests',
    also: 'Executive Summary',
    appliesWhen: 'a cluster has a guest',
    check: releases,
  },
  {
    id: 'package.module',
    kind: 'requirement',
    text: 'Modular packages include the module persistent_res.',
    section: 'Package parameter for a VM cluster',
    also: 'Serviceguard on VM guests; Requirements, Guidelines, and Support Information',
    appliesWhen: 'a cluster before A.11.19 has a guest',
    check: eachPackage(true, module),
  },
  {
    id: 'package.new-script',
    kind: 'requirement',
    text: 'Legacy packages use the control script of A.11.18.02, with its functions for reservations.',
    section: 'Serviceguard on VM guests',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a cluster before A.11.19 has a guest and a legacy package',
    check: eachPackage(true, newScript),
  },
  {
    id: 'package.sglx-vm',
    kind: 'requirement',
    text: 'As soon as one node is a guest, sglx_vm (modular) or SGLX_VM (legacy) is on in all packages.',
    section: 'Package parameter for a VM cluster',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a cluster before A.11.19 has a guest',
    check: eachPackage(true, sglxVm),
  },
  {
    id: 'package.sglx-vm-removed',
    kind: 'support',
    text: 'A.11.19 has removed sglx_vm from modular and legacy packages.',
    section: 'Package parameter for a VM cluster',
    appliesWhen: 'a cluster of A.11.19 or later has a guest',
    check: eachPackage(false, sglxVmRemoved),
  },
  {
    id: 'package.migrated-module',
    kind: 'requirement',
    text: 'A package migrated from a legacy one has persistent_res added by hand; if it was made before A.11.18.02, no warning tells.',
    section: 'Migrating legacy packages to a VM cluster',
    appliesWhen: 'a cluster before A.11.19 has a guest, and a package was migrated',
    check: eachPackage(true, migratedModule),
  },
  {
    id: 'package.migrate-legacy',
    kind: 'recommendation',
    text: 'Legacy packages may be migrated to modular ones before the cluster gets guests.',
    section: 'Migrating legacy packages to a VM cluster',
    appliesWhen: 'a cluster before A.11.19 has a guest',
    check: eachPackage(true, migrateLegacy),
  },
];
