import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';

const name = Type.String({ minLength: 1, maxLength: 200 });

/** What a user may ask of a host beside commands. */
export const controlRequestSchema = Type.Union([
  /** Opens a device by its name; `user` says who asks (a guest's name), for holds and messages. */
  Type.Object({ request: Type.Literal('open'), device: name, user: name }, { additionalProperties: false }),
  /** From now on the next `count` writes to a device stay in the host; of one user if named. */
  Type.Object(
    {
      request: Type.Literal('hold'),
      device: name,
      user: Type.Optional(name),
      count: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    },
    { additionalProperties: false },
  ),
  /** Answered when `count` writes have been caught by a hold. */
  Type.Object({ request: Type.Literal('awaitHeld'), hold: Type.Integer() }, { additionalProperties: false }),
  /** What a hold holds. */
  Type.Object({ request: Type.Literal('listHeld'), hold: Type.Integer() }, { additionalProperties: false }),
  /** Sends the held writes out, ends the hold, and is answered when each has its status. */
  Type.Object({ request: Type.Literal('release'), hold: Type.Integer() }, { additionalProperties: false }),
]);
export type ControlRequest = Static<typeof controlRequestSchema>;

const heldWriteSchema = Type.Object({ user: name, cdb: Type.String(), dataOutBytes: Type.Integer() });
/** A write that a hold holds: who handed it over, its CDB in hex, how much it carries. */
export type HeldWrite = Static<typeof heldWriteSchema>;

/** Answers, by request. */
export const controlAnswerSchema = {
  open: Type.Object({ handle: Type.Integer() }),
  hold: Type.Object({ hold: Type.Integer() }),
  awaitHeld: Type.Object({}),
  listHeld: Type.Object({ held: Type.Array(heldWriteSchema) }),
  release: Type.Object({ statuses: Type.Array(Type.String()) }),
} as const;
export type ControlAnswers = {
  [K in keyof typeof controlAnswerSchema]: Static<(typeof controlAnswerSchema)[K]>;
};

const failureSchema = Type.Object({ errno: Type.String(), message: Type.String() });
export type HostFailure = Static<typeof failureSchema>;

/** JSON that is not what was expected. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export function parseControlRequest(body: Buffer): ControlRequest {
  const value = parseJson(body);
  if (Value.Check(controlRequestSchema, value)) return value;
  throw new ControlError('no control request (see initiator/host/control.ts for their form)');
}

export function parseControlAnswer<K extends keyof ControlAnswers>(
  request: K,
  body: Buffer,
): ControlAnswers[K] {
  const value = parseJson(body);
  if (Value.Check(controlAnswerSchema[request], value)) return value as ControlAnswers[K];
  throw new ControlError(`no answer to ${request}`);
}

export function parseFailure(body: Buffer): HostFailure {
  const value = parseJson(body);
  if (Value.Check(failureSchema, value)) return value;
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
