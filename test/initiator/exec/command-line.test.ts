import { describe, expect, it } from 'vitest';
import { commandWords, parseCommandLine } from '../../../initiator/exec/command-line.js';
import { inquiryCdb, testUnitReadyCdb } from '../../../protocol/index.js';

const TEST_UNIT_READY = {
  cdb: testUnitReadyCdb(),
  dataOutLength: 0,
  dataInLength: 0,
  timeoutSeconds: 60,
  readOnly: false,
};

const words = (name: string, more: Partial<typeof TEST_UNIT_READY> = {}): string[] =>
  commandWords(parseCommandLine(name), { ...TEST_UNIT_READY, ...more });

describe('exec: the command line', () => {
  it('gets options after sg_raw and the CDB at its end', () => {
    expect(words('exec:ssh node1 sg_raw /dev/sdb')).toEqual(
      'ssh node1 sg_raw -b -v -t 60 /dev/sdb 00 00 00 00 00 00'.split(' '),
    );
  });

  it('takes the last sg_raw, by whatever path', () => {
    expect(words('exec:ssh sg_raw /usr/bin/sg_raw -n /dev/sdb').join(' ')).toBe(
      'ssh sg_raw /usr/bin/sg_raw -b -v -t 60 -n /dev/sdb 00 00 00 00 00 00',
    );
  });

  it('has lengths, time-out and opening for reading as options', () => {
    const cdb = inquiryCdb({ allocationLength: 0xff });
    expect(words('exec:sg_raw d', { cdb, dataInLength: 255, timeoutSeconds: 7, readOnly: true })).toEqual(
      'sg_raw -b -v -t 7 -R -r 255 d 12 00 00 00 ff 00'.split(' '),
    );
    expect(words('exec:sg_raw d', { dataOutLength: 24 })).toEqual(
      'sg_raw -b -v -t 60 -s 24 d 00 00 00 00 00 00'.split(' '),
    );
  });

  it('puts both where the places are named, as words or inside one', () => {
    expect(words('exec:./raw {cdb} --on /dev/sdb {options}')).toEqual(
      './raw 00 00 00 00 00 00 --on /dev/sdb -b -v -t 60'.split(' '),
    );
    expect(words(`exec:ssh node1 'sudo sg_raw {options} "/dev/my disk" {cdb}'`)).toEqual([
      'ssh',
      'node1',
      'sudo sg_raw -b -v -t 60 "/dev/my disk" 00 00 00 00 00 00',
    ]);
  });

  it('keeps blanks in quotes, and no other character means anything', () => {
    expect(words(`exec:  a"b c"  'd'  "" $X \\n sg_raw ;x`).slice(0, 5)).toEqual([
      'ab c',
      'd',
      '',
      '$X',
      '\\n',
    ]);
  });

  it('adds nothing that a shell would read', () => {
    const added = words('exec:sg_raw d', { dataInLength: 1, dataOutLength: 1, readOnly: true });
    expect(added.join(' ')).toMatch(/^[a-zA-Z0-9_ -]+$/);
  });

  it.each([
    ['exec:', 'no command line: expected exec:PROGRAM [ARGUMENT...] sg_raw DEVICE'],
    ['exec:   ', 'no command line: expected exec:PROGRAM [ARGUMENT...] sg_raw DEVICE'],
    [
      'exec:ssh node1 cat /dev/sdb',
      'exec:ssh node1 cat /dev/sdb: expected the word sg_raw, or {options} where its options go',
    ],
    ['exec:ssh node1 sg_raw', 'exec:ssh node1 sg_raw: no device after sg_raw'],
    ["exec:ssh 'node1 sg_raw /dev/sdb", "exec:ssh 'node1 sg_raw /dev/sdb: the quote ' is not closed"],
  ])('says what is wrong with %j', (name, message) => {
    expect(() => parseCommandLine(name)).toThrow(
      expect.objectContaining({ name: 'BadCommandLineError', message }),
    );
  });
});
