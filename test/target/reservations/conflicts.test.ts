import { describe, expect, it } from 'vitest';
import type { ReservationType } from '../../../protocol/index.js';
import {
  conflictsWithReservation,
  isReservedByAnother,
  isServedUnderSpc2Reservation,
  isServedWhileInformationLost,
  logicalUnitReset,
  nexusLost,
  relationOf,
  release,
  reserve,
} from '../../../target/reservations/index.js';
import type { ConflictColumns } from '../../../target/reservations/types.js';
import { idOf, show, stateOf, textOf, TYPE_BY_ABBREVIATION, sense } from './notation.js';

const types = Object.entries(TYPE_BY_ABBREVIATION);

describe('C9: the conflict table as data', () => {
  // Which of the five columns decides, for a registered nexus that does not hold it and for an unregistered one.
  const columns: Readonly<Record<string, readonly [registered: number | 'holds', unregistered: number]>> = {
    WE: [0, 0],
    EA: [1, 1],
    WERO: [2, 3],
    EARO: [2, 4],
    WEAR: ['holds', 3],
    EAAR: ['holds', 4],
  };

  const heldByA = (abbreviation: string) =>
    stateOf(`g0 a=a1 b=b2 ${abbreviation}:${abbreviation.endsWith('AR') ? '*' : 'a'}`);

  it.each(types)('C9 %s: one column decides for each relation', (abbreviation) => {
    const [registered, unregistered] = columns[abbreviation] ?? [];
    const held = heldByA(abbreviation);
    for (let column = 0; column < 5; column++) {
      const row = [0, 1, 2, 3, 4].map((at) => (at === column ? 'C' : 'A')).join('') as ConflictColumns;
      expect(conflictsWithReservation(held, idOf('a'), row)).toBe(false);
      expect(conflictsWithReservation(held, idOf('b'), row)).toBe(column === registered);
      expect(conflictsWithReservation(held, idOf('c'), row)).toBe(column === unregistered);
    }
    expect(conflictsWithReservation(held, idOf('c'), 'S')).toBe(false);
  });

  it('C9 without a reservation nothing conflicts', () => {
    expect(conflictsWithReservation(stateOf('g0 a=a1'), idOf('b'), 'CCCCC')).toBe(false);
  });

  /** Holder, registered and unregistered nexus under each type. */
  const fares = (row: ConflictColumns): string =>
    types
      .map(([abbreviation]) => {
        const held = heldByA(abbreviation);
        return ['a', 'b', 'c']
          .map((name) => (conflictsWithReservation(held, idOf(name), row) ? 'C' : '-'))
          .join('');
      })
      .join(' ');

  it('C9 rows AAAAA, ACAAC and CCACC (INQUIRY, READ, WRITE) under each type', () => {
    //                             WE  EA  WERO EARO WEAR EAAR
    expect(fares('AAAAA')).toBe('--- --- --- --- --- ---');
    expect(fares('ACAAC')).toBe('--- -CC --- --C --- --C');
    expect(fares('CCACC')).toBe('-CC -CC --C --C --C --C');
  });

  it('how a nexus stands to a reservation', () => {
    const relations = (text: string) => ['a', 'b', 'c'].map((name) => relationOf(stateOf(text), idOf(name)));
    expect(relations('g0 a=a1 b=b2')).toEqual(['none', 'none', 'none']);
    for (const type of ['WE', 'EA', 'WERO', 'EARO']) {
      expect(relations(`g0 a=a1 b=b2 ${type}:a`)).toEqual(['holder', 'registered', 'unregistered']);
    }
    for (const type of ['WEAR', 'EAAR']) {
      expect(relations(`g0 a=a1 b=b2 ${type}:*`)).toEqual(['holder', 'holder', 'unregistered']);
    }
  });

  it('has an answer for every type there is', () => {
    const all: Record<ReservationType, true> = {
      writeExclusive: true,
      exclusiveAccess: true,
      writeExclusiveRegistrantsOnly: true,
      exclusiveAccessRegistrantsOnly: true,
      writeExclusiveAllRegistrants: true,
      exclusiveAccessAllRegistrants: true,
    };
    expect(types.map(([, type]) => type).sort()).toEqual(Object.keys(all).sort());
  });
});

describe('C8: RESERVE and RELEASE (6/10) under CRH=1', () => {
  const shows = (answer: string, state: string) => ({
    answer,
    state,
    attentions: '',
    abort: '',
    persist: false,
  });
  const reserves = (text: string, from: string) => show(reserve(stateOf(text), idOf(from)));
  const releases = (text: string, from: string) => show(release(stateOf(text), idOf(from)));

  it('C8 no registration: the SPC-2 rule', () => {
    expect(reserves('g0', 'a')).toEqual(shows('GOOD', 'g0 spc2:a'));
    expect(reserves('g0 spc2:a', 'a')).toEqual(shows('GOOD', 'g0 spc2:a'));
    expect(reserves('g0 spc2:a', 'b')).toEqual(shows('CONFLICT', 'g0 spc2:a'));
    expect(releases('g0 spc2:a', 'a')).toEqual(shows('GOOD', 'g0'));
  });

  it('C8 RELEASE by a non-owner: GOOD, and nothing is released', () => {
    expect(releases('g0 spc2:a', 'b')).toEqual(shows('GOOD', 'g0 spc2:a'));
    expect(releases('g0', 'b')).toEqual(shows('GOOD', 'g0'));
  });

  it('C8 from the holder, or from a registered nexus under RO/AR: GOOD, nothing reserved or released', () => {
    const accepted: readonly [held: string, from: string][] = [
      ['WE:a', 'a'],
      ['EA:a', 'a'],
      ['WERO:a', 'a'],
      ['WERO:a', 'b'],
      ['EARO:a', 'b'],
      ['WEAR:*', 'a'],
      ['EAAR:*', 'b'],
    ];
    for (const [held, from] of accepted) {
      const text = `g1 a=a1 b=b2 ${held}`;
      expect(reserves(text, from)).toEqual(shows('GOOD', text));
      expect(releases(text, from)).toEqual(shows('GOOD', text));
    }
  });

  it('C8 otherwise registrations present → RC', () => {
    const refused: readonly [held: string, from: string][] = [
      ['', 'a'],
      ['', 'c'],
      [' WE:a', 'b'],
      [' EA:a', 'b'],
      [' WE:a', 'c'],
      [' WERO:a', 'c'],
      [' EAAR:*', 'c'],
    ];
    for (const [held, from] of refused) {
      const text = `g1 a=a1 b=b2${held}`;
      expect(reserves(text, from)).toEqual(shows('CONFLICT', text));
      expect(releases(text, from)).toEqual(shows('CONFLICT', text));
    }
  });

  it('C8 gone after logout, nexus loss, LUN/warm/cold reset; another nexus lost does not matter', () => {
    expect(textOf(nexusLost(stateOf('g3 spc2:a'), idOf('a')))).toBe('g3');
    expect(textOf(nexusLost(stateOf('g3 spc2:a'), idOf('b')))).toBe('g3 spc2:a');
    expect(textOf(logicalUnitReset(stateOf('g3 spc2:a')))).toBe('g3');
  });

  it('C8 other commands of non-owners conflict but SPC-2’s short list', () => {
    expect(isReservedByAnother(stateOf('g0 spc2:a'), idOf('b'))).toBe(true);
    expect(isReservedByAnother(stateOf('g0 spc2:a'), idOf('a'))).toBe(false);
    expect(isReservedByAnother(stateOf('g0'), idOf('a'))).toBe(false);
    const served = Array.from({ length: 256 }, (_, code) => code).filter(isServedUnderSpc2Reservation);
    expect(served).toEqual([0x03, 0x12, 0x16, 0x17, 0x56, 0x57, 0x5e, 0x5f, 0xa0]);
  });

  it('C4 lost information: 07/44/01', () => {
    expect(reserves('g0 lost', 'a')).toEqual(shows(sense('07/44/01'), 'g0 lost'));
    expect(releases('g0 lost', 'a')).toEqual(shows(sense('07/44/01'), 'g0 lost'));
  });
});

describe('C4: commands while reservation information is lost', () => {
  const cdb = (...bytes: number[]) => Uint8Array.from({ length: 16 }, (_, at) => bytes[at] ?? 0);

  it('C4 INQUIRY, LOG SENSE, READ BUFFER, REPORT LUNS, REQUEST SENSE, WRITE BUFFER and the PR commands go on', () => {
    const served = Array.from({ length: 256 }, (_, code) => code).filter((code) =>
      isServedWhileInformationLost(cdb(code)),
    );
    expect(served).toEqual([0x03, 0x12, 0x3b, 0x3c, 0x4d, 0x5e, 0x5f, 0xa0]);
  });

  it('C4 RTPG and START STOP start=1/pc=0 go on, their siblings do not', () => {
    expect(isServedWhileInformationLost(cdb(0xa3, 0x0a))).toBe(true);
    expect(isServedWhileInformationLost(cdb(0xa3, 0x0c))).toBe(false);
    expect(isServedWhileInformationLost(cdb(0x1b, 0, 0, 0, 0x01))).toBe(true);
    expect(isServedWhileInformationLost(cdb(0x1b, 0, 0, 0, 0x00))).toBe(false);
    expect(isServedWhileInformationLost(cdb(0x1b, 0, 0, 0, 0x11))).toBe(false);
    expect(isServedWhileInformationLost(new Uint8Array(0))).toBe(false);
  });
});
