import { describe, expect, it } from 'vitest';
import { logTimeOf } from '../../../harness/from-log/log-time.js';

const time = (iso: string, resolutionMs: number, hasYear: boolean, zone?: string): object => ({
  ms: Date.parse(iso),
  resolutionMs,
  hasYear,
  zone,
});

describe('the time of a log line', () => {
  it.each([
    ['2026-11-21T05:00:00.123Z node1 x', time('2026-11-21T05:00:00.123Z', 1, true, 'UTC')],
    ['2026-11-21T05:00:00+01:00 x', time('2026-11-21T04:00:00Z', 1000, true, 'UTC')],
    ['2026-11-21 05:00:00,5 -0130 x', time('2026-11-21T06:30:00.5Z', 100, true, 'UTC')],
    ['[2026-11-21 05:00:00] x', time('2026-11-21T05:00:00Z', 1000, true)],
    ['<34>1 2026-11-21T05:00:00.123456Z x', time('2026-11-21T05:00:00.123Z', 1, true, 'UTC')],
    ['++ 2026-11-21 05:00:00 x', time('2026-11-21T05:00:00Z', 1000, true)],
    ['Nov 21 05:00:00 node1 pkg1.sh[123]: x', time('2000-11-21T05:00:00Z', 1000, false)],
    ['Nov  1 05:00:00.25 root@node1 x', time('2000-11-01T05:00:00.25Z', 10, false)],
    ['Feb 29 23:59:60 x', time('2000-03-01T00:00:00Z', 1000, false)],
    [
      '### Starting pkg1 at Sat Nov 21 05:00:00 EST 2026 ###',
      time('2026-11-21T05:00:00Z', 1000, true, 'EST'),
    ],
    ['Sat Nov  7 05:00:00 UTC 2026', time('2026-11-07T05:00:00Z', 1000, true, 'UTC')],
    ['2026-11-21 01:00:00 PM x', time('2026-11-21T13:00:00Z', 1000, true)],
    ['2026-11-21 1:00:00.5 p.m. +01:00 x', time('2026-11-21T12:00:00.5Z', 100, true, 'UTC')],
    ['2026-11-21 12:00:00 AM x', time('2026-11-21T00:00:00Z', 1000, true)],
    ['Nov 21 12:00:00 PM node1 x', time('2000-11-21T12:00:00Z', 1000, false)],
    ['Nov 21 05:00:00 pmx x', time('2000-11-21T05:00:00Z', 1000, false)],
    ['# Sat Nov 21 11:30:00 AM EST 2026', time('2026-11-21T11:30:00Z', 1000, true, 'EST')],
    ['Sat Nov 21 11:30:00 PM UTC 2026', time('2026-11-21T23:30:00Z', 1000, true, 'UTC')],
    ['Sat Nov 21 05:00:00 -03 2026', time('2026-11-21T08:00:00Z', 1000, true, 'UTC')],
    ['2026-11-21T05:00:00+01 x', time('2026-11-21T04:00:00Z', 1000, true, 'UTC')],
    ['2026-11-21 05:00:00.5 -03 x', time('2026-11-21T08:00:00.5Z', 100, true, 'UTC')],
    ['[2026-11-21 05:00:00 +0545] x', time('2026-11-20T23:15:00Z', 1000, true, 'UTC')],
    ['2026-11-21 05:00:00 +0100 CET x', time('2026-11-21T04:00:00Z', 1000, true, 'UTC')],
    ['2026-11-21 05:00:00 GMT x', time('2026-11-21T05:00:00Z', 1000, true, 'UTC')],
    ['2026-11-21 05:00:00 UTC+1 x', time('2026-11-21T04:00:00Z', 1000, true, 'UTC')],
    ['2026-11-21 05:00:00 CET x', time('2026-11-21T05:00:00Z', 1000, true, 'CET')],
    ['2026-11-21 05:00:00CEST: x', time('2026-11-21T05:00:00Z', 1000, true, 'CEST')],
    ['Nov 21 05:00:00 JST node1 x', time('2000-11-21T05:00:00Z', 1000, false, 'JST')],
    ['2026-11-21 05:00:00 INFO x', time('2026-11-21T05:00:00Z', 1000, true)],
    ['2026-11-21 05:00:00 + sg_persist', time('2026-11-21T05:00:00Z', 1000, true)],
    ['Sat Nov  7 05:00:00 2026', time('2026-11-07T05:00:00Z', 1000, true)],
  ])('%s', (line, expected) => {
    expect(logTimeOf(line)).toEqual(expected);
  });

  it.each(['', '+ sg_persist -n -i -k /dev/sdb', 'at 05:00:00', 'x 2026-11-21T05:00:00Z'])(
    'none: %j',
    (line) => {
      expect(logTimeOf(line)).toBeUndefined();
    },
  );

  it.each([
    '2026-13-01T05:00:00Z x',
    '2026-02-29 05:00:00 x',
    'Nov 31 05:00:00 x',
    'Nov 21 25:00:00 x',
    '2026-11-21 13:00:00 PM x',
    '2026-11-21 00:10:00 AM x',
    '2026-11-21T05:00:00+15:00 x',
    '2026-11-21T05:00:00+01:60 x',
  ])('none that there is: %s', (line) => {
    expect(logTimeOf(line)).toBe('invalid');
  });

  it.each([
    '11/21/2026 01:00:00 PM x',
    '+ 21.11.2026 05:00:00 x',
    '2026-11-21 05:00 x',
    '20261121 050000 x',
    '05:00:00 x',
    'Nov 21 2026 05:00:00 x',
    '2026-11-21T05:00:00+1:00 x',
    '2026-11-21 05:00:00 +1 x',
    '2026-11-21T05:00:00X x',
    'Nov 21 05:00:00+1 x',
    '[21/Nov/2026:05:00:00 +0100] x',
    '1795237200.123 x',
    '[  123.456789] x',
    'starts at Sat 21 Nov 05:00:00 GMT 2026',
    'node1 05:00:00 sg_persist -n -i -k /dev/sdb',
  ])('of a form that is not known: %s', (line) => {
    expect(logTimeOf(line)).toBe('unknown');
  });

  it.each(['10.0.0.1 is up', '[1:0:0:0] disk', '36001405000000000 dm-0'])('no time: %s', (line) => {
    expect(logTimeOf(line)).toBeUndefined();
  });
});
