import { shownText, shownValue } from '../../source/shown.js';
import { wrongAt } from './errors.js';
import { packageTypeOf, type Fact, type PackageType, type Place } from './model.js';

/** A package configuration file: lines of a name and a value, modular or of a legacy package. */
export interface PackageFile {
  readonly file: string;
  readonly style: Fact<'modular' | 'legacy'>;
  readonly name: Fact<string>;
  readonly type: Fact<PackageType> | undefined;
  /** As the file has it; `*` stands for every node of the cluster. */
  readonly nodes: Fact<readonly string[]> | undefined;
  readonly sglxVm: Fact<boolean> | undefined;
  /** Names without the prefix `sg/`. */
  readonly modules: Fact<readonly string[]>;
  readonly volumeGroups: readonly Fact<string>[];
  /** The control script of a legacy package. */
  readonly runScript: Fact<string> | undefined;
}

/** Reads a package configuration file. Names are compared in lower case. Throws ConfigurationError. */
export function parsePackageFile(text: string, file: string): PackageFile {
  const lines = linesOf(text, file);
  const all = (name: string): Fact<string>[] => lines.get(name) ?? [];
  const last = (name: string): Fact<string> | undefined => all(name).at(-1);
  const start: Place = { file, line: 1 };
  const name = last('package_name');
  if (name === undefined) throw wrongAt(start, 'package_name is missing, expected a package configuration');
  const modules = all('module_name');
  const runScript = last('run_script');
  return {
    file,
    style:
      modules[0] === undefined && runScript !== undefined
        ? { value: 'legacy', at: runScript.at }
        : { value: 'modular', at: modules[0]?.at ?? name.at },
    name,
    type: typeOf(last('package_type')),
    nodes: together(all('node_name'), (value) => value),
    sglxVm: switchOf(last('sglx_vm')),
    modules: together(modules, (value) => value.replace(/^.*\//, '')) ?? { value: [], at: start },
    volumeGroups: all('vg'),
    runScript,
  };
}

function linesOf(text: string, file: string): ReadonlyMap<string, Fact<string>[]> {
  const found = new Map<string, Fact<string>[]>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = { file, line: index + 1 };
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*([A-Za-z][\w./-]*)\s+(\S.*?)\s*$/.exec(line.replace(/\s#.*$/, '')) ?? [];
    if (name === undefined || value === undefined) {
      throw wrongAt(at, `found ${shownValue(line.trim())}, expected a name and a value`);
    }
    const key = name.toLowerCase();
    found.set(key, [...(found.get(key) ?? []), { value: value.replace(/^"(.*)"$/, '$1'), at }]);
  }
  return found;
}

function together(
  facts: readonly Fact<string>[],
  read: (value: string) => string,
): Fact<readonly string[]> | undefined {
  const [first] = facts;
  return first === undefined ? undefined : { value: facts.map(({ value }) => read(value)), at: first.at };
}

function typeOf(fact: Fact<string> | undefined): PackageFile['type'] {
  if (fact === undefined) return undefined;
  const type = packageTypeOf(fact.value);
  if (type !== undefined) return { value: type, at: fact.at };
  throw wrongAt(
    fact.at,
    `package_type is ${shownText(fact.value)}, expected failover, multi_node or system_multi_node`,
  );
}

function switchOf(fact: Fact<string> | undefined): Fact<boolean> | undefined {
  if (fact === undefined) return undefined;
  const value = fact.value.toLowerCase();
  if (value !== 'on' && value !== 'off') {
    throw wrongAt(fact.at, `sglx_vm is ${shownText(fact.value)}, expected on or off`);
  }
  return { value: value === 'on', at: fact.at };
}
