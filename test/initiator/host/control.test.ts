import { describe, expect, it } from 'vitest';
import {
  encodeJson,
  parseControlAnswer,
  parseControlRequest,
  parseFailure,
} from '../../../initiator/host/control.js';

const long = 'x'.repeat(200);

describe('control requests', () => {
  it.each([
    { request: 'open', device: 'data', user: 'guest1' },
    { request: 'open', device: long, user: long },
    { request: 'hold', devices: ['data'], count: 1 },
    { request: 'hold', devices: ['data'], count: 1_000_000, user: 'guest1' },
    { request: 'awaitHeld', hold: 1 },
    { request: 'listHeld', hold: 1 },
    { request: 'release', hold: 1 },
    { request: 'logInAgain', isid: '0x800000000002' },
  ])('%j is one', (request) => {
    expect(parseControlRequest(encodeJson(request))).toEqual(request);
  });

  const others: readonly unknown[] = [
    null,
    [],
    'open',
    {},
    { request: 'shutdown' },
    { request: 'toString' },
    { request: 'open', device: 'data' },
    { request: 'open', device: 'data', user: '' },
    { request: 'open', device: '', user: 'u' },
    { request: 'open', device: `${long}x`, user: 'u' },
    { request: 'open', device: 5, user: 'u' },
    { request: 'open', device: 'data', user: 'u', more: 1 },
    { request: 'open', device: 'data', user: 'u', constructor: 1 },
    { request: 'hold', devices: ['data'] },
    { request: 'hold', device: 'data', count: 1 },
    { request: 'hold', devices: ['data', ''], count: 1 },
    { request: 'hold', devices: ['data'], count: 0 },
    { request: 'hold', devices: ['data'], count: 1_000_001 },
    { request: 'hold', devices: ['data'], count: 1.5 },
    { request: 'hold', devices: ['data'], count: '1' },
    { request: 'hold', devices: ['data'], count: 1, user: '' },
    { request: 'awaitHeld' },
    { request: 'listHeld', hold: '1' },
    { request: 'release', hold: null },
    { request: 'logInAgain', isid: '0x80000000000' },
    { request: 'logInAgain', isid: 5 },
  ];
  it.each(others.map((request) => ({ request })))('$request is none', ({ request }) => {
    expect(() => parseControlRequest(encodeJson(request))).toThrow('no control request');
  });
});

describe('answers to control requests', () => {
  const write = { user: 'guest1', cdb: '2a00', dataOutBytes: 512 };

  it.each([
    ['open', { handle: 0 }],
    ['hold', { hold: 3 }],
    ['awaitHeld', {}],
    ['listHeld', { held: [] }],
    ['listHeld', { held: [write, write] }],
    ['release', { statuses: ['GOOD'] }],
  ] as const)('%s: %j', (request, answer) => {
    expect(parseControlAnswer(request, encodeJson(answer))).toEqual(answer);
  });

  it.each([
    ['open', {}],
    ['open', { handle: '0' }],
    ['hold', { handle: 0 }],
    ['awaitHeld', []],
    ['awaitHeld', 5],
    ['listHeld', { held: {} }],
    ['listHeld', { held: [write, { ...write, user: 5 }] }],
    ['release', { statuses: [0] }],
  ] as const)('%s is not answered by %j', (request, answer) => {
    expect(() => parseControlAnswer(request, encodeJson(answer))).toThrow(`no answer to ${request}`);
  });

  it('a failure has an error name and a message', () => {
    const failure = { errno: 'EIO', message: 'gone' };
    expect(parseFailure(encodeJson(failure))).toEqual(failure);
    expect(() => parseFailure(encodeJson({ errno: 5, message: 'gone' }))).toThrow('no failure');
    expect(() => parseFailure(Buffer.from('{'))).toThrow('no JSON');
  });
});
