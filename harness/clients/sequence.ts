/**
 * What a cluster product does, as data: the lines it sends and the order. A scenario may bring its own.
 *
 * In `options`, `{key}` stands for the key of the node that runs the line and `{foreignKey}` for a registered key of
 * another node, or of the failed one where a failed node is fenced.
 */
export type SequenceStep = {
  /** The name that a scenario's `between` speaks of; unique in a sequence. */
  readonly id: string;
  /** True where no document gives this line and it was inferred. */
  readonly inferred: boolean;
  /** Where the line, or what it is inferred from, is written. */
  readonly source: string;
} & (
  | {
      readonly action: 'sgPersist';
      /**
       * Which devices: one path of each LUN (the first that answers), every path of every LUN, or, for each registered
       * key of another node, one path of each LUN.
       */
      readonly on: 'eachLun' | 'eachPath' | 'eachForeignKey';
      /** The options of the line, as typed. */
      readonly options: string;
      /** The GOOD of this line is the fence point. */
      readonly fences: boolean;
      /** Goes on where the line fails: undoing and halting do all they can. */
      readonly mayFail: boolean;
      /** Multi-node packages: only for the first instance that starts, only for later ones, or for each. */
      readonly instances: 'first' | 'later' | 'all';
    }
  | { readonly action: 'wait'; readonly for: 'reformation' }
  | { readonly action: 'startApplication' }
  | { readonly action: 'stopApplication' }
);

/** The procedures of a product for one kind of package. */
export interface Sequences {
  /** After a node was lost, before any package starts. */
  readonly reform: readonly SequenceStep[];
  readonly start: readonly SequenceStep[];
  /** After a start that failed: nothing may be left behind. */
  readonly undoStart: readonly SequenceStep[];
  readonly halt: readonly SequenceStep[];
  /** Multi-node packages: what a surviving instance does about a failed one; `{foreignKey}` is the failed node's. */
  readonly fenceFailedNode: readonly SequenceStep[];
  /** The node reaches its LUNs by another nexus than before. */
  readonly registerAgain: readonly SequenceStep[];
}

export const SEQUENCE_NAMES = [
  'reform',
  'start',
  'undoStart',
  'halt',
  'fenceFailedNode',
  'registerAgain',
] as const satisfies readonly (keyof Sequences)[];

type SgPersistStep = Extract<SequenceStep, { action: 'sgPersist' }>;

/** A line of sg_persist; what is left out: it does not fence, must not fail, is for every instance. */
export function sgPersistStep(
  step: Pick<SgPersistStep, 'id' | 'on' | 'options' | 'inferred' | 'source'> & Partial<SgPersistStep>,
): SequenceStep {
  return { fences: false, mayFail: false, instances: 'all', ...step, action: 'sgPersist' };
}
