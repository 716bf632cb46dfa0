import { describe, expect, it } from 'vitest';
import { answerJson, answerLines } from '../../../harness/probe/report.js';
import { unitNames } from '../../../harness/probe/unit-identity.js';
import { verdictOf, verdictOfKeys } from '../../../harness/probe/verdict.js';
import {
  ASSOCIATION,
  DESIGNATOR_TYPE,
  naaDesignator,
  relativeTargetPortDesignator,
  scsiNameStringDesignator,
  t10VendorIdDesignator,
} from '../../../protocol/index.js';
import type { FullStatusDescriptor, TransportId } from '../../../protocol/index.js';

const KEYS = { a: 0xa0n, b: 0xb0n };
const NODE1: TransportId = { protocol: 'fibreChannel', nPortName: 0x10n };
const NODE2: TransportId = { protocol: 'fibreChannel', nPortName: 0x20n };

const descriptor = (
  key: bigint,
  transportId: TransportId | undefined,
  relativeTargetPortId: number,
  more: Partial<FullStatusDescriptor> = {},
): FullStatusDescriptor => ({
  key,
  allTgPt: false,
  rHolder: false,
  scope: 0,
  type: 0,
  relativeTargetPortId,
  transportIdBytes: Uint8Array.of(0x0a, 0xff),
  transportId,
  ...more,
});

describe('the verdict of READ FULL STATUS', () => {
  it('takes a registration at each target port for one registrant', () => {
    const verdict = verdictOf(
      [descriptor(0xa0n, NODE1, 1), descriptor(0xa0n, NODE1, 2), descriptor(0xb0n, NODE2, 2)],
      KEYS,
    );
    expect(verdict).toMatchObject({ kind: 'apart', a: { targetPorts: [1, 2] }, b: { targetPorts: [2] } });
    expect(answerLines({ logicalUnit: 'naa.3', verdict })).toEqual([
      'the array can tell them apart: A is fc,0000000000000010 at target port 1, 2, B is fc,0000000000000020 at target port 2',
    ]);
  });

  it('knows no target port where a registration is at all of them', () => {
    const verdict = verdictOf([descriptor(0xb0n, NODE2, 7, { allTgPt: true })], KEYS);
    expect(answerLines({ logicalUnit: 'naa.3', verdict })).toEqual([
      'it cannot: both are fc,0000000000000020 at all target ports',
    ]);
  });

  it('compares a TransportID that is not understood by its bytes', () => {
    const other = { transportIdBytes: Uint8Array.of(0x0a, 0xfe) };
    const same = verdictOf([descriptor(0xa0n, undefined, 1), descriptor(0xb0n, undefined, 2)], KEYS);
    const apart = verdictOf([descriptor(0xa0n, undefined, 1), descriptor(0xb0n, undefined, 1, other)], KEYS);
    expect(same.kind).toBe('oneInitiator');
    expect(apart).toMatchObject({ kind: 'apart', b: { initiatorPort: 'TransportID 0afe' } });
  });

  it.each([
    [
      'no key of B',
      [descriptor(0xa0n, NODE1, 1)],
      'READ FULL STATUS does not show the key 0xb0 that B registered just now',
    ],
    [
      'keys of others',
      [descriptor(0xa0n, NODE1, 1), descriptor(0xcn, NODE2, 1), descriptor(0xb0n, NODE2, 1)],
      'somebody else registered meanwhile: 0xc',
    ],
  ])('is none with %s', (_, descriptors, message) => {
    expect(() => verdictOf(descriptors, KEYS)).toThrow(message);
  });
});

describe('the verdict of READ KEYS', () => {
  it('is by the keys that stayed, and by what A may still do', () => {
    expect(verdictOfKeys([0xa0n, 0xb0n], KEYS, true)).toEqual({ kind: 'apartByKeys' });
    expect(verdictOfKeys([0xb0n], KEYS, false)).toEqual({ kind: 'oneNexusByKeys' });
  });

  it.each([
    [
      [0xb0n],
      true,
      "the array contradicts itself: A's key 0xa0 is not among the keys, but is accepted from A",
    ],
    [
      [0xa0n, 0xb0n],
      false,
      "the array contradicts itself: A's key 0xa0 is among the keys, but is refused from A",
    ],
    [[0xa0n], true, 'READ KEYS does not show the key 0xb0 that B registered just now'],
  ])('is none where they contradict each other: %#', (keys, works, message) => {
    expect(() => verdictOfKeys(keys, KEYS, works)).toThrow(message);
  });

  it('says what it does not know', () => {
    expect(answerLines({ logicalUnit: 'naa.3', verdict: { kind: 'oneNexusByKeys' } })).toEqual([
      "it cannot: B's key took the place of A's",
      'it has no READ FULL STATUS: asked by READ KEYS, which does not show ports; use the same target port for both',
    ]);
  });
});

describe('the answer for programs', () => {
  it('names both, and who they are where that is known', () => {
    const devices = { a: '/dev/sdb', b: '/dev/sdc' };
    const both = verdictOf([descriptor(0xb0n, NODE2, 7)], KEYS);
    const registrant = { initiatorPort: 'fc,0000000000000020', iscsiName: undefined, targetPorts: [7] };
    expect(answerJson({ logicalUnit: 'naa.3', verdict: both }, devices)).toEqual({
      canTellApart: false,
      kind: 'oneNexus',
      logicalUnit: 'naa.3',
      a: { device: '/dev/sdb', ...registrant },
      b: { device: '/dev/sdc', ...registrant },
    });
    expect(answerJson({ logicalUnit: 'naa.3', verdict: { kind: 'apartByKeys' } }, devices)).toEqual({
      canTellApart: true,
      kind: 'apartByKeys',
      logicalUnit: 'naa.3',
      a: { device: '/dev/sdb' },
      b: { device: '/dev/sdc' },
    });
  });
});

describe('the names of a unit', () => {
  const naa = naaDesignator(Uint8Array.of(0x60, 1, 2, 3));
  const t10 = t10VendorIdDesignator('ACME', 'disk');

  it('are those that are the same through every port, the vendor-made ones only for want of better', () => {
    const name = scsiNameStringDesignator(ASSOCIATION.logicalUnit, 'iqn.2026-11.a:b,L,0x3');
    const port = scsiNameStringDesignator(ASSOCIATION.targetPort, 'iqn.2026-11.a:b,t,0x0001');
    expect(unitNames([port, relativeTargetPortDesignator(1), t10, naa, name])).toEqual([
      'naa.60010203',
      'iqn.2026-11.a:b,L,0x3',
    ]);
    expect(unitNames([port, t10])).toEqual(['t10.ACME    disk']);
    expect(unitNames([port])).toEqual([]);
    const eui = {
      association: ASSOCIATION.logicalUnit,
      type: DESIGNATOR_TYPE.eui64,
      designator: Uint8Array.of(9),
    };
    expect(unitNames([eui])).toEqual(['eui.09']);
  });
});
