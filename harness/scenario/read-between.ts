import type { Sequences } from '../clients/sequence.js';
import type { PackageModel, Site } from '../cluster/model.js';
import { sequencesFor } from './own-sequences.js';
import type { Path, ScenarioSource } from './source.js';
import { isMapping, type Given } from './step-names.js';
import type { StepName } from './steps/index.js';

/** `between` must name a line of a procedure that its step carries out: behind any other it would never be played. */
export function checkBetween(
  source: ScenarioSource,
  name: StepName,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  { site, sequences }: Given,
): void {
  const { between } = value;
  if (!isMapping(between)) return;
  const started = site.packages.filter(({ name: packageName, cluster }) =>
    name === 'reform' ? cluster === value['cluster'] : packageName === value['package'],
  );
  const ids = new Set(
    started
      .filter(({ controlScript }) => controlScript === null)
      .flatMap((item) => linesOf(item, name, site, sequences)),
  );
  const after = String(between['after']);
  if (ids.has(after)) return;
  throw source.error(
    [...path, 'between', 'after'],
    ids.size === 0
      ? `there is no line to stop behind where control scripts start packages, expected no between`
      : `there is no line '${after}', expected one of ${[...ids].join(', ')}`,
  );
}

/** The lines of a start, and where a cluster forms again also of a fence by an instance that has survived. */
function linesOf(
  item: PackageModel,
  step: StepName,
  { clusters }: Site,
  own: Partial<Sequences>,
): readonly string[] {
  const cluster = clusters.find(({ name }) => name === item.cluster);
  if (cluster === undefined) return [];
  const { start, fenceFailedNode } = sequencesFor(cluster, item.type, own);
  const fences = step === 'reform' && item.type === 'multi-node';
  return [...start, ...(fences ? fenceFailedNode : [])].map(({ id }) => id);
}
