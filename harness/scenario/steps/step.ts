import { Type, type Static, type TSchema } from 'typebox';
import type { CommandRunner } from '../commands.js';
import { closed, Name } from '../schema/words.js';
import type { Holds } from '../holds.js';
import type { ClusterContext } from '../membership/context.js';
import type { Membership } from '../membership/membership.js';
import type { STEP_SCHEMAS } from './index.js';

/** What steps act upon. */
export interface PlayContext extends ClusterContext {
  readonly commands: CommandRunner;
  readonly membership: Membership;
  readonly holds: Holds;
  /** Has the end of the scenario wait for this. */
  readonly settleWith: (work: Promise<unknown>) => void;
}

/** A list of steps in the value of another one. */
export const Steps = Type.Array(Type.Unknown(), { minItems: 1, description: 'a list of steps' });

/** Steps that run while a procedure stands still between two of its lines: a barrier for an interleaving. */
export const Between = Type.Object(
  { after: Name, do: Steps },
  { ...closed, description: 'between: after (the id of a line of the sequence) and do (steps)' },
);

interface BetweenSteps {
  readonly after: string;
  readonly do: readonly Step[];
}

/** What nested steps are read into, by the name of the entry that has them. */
interface Nested {
  readonly between: BetweenSteps;
  readonly during: readonly Step[];
}

/** The value of a step that is played: what its schema says, and nested steps are steps. */
type Parsed<V> = V extends unknown[]
  ? readonly Step[]
  : V extends object
    ? {
        readonly [K in keyof V]: K extends keyof Nested ? Nested[K] | Extract<V[K], undefined> : V[K];
      }
    : V;

export type StepValue<S extends TSchema> = Parsed<Static<S>>;

/** What each step of a group does. */
export type StepHandlers<Schemas extends Readonly<Record<string, TSchema>>> = {
  readonly [N in keyof Schemas]: (value: StepValue<Schemas[N]>, context: PlayContext) => Promise<void>;
};

export type StepName = keyof typeof STEP_SCHEMAS;
/** What is left when the seed has drawn. */
export type PlayedStepName = Exclude<StepName, 'choose'>;

/** One step of a scenario as it is played, with its place in the file. */
export type Step = {
  [N in PlayedStepName]: {
    readonly name: N;
    readonly value: StepValue<(typeof STEP_SCHEMAS)[N]>;
    /** From 1. */
    readonly line: number;
    /** The step as one line of text. */
    readonly text: string;
  };
}[PlayedStepName];
