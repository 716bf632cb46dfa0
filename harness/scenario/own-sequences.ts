import { SEQUENCE_NAMES, sgPersistStep, type SequenceStep, type Sequences } from '../clients/sequence.js';
import type { OwnLineFile, ScenarioFile } from './schema/scenario-file.js';
import type { Path, ScenarioSource } from './source.js';

const ACTIONS = ['eachLun', 'eachPath', 'eachForeignKey', 'wait', 'application'] as const;

/** The sequences of the user, in the form of those that the product has. */
export function readOwnSequences(
  source: ScenarioSource,
  file: NonNullable<ScenarioFile['sequences']>,
): Partial<Sequences> {
  const own: Partial<Record<keyof Sequences, readonly SequenceStep[]>> = {};
  for (const name of SEQUENCE_NAMES) {
    const lines = file[name];
    if (lines === undefined) continue;
    own[name] = lines.map((line, index) => readLine(source, line, ['sequences', name, index]));
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
