import { Type, type Static } from 'typebox';

// Every schema says in `description` what is expected, in the words of an error message.

const closed = { additionalProperties: false } as const;
const Name = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,31}$',
  description: 'a name: a letter, then up to 31 letters, digits, dots, hyphens or underscores',
});
const Duration = Type.String({
  pattern: '^[0-9]+(ms|s)$',
  description: 'a time such as 70s or 500ms',
});
const Text = Type.String({ minLength: 1, description: 'a text' });
const Count = Type.Integer({ minimum: 1, maximum: 60, description: 'a whole number from 1 to 60' });
const oneOf = <const T extends readonly string[]>(...words: T) =>
  Type.Unsafe<T[number]>(
    Type.Enum([...words], { description: `${words.length === 1 ? '' : 'one of '}${words.join(', ')}` }),
  );
const OnOff = oneOf('on', 'off');
const Flag = Type.Boolean({ description: 'true or false' });
/** What every list has that must not be empty. */
const some = (what: string) => ({ minItems: 1, description: `a list of ${what}, at least one` });

const Lun = Type.Object(
  { name: Name, nopr: Type.Optional(Flag) },
  { ...closed, description: 'a LUN: name, and nopr where it refuses PERSISTENT RESERVE' },
);
const ArrayOfLuns = Type.Object(
  {
    portals: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 4, description: 'a whole number from 1 to 4' }),
    ),
    luns: Type.Array(Lun, some('LUNs')),
    ignoreReservations: Type.Optional(Flag),
  },
  { ...closed, description: 'an array: luns, portals, ignoreReservations' },
);
const Cluster = Type.Object(
  {
    name: Name,
    release: oneOf('A.11.18.02', 'A.11.19'),
    fence: Type.Optional(oneOf('clear', 'preempt-and-abort')),
    reformationWait: Type.Optional(Duration),
  },
  { ...closed, description: 'a cluster: name, release, fence, reformationWait' },
);
const Host = Type.Object({ name: Name }, { ...closed, description: 'an ESX host: name' });
const ClusterNode = Type.Object(
  {
    name: Name,
    cluster: Name,
    host: Type.Optional(Name),
    mapping: Type.Optional(oneOf('physical', 'virtual')),
  },
  { ...closed, description: 'a node: name, cluster, and for a guest host and mapping' },
);
const Package = Type.Object(
  {
    name: Name,
    cluster: Name,
    type: Type.Optional(oneOf('failover', 'multi-node')),
    sglx_vm: Type.Optional(OnOff),
    pkg_pr_mode: Type.Optional(oneOf('pr_enabled', 'pr_disabled')),
    luns: Type.Array(Name, some('names of LUNs')),
    nodes: Type.Array(Name, some('names of nodes')),
    controlScript: Type.Optional(Text),
  },
  {
    ...closed,
    description: 'a package: name, cluster, type, sglx_vm or pkg_pr_mode, luns, nodes, controlScript',
  },
);

const OwnLine = Type.Object(
  {
    id: Name,
    eachLun: Type.Optional(Text),
    eachPath: Type.Optional(Text),
    eachForeignKey: Type.Optional(Text),
    wait: Type.Optional(oneOf('reformation')),
    application: Type.Optional(oneOf('start', 'stop')),
    fences: Type.Optional(Flag),
    mayFail: Type.Optional(Flag),
    instances: Type.Optional(oneOf('first', 'later', 'all')),
  },
  {
    ...closed,
    description:
      'a line of a sequence: id and one of eachLun, eachPath, eachForeignKey (sg_persist options), wait, application',
  },
);
const OwnSequence = Type.Array(OwnLine, { description: 'a list of lines' });
const OwnSequences = Type.Object(
  {
    reform: Type.Optional(OwnSequence),
    start: Type.Optional(OwnSequence),
    undoStart: Type.Optional(OwnSequence),
    halt: Type.Optional(OwnSequence),
    fenceFailedNode: Type.Optional(OwnSequence),
  },
  { ...closed, description: 'sequences: reform, start, undoStart, halt, fenceFailedNode' },
);

/** Steps that run while a procedure stands still between two of its lines: a barrier for an interleaving. */
const Between = Type.Object(
  { after: Name, do: Type.Array(Type.Unknown(), { minItems: 1, description: 'a list of steps' }) },
  { ...closed, description: 'between: after (the id of a line of the sequence) and do (steps)' },
);

/** What the value of each step must be; the key is the step's name. */
export const STEP_SCHEMAS = {
  /** Starts a package on a node. */
  cmrunpkg: Type.Object(
    {
      package: Name,
      node: Name,
      expect: Type.Optional(oneOf('starts', 'fails')),
      between: Type.Optional(Between),
    },
    { ...closed, description: 'package and node' },
  ),
  /** Halts a package, or one instance of it. */
  cmhaltpkg: Type.Object(
    { package: Name, node: Type.Optional(Name) },
    { ...closed, description: 'package, and node for one instance' },
  ),
  /** Switching: whether a package may move at all, or to a node. */
  cmmodpkg: Type.Object(
    { package: Name, switching: oneOf('enable', 'disable'), node: Type.Optional(Name) },
    { ...closed, description: 'package, switching (enable or disable), and node' },
  ),
  cmviewcl: Type.Object({ cluster: Name }, { ...closed, description: 'cluster' }),
  /** The cluster forms again without the nodes that are hung or dead; their packages move. */
  reform: Type.Object(
    { cluster: Name, between: Type.Optional(Between) },
    { ...closed, description: 'cluster' },
  ),
  /** The application of a package, on `node` a zombie among them, writes `count` times. */
  writes: Type.Object(
    {
      package: Name,
      node: Type.Optional(Name),
      count: Count,
      wait: Type.Optional(Flag),
      expect: Type.Optional(oneOf('acknowledged', 'refused')),
    },
    { ...closed, description: 'package and count, and node, wait, expect' },
  ),
  hang: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  wake: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  crash: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  /** Only the application fails; its node is well, and restarts it at `restart`. */
  failApplication: Type.Object(
    { package: Name, expect: Type.Optional(oneOf('starts', 'fails')) },
    { ...closed, description: 'package' },
  ),
  /** A storage path of a node is lost for good. */
  losePath: Type.Object(
    { node: Name, path: Type.Integer({ minimum: 1, maximum: 4, description: 'a path from 1' }) },
    { ...closed, description: 'node and path' },
  ),
  /** The next writes of a guest stay in its hypervisor, or those of a node in the array behind the checks. */
  hold: Type.Object(
    {
      where: oneOf('host', 'array'),
      node: Name,
      lun: Name,
      count: Type.Optional(Count),
      for: Type.Optional(Duration),
    },
    { ...closed, description: 'where (host or array), node, lun, and count, for' },
  ),
  /** Settles when what was to be held is held. */
  awaitHeld: Type.Object(
    { where: oneOf('host', 'array'), node: Name },
    { ...closed, description: 'where (host or array) and node' },
  ),
  release: Type.Object(
    { where: oneOf('host', 'array'), node: Name },
    { ...closed, description: 'where (host or array) and node' },
  ),
  wait: Duration,
  /** What an observer reads from a LUN must be this. */
  expectKeys: Type.Object(
    {
      lun: Name,
      keys: Type.Array(
        Type.String({
          pattern: '^0x[0-9a-f]{1,16}$',
          description: 'a key such as 0x10001',
        }),
        {
          description: 'a list of keys, one per registered path; [] for none',
        },
      ),
      reservation: Type.String({
        pattern: '^(none|0x[0-9a-f]{1,16})$',
        description: 'none, or the key of the holder such as 0x10001',
      }),
    },
    { ...closed, description: 'lun, keys and reservation' },
  ),
  /** Steps that run side by side; in memory the seed decides how they interleave. */
  together: Type.Array(Type.Unknown(), { minItems: 2, description: 'a list of steps, at least two' }),
} as const;

export type StepName = keyof typeof STEP_SCHEMAS;
export const STEP_NAMES = Object.keys(STEP_SCHEMAS) as StepName[];

export const ScenarioSchema = Type.Object(
  {
    scenario: Text,
    paper: Text,
    expect: oneOf('SAFE', 'UNSAFE'),
    runtimes: Type.Optional(Type.Array(oneOf('memory', 'processes'), some('runtimes'))),
    array: ArrayOfLuns,
    hosts: Type.Optional(Type.Array(Host, some('ESX hosts'))),
    clusters: Type.Array(Cluster, some('clusters')),
    nodes: Type.Array(ClusterNode, some('nodes')),
    packages: Type.Array(Package, some('packages')),
    sequences: Type.Optional(OwnSequences),
    steps: Type.Array(Type.Unknown(), { minItems: 1, description: 'a list of steps' }),
  },
  { ...closed, description: 'a scenario' },
);

export type ScenarioFile = Static<typeof ScenarioSchema>;
export type OwnLineFile = Static<typeof OwnLine>;
type StepValue<N extends StepName> = Static<(typeof STEP_SCHEMAS)[N]>;

interface BetweenSteps {
  readonly after: string;
  readonly do: readonly Step[];
}
/** The values of a step; nested steps are steps. */
type Parsed<V> = V extends unknown[]
  ? readonly Step[]
  : V extends object
    ? { readonly [K in keyof V]: K extends 'between' ? BetweenSteps | Extract<V[K], undefined> : V[K] }
    : V;

/** One step of a scenario, with its place in the file. */
export type Step = {
  [N in StepName]: {
    readonly name: N;
    readonly value: Parsed<StepValue<N>>;
    /** From 1. */
    readonly line: number;
    /** The step as one line of text. */
    readonly text: string;
  };
}[StepName];

export type StepOf<N extends StepName> = Extract<Step, { name: N }>;

/** `70s` or `500ms` in milliseconds. */
export function durationMs(text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  return Number(digits) * (unit === 's' ? 1_000 : 1);
}
