// What a host and its users say to each other beside commands, as JSON. Each form is declared once, as a check that
// carries the type; by hand, since a schema library takes longer to load than most runs of a tool last.

type Check<T> = (value: unknown) => value is T;
type Checked<C> = C extends Check<infer T> ? T : never;

const NAME_LENGTH_MAX = 200;
const HOLD_COUNT_MAX = 1_000_000;

const isText: Check<string> = (value) => typeof value === 'string';
const isName: Check<string> = (value): value is string =>
  isText(value) && value.length > 0 && value.length <= NAME_LENGTH_MAX;
const isInteger: Check<number> = (value): value is number => Number.isInteger(value);
const isHoldCount: Check<number> = (value): value is number =>
  isInteger(value) && value >= 1 && value <= HOLD_COUNT_MAX;
const isIsid: Check<string> = (value): value is string => isText(value) && /^0x[0-9a-f]{12}$/.test(value);
const isThe =
  <const T extends string>(text: T): Check<T> =>
  (value): value is T =>
    value === text;
const isListOf =
  <T>(isItem: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(isItem);

const NOTHING_OPTIONAL = {} as const;

/** An object with exactly these fields; those of `optional` may be missing. */
function isObject<
  const R extends Readonly<Record<string, Check<unknown>>>,
  const O extends Readonly<Record<string, Check<unknown>>> = typeof NOTHING_OPTIONAL,
>(
  required: R,
  optional?: O,
): Check<{ readonly [K in keyof R]: Checked<R[K]> } & { readonly [K in keyof O]?: Checked<O[K]> }> {
  const known: Readonly<Record<string, Check<unknown>>> = { ...required, ...(optional ?? NOTHING_OPTIONAL) };
  return (value): value is never =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(required).every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(
      ([name, field]) => Object.hasOwn(known, name) && known[name]?.(field) === true,
    );
}

/** What a user may ask of a host beside commands. */
const REQUESTS = {
  /** Opens a device by its name; `user` says who asks (a guest's name), for holds and messages. */
  open: isObject({ request: isThe('open'), device: isName, user: isName }),
  /** From now on the next `count` writes to any of some devices stay in the host; of one user if named. */
  hold: isObject({ request: isThe('hold'), devices: isListOf(isName), count: isHoldCount }, { user: isName }),
  /** Answered when `count` writes have been caught by a hold. */
  awaitHeld: isObject({ request: isThe('awaitHeld'), hold: isInteger }),
  /** What a hold holds. */
  listHeld: isObject({ request: isThe('listHeld'), hold: isInteger }),
  /** Sends the held writes out, ends the hold, and is answered when each has its status. */
  release: isObject({ request: isThe('release'), hold: isInteger }),
  /** Answered when no command of any device is under way; what comes from now on waits for `resume`. */
  quiesce: isObject({ request: isThe('quiesce') }),
  resume: isObject({ request: isThe('resume') }),
  /** A guest at rest goes over to another host: each device to the one of the same name at that socket. */
  relocate: isObject({ request: isThe('relocate'), socketPath: isText }),
  /** Ends the sessions of the host, and logs in again by another ISID: another nexus. Answered when it has. */
  logInAgain: isObject({ request: isThe('logInAgain'), isid: isIsid }),
} as const;
export type ControlRequest = {
  [K in keyof typeof REQUESTS]: Checked<(typeof REQUESTS)[K]>;
}[keyof typeof REQUESTS];

const isHeldWrite = isObject({ user: isName, cdb: isText, dataOutBytes: isInteger });
/** A write that a hold holds: who handed it over, its CDB in hex, how much it carries. */
export type HeldWrite = Checked<typeof isHeldWrite>;

/** Answers, by request. */
const ANSWERS = {
  open: isObject({ handle: isInteger }),
  hold: isObject({ hold: isInteger }),
  awaitHeld: isObject({}),
  listHeld: isObject({ held: isListOf(isHeldWrite) }),
  release: isObject({ statuses: isListOf(isText) }),
  quiesce: isObject({}),
  resume: isObject({}),
  relocate: isObject({}),
  logInAgain: isObject({}),
} as const;
export type ControlAnswers = { [K in keyof typeof ANSWERS]: Checked<(typeof ANSWERS)[K]> };

const isFailure = isObject({ errno: isText, message: isText });
export type HostFailure = Checked<typeof isFailure>;

/** JSON that is not what was expected. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export function parseControlRequest(body: Buffer): ControlRequest {
  const value = parseJson(body);
  for (const isRequest of Object.values(REQUESTS)) if (isRequest(value)) return value;
  throw new ControlError('no control request (see initiator/host/control.ts for their form)');
}

export function parseControlAnswer<K extends keyof ControlAnswers>(
  request: K,
  body: Buffer,
): ControlAnswers[K] {
  const value = parseJson(body);
  const isAnswer: Check<unknown> = ANSWERS[request];
  if (isAnswer(value)) return value as ControlAnswers[K];
  throw new ControlError(`no answer to ${request}`);
}

export function parseFailure(body: Buffer): HostFailure {
  const value = parseJson(body);
  if (isFailure(value)) return value;
  throw new ControlError('no failure');
}

export const encodeJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8');

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ControlError('no JSON', { cause: error });
  }
}
