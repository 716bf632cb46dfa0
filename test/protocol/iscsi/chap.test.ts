import { describe, expect, it } from 'vitest';
import {
  answerChapChallenge,
  CHAP_ALGORITHMS,
  CHAP_ALGORITHMS_EXPECTED,
  chapChallengeLengthBytes,
  chapChallengePairs,
  chapResponse,
  chapResponseError,
  chooseChapAlgorithm,
  decodeBinaryValue,
  encodeBinaryValue,
  parseChapAlgorithms,
  verifyChapResponse,
  whyNoChapAccount,
  type ChapChallenge,
} from '../../../protocol/iscsi/chap.js';

const hex = (text: string) => Buffer.from(text, 'hex');
const alice = { user: 'alice', password: 'correct horse battery' };
const array = { user: 'array', password: 'staple of another kind' };
const sent: ChapChallenge = { algorithm: 7, identifier: 0x2a, challenge: Buffer.alloc(32, 0xc4) };

describe('CHAP response, RFC 1994 4.1', () => {
  // Computed with Python's hashlib over 01 73 65 63 72 65 74 00 01 02 03.
  it.each([
    [5, 'e82cb2ed1efe04893c9cf73d4dd12e2d'],
    [6, '4ba9b914438b0a2231ce08d06e1814afdbbd02c9'],
    [7, '60ad105214396c736e4569759380672905396143713449e104a2be1e885b5d06'],
    [8, '5a8cab9a6c0245b91a7d0d2966f24cb7328b2a59616809840e7a77c9c4fb94d8'],
  ] as const)('algorithm %i hashes identifier, secret and challenge', (algorithm, expected) => {
    const response = chapResponse(algorithm, 1, 'secret', hex('00010203'));
    expect(Buffer.from(response).toString('hex')).toBe(expected);
    expect(chapChallengeLengthBytes(algorithm)).toBe(response.length);
  });
});

describe('binary values, RFC 7143 6.1', () => {
  it('are hexadecimal or base64', () => {
    expect(encodeBinaryValue(hex('00ff'))).toBe('0x00ff');
    expect(decodeBinaryValue('0x00FF')).toEqual(hex('00ff'));
    expect(decodeBinaryValue('0Xfff')).toEqual(hex('0fff'));
    expect(decodeBinaryValue('0bAP8=')).toEqual(hex('00ff'));
    expect(decodeBinaryValue('0BAP8')).toEqual(hex('00ff'));
    expect(['', '0x', '00ff', '0xzz', '0b', '0b*'].map(decodeBinaryValue)).toEqual(Array(6).fill(undefined));
  });
});

describe('the choice of algorithm', () => {
  it("is the first of the initiator's list that is allowed", () => {
    expect(chooseChapAlgorithm('5,6,7,8')).toBe(5);
    expect(chooseChapAlgorithm('9,8,5')).toBe(8);
    expect(chooseChapAlgorithm('5,7', [7, 8])).toBe(7);
    expect(chooseChapAlgorithm('0x07,5')).toBe(7);
    expect(['', '56', '05', '4'].map((list) => chooseChapAlgorithm(list))).toEqual(Array(4).fill(undefined));
  });
});

describe('accounts, RFC 7143 9.2.1', () => {
  it('have secrets of 12 bytes and more, and a name that a text key can hold', () => {
    const why = (user: string, password: string) => whyNoChapAccount({ user, password });
    expect(why('alice', '12 bytes now')).toBeUndefined();
    // Twelve bytes of UTF-8 in six characters.
    expect(why('alice', 'ääääää')).toBeUndefined();
    expect(why('alice', 'eleven byte')).toBe('the secret has 11 bytes, expected at least 12');
    expect(why('', 'twelve bytes')).toBe('the user name: expected 1 to 255 bytes');
    expect(why('a'.repeat(255), 'twelve bytes')).toBeUndefined();
    expect(why('a'.repeat(256), 'twelve bytes')).toBe('the user name: expected 1 to 255 bytes');
    expect(why('a\0b', 'twelve bytes')).toBe('the user name: expected 1 to 255 bytes');
  });

  it('name the algorithms in words', () => {
    expect(parseChapAlgorithms('sha3-256,SHA256, sha1,md5')).toEqual([8, 7, 6, 5]);
    expect(['', 'sha512', 'md5,md5', 'sha512,md5,md5'].map(parseChapAlgorithms)).toEqual(
      Array(4).fill(undefined),
    );
    expect(CHAP_ALGORITHMS_EXPECTED).toBe('some of md5, sha1, sha256, sha3-256');
  });
});

describe('the two sides', () => {
  const challengePairs = new Map(chapChallengePairs(sent));

  it('agree one way', () => {
    const step = answerChapChallenge(challengePairs, CHAP_ALGORITHMS, alice);
    if (!step.ok) throw new Error(step.reason);
    expect(step.answers.map(([key]) => key)).toEqual(['CHAP_N', 'CHAP_R']);
    expect(verifyChapResponse(new Map(step.answers), sent, { account: alice, isOurs: () => false })).toEqual({
      ok: true,
      answers: [],
    });
  });

  it('agree both ways', () => {
    const own: ChapChallenge = { algorithm: 7, identifier: 9, challenge: Buffer.alloc(32, 0x11) };
    const step = answerChapChallenge(challengePairs, CHAP_ALGORITHMS, alice, own);
    if (!step.ok) throw new Error(step.reason);
    const verdict = verifyChapResponse(new Map(step.answers), sent, {
      account: alice,
      mutual: array,
      isOurs: () => false,
    });
    if (!verdict.ok) throw new Error(verdict.reason);
    expect(chapResponseError(new Map(verdict.answers), own, array)).toBeUndefined();
    expect(chapResponseError(new Map(verdict.answers), own, alice)).toBe(
      'CHAP_N is not the name that was expected',
    );
    expect(chapResponseError(new Map(verdict.answers), { ...own, identifier: 8 }, array)).toBe(
      'CHAP_R is wrong',
    );
  });

  const judged = (change: Readonly<Record<string, string>>, mutual?: typeof array) => {
    const step = answerChapChallenge(challengePairs, CHAP_ALGORITHMS, alice);
    if (!step.ok) throw new Error(step.reason);
    const verdict = verifyChapResponse(new Map([...step.answers, ...Object.entries(change)]), sent, {
      account: alice,
      mutual,
      isOurs: (challenge) => Buffer.compare(challenge, sent.challenge) === 0,
    });
    return verdict.ok ? 'accepted' : verdict.reason;
  };

  it('refuse a wrong name, a wrong or missing response', () => {
    expect(judged({ CHAP_N: 'Alice' })).toBe('CHAP_N is not the name that was expected');
    expect(judged({ CHAP_R: `0x${'00'.repeat(32)}` })).toBe('CHAP_R is wrong');
    expect(judged({ CHAP_R: '0x00' })).toBe('CHAP_R is wrong');
    expect(judged({ CHAP_N: '' })).toBe('CHAP_N is not the name that was expected');
    expect(verifyChapResponse(new Map(), sent, { account: alice, isOurs: () => false })).toEqual({
      ok: false,
      reason: 'CHAP_N is missing',
    });
    expect(judged({ CHAP_R: 'zz' })).toBe('CHAP_R is missing or no binary value');
  });

  it('refuse a reflected challenge and mutual CHAP that is not set up', () => {
    const own = { CHAP_I: '1', CHAP_C: encodeBinaryValue(sent.challenge) };
    expect(judged(own, array)).toBe('a challenge of ours came back');
    expect(judged(own)).toBe('the initiator wants mutual authentication, which is not set up');
    expect(judged({ CHAP_I: '256', CHAP_C: '0x00' }, array)).toBe(
      'CHAP_I is missing or no number from 0 to 255',
    );
    expect(judged({ CHAP_I: '1' }, array)).toBe('CHAP_C is missing or no binary value of at most 1024 bytes');
    const same = answerChapChallenge(challengePairs, CHAP_ALGORITHMS, alice, { ...sent });
    expect(same).toEqual({ ok: false, reason: 'both challenges are the same' });
  });

  it('take a challenge of up to 1024 bytes and an identifier of up to 255', () => {
    const challenged = (identifier: string, lengthBytes: number) =>
      answerChapChallenge(
        new Map([
          ['CHAP_A', '7'],
          ['CHAP_I', identifier],
          ['CHAP_C', encodeBinaryValue(Buffer.alloc(lengthBytes, 0x22))],
        ]),
        CHAP_ALGORITHMS,
        alice,
      );
    expect(challenged('255', 1024).ok).toBe(true);
    expect(challenged('256', 1024)).toMatchObject({ ok: false });
    expect(challenged('255', 1025)).toMatchObject({ ok: false });
  });

  it('refuse an algorithm that was not offered', () => {
    expect(answerChapChallenge(challengePairs, [5], alice)).toEqual({
      ok: false,
      reason: 'the target chose CHAP_A=7, which was not offered',
    });
  });
});
