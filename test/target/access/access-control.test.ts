import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AccessControl, refuseOpenPortals } from '../../../target/access/index.js';
import type { SecurityOptions } from '../../../target/options.js';

const NODE1 = 'iqn.2026-11.org.fencelab:node1';
const NODE2 = 'iqn.2026-11.org.fencelab:node2';
const alice = { user: 'alice', password: 'twelve bytes or more' };
const carol = { user: 'carol', password: 'the secret of carol' };
const array = { user: 'array', password: 'of another kind of secret' };
const SECRETS = /twelve bytes|of carol|another kind|too short/;

const wrong = (options: SecurityOptions): string => {
  try {
    new AccessControl(options);
    return 'taken';
  } catch (error) {
    return error instanceof RangeError ? error.message : String(error);
  }
};

describe('security options that contradict themselves are refused', () => {
  it.each<[string, SecurityOptions]>([
    ['CHAP: the secret has 9 bytes, expected at least 12', { chap: { user: 'a', password: 'too short' } }],
    [
      'CHAP, mutual: the secret has 9 bytes, expected at least 12',
      { chap: { ...alice, mutual: { user: 'array', password: 'too short' } } },
    ],
    [
      'discovery CHAP: the user name: expected 1 to 255 bytes',
      { discoveryChap: { user: '', password: alice.password } },
    ],
    [
      `CHAP of ${NODE1}: the secret has 9 bytes, expected at least 12`,
      { initiators: [{ name: NODE1, chap: { user: 'a', password: 'too short' } }] },
    ],
    [
      'CHAP, mutual: expected another secret than any that an initiator has',
      { chap: { ...alice, mutual: { user: 'array', password: alice.password } } },
    ],
    [
      'CHAP, mutual: expected another secret than any that an initiator has',
      {
        chap: { ...alice, mutual: array },
        initiators: [{ name: NODE1, chap: { user: 'carol', password: array.password } }],
      },
    ],
    [
      'discovery CHAP, mutual: expected another secret than any that an initiator has',
      { chap: alice, discoveryChap: { ...carol, mutual: { user: 'array', password: alice.password } } },
    ],
    ['CHAP algorithms: expected at least one', { chapAlgorithms: [] }],
    [
      `initiator ${NODE1.toUpperCase()} is given twice`,
      { initiators: [{ name: NODE1 }, { name: NODE1.toUpperCase() }] },
    ],
    ['initiator name: the name is empty', { initiators: [{ name: '' }] }],
  ])('%s', (problem, options) => {
    expect(wrong(options)).toBe(problem);
    expect(problem).not.toMatch(SECRETS);
  });

  it('initiators may share a secret, and one secret may prove the target in both kinds of session', () => {
    const both = { chap: { ...alice, mutual: array }, discoveryChap: { ...alice, mutual: array } };
    expect(
      wrong({ ...both, initiators: [{ name: NODE1, chap: { ...carol, password: alice.password } }] }),
    ).toBe('taken');
  });

  it('a LUN map is of LUNs that are there', () => {
    const access = (from: number, to: number) =>
      new AccessControl({ initiators: [{ name: NODE1, luns: new Map([[from, to]]) }] });
    expect(() => {
      access(0, 2).checkLuns([0, 1]);
    }).toThrow(`LUNs of ${NODE1}: LUN 2 is not there; there are 0, 1`);
    expect(() => {
      access(16_384, 0).checkLuns([0, 1]);
    }).toThrow(`LUNs of ${NODE1}: LUN 16384: expected 0 to 16383`);
    access(16_383, 1).checkLuns([0, 1]);
  });
});

describe('secrets stay inside', () => {
  it('of what is printed of it', () => {
    const access = new AccessControl({
      chap: { ...alice, mutual: array },
      discoveryChap: carol,
      initiators: [{ name: NODE1, chap: carol }],
    });
    for (const printed of [inspect(access, { depth: 9, showHidden: true }), JSON.stringify(access)]) {
      expect(printed).not.toMatch(SECRETS);
    }
  });
});

describe('a portal that other machines reach', () => {
  const opened = (options: SecurityOptions, ...hosts: readonly string[]): string => {
    try {
      refuseOpenPortals(
        hosts.map((host) => ({ host, port: 3260 })),
        new AccessControl(options),
      );
      return 'opened';
    } catch (error) {
      return error instanceof RangeError ? error.message : String(error);
    }
  };

  it.each(['0.0.0.0', '::', '10.0.0.1', 'array.example.com', '128.0.0.1'])(
    '%s is refused without CHAP, with the reason',
    (host) => {
      const where = host.includes(':') ? `[${host}]:3260` : `${host}:3260`;
      expect(opened({}, '127.0.0.1', host)).toBe(
        `portal ${where}: other machines could read and write every LUN without authentication; ` +
          'expected CHAP for every initiator, a loopback address, or --insecure',
      );
    },
  );

  it('is opened where everybody who may log in has a secret to show', () => {
    expect(opened({ chap: alice }, '0.0.0.0')).toBe('opened');
    expect(opened({ initiators: [{ name: NODE1, chap: carol }] }, '0.0.0.0')).toBe('opened');
    expect(opened({ initiators: [{ name: NODE1, chap: carol }, { name: NODE2 }] }, '0.0.0.0')).toContain(
      'portal',
    );
    // A name can be made up by anybody, and a discovery session reads no block.
    expect(opened({ initiators: [{ name: NODE1 }], discoveryChap: alice }, '0.0.0.0')).toContain('portal');
  });

  it('is none on loopback', () => {
    expect(opened({}, '127.0.0.1', '127.9.9.9', '::1', 'localhost')).toBe('opened');
  });
});
