// A hash is a pure function of its input; challenges, which are not, come in as arguments.
// eslint-disable-next-line no-restricted-imports -- see above
import { createHash, timingSafeEqual } from 'node:crypto';
import { TEXT_VALUE_LENGTH_MAX_BYTES, type TextPair } from './text.js';

/** CHAP_A: hash algorithms by the numbers of the IANA registry (RFC 7143 12.1.3 requires MD5). */
export const CHAP_ALGORITHM = { md5: 5, sha1: 6, sha256: 7, sha3With256: 8 } as const;
export type ChapAlgorithm = (typeof CHAP_ALGORITHM)[keyof typeof CHAP_ALGORITHM];

/** Strongest first: what an initiator offers if it is free to. */
export const CHAP_ALGORITHMS: readonly ChapAlgorithm[] = [8, 7, 6, 5];

const HASHES: Readonly<Record<ChapAlgorithm, { readonly name: string; readonly lengthBytes: number }>> = {
  5: { name: 'md5', lengthBytes: 16 },
  6: { name: 'sha1', lengthBytes: 20 },
  7: { name: 'sha256', lengthBytes: 32 },
  8: { name: 'sha3-256', lengthBytes: 32 },
};

/** What people call the algorithms, in options and messages. */
const ALGORITHM_OF_NAME: ReadonlyMap<string, ChapAlgorithm> = new Map([
  ['md5', CHAP_ALGORITHM.md5],
  ['sha1', CHAP_ALGORITHM.sha1],
  ['sha256', CHAP_ALGORITHM.sha256],
  ['sha3-256', CHAP_ALGORITHM.sha3With256],
]);

/** For messages. */
export const CHAP_ALGORITHMS_EXPECTED = `some of ${[...ALGORITHM_OF_NAME.keys()].join(', ')}`;

/** Reads `sha256,md5`: each once; undefined for anything else. */
export function parseChapAlgorithms(text: string): readonly ChapAlgorithm[] | undefined {
  const algorithms = text.split(',').map((name) => ALGORITHM_OF_NAME.get(name.trim().toLowerCase()));
  const known = algorithms.filter((algorithm) => algorithm !== undefined);
  return known.length === algorithms.length && known.length === new Set(known).size ? known : undefined;
}

/** Longest challenge and response in bytes (RFC 7143 12.1.3). */
export const CHAP_BINARY_LENGTH_MAX_BYTES = 1024;

/** Shortest secret: 96 bits (RFC 7143 9.2.1). */
export const CHAP_SECRET_LENGTH_MIN_BYTES = 12;

export interface ChapAccount {
  readonly user: string;
  readonly password: string;
}

/**
 * The secret that a file holds: all of it but a line break at its end. Throws RangeError, without the secret, where it holds
 * what nobody types as a secret: the other side would only see that the secret is wrong.
 */
export function secretOfFile(text: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (secret.startsWith('\ufeff')) throw new RangeError('a byte order mark before the secret, expected none');
  if (/[\r\n]/.test(secret)) throw new RangeError('a line break in the secret, expected one line');
  return secret;
}

/** Why nobody may go by this account, undefined if they may. The secret is not in the words. */
export function whyNoChapAccount({ user, password }: ChapAccount): string | undefined {
  if (user === '' || user.includes('\0') || Buffer.byteLength(user) > TEXT_VALUE_LENGTH_MAX_BYTES) {
    return `the user name: expected 1 to ${TEXT_VALUE_LENGTH_MAX_BYTES} bytes`;
  }
  const lengthBytes = Buffer.byteLength(password);
  if (lengthBytes >= CHAP_SECRET_LENGTH_MIN_BYTES) return undefined;
  return `the secret has ${lengthBytes} bytes, expected at least ${CHAP_SECRET_LENGTH_MIN_BYTES}`;
}

/** The digest length of an algorithm; a challenge should not be shorter (RFC 1994 2.3). */
export const chapChallengeLengthBytes = (algorithm: ChapAlgorithm): number => HASHES[algorithm].lengthBytes;

/** Hash of identifier, secret and challenge (RFC 1994 4.1). */
export function chapResponse(
  algorithm: ChapAlgorithm,
  identifier: number,
  secret: string,
  challenge: Uint8Array,
): Uint8Array {
  return createHash(HASHES[algorithm].name)
    .update(Uint8Array.of(identifier))
    .update(secret, 'utf8')
    .update(challenge)
    .digest();
}

/** A binary value as hexadecimal constant (RFC 7143 6.1). */
export const encodeBinaryValue = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** The bytes of a `0x` or `0b` (base64) constant; undefined if it is neither. An odd hex digit leads. */
export function decodeBinaryValue(text: string): Uint8Array | undefined {
  const digits = text.slice(2);
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) {
    return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  }
  if (/^0[bB][A-Za-z0-9+/]+={0,2}$/.test(text)) return Buffer.from(digits, 'base64');
  return undefined;
}

/** The first algorithm of the initiator's CHAP_A list that is allowed here; undefined: none, the login fails. */
export function chooseChapAlgorithm(
  list: string,
  allowed: readonly ChapAlgorithm[] = CHAP_ALGORITHMS,
): ChapAlgorithm | undefined {
  for (const item of list.split(',')) {
    // A number without leading zeros, or a hexadecimal one (RFC 7143 6.1).
    const number = /^([1-9]\d{0,2}|0[xX][0-9a-fA-F]{1,2})$/.test(item) ? Number(item) : undefined;
    const algorithm = allowed.find((known) => known === number);
    if (algorithm !== undefined) return algorithm;
  }
  return undefined;
}

/** A challenge that was sent, kept until the response comes. */
export interface ChapChallenge {
  readonly algorithm: ChapAlgorithm;
  readonly identifier: number;
  readonly challenge: Uint8Array;
}

/** The target's CHAP_A, CHAP_I and CHAP_C. */
export function chapChallengePairs(sent: ChapChallenge): readonly TextPair[] {
  return [
    ['CHAP_A', String(sent.algorithm)],
    ['CHAP_I', String(sent.identifier)],
    ['CHAP_C', encodeBinaryValue(sent.challenge)],
  ];
}

export type ChapVerdict =
  /** `answers`: CHAP_N and CHAP_R of the other direction, where it was asked for. */
  | { readonly ok: true; readonly answers: readonly TextPair[] }
  | { readonly ok: false; readonly reason: string };

const failure = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason });

/** What the target knows of the initiator and of itself. */
export interface ChapKnowledge {
  readonly account: ChapAccount;
  /** Our name and secret towards initiators; undefined: we cannot authenticate ourselves. */
  readonly mutual?: ChapAccount | undefined;
  /** Whether a challenge is one that we have sent, here or on another connection. */
  readonly isOurs: (challenge: Uint8Array) => boolean;
}

/** The target's judgement of CHAP_N and CHAP_R, and its own response where the initiator sends CHAP_I and CHAP_C too. */
export function verifyChapResponse(
  received: ReadonlyMap<string, string>,
  sent: ChapChallenge,
  { account, mutual, isOurs }: ChapKnowledge,
): ChapVerdict {
  const reason = chapResponseError(received, sent, account);
  if (reason !== undefined) return failure(reason);
  const identifier = received.get('CHAP_I');
  const challenge = received.get('CHAP_C');
  if (identifier === undefined && challenge === undefined) return { ok: true, answers: [] };
  if (mutual === undefined) return failure('the initiator wants mutual authentication, which is not set up');
  const theirs = readChallenge(sent.algorithm, identifier, challenge);
  if (typeof theirs === 'string') return failure(theirs);
  // RFC 7143 9.2.1: who sends a challenge back wants it answered by the one that must not answer it.
  if (isOurs(theirs.challenge)) return failure('a challenge of ours came back');
  return { ok: true, answers: responsePairs(theirs, mutual) };
}

/** The initiator's answer to CHAP_A, CHAP_I and CHAP_C; `own` is its challenge of the target, for mutual CHAP. */
export function answerChapChallenge(
  received: ReadonlyMap<string, string>,
  offered: readonly ChapAlgorithm[],
  account: ChapAccount,
  own?: { readonly identifier: number; readonly challenge: Uint8Array },
):
  | { readonly ok: true; readonly algorithm: ChapAlgorithm; readonly answers: readonly TextPair[] }
  | { readonly ok: false; readonly reason: string } {
  const chosen = received.get('CHAP_A') ?? '';
  const algorithm = offered.find((known) => String(known) === chosen);
  if (algorithm === undefined) return failure(`the target chose CHAP_A=${chosen}, which was not offered`);
  const theirs = readChallenge(algorithm, received.get('CHAP_I'), received.get('CHAP_C'));
  if (typeof theirs === 'string') return failure(theirs);
  const answers = [...responsePairs(theirs, account)];
  if (own !== undefined) {
    if (equalInConstantTime(own.challenge, theirs.challenge)) return failure('both challenges are the same');
    answers.push(['CHAP_I', String(own.identifier)], ['CHAP_C', encodeBinaryValue(own.challenge)]);
  }
  return { ok: true, algorithm, answers };
}

/** What is wrong with CHAP_N and CHAP_R as the answer to `sent`; undefined if nothing. */
export function chapResponseError(
  received: ReadonlyMap<string, string>,
  sent: ChapChallenge,
  account: ChapAccount,
): string | undefined {
  const name = received.get('CHAP_N');
  if (name === undefined) return 'CHAP_N is missing';
  const response = decodeBinaryValue(received.get('CHAP_R') ?? '');
  if (response === undefined) return 'CHAP_R is missing or no binary value';
  const expected = chapResponse(sent.algorithm, sent.identifier, account.password, sent.challenge);
  // Both are compared whatever the first says, so that the time of a refusal does not tell which names exist.
  const nameIsRight = equalInConstantTime(Buffer.from(name), Buffer.from(account.user));
  const responseIsRight = equalInConstantTime(response, expected);
  if (!nameIsRight) return 'CHAP_N is not the name that was expected';
  return responseIsRight ? undefined : 'CHAP_R is wrong';
}

function readChallenge(
  algorithm: ChapAlgorithm,
  identifier: string | undefined,
  challenge: string | undefined,
): ChapChallenge | string {
  const number = /^(0[xX][0-9a-fA-F]{1,2}|[0-9]{1,3})$/.test(identifier ?? '') ? Number(identifier) : NaN;
  if (!(number <= 255)) return 'CHAP_I is missing or no number from 0 to 255';
  const bytes = decodeBinaryValue(challenge ?? '');
  if (bytes === undefined || bytes.length > CHAP_BINARY_LENGTH_MAX_BYTES) {
    return `CHAP_C is missing or no binary value of at most ${CHAP_BINARY_LENGTH_MAX_BYTES} bytes`;
  }
  return { algorithm, identifier: number, challenge: bytes };
}

function responsePairs(challenge: ChapChallenge, account: ChapAccount): readonly TextPair[] {
  const response = chapResponse(
    challenge.algorithm,
    challenge.identifier,
    account.password,
    challenge.challenge,
  );
  return [
    ['CHAP_N', account.user],
    ['CHAP_R', encodeBinaryValue(response)],
  ];
}

/** Takes as long where the first byte differs as where the last does; lengths are no secret. */
export const equalInConstantTime = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);
