import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { SecurityOptions } from '../../../target/options.js';
import { Bench, INITIATOR_NAME, NAMES, TARGET_NAME, loginRequest, text, textOf } from './raw-initiator.js';
import type { LoginOptions, Pdu, RawInitiator } from './raw-initiator.js';

let bench: Bench;
afterEach(async () => {
  await bench.stop();
});

const alice = { user: 'alice', password: 'twelve bytes or more' };
const array = { user: 'array', password: 'of another kind of secret' };
const BOTH: SecurityOptions = { chap: { ...alice, mutual: array } };

const HASHES: Readonly<Record<string, string>> = { 5: 'md5', 6: 'sha1', 7: 'sha256', 8: 'sha3-256' };
const DISCOVERY = [`InitiatorName=${INITIATOR_NAME}`, 'SessionType=Discovery'];

type Keys = ReadonlyMap<string, string>;
interface Answer {
  readonly status: string;
  readonly flags: number;
  readonly keys: Keys;
}

function answerOf({ header, data }: Pdu): Answer {
  const pairs = textOf({ header, data }).map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return {
    status: `${String(header[36])}/${String(header[37])}`,
    flags: header[1] ?? -1,
    keys: new Map(pairs),
  };
}

/** One request of the security stage, without T unless told, and its answer. */
async function security(
  initiator: RawInitiator,
  only: readonly string[],
  options: Partial<LoginOptions> = {},
): Promise<Answer> {
  initiator.send(loginRequest({ csg: 0, transit: false, ...options, only }));
  return answerOf(await initiator.expect(0x23));
}

/** As far as the challenge. */
async function challenged(
  algorithms: string,
  names: readonly string[] = NAMES,
): Promise<{ readonly initiator: RawInitiator; readonly keys: Keys }> {
  const initiator = await bench.connect();
  const method = await security(initiator, [...names, 'AuthMethod=CHAP,None']);
  expect(method).toMatchObject({ status: '0/0', flags: 0 });
  expect(method.keys.get('AuthMethod')).toBe('CHAP');
  return { initiator, keys: (await security(initiator, [`CHAP_A=${algorithms}`])).keys };
}

/** RFC 1994 4.1, apart from the code under test. */
function hashOf(keys: Keys, password: string, algorithm = keys.get('CHAP_A') ?? ''): Buffer {
  const challenge = Buffer.from((keys.get('CHAP_C') ?? '').slice(2), 'hex');
  return createHash(HASHES[algorithm] ?? '')
    .update(Buffer.of(Number(keys.get('CHAP_I'))))
    .update(password)
    .update(challenge)
    .digest();
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
const rightAnswer = (keys: Keys): string[] => ['CHAP_N=alice', `CHAP_R=${hex(hashOf(keys, alice.password))}`];
const into = { nsg: 3, transit: true } as const;

/** The answer to the challenge of algorithm 7, changed by `change`. */
async function verdict(
  change: (keys: Keys) => readonly string[],
  options: SecurityOptions = BOTH,
): Promise<string> {
  bench = await Bench.start({ security: options });
  const { initiator, keys } = await challenged('7');
  return (await security(initiator, change(keys), into)).status;
}

describe('CHAP, RFC 7143 12.1.3', () => {
  it.each(['5', '6', '7', '8'])('lets in who knows the secret, by algorithm %s', async (algorithm) => {
    bench = await Bench.start({ security: { chap: alice } });
    const { initiator, keys } = await challenged(algorithm);
    expect(keys.get('CHAP_A')).toBe(algorithm);
    // As long as the hash, RFC 1994 2.3.
    expect(keys.get('CHAP_C')).toHaveLength(2 + 2 * hashOf(keys, '').length);
    expect(await security(initiator, rightAnswer(keys), into)).toMatchObject({ status: '0/0', flags: 0x83 });
  });

  it('takes a response in base64, and its keys in either order', async () => {
    expect(
      await verdict((keys) => [
        `CHAP_R=0b${hashOf(keys, alice.password).toString('base64')}`,
        'CHAP_N=alice',
      ]),
    ).toBe('0/0');
  });

  it.each([
    ['7,5', undefined, '7'],
    ['5,7', undefined, '5'],
    ['9,0x8,5', undefined, '8'],
    ['5,6,7,8', [8, 7] as const, '7'],
    ['5,8', [8] as const, '8'],
  ])('of %s, allowed %j, takes %s: the first that is allowed', async (list, chapAlgorithms, taken) => {
    bench = await Bench.start({ security: { chap: alice, chapAlgorithms } });
    expect((await challenged(list)).keys.get('CHAP_A')).toBe(taken);
  });

  it.each(['CHAP_A=5', 'CHAP_A=5,6', 'CHAP_A=', 'CHAP_A=md5', 'CHAP_A=08', 'CHAP_A=-8', 'CHAP_N=alice'])(
    'refuses %s with 02/01 where only SHA3-256 is allowed',
    async (offer) => {
      bench = await Bench.start({ security: { chap: alice, chapAlgorithms: [8] } });
      const initiator = await bench.connect();
      await security(initiator, [...NAMES, 'AuthMethod=CHAP']);
      expect((await security(initiator, [offer])).status).toBe('2/1');
    },
  );

  it.each<[string, (keys: Keys) => readonly string[]]>([
    ['a wrong secret', (keys) => ['CHAP_N=alice', `CHAP_R=${hex(hashOf(keys, 'twelve bytes or less'))}`]],
    ['a wrong name', (keys) => ['CHAP_N=Alice', rightAnswer(keys)[1] ?? '']],
    ['an empty name', (keys) => ['CHAP_N=', rightAnswer(keys)[1] ?? '']],
    ['no CHAP_N', (keys) => rightAnswer(keys).slice(1)],
    ['no CHAP_R', () => ['CHAP_N=alice']],
    ['neither', () => []],
    ['an empty CHAP_R', () => ['CHAP_N=alice', 'CHAP_R=']],
    [
      'a CHAP_R without 0x',
      (keys) => ['CHAP_N=alice', `CHAP_R=${hex(hashOf(keys, alice.password)).slice(2)}`],
    ],
    ['a CHAP_R that is too short', (keys) => ['CHAP_N=alice', (rightAnswer(keys)[1] ?? '').slice(0, -2)]],
    ['a CHAP_R that is too long', (keys) => ['CHAP_N=alice', `${rightAnswer(keys)[1] ?? ''}00`]],
    ['a CHAP_R of 1024 bytes', () => ['CHAP_N=alice', `CHAP_R=0x${'5a'.repeat(1024)}`]],
    [
      'a hash of another algorithm',
      (keys) => ['CHAP_N=alice', `CHAP_R=${hex(hashOf(keys, alice.password, '8'))}`],
    ],
    ['the secret of the target', (keys) => ['CHAP_N=array', `CHAP_R=${hex(hashOf(keys, array.password))}`]],
    ['CHAP_A once more', (keys) => ['CHAP_A=7', ...rightAnswer(keys)]],
    ['AuthMethod once more', (keys) => ['AuthMethod=None', ...rightAnswer(keys)]],
  ])('refuses %s with 02/01', async (_title, change) => {
    expect(await verdict(change)).toBe('2/1');
    expect(bench.target.sessions()).toEqual([]);
    expect(bench.events.map(({ type }) => type)).toEqual(['loginRefused']);
    expect(JSON.stringify(bench.events)).not.toMatch(/twelve|another kind/);
  });

  it.each<[string, (keys: Keys) => readonly string[]]>([
    ['CHAP_N twice', (keys) => ['CHAP_N=alice', ...rightAnswer(keys)]],
    ['a CHAP_N of 256 bytes', (keys) => [`CHAP_N=${'a'.repeat(256)}`, rightAnswer(keys)[1] ?? '']],
    ['a CHAP_R of more than 1024 bytes', () => ['CHAP_N=alice', `CHAP_R=0x${'5a'.repeat(1025)}`]],
  ])('refuses %s with 02/00, as any text that breaks the rules', async (_title, change) => {
    expect(await verdict(change)).toBe('2/0');
  });

  it.each<[string, Partial<LoginOptions>]>([
    ['skips the security stage', { csg: 1 }],
    ['offers None alone', { csg: 0, nsg: 1, keys: ['AuthMethod=None'] }],
    ['offers methods that are not to be had', { csg: 0, nsg: 1, keys: ['AuthMethod=KRB5,SRP'] }],
    ['leaves the security stage without a word', { csg: 0, nsg: 3 }],
    ['names algorithms before the method is settled', { csg: 0, keys: ['AuthMethod=CHAP', 'CHAP_A=7'] }],
    ['challenges the target at once', { csg: 0, keys: ['AuthMethod=CHAP', 'CHAP_I=1', 'CHAP_C=0x00'] }],
    ['begins with the response', { csg: 0, transit: false, keys: ['CHAP_N=alice', 'CHAP_R=0x00'] }],
  ])('refuses who %s with 02/01', async (_title, options) => {
    bench = await Bench.start({ security: BOTH });
    const initiator = await bench.connect();
    initiator.send(loginRequest(options));
    expect((await initiator.untilClosed()).map((pdu) => answerOf(pdu).status)).toEqual(['2/1']);
  });

  it('does not leave the stage before the response was judged, whatever T asks', async () => {
    bench = await Bench.start({ security: BOTH });
    const initiator = await bench.connect();
    const method = await security(initiator, [...NAMES, 'AuthMethod=CHAP'], into);
    expect(method).toMatchObject({ status: '0/0', flags: 0 });
    const challenge = await security(initiator, ['CHAP_A=7'], into);
    expect(challenge).toMatchObject({ status: '0/0', flags: 0 });
    expect(bench.target.sessions()).toEqual([]);
    const judged = await security(initiator, rightAnswer(challenge.keys));
    expect(judged).toMatchObject({ status: '0/0', flags: 0 });
    expect(await security(initiator, [], { nsg: 1, transit: true })).toMatchObject({ flags: 0x81 });
    initiator.send(loginRequest({ only: [] }));
    expect(answerOf(await initiator.expect(0x23))).toMatchObject({ status: '0/0', flags: 0x87 });
  });

  it('gives no identity away: a wrong name and a wrong secret are refused in the same bytes', async () => {
    bench = await Bench.start({ security: BOTH });
    const refusals: string[] = [];
    for (const [name, password] of [
      ['nobody', alice.password],
      ['alice', 'not the secret here'],
    ] as const) {
      const { initiator, keys } = await challenged('7');
      initiator.send(
        loginRequest({
          csg: 0,
          ...into,
          only: [`CHAP_N=${name}`, `CHAP_R=${hex(hashOf(keys, password))}`],
        }),
      );
      const { header, data } = await initiator.expect(0x23);
      refusals.push(Buffer.concat([header, data]).toString('hex'));
    }
    expect(refusals[0]).toBe(refusals[1]);
  });
});

it.each(['n', 'n'.repeat(255)])(
  'CHAP takes a name as short and as long as a text value may be',
  async (user) => {
    bench = await Bench.start({ security: { chap: { ...alice, user } } });
    const { initiator, keys } = await challenged('5');
    const answer = [`CHAP_N=${user}`, rightAnswer(keys)[1] ?? ''];
    expect((await security(initiator, answer, into)).status).toBe('0/0');
  },
);

describe('mutual CHAP, RFC 7143 9.2.1 and 12.1.3', () => {
  const own = { CHAP_I: '255', CHAP_C: '0x00112233445566778899aabbccddeeff' };
  const asks = (change: Readonly<Record<string, string>>) => (keys: Keys) => [
    ...rightAnswer(keys),
    ...Object.entries(change).map(([key, value]) => `${key}=${value}`),
  ];

  it.each([own, { CHAP_I: '0x00', CHAP_C: '0bABEiM0RVZneImaq7zN3u/w==' }])(
    'answers %j with the name and the secret of the target',
    async (challenge) => {
      bench = await Bench.start({ security: BOTH });
      const { initiator, keys } = await challenged('8');
      const answer = await security(initiator, asks(challenge)(keys), into);
      expect(answer).toMatchObject({ status: '0/0', flags: 0x83 });
      // The same sixteen bytes, and the same number, in both forms.
      const theirs = new Map([
        ['CHAP_I', String(Number(challenge.CHAP_I))],
        ['CHAP_C', own.CHAP_C],
      ]);
      expect(answer.keys.get('CHAP_N')).toBe('array');
      expect(answer.keys.get('CHAP_R')).toBe(hex(hashOf(theirs, array.password, '8')));
    },
  );

  it.each<[string, Readonly<Record<string, string>>]>([
    ['CHAP_I 256', { ...own, CHAP_I: '256' }],
    ['CHAP_I -1', { ...own, CHAP_I: '-1' }],
    ['CHAP_I 0x100', { ...own, CHAP_I: '0x100' }],
    ['a CHAP_I that is no number', { ...own, CHAP_I: 'one' }],
    ['CHAP_I without CHAP_C', { CHAP_I: '1' }],
    ['CHAP_C without CHAP_I', { CHAP_C: '0x00' }],
    ['an empty CHAP_C', { ...own, CHAP_C: '' }],
    ['a CHAP_C that is neither 0x nor 0b', { ...own, CHAP_C: '00ff' }],
    ['a CHAP_C of 1025 bytes', { ...own, CHAP_C: `0b${Buffer.alloc(1025, 1).toString('base64')}` }],
  ])('refuses %s with 02/01', async (_title, challenge) => {
    expect(await verdict(asks(challenge))).toBe('2/1');
  });

  it('takes a challenge of 1024 bytes', async () => {
    const CHAP_C = `0x${'c3'.repeat(1024)}`;
    expect(await verdict(asks({ ...own, CHAP_C }))).toBe('0/0');
  });

  it('takes a challenge of one byte, and an identifier that is the one of ours', async () => {
    expect(await verdict((keys) => asks({ CHAP_I: keys.get('CHAP_I') ?? '', CHAP_C: '0x5a' })(keys))).toBe(
      '0/0',
    );
  });

  it('is refused with 02/01 where the target has no secret of its own', async () => {
    expect(await verdict(asks(own), { chap: alice })).toBe('2/1');
  });

  it('refuses its own challenge, in whatever form it comes back', async () => {
    const reflected = (keys: Keys) => asks({ ...own, CHAP_C: keys.get('CHAP_C') ?? '' })(keys);
    expect(await verdict(reflected)).toBe('2/1');
    await bench.stop();
    const recoded = (keys: Keys) => {
      const bytes = Buffer.from((keys.get('CHAP_C') ?? '').slice(2), 'hex');
      return asks({ ...own, CHAP_C: `0b${bytes.toString('base64')}` })(keys);
    };
    expect(await verdict(recoded)).toBe('2/1');
  });

  it('refuses the challenge of another connection, and a response to it', async () => {
    bench = await Bench.start({ security: BOTH });
    const first = await challenged('7');
    const second = await challenged('7');
    const third = await challenged('7');
    const challenges = [first, second, third].map(({ keys }) => keys.get('CHAP_C'));
    expect(new Set(challenges).size).toBe(3);
    const reflected = asks({ ...own, CHAP_C: first.keys.get('CHAP_C') ?? '' })(second.keys);
    expect((await security(second.initiator, reflected, into)).status).toBe('2/1');
    expect((await security(third.initiator, rightAnswer(first.keys), into)).status).toBe('2/1');
    expect((await security(first.initiator, asks(own)(first.keys), into)).status).toBe('0/0');
  });

  it('does not answer before the initiator has proved itself', async () => {
    bench = await Bench.start({ security: BOTH });
    const { initiator, keys } = await challenged('7');
    const wrong = [
      'CHAP_N=alice',
      `CHAP_R=${hex(hashOf(keys, 'a guess of twelve'))}`,
      'CHAP_I=1',
      'CHAP_C=0x00112233445566778899aabbccddeeff',
    ];
    const refusal = await security(initiator, wrong, into);
    expect(refusal.status).toBe('2/1');
    expect(refusal.keys.size).toBe(0);
  });
});

describe('whether a session is there', () => {
  it.each([
    ['a session is there', true, '2/6'],
    ['none is', false, '2/10'],
  ])('is told to nobody who has not proved who it is: %s', async (_title, isThere, status) => {
    bench = await Bench.start({ security: BOTH });
    const first = await challenged('7');
    first.initiator.send(loginRequest({ csg: 0, nsg: 3, only: rightAnswer(first.keys) }));
    const tsih = (await first.initiator.expect(0x23)).header.readUInt16BE(14) + (isThere ? 0 : 1);
    const asked = async (answer: (keys: Keys) => readonly string[]): Promise<string> => {
      const initiator = await bench.connect();
      const method = await security(initiator, [...NAMES, 'AuthMethod=CHAP'], { tsih });
      expect([method.status, method.keys.get('AuthMethod')]).toEqual(['0/0', 'CHAP']);
      const { keys } = await security(initiator, ['CHAP_A=7'], { tsih });
      return (await security(initiator, answer(keys), { ...into, tsih })).status;
    };
    expect(await asked((keys) => ['CHAP_N=alice', `CHAP_R=${hex(hashOf(keys, 'a guess of twelve'))}`])).toBe(
      '2/1',
    );
    expect(await asked(rightAnswer)).toBe(status);
    expect(bench.target.sessions()).toHaveLength(1);
  });
});

describe('discovery sessions', () => {
  const finder = { user: 'finder', password: 'a secret for finding' };
  const sendTargets = async (initiator: RawInitiator, wanted = 'All'): Promise<string[]> => {
    initiator.send({
      opcode: 0x04,
      immediate: true,
      tag: 9,
      words: { 20: 0xffffffff, 24: 100 },
      data: text(`SendTargets=${wanted}`),
    });
    return textOf(await initiator.expect(0x24));
  };

  it('are not asked by the CHAP of normal sessions', async () => {
    bench = await Bench.start({ security: BOTH });
    const initiator = await bench.connect();
    expect(answerOf(await initiator.login({ only: DISCOVERY }))).toMatchObject({ status: '0/0' });
    expect(await sendTargets(initiator)).toContain(`TargetName=${TARGET_NAME}`);
  });

  it.each([
    ['CHAP,None', 'CHAP'],
    ['None,CHAP', 'None'],
  ])('are asked by the account of normal sessions where they would rather be: %s', async (offer, answer) => {
    bench = await Bench.start({ security: BOTH });
    const initiator = await bench.connect();
    const { keys } = await security(initiator, [...DISCOVERY, `AuthMethod=${offer}`]);
    expect(keys.get('AuthMethod')).toBe(answer);
  });

  it('have an account of their own, that is of no use in a normal session', async () => {
    bench = await Bench.start({ security: { ...BOTH, discoveryChap: finder } });
    const plain = await bench.connect();
    expect(answerOf(await plain.login({ only: DISCOVERY })).status).toBe('2/1');
    const asFinder = (keys: Keys) => [`CHAP_N=finder`, `CHAP_R=${hex(hashOf(keys, finder.password))}`];
    const right = await challenged('7', DISCOVERY);
    expect((await security(right.initiator, asFinder(right.keys), into)).status).toBe('0/0');
    expect(await sendTargets(right.initiator)).toContain(`TargetName=${TARGET_NAME}`);
    const asAlice = await challenged('7', DISCOVERY);
    expect((await security(asAlice.initiator, rightAnswer(asAlice.keys), into)).status).toBe('2/1');
    const normal = await challenged('7');
    expect((await security(normal.initiator, asFinder(normal.keys), into)).status).toBe('2/1');
  });

  it('have the target prove itself by an account for them', async () => {
    const found = { user: 'found', password: 'a secret to be found by' };
    bench = await Bench.start({ security: { ...BOTH, discoveryChap: { ...finder, mutual: found } } });
    const { initiator, keys } = await challenged('7', DISCOVERY);
    const own = ['CHAP_I=1', 'CHAP_C=0x0102030405060708'];
    const response = `CHAP_R=${hex(hashOf(keys, finder.password))}`;
    const answer = await security(initiator, ['CHAP_N=finder', response, ...own], into);
    expect(answer).toMatchObject({ status: '0/0' });
    const theirs = new Map(own.map((pair): [string, string] => [pair.slice(0, 6), pair.slice(7)]));
    expect(answer.keys.get('CHAP_N')).toBe('found');
    expect(answer.keys.get('CHAP_R')).toBe(hex(hashOf(theirs, found.password, '7')));
  });

  it('hear nothing of a target that would refuse them', async () => {
    bench = await Bench.start({ security: { initiators: [{ name: 'iqn.2026-11.org.fencelab:other' }] } });
    const initiator = await bench.connect();
    expect(answerOf(await initiator.login({ only: DISCOVERY })).status).toBe('0/0');
    expect(await sendTargets(initiator)).toEqual([]);
    expect(await sendTargets(initiator, TARGET_NAME)).toEqual([]);
  });
});

describe('the list of initiators', () => {
  const refused = async (security: SecurityOptions, only: readonly string[] = NAMES): Promise<string> => {
    bench = await Bench.start({ security });
    const initiator = await bench.connect();
    return answerOf(await initiator.login({ only })).status;
  };
  const other = { name: 'iqn.2026-11.org.fencelab:other' };

  it('lets in who is on it, by whatever case of the name', async () => {
    expect(await refused({ initiators: [other, { name: INITIATOR_NAME.toUpperCase() }] })).toBe('0/0');
  });

  it('refuses others with 02/02, before they are asked for a secret', async () => {
    expect(await refused({ initiators: [other] })).toBe('2/2');
    expect(bench.events.map(({ type }) => type)).toEqual(['loginRefused']);
    await bench.stop();
    expect(await refused({ ...BOTH, initiators: [other] })).toBe('2/2');
    await bench.stop();
    expect(await refused({ initiators: [] })).toBe('2/2');
  });

  it('tells of an unknown target first: 02/03', async () => {
    const only = [NAMES[0], 'TargetName=iqn.2026-11.org.fencelab:nobody'];
    expect(await refused({ initiators: [other] }, only)).toBe('2/3');
  });

  it('may give an initiator an account of its own; the target proves itself by its own all the same', async () => {
    const carol = { user: 'carol', password: 'the secret of carol' };
    bench = await Bench.start({ security: { ...BOTH, initiators: [{ name: INITIATOR_NAME, chap: carol }] } });
    const asAlice = await challenged('7');
    expect((await security(asAlice.initiator, rightAnswer(asAlice.keys), into)).status).toBe('2/1');
    const asCarol = await challenged('7');
    const mutual = ['CHAP_I=1', 'CHAP_C=0x0102030405060708'];
    const answer = ['CHAP_N=carol', `CHAP_R=${hex(hashOf(asCarol.keys, carol.password))}`, ...mutual];
    const last = await security(asCarol.initiator, answer, into);
    expect(last).toMatchObject({ status: '0/0' });
    expect(last.keys.get('CHAP_N')).toBe('array');
  });

  it('asks those with an account alone where there is none for everybody', async () => {
    const carol = { user: 'carol', password: 'the secret of carol' };
    const security = { initiators: [{ ...other, chap: carol }, { name: INITIATOR_NAME }] };
    expect(await refused(security)).toBe('0/0');
    await bench.stop();
    expect(await refused(security, [`InitiatorName=${other.name}`, ...NAMES.slice(1)])).toBe('2/1');
  });
});
