import { basename, dirname, extname, isAbsolute, join, normalize } from 'node:path';
import type { ClusterSource } from './cluster-source.js';
import { looksLikeControlScript, parseControlScript } from './control-script.js';
import { agreed, ConfigurationError } from './errors.js';
import type { ControlScriptConfiguration, DiskMapping, Fact } from './model.js';
import { parsePackageFile, type PackageFile } from './package-file.js';
import { parseVmdk } from './vmdk.js';
import { parseVmx, type VmxFile } from './vmx.js';

/** Looks up the text of a file; undefined where there is none. May throw where it cannot be read. */
export type TextOf = (file: string) => string | undefined;

/** The administrator's files, each with the node or the package that it belongs to. */
export interface GivenFiles {
  readonly vmx: ReadonlyMap<string, VmxFile>;
  readonly packageFiles: ReadonlyMap<string, PackageFile>;
  readonly controlScripts: ReadonlyMap<string, ControlScriptConfiguration>;
  /** The mapping of a descriptor that a `.vmx` file names, where the descriptor is there too. */
  readonly mappingOf: (vmx: VmxFile, fileName: string) => Fact<DiskMapping> | undefined;
}

/**
 * Reads the files that CLUSTER.yaml names and those that are given beside it.
 *
 * @throws ConfigurationError where a file is missing, is no such file, or belongs to nothing in CLUSTER.yaml
 */
export function readGivenFiles(source: ClusterSource, given: readonly string[], textOf: TextOf): GivenFiles {
  const files = new FileReader(source, textOf);
  files.readNamed();
  const [descriptors, others] = split(given.map(normalize), (file) => extname(file) === '.vmdk');
  // A package file tells which control script is its own, and a .vmx file which descriptors are.
  const [scripts, first] = split(others, (file) => looksLikeControlScript(files.textGiven(file)));
  for (const file of [...first, ...scripts]) files.readGiven(file);
  return files.result(descriptors);
}

function split<T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((item) => !test(item))];
}

class FileReader {
  readonly #source: ClusterSource;
  readonly #textOf: TextOf;
  readonly #named = new Set<string>();
  readonly #vmx = new Map<string, VmxFile>();
  readonly #packageFiles = new Map<string, PackageFile>();
  readonly #controlScripts = new Map<string, ControlScriptConfiguration>();

  constructor(source: ClusterSource, textOf: TextOf) {
    this.#source = source;
    this.#textOf = textOf;
  }

  readNamed(): void {
    const { nodes, packages } = this.#source.value;
    for (const [index, { name, vmx }] of nodes.entries()) {
      if (vmx === undefined) continue;
      const file = this.#beside(vmx);
      const read = parseVmx(this.#text(file, ['nodes', index, 'vmx']), file);
      agreed({ value: name, at: this.#source.at('nodes', index) }, read.displayName, 'displayName');
      const before = [...this.#vmx].find(([, other]) => other.file === file);
      if (before !== undefined) {
        throw this.#source.error(
          ['nodes', index, 'vmx'],
          `${before[0]} has ${file} already, expected a file of its own`,
        );
      }
      this.#vmx.set(name, read);
    }
    for (const [index, { name, configuration, controlScript }] of packages.entries()) {
      if (configuration !== undefined) {
        const file = this.#beside(configuration);
        const read = parsePackageFile(this.#text(file, ['packages', index, 'configuration']), file);
        this.#packageFiles.set(name, read);
      }
      if (controlScript !== undefined) {
        const file = this.#beside(controlScript);
        const read = parseControlScript(this.#text(file, ['packages', index, 'controlScript']), file);
        this.#controlScripts.set(name, read);
      }
    }
  }

  textGiven(file: string): string {
    const text = this.#textOf(file);
    if (text === undefined) throw new ConfigurationError(`${file}: there is no such file`);
    return text;
  }

  readGiven(file: string): void {
    // CLUSTER.yaml names it too.
    if (this.#named.has(file)) return;
    const text = this.textGiven(file);
    if (extname(file) === '.vmx') this.#giveVmx(parseVmx(text, file));
    else if (looksLikeControlScript(text)) this.#giveControlScript(parseControlScript(text, file));
    else this.#givePackageFile(parsePackageFile(text, file));
  }

  result(descriptors: readonly string[]): GivenFiles {
    for (const file of descriptors) this.#checkDescriptor(file);
    return {
      vmx: this.#vmx,
      packageFiles: this.#packageFiles,
      controlScripts: this.#controlScripts,
      mappingOf: (vmx, fileName) => {
        const file =
          descriptors.find((name) => basename(name) === basename(fileName)) ??
          (isAbsolute(fileName) ? fileName : join(dirname(vmx.file), fileName));
        const text = this.#textOf(file);
        return text === undefined ? undefined : parseVmdk(text, file);
      },
    };
  }

  #giveVmx(vmx: VmxFile): void {
    const names = [vmx.displayName?.value, basename(vmx.file, '.vmx')];
    const guests = this.#source.value.nodes.filter(({ host }) => host !== undefined);
    const node = guests.find(({ name }) => names.includes(name));
    this.#give(this.#vmx, node?.name, vmx, `guest, expected displayName to be one of`, guests);
  }

  #givePackageFile(read: PackageFile): void {
    const { packages } = this.#source.value;
    const item = packages.find(({ name }) => name === read.name.value);
    this.#give(this.#packageFiles, item?.name, read, 'package, expected package_name to be one of', packages);
  }

  #giveControlScript(script: ControlScriptConfiguration): void {
    const { packages } = this.#source.value;
    const own = basename(script.file);
    const item = packages.find(({ name }) => {
      const runScript = this.#packageFiles.get(name)?.runScript?.value;
      return (
        (runScript !== undefined && basename(runScript) === own) ||
        basename(own, extname(own)) === name ||
        own === name
      );
    });
    this.#give(
      this.#controlScripts,
      item?.name,
      script,
      'package, expected it to be called after one of',
      packages,
    );
  }

  #give<F extends { readonly file: string }>(
    to: Map<string, F>,
    name: string | undefined,
    read: F,
    expected: string,
    list: readonly { readonly name: string }[],
  ): void {
    if (name === undefined) {
      const names = list.map((item) => item.name).join(', ');
      throw new ConfigurationError(
        `${read.file}:1: it belongs to no ${expected} ${names === '' ? '(there are none)' : names}`,
      );
    }
    const before = to.get(name);
    if (before !== undefined) {
      throw new ConfigurationError(`${read.file}:1: ${name} has ${before.file} already, expected one file`);
    }
    to.set(name, read);
  }

  #checkDescriptor(file: string): void {
    const named = [...this.#vmx.values()].some(({ disks }) =>
      disks.some(({ fileName }) => fileName !== undefined && basename(fileName) === basename(file)),
    );
    this.textGiven(file);
    if (!named) throw new ConfigurationError(`${file}:1: no .vmx file that was given names this disk`);
  }

  /** The path of a file that CLUSTER.yaml names. */
  #beside(name: string): string {
    return isAbsolute(name) ? name : join(dirname(this.#source.file), name);
  }

  #text(file: string, path: readonly (string | number)[]): string {
    this.#named.add(file);
    const text = this.#textOf(file);
    if (text === undefined) throw this.#source.error(path, `there is no file ${file}`);
    return text;
  }
}
