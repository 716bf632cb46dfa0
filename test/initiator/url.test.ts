import { describe, expect, it } from 'vitest';
import { formatIscsiUrl, parseIscsiUrl } from '../../initiator/url.js';

const IQN = 'iqn.2026-11.org.fencelab:array';

describe('iscsi:// URLs', () => {
  it.each([
    [`iscsi://127.0.0.1/${IQN}/0`, { host: '127.0.0.1', port: 3260, targetName: IQN, lun: 0 }],
    [
      `iscsi://array.example:3261/${IQN}/255`,
      { host: 'array.example', port: 3261, targetName: IQN, lun: 255 },
    ],
    [`iscsi://[::1]/${IQN}/1`, { host: '::1', port: 3260, targetName: IQN, lun: 1 }],
    [
      `iscsi://[fe80::1%eth0]:860/${IQN}/16383`,
      { host: 'fe80::1%eth0', port: 860, targetName: IQN, lun: 16383 },
    ],
    [
      `ISCSI://h/eui.02004567A425678D/2`,
      { host: 'h', port: 3260, targetName: 'eui.02004567A425678D', lun: 2 },
    ],
    [
      `iscsi://node1%se%cr@et@h:1/${IQN}/0`,
      { host: 'h', port: 1, targetName: IQN, lun: 0, chap: { user: 'node1', password: 'se%cr@et' } },
    ],
  ])('%s is understood', (url, expected) => {
    expect(parseIscsiUrl(url)).toEqual(expected);
  });

  it.each([
    ['http://h/x/0', 'bad URL http://h/x/0: expected iscsi://[user[%password]@]host[:port]/target-name/lun'],
    [
      `iscsi://h/${IQN}`,
      `bad URL iscsi://h/${IQN}: expected iscsi://[user[%password]@]host[:port]/target-name/lun`,
    ],
    [`iscsi:///${IQN}/0`, `bad URL iscsi:///${IQN}/0: the host is missing`],
    [`iscsi://h:0/${IQN}/0`, `bad URL iscsi://h:0/${IQN}/0: port "0" is not between 1 and 65535`],
    [`iscsi://h:70000/${IQN}/0`, `bad URL iscsi://h:70000/${IQN}/0: port "70000" is not between 1 and 65535`],
    [
      `iscsi://::1/${IQN}/0`,
      `bad URL iscsi://::1/${IQN}/0: "::1" is no host[:port] (an IPv6 address in brackets)`,
    ],
    [`iscsi://h/${IQN}/x`, `bad URL iscsi://h/${IQN}/x: LUN "x" is not between 0 and 16383`],
    [`iscsi://h/${IQN}/16384`, `bad URL iscsi://h/${IQN}/16384: LUN "16384" is not between 0 and 16383`],
    [
      'iscsi://h/disk/0',
      'bad URL iscsi://h/disk/0: "disk" is no iSCSI name (expected iqn.YYYY-MM.domain[:text], eui.16 digits or naa.16 or 32 digits)',
    ],
    [
      `iscsi://user%@h/${IQN}/0`,
      `bad URL iscsi://user%***@h/${IQN}/0: expected user%password, or a user alone, before the @`,
    ],
  ])('%s is refused in one line', (url, message) => {
    expect(() => parseIscsiUrl(url)).toThrow(expect.objectContaining({ name: 'BadUrlError', message }));
  });

  it('never repeats a password in a message', () => {
    expect(() => parseIscsiUrl(`iscsi://u%secret@h/${IQN}/x`)).toThrow(
      `bad URL iscsi://u%***@h/${IQN}/x: LUN "x" is not between 0 and 16383`,
    );
    expect(() => parseIscsiUrl(`iscsi://u%sec/ret@h/${IQN}/0`)).toThrow(`bad URL iscsi://u%***@h/${IQN}/0: `);
    expect(() => parseIscsiUrl(`http://u%secret@h/${IQN}/0`)).toThrow(`bad URL http://u%***@h/${IQN}/0: `);
  });

  it('formats what it parses, without credentials', () => {
    expect(formatIscsiUrl(parseIscsiUrl(`iscsi://u%p@[::1]:3261/${IQN}/7`))).toBe(
      `iscsi://[::1]:3261/${IQN}/7`,
    );
  });
});
