import { expect, it, vi } from 'vitest';
import { chapResponse, chapResponseError, encodeBinaryValue } from '../../../protocol/iscsi/chap.js';
import type { ChapChallenge } from '../../../protocol/iscsi/chap.js';

const compared = vi.hoisted((): string[] => []);

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    timingSafeEqual: (a: Uint8Array, b: Uint8Array): boolean => {
      compared.push(a.length === 5 ? 'name' : 'response');
      return crypto.timingSafeEqual(a, b);
    },
  };
});

const alice = { user: 'alice', password: 'correct horse battery' };
const sent: ChapChallenge = { algorithm: 7, identifier: 1, challenge: Buffer.alloc(32, 0xc4) };

it.each([
  ['alice', alice.password, undefined],
  ['alicf', alice.password, 'CHAP_N is not the name that was expected'],
  ['alice', 'wrong horse battery', 'CHAP_R is wrong'],
  ['alicf', 'wrong horse battery', 'CHAP_N is not the name that was expected'],
])('name and response are both compared, in a time that tells nothing: %s, %s', (user, secret, error) => {
  compared.length = 0;
  const response = chapResponse(7, sent.identifier, secret, sent.challenge);
  const received = new Map([
    ['CHAP_N', user],
    ['CHAP_R', encodeBinaryValue(response)],
  ]);
  expect(chapResponseError(received, sent, alice)).toBe(error);
  expect(compared).toEqual(['name', 'response']);
});
