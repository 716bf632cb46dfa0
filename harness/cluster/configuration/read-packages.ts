import { basename } from 'node:path';
import type { ClusterSource } from './cluster-source.js';
import { shownText } from '../../source/shown.js';
import { agreed, onOff, wrongAt } from './errors.js';
import type { GivenFiles } from './given-files.js';
import {
  packageTypeOf,
  type ControlScriptConfiguration,
  type Fact,
  type PackageConfiguration,
} from './model.js';
import type { PackageFile } from './package-file.js';
import type { ClusterFile } from './schema.js';

type PackageEntry = ClusterFile['packages'][number];

/** A package, of what CLUSTER.yaml, its configuration file and its control script say. Throws ConfigurationError. */
export function readPackage(
  source: ClusterSource,
  index: number,
  item: PackageEntry,
  files: GivenFiles,
): PackageConfiguration {
  const path = (...names: string[]) => ['packages', index, ...names];
  const file = files.packageFiles.get(item.name);
  const script = files.controlScripts.get(item.name);
  const at = source.at(...path());
  if (file !== undefined) agreed({ value: item.name, at }, file.name, 'package_name');
  checkScript(file, script);
  const modules = source.fact(item.modules, path('modules'), (names) =>
    names.map((name) => name.replace(/^.*\//, '')),
  );
  const type = source.fact(item.type, path('type'), packageTypeOf);
  const sglxVm = source.fact(item.sglx_vm, path('sglx_vm'), (value) => value === 'on');
  return {
    name: item.name,
    at,
    cluster: item.cluster,
    style: styleOf(source.fact(item.style, path('style')), modules, file, script),
    type: agreed(type, file?.type, 'package_type')?.value ?? 'failover',
    nodes: nodesOf(source, index, item, file),
    luns: item.luns ?? [],
    sglxVm: agreed(agreed(sglxVm, file?.sglxVm, 'sglx_vm', onOff), script?.sglxVm, 'SGLX_VM', onOff),
    modules: agreed(modules, file?.modules, 'the list of modules', sorted),
    migratedFrom: source.fact(item.migratedFrom, path('migratedFrom')),
    volumeGroups: [...(file?.volumeGroups ?? []), ...(script?.volumeGroups ?? [])],
    script,
  };
}

const sorted = (names: readonly string[]): string => [...names].sort().join(', ');

/** The control script that is given must be the one that the package file runs. */
function checkScript(file: PackageFile | undefined, script: ControlScriptConfiguration | undefined): void {
  const runs = file?.runScript;
  if (runs === undefined || script === undefined || basename(runs.value) === basename(script.file)) return;
  throw wrongAt(
    runs.at,
    `run_script is ${shownText(runs.value)}, expected the control script ${script.file}`,
  );
}

function styleOf(
  stated: PackageConfiguration['style'],
  modules: Fact<readonly string[]> | undefined,
  file: PackageFile | undefined,
  script: ControlScriptConfiguration | undefined,
): PackageConfiguration['style'] {
  const fromModules = modules && { value: 'modular' as const, at: modules.at };
  const fromScript = script && { value: 'legacy' as const, at: script.at };
  return agreed(
    agreed(agreed(stated, fromModules, 'the style of the package'), file?.style, 'the style of the package'),
    fromScript,
    'the style of the package',
  );
}

/** The nodes that may run it; `*`, or no node at all, stands for every node of the cluster. */
function nodesOf(
  source: ClusterSource,
  index: number,
  item: PackageEntry,
  file: PackageFile | undefined,
): Fact<readonly string[]> {
  const members = source.value.nodes
    .filter(({ cluster }) => cluster === item.cluster)
    .map(({ name }) => name);
  const inFile = file?.nodes && {
    at: file.nodes.at,
    value: file.nodes.value.includes('*') ? members : file.nodes.value,
  };
  const stranger = inFile?.value.find((name) => !members.includes(name));
  if (inFile !== undefined && stranger !== undefined) {
    throw wrongAt(
      inFile.at,
      `there is no node '${shownText(stranger)}' in cluster ${item.cluster}, expected one of ${members.join(', ')}`,
    );
  }
  const stated = source.fact<readonly string[]>(item.nodes, ['packages', index, 'nodes']);
  return (
    agreed(stated, inFile, 'the node list', (names) => names.join(', ')) ?? {
      value: members,
      at: source.at('packages', index),
    }
  );
}
