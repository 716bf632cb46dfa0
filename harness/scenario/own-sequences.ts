import { SEQUENCE_NAMES, sgPersistStep, type SequenceStep, type Sequences } from '../clients/sequence.js';
import { serviceguardSequences } from '../clients/serviceguard/sequences.js';
import type { ClusterModel, PackageModel } from '../cluster/model.js';
import type { OwnLineFile, ScenarioFile } from './schema/scenario-file.js';
import type { Path, ScenarioSource } from './source.js';

const ACTIONS = ['eachLun', 'eachPath', 'eachForeignKey', 'wait', 'application'] as const;

/** The line by which the application of a package starts or stops; no other sequence has one. */
const APPLICATION_LINES = { start: 'start', halt: 'stop' } as const;

/** What the product does for a kind of package, and what the user replaces of it. */
export function sequencesFor(
  cluster: Pick<ClusterModel, 'release' | 'fence'>,
  type: PackageModel['type'],
  own: Partial<Sequences>,
): Sequences {
  return { ...serviceguardSequences(cluster, type), ...own };
}

/** The sequences of the user, in the form of those that the product has. */
export function readOwnSequences(
  source: ScenarioSource,
  file: NonNullable<ScenarioFile['sequences']>,
): Partial<Sequences> {
  const own: Partial<Record<keyof Sequences, readonly SequenceStep[]>> = {};
  for (const name of SEQUENCE_NAMES) {
    const lines = file[name];
    if (lines === undefined) continue;
    const path = ['sequences', name];
    own[name] = lines.map((line, index) => readLine(source, line, [...path, index]));
    checkApplication(source, name, lines, path);
    if (name === 'reform') checkReform(source, lines, path);
  }
  return own;
}

function readLine(source: ScenarioSource, line: OwnLineFile, path: Path): SequenceStep {
  const given = ACTIONS.filter((action) => line[action] !== undefined);
  const [action] = given;
  if (action === undefined || given.length > 1) {
    throw source.error(
      path,
      `a line has ${given.length === 0 ? 'no action' : given.join(' and ')}, expected one of ${ACTIONS.join(', ')}`,
    );
  }
  const common = { id: line.id, inferred: false, source: 'sequences of the scenario file' };
  switch (action) {
    case 'wait':
      return { ...common, action: 'wait', for: 'reformation' };
    case 'application':
      return { ...common, action: line.application === 'stop' ? 'stopApplication' : 'startApplication' };
    case 'eachLun':
    case 'eachPath':
    case 'eachForeignKey':
      return sgPersistStep({
        ...common,
        on: action,
        options: line[action] ?? '',
        fences: line.fences ?? false,
        mayFail: line.mayFail ?? false,
        instances: line.instances ?? 'all',
      });
  }
}

/** A start that starts nothing proves nothing, and neither does a halt that lets the application go on. */
function checkApplication(
  source: ScenarioSource,
  name: keyof Sequences,
  lines: readonly OwnLineFile[],
  path: Path,
): void {
  const wanted = name === 'start' || name === 'halt' ? APPLICATION_LINES[name] : undefined;
  const wrong = lines.findIndex(({ application }) => application !== undefined && application !== wanted);
  if (wrong >= 0) {
    throw source.error(
      [...path, wrong, 'application'],
      `a line of ${name} has application: ${lines[wrong]?.application ?? ''}, expected ${
        wanted === undefined ? 'it in start or halt alone' : `application: ${wanted}`
      }`,
    );
  }
  const given = lines.filter(({ application }) => application !== undefined).length;
  if (wanted === undefined || given === 1) return;
  throw source.error(
    path,
    `${name} has ${given === 0 ? 'no line' : `${given} lines`} with application: ${wanted}, expected one`,
  );
}

/** A cluster forms again before it is known which node runs which package, so nobody could give a command for one. */
function checkReform(source: ScenarioSource, lines: readonly OwnLineFile[], path: Path): void {
  const wrong = lines.findIndex(({ wait }) => wait === undefined);
  if (wrong < 0) return;
  throw source.error(
    [...path, wrong],
    `a line of reform gives a command, expected wait: reformation, for nobody runs a package then`,
  );
}
