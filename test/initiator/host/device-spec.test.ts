import { describe, expect, it } from 'vitest';
import { parseHostDevice } from '../../../initiator/index.js';

const URL = 'iscsi://array/iqn.2026-11.org.fencelab:array/0';
const FORM =
  'expected DEVICE=iscsi://host[:port]/target-name/lun, DEVICE=socket:PATH#device or DEVICE=exec:COMMAND LINE, ' +
  'then ,rdm=physical|virtual or ,isid=0xHEX';

describe('a device of fencelab host', () => {
  it('is a URL, with an ISID and a mapping', () => {
    expect(parseHostDevice(`data=${URL},isid=0x800000000001,rdm=virtual`)).toEqual({
      name: 'data',
      upstream: {
        kind: 'iscsi',
        url: { host: 'array', port: 3260, targetName: 'iqn.2026-11.org.fencelab:array', lun: 0 },
        isid: 0x800000000001n,
      },
      mapping: 'virtual',
    });
  });

  it('is refused without the password of its URL', () => {
    expect(() =>
      parseHostDevice('d=iscsi://node%secret@array/iqn.2026-11.org.fencelab:array/0,rdm=x'),
    ).toThrow(
      'bad device "d=iscsi://node%***@array/iqn.2026-11.org.fencelab:array/0,rdm=x": setting "rdm=x" is not',
    );
  });

  it('is a device of another host', () => {
    expect(parseHostDevice('data=socket:run/esx1.sock#disk')).toEqual({
      name: 'data',
      upstream: { kind: 'socket', socketPath: 'run/esx1.sock', device: 'disk' },
    });
  });

  it('is a command line, commas and equals signs and all, with a mapping behind it', () => {
    const text = 'ssh -o Ciphers=a,b node1 sg_raw /dev/sdb';
    const upstream = { kind: 'exec', line: { text, words: [...text.split(' '), '{cdb}'] } };
    upstream.line.words.splice(-2, 0, '{options}');
    expect(parseHostDevice(`data=exec:${text}`)).toEqual({ name: 'data', upstream });
    expect(parseHostDevice(`data=exec:${text},rdm=virtual`)).toEqual({
      name: 'data',
      upstream,
      mapping: 'virtual',
    });
  });

  it.each([
    ['data', FORM],
    ['=exec:sg_raw /dev/sdb', FORM],
    ['data=', FORM],
    ['data=/dev/sdb', FORM],
    ['data=socket:run/esx1.sock', 'expected socket:PATH#device'],
    ['data=exec:ssh node1', 'exec:ssh node1: expected the word sg_raw, or {options} where its options go'],
    ['data=exec:,rdm=virtual', 'no command line: expected exec:PROGRAM [ARGUMENT...] sg_raw DEVICE'],
    [
      'data=exec:sg_raw /dev/sdb,rdm=npiv',
      'setting "rdm=npiv" is not rdm=physical, rdm=virtual or isid=0xHEX',
    ],
    ['data=exec:sg_raw /dev/sdb,isid=0x1', 'isid goes with a URL only (somebody else owns the nexus)'],
    ['data=socket:run/esx1.sock#disk,isid=0x1', 'isid goes with a URL only (somebody else owns the nexus)'],
  ])('%s is told in one line', (spec, wrong) => {
    expect(() => parseHostDevice(spec)).toThrow(
      expect.objectContaining({
        name: 'BadDeviceSpecError',
        message: `bad device "${spec}": ${wrong}`,
      }) as Error,
    );
  });
});
