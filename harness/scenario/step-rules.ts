import type { Site } from '../cluster/model.js';
import type { Path, ScenarioSource } from './source.js';
import type { StepName } from './steps/index.js';

/** Says what is wrong with the value of a step, and at which entry; undefined where nothing is. */
type StepRule = (
  value: Record<string, unknown>,
  site: Site,
) => { readonly entry: string; readonly problem: string } | undefined;

/** What a step asks of the things that it names, where all of them are there. */
const RULES: Partial<Record<StepName, StepRule>> = {
  splitNetwork: (value, site) => {
    const cut = value['nodes'] as readonly string[];
    const isSplit = ({ name }: { readonly name: string }): boolean => {
      const members = site.nodes.filter(({ cluster }) => cluster === name);
      const far = members.filter((node) => cut.includes(node.name));
      return far.length > 0 && far.length < members.length;
    };
    return site.clusters.some(isSplit)
      ? undefined
      : { entry: 'nodes', problem: 'nobody is on the other side, expected a part of their cluster' };
  },

  failGuest: (value, site) => {
    const item = site.packages.find(({ name }) => name === value['package']);
    return item === undefined || item.type === 'vm'
      ? undefined
      : { entry: 'package', problem: `${item.name} is no virtual machine, expected a package of type vm` };
  },

  upgrade: (value, site) => {
    const node = site.nodes.find(({ name }) => name === value['node']);
    const cluster = site.clusters.find(({ name }) => name === node?.cluster);
    // Of two releases only the later one can be an upgrade, and only from the first.
    return cluster === undefined || (cluster.release === 'A.11.18.02' && value['release'] === 'A.11.19')
      ? undefined
      : { entry: 'release', problem: `${cluster.name} has ${cluster.release}, expected a later release` };
  },
};

/** Throws ScenarioError where a step asks for what cannot be, or names a node twice. */
export function checkStepRules(
  source: ScenarioSource,
  name: StepName,
  value: Record<string, unknown>,
  path: Path,
  site: Site,
): void {
  const { nodes } = value;
  const names: readonly unknown[] = Array.isArray(nodes) ? nodes : [];
  const twice = names.findIndex((node, index) => names.indexOf(node) < index);
  if (twice >= 0) {
    throw source.error(
      [...path, 'nodes', twice],
      `'${String(names[twice])}' is given twice, expected it once`,
    );
  }
  const found = RULES[name]?.(value, site);
  if (found !== undefined) throw source.error([...path, found.entry], found.problem);
}
