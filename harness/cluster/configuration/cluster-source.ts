import { YamlSource, type Path } from '../../source/yaml-source.js';
import { ConfigurationError } from './errors.js';
import type { Fact, Place } from './model.js';
import { ClusterSchema, GUEST_ONLY, type ClusterFile } from './schema.js';

/** CLUSTER.yaml, held to its schema and to itself, with the place of everything in it. */
export class ClusterSource {
  readonly file: string;
  readonly value: ClusterFile;
  readonly #source: YamlSource<ConfigurationError>;

  /** Throws ConfigurationError, whose message is `file:line:column: what was wrong, what was expected`. */
  constructor(text: string, file: string) {
    this.file = file;
    this.#source = new YamlSource(text, file, ConfigurationError);
    const value = this.#source.value();
    this.#source.check(ClusterSchema, value, []);
    this.value = value as ClusterFile;
    this.#checkNames();
    this.#checkPhysicalNodes();
  }

  at(...path: Path): Place {
    return { file: this.file, line: this.#source.lineOf(path) };
  }

  /** What is written there, as a fact; undefined where nothing is. */
  fact<V, T = V>(
    value: V | undefined,
    path: Path,
    read: (value: V) => T = (same) => same as unknown as T,
  ): Fact<T> | undefined {
    return value === undefined ? undefined : { value: read(value), at: this.at(...path) };
  }

  error(path: Path, problem: string): ConfigurationError {
    return this.#source.error(path, problem);
  }

  /** Every name that is used must be one that is given. */
  #checkNames(): void {
    const { luns = [], hosts = [], clusters, nodes, packages } = this.value;
    this.#checkOnce('luns', luns);
    this.#checkOnce('hosts', hosts);
    this.#checkOnce('clusters', clusters);
    this.#checkOnce('nodes', nodes);
    this.#checkOnce('packages', packages);
    for (const [index, { lockLun }] of clusters.entries()) {
      this.#known(['clusters', index, 'lockLun'], lockLun, luns, 'LUN');
    }
    for (const [index, node] of nodes.entries()) {
      this.#known(['nodes', index, 'cluster'], node.cluster, clusters, 'cluster');
      this.#known(['nodes', index, 'host'], node.host, hosts, 'host');
      for (const [place, { lun }] of (node.disks ?? []).entries()) {
        this.#known(['nodes', index, 'disks', place, 'lun'], lun, luns, 'LUN');
      }
    }
    for (const [index, item] of packages.entries()) {
      this.#known(['packages', index, 'cluster'], item.cluster, clusters, 'cluster');
      const members = nodes.filter(({ cluster }) => cluster === item.cluster);
      for (const [place, node] of (item.nodes ?? []).entries()) {
        this.#known(['packages', index, 'nodes', place], node, members, `node of cluster ${item.cluster}`);
      }
      for (const [place, lun] of (item.luns ?? []).entries()) {
        this.#known(['packages', index, 'luns', place], lun, luns, 'LUN');
      }
    }
  }

  #known(
    path: Path,
    name: string | undefined,
    list: readonly { readonly name: string }[],
    what: string,
  ): void {
    if (name === undefined || list.some((item) => item.name === name)) return;
    const names = list.map((item) => item.name).join(', ');
    throw this.error(
      path,
      `there is no ${what} '${name}', expected ${names === '' ? 'one to be given' : `one of ${names}`}`,
    );
  }

  #checkOnce(kind: string, list: readonly { readonly name: string }[]): void {
    const seen = new Set<string>();
    for (const [index, { name }] of list.entries()) {
      if (seen.has(name)) {
        throw this.error([kind, index, 'name'], `'${name}' is given twice, expected a name of its own`);
      }
      seen.add(name);
    }
  }

  #checkPhysicalNodes(): void {
    for (const [index, node] of this.value.nodes.entries()) {
      if (node.host !== undefined) continue;
      const wrong = GUEST_ONLY.find((name) => node[name] !== undefined);
      if (wrong !== undefined) {
        throw this.#source.error(
          ['nodes', index, wrong],
          `a physical node has no ${wrong}, expected host beside it`,
          true,
        );
      }
      for (const [place, disk] of (node.disks ?? []).entries()) {
        const inGuest = (['address', 'mapping', 'busSharing'] as const).find(
          (name) => disk[name] !== undefined,
        );
        if (inGuest === undefined) continue;
        throw this.#source.error(
          ['nodes', index, 'disks', place, inGuest],
          `a disk of a physical node has no ${inGuest}, expected host beside the node`,
          true,
        );
      }
    }
  }
}
