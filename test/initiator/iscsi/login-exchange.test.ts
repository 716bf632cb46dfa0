import { describe, expect, it } from 'vitest';
import {
  LoginExchange,
  type LoginAnswer,
  type LoginProgress,
} from '../../../initiator/iscsi/login-exchange.js';
import { negotiationValues, type ChapOptions } from '../../../initiator/iscsi/options.js';
import { chapResponse, encodeBinaryValue, encodeText, type TextPair } from '../../../protocol/index.js';

const INITIATOR = 'iqn.2026-11.org.fencelab:node1';
const TARGET = 'iqn.2026-11.org.fencelab:array';
const OURS = { user: 'node1', password: 'a-secret-of-16-b' };
const THEIRS = { user: 'array', password: 'the-other-secret' };
const OWN_CHALLENGE = { identifier: 9, challenge: Buffer.alloc(16, 0x0c) };
const CHALLENGE = Buffer.alloc(16, 0xc0);
const SECURITY = 0;
const OPERATIONAL = 1;
const FULL = 3;

const values = negotiationValues({ host: '', port: 0, initiatorName: INITIATOR, isid: 1n });
const exchange = (chap?: ChapOptions, targetName: string | undefined = TARGET): LoginExchange =>
  new LoginExchange({ initiatorName: INITIATOR, targetName, values, chap, ownChallenge: OWN_CHALLENGE });

const answer = (more: Partial<LoginAnswer> = {}): LoginAnswer => ({
  transit: 0,
  continue: 0,
  currentStage: SECURITY,
  nextStage: 0,
  statusClass: 0,
  statusDetail: 0,
  ...more,
});
const toOperational = answer({ transit: 1, nextStage: OPERATIONAL });
const toFull = answer({ transit: 1, currentStage: OPERATIONAL, nextStage: FULL });
const pairsOf = (progress: LoginProgress): readonly TextPair[] =>
  progress.next === 'send' ? progress.step.pairs : [];
const stepOf = (progress: LoginProgress) =>
  progress.next === 'send'
    ? [progress.step.currentStage, progress.step.nextStage, progress.step.transit]
    : progress.next;
const challenge = (algorithm: string): Buffer =>
  encodeText([
    ['CHAP_A', algorithm],
    ['CHAP_I', '7'],
    ['CHAP_C', encodeBinaryValue(CHALLENGE)],
  ]);
const response = (algorithm: 5 | 6 | 7 | 8): TextPair[] => [
  ['CHAP_N', OURS.user],
  ['CHAP_R', encodeBinaryValue(chapResponse(algorithm, 7, OURS.password, CHALLENGE))],
];
const proof = (password = THEIRS.password, user = THEIRS.user): Buffer =>
  encodeText([
    ['CHAP_N', user],
    ['CHAP_R', encodeBinaryValue(chapResponse(8, 9, password, OWN_CHALLENGE.challenge))],
  ]);
/** Up to the response to the target's challenge. */
function challenged(chap: ChapOptions, algorithm = '8'): { login: LoginExchange; answered: LoginProgress } {
  const login = exchange(chap);
  login.start();
  login.receive(answer(), encodeText([['AuthMethod', 'CHAP']]));
  return { login, answered: login.receive(answer(), challenge(algorithm)) };
}

describe('a login without CHAP', () => {
  it('goes straight to operational negotiation, and from there to full feature phase', () => {
    const login = exchange();
    const step = login.start();
    expect([step.currentStage, step.nextStage, step.transit]).toEqual([OPERATIONAL, FULL, true]);
    expect(step.pairs.slice(0, 3)).toEqual([
      ['InitiatorName', INITIATOR],
      ['SessionType', 'Normal'],
      ['TargetName', TARGET],
    ]);
    expect(login.receive(toFull, encodeText([['MaxBurstLength', '65536']]))).toMatchObject({
      next: 'fullFeaturePhase',
      parameters: { maxBurstLengthBytes: 65536, immediateData: true },
    });
  });

  it('names no target for discovery', () => {
    const login = new LoginExchange({
      initiatorName: INITIATOR,
      targetName: undefined,
      values,
      chap: undefined,
      ownChallenge: OWN_CHALLENGE,
    });
    expect(login.start().pairs.slice(0, 2)).toEqual([
      ['InitiatorName', INITIATOR],
      ['SessionType', 'Discovery'],
    ]);
    expect(new Map(login.start().pairs).has('TargetName')).toBe(false);
  });

  it('asks again with nothing where the target does not transit, and answers its offers', () => {
    const login = exchange();
    login.start();
    const progress = login.receive(
      answer({ currentStage: OPERATIONAL }),
      encodeText([['X-org.example.key', '1']]),
    );
    expect([stepOf(progress), pairsOf(progress)]).toEqual([
      [OPERATIONAL, FULL, true],
      [['X-org.example.key', 'NotUnderstood']],
    ]);
    expect(login.receive(toFull, Buffer.alloc(0)).next).toBe('fullFeaturePhase');
  });

  it('does not enter full feature phase by a transit to elsewhere', () => {
    const login = exchange();
    login.start();
    const elsewhere = answer({ transit: 1, currentStage: OPERATIONAL, nextStage: OPERATIONAL });
    expect(login.receive(elsewhere, Buffer.alloc(0)).next).toBe('send');
    const notYet = answer({ transit: 0, currentStage: OPERATIONAL, nextStage: FULL });
    expect(login.receive(notYet, Buffer.alloc(0)).next).toBe('send');
  });

  it('puts a text that comes in pieces together', () => {
    const login = exchange();
    login.start();
    const text = encodeText([['MaxBurstLength', '65536']]);
    const first = login.receive(answer({ continue: 1, currentStage: OPERATIONAL }), text.subarray(0, 7));
    expect([stepOf(first), pairsOf(first)]).toEqual([[OPERATIONAL, FULL, false], []]);
    expect(login.receive(toFull, text.subarray(7))).toMatchObject({
      parameters: { maxBurstLengthBytes: 65536 },
    });
  });

  it.each([
    ['a status class', answer({ statusClass: 2, statusDetail: 3 }), [], /refused the login: .*\(02\/03\)/],
    ['a bad text', toFull, 'MaxBurstLength', /bad login text/],
    ['an answer that may not be', toFull, [['MaxBurstLength', '99999999']], /negotiation failed/],
    ['a move without address', answer({ statusClass: 1 }), [], /without saying where/],
  ] as const)('fails at %s', (_, response, text, message) => {
    const login = exchange();
    login.start();
    const bytes = typeof text === 'string' ? Buffer.from(text) : encodeText(text);
    expect(() => login.receive(response, bytes)).toThrow(message);
  });

  it.each([
    [1, false],
    [2, true],
  ])('goes where the target moved: 01/0%i', (statusDetail, permanent) => {
    const login = exchange();
    login.start();
    const moved = answer({ statusClass: 1, statusDetail });
    expect(login.receive(moved, encodeText([['TargetAddress', '10.0.0.1:3260,1']]))).toEqual({
      next: 'redirect',
      address: '10.0.0.1:3260,1',
      permanent,
    });
  });

  it('leaves a target that comes to no end after 16 answers', () => {
    const login = exchange();
    login.start();
    const again = answer({ currentStage: OPERATIONAL });
    for (let i = 0; i < 16; i++) expect(login.receive(again, Buffer.alloc(0)).next).toBe('send');
    expect(() => login.receive(again, Buffer.alloc(0))).toThrow('does not bring the login to an end');
  });
});

describe('a login with CHAP, RFC 7143 12.1.3', () => {
  it('offers CHAP or nothing, answers the challenge, and negotiates', () => {
    const login = exchange(OURS);
    const first = login.start();
    expect([first.currentStage, first.nextStage, first.transit]).toEqual([SECURITY, OPERATIONAL, true]);
    expect(first.pairs).toEqual([
      ['InitiatorName', INITIATOR],
      ['SessionType', 'Normal'],
      ['TargetName', TARGET],
      ['AuthMethod', 'CHAP,None'],
    ]);
    const second = login.receive(answer(), encodeText([['AuthMethod', 'CHAP']]));
    expect([stepOf(second), pairsOf(second)]).toEqual([[SECURITY, 0, false], [['CHAP_A', '8,7,6,5']]]);
    const third = login.receive(answer(), challenge('5'));
    expect([stepOf(third), pairsOf(third)]).toEqual([[SECURITY, OPERATIONAL, true], response(5)]);
    const fourth = login.receive(toOperational, Buffer.alloc(0));
    expect(stepOf(fourth)).toEqual([OPERATIONAL, FULL, true]);
    expect(new Map(pairsOf(fourth)).get('MaxBurstLength')).toBe('1048576');
    expect(new Map(pairsOf(fourth)).has('InitiatorName')).toBe(false);
    expect(login.receive(toFull, Buffer.alloc(0)).next).toBe('fullFeaturePhase');
  });

  it('offers what it is restricted to, and leaves a target that chooses something else', () => {
    const { login, answered } = challenged({ ...OURS, algorithms: [7, 6] }, '6');
    expect(pairsOf(answered)).toEqual(response(6));
    expect(() => login.receive(answer({ statusClass: 2, statusDetail: 1 }), Buffer.alloc(0))).toThrow(
      /^the target refused the login: authentication failure \(02\/01\)$/,
    );
    expect(() => challenged({ ...OURS, algorithms: [8, 7] }, '5')).toThrow(
      'CHAP failed: the target chose CHAP_A=5, which was not offered',
    );
  });

  it('tells what to do about a target that takes SHA-256 for SHA-1', () => {
    const refused = (algorithm: string, statusDetail: number) => () => {
      challenged(OURS, algorithm).login.receive(answer({ statusClass: 2, statusDetail }), Buffer.alloc(0));
    };
    expect(refused('7', 1)).toThrow(
      'the target refused the login (tgt takes SHA-256 for SHA-1: FENCELAB_CHAP_ALGORITHMS=md5 helps there): ' +
        'authentication failure (02/01)',
    );
    expect(refused('7', 0)).toThrow('FENCELAB_CHAP_ALGORITHMS=md5');
    expect(refused('7', 2)).toThrow(/^the target refused the login: authorization failure/);
    expect(refused('8', 1)).toThrow(/^the target refused the login: authentication failure/);
  });

  it('asks for the transit where the target does not grant it with the verdict', () => {
    const { login } = challenged(OURS);
    const asked = login.receive(answer(), Buffer.alloc(0));
    expect([stepOf(asked), pairsOf(asked)]).toEqual([[SECURITY, OPERATIONAL, true], []]);
    expect(stepOf(login.receive(toOperational, Buffer.alloc(0)))).toEqual([OPERATIONAL, FULL, true]);
  });

  it('continues a challenge that comes in pieces within its stage', () => {
    const login = exchange(OURS);
    login.start();
    login.receive(answer(), encodeText([['AuthMethod', 'CHAP']]));
    const text = challenge('8');
    const first = login.receive(answer({ continue: 1 }), text.subarray(0, 20));
    expect([stepOf(first), pairsOf(first)]).toEqual([[SECURITY, OPERATIONAL, false], []]);
    expect(pairsOf(login.receive(answer(), text.subarray(20)))).toEqual(response(8));
  });

  it('goes on without where the target wants none', () => {
    const login = exchange(OURS);
    login.start();
    const progress = login.receive(toOperational, encodeText([['AuthMethod', 'None']]));
    expect(stepOf(progress)).toEqual([OPERATIONAL, FULL, true]);
  });

  it.each([
    ['a method that was not offered', OURS, 'KRB5'],
    ['no method', OURS, undefined],
    ['none where the target has to prove itself', { ...OURS, mutual: THEIRS }, 'None'],
  ])('fails at %s', (_, chap, method) => {
    const login = exchange(chap);
    login.start();
    const text = encodeText(method === undefined ? [] : [['AuthMethod', method]]);
    expect(() => login.receive(toOperational, text)).toThrow(/the target answered AuthMethod=/);
  });

  it('fails at an algorithm that was not offered', () => {
    expect(() => challenged({ ...OURS, algorithms: [7] }, '5')).toThrow(
      'CHAP failed: the target chose CHAP_A=5, which was not offered',
    );
  });

  it('does not go to a stage that it did not ask for', () => {
    const { login } = challenged(OURS);
    const straightToFull = answer({ transit: 1, nextStage: FULL });
    expect(() => login.receive(straightToFull, Buffer.alloc(0))).toThrow(
      'the target went to login stage 3, 1 was asked for',
    );
  });
});

describe('mutual CHAP', () => {
  const mutual = { ...OURS, mutual: THEIRS };

  it('offers CHAP only, challenges the target, and believes the right answer', () => {
    expect(new Map(exchange(mutual).start().pairs).get('AuthMethod')).toBe('CHAP');
    const { login, answered } = challenged(mutual);
    expect(pairsOf(answered)).toEqual([
      ...response(8),
      ['CHAP_I', '9'],
      ['CHAP_C', encodeBinaryValue(OWN_CHALLENGE.challenge)],
    ]);
    expect(stepOf(login.receive(toOperational, proof()))).toEqual([OPERATIONAL, FULL, true]);
  });

  it.each([
    ['a wrong secret', proof('not-their-secret'), 'CHAP_R is wrong'],
    ['our own secret', proof(OURS.password), 'CHAP_R is wrong'],
    ['another name', proof(THEIRS.password, 'mallory'), 'CHAP_N is not the name that was expected'],
    ['no proof', Buffer.alloc(0), 'CHAP_N is missing'],
  ])('does not believe %s', (_, text, reason) => {
    const { login } = challenged(mutual);
    expect(() => login.receive(toOperational, text)).toThrow(`the target did not prove itself: ${reason}`);
  });
});
