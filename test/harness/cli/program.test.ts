import { describe, expect, it } from 'vitest';
import { ioOptions } from '../../../harness/cli/io-command.js';
import { oneLine } from '../../../harness/cli/one-line.js';
import { fencelab } from './run-program.js';
import { PROFILES, QUIRKS } from '../../../target/index.js';

describe('wrong use of fencelab is one line and exit status 2', () => {
  it.each([
    [['--quirk'], "unknown option '--quirk'"],
    [['tarket'], "unknown command 'tarket'; (Did you mean target?)"],
    [['target', '--packets', 'x'], "unknown option '--packets'"],
    [['target', '--lun'], "option '--lun <SPEC>' argument missing"],
    [['target', 'extra'], "too many arguments for 'target'. Expected 0 arguments but got 1."],
    [['target'], 'no LUN: expected --lun SPEC, for example --lun 0,size=64MiB'],
    [
      ['target', '--lun', '0,size=64MB'],
      "LUN SPEC '0,size=64MB': 'size=64MB': expected a size such as 512KiB, 64MiB, 1TiB or a number of bytes",
    ],
    [['target', '--lun', '1,size=1MiB', '--lun', '1,size=2MiB'], '--lun: LUN 1 is given twice'],
    [
      ['target', '--lun', '0,size=1MiB', '--portal', 'x'],
      "portal 'x': expected ADDRESS:PORT such as 127.0.0.1:3260 or [::1]:3260",
    ],
    [['target', '--config', '/nowhere/lab.yaml'], 'configuration /nowhere/lab.yaml: there is no such file'],
    [
      ['target', '--config', 'x', '--lun', '0,size=1MiB'],
      "option '--config <FILE>' cannot be used with option '--lun <SPEC>'",
    ],
    [
      ['target', '--lun', '0,size=1MiB', '--portal', '127.0.0.1:0', '--admin', '10.0.0.1:80'],
      'admin API: 10.0.0.1 is not a loopback address, expected 127.0.0.1 or [::1]',
    ],
    [
      ['target', '--lun', '0,size=1MiB', '--quirk', 'tgt-x'],
      "no quirk is called 'tgt-x': 'fencelab target --list-quirks' lists them",
    ],
    [
      ['target', '--lun', '0,size=1MiB', '--profile', 'x'],
      "no profile is called 'x': expected one of tgt, lio, scst, ctl, spdk, istgt, gotgt, haruka, comstar, pr-helper, spc3, spc4, spc5",
    ],
    [
      ['target', '--profile', 'tgt', '--profile', 'lio'],
      "option '--profile <NAME>' argument 'lio' is invalid. It is given once, and was 'tgt'.",
    ],
    [['target', '--lun', '0,size=1MiB', '--pcap', ''], "--pcap '': expected a file"],
    [['target', '--lun', '0,size=1MiB', '--pcap-size', '1MiB'], '--pcap-size goes with --pcap'],
    [['target', '--lun', '0,size=1MiB', '--pcap-files', '2'], '--pcap-files goes with --pcap'],
    [
      ['target', '--lun', '0,size=1MiB', '--pcap', 'x', '--pcap-files', '2'],
      '--pcap-files goes with --pcap-size',
    ],
    [
      ['target', '--lun', '0,size=1MiB', '--pcap', 'x', '--pcap-size', '64KiB'],
      "--pcap-size '64KiB': expected a size such as 512KiB, 64MiB, 1TiB or a number of bytes, 128KiB or more",
    ],
    [
      ['target', '--lun', '0,size=1MiB', '--pcap', 'x', '--pcap-size', '1MiB', '--pcap-files', '1'],
      '--pcap-files 1: expected a whole number from 2 to 99999',
    ],
    [
      ['target', '--lun', '0,size=1MiB', '--portal', '127.0.0.1:0', '--pcap', '/nowhere/x.pcapng'],
      'capture file /nowhere/x.pcapng cannot be written: there is no such directory',
    ],
    [['io', 'iscsi://h/t/0', 'erase', '0', '1'], "'erase': expected read or write"],
    [['io', 'iscsi://h/t/0', 'read', '0'], "missing required argument 'BLOCKS'"],
    [['host', '--socket', 'x'], "missing required argument 'DEVICE=URL'"],
    [['host', 'data=iscsi://h/t/0'], "required option '--socket <PATH>' not specified"],
  ])('%j', async (argv, problem) => {
    expect(await fencelab(...argv)).toEqual({ exitStatus: 2, stdout: '', stderr: `fencelab: ${problem}\n` });
  });

  it('no subcommand at all', async () => {
    const { exitStatus, stderr } = await fencelab();
    expect(exitStatus).toBe(2);
    expect(stderr).toMatch(/^fencelab: expected a subcommand: target, .*\bio\b.*\n$/);
  });
});

describe('help and version', () => {
  it('go to standard output, with exit status 0', async () => {
    const help = await fencelab('target', '--help');
    expect(help).toMatchObject({ exitStatus: 0, stderr: '' });
    expect(help.stdout).toContain('--lun <SPEC>');
    expect(await fencelab('--version')).toEqual({ exitStatus: 0, stdout: '0.1.0\n', stderr: '' });
  });
});

describe('fencelab target --list-quirks', () => {
  it('lists every profile and quirk with what it is, a line each', async () => {
    const { exitStatus, stdout } = await fencelab('target', '--list-quirks');
    expect(exitStatus).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('profile tgt: fujita/tgt 1.0.85');
    const names = lines.slice(PROFILES.length).map((line) => line.slice(0, line.indexOf(': ')));
    expect(names).toEqual(QUIRKS.map(({ name }) => name));
  });
});

describe('the arguments of fencelab io', () => {
  const typed = { device: '/dev/sdb', action: 'write', lba: '0x10', blocks: '8' };

  it('are read as decimal or hex', () => {
    expect(ioOptions(typed)).toEqual({ device: '/dev/sdb', action: 'write', lba: 16n, blocks: 8 });
    expect(ioOptions({ ...typed, pattern: '0xff' })).toMatchObject({ pattern: 255 });
  });

  it.each([
    [{ lba: '-1' }, "LBA '-1': expected a number"],
    [{ lba: '18446744073709551616' }, "LBA '18446744073709551616': expected a number"],
    [{ blocks: '0' }, "BLOCKS '0': expected a number from 1 to 65535"],
    [{ blocks: '1.5' }, "BLOCKS '1.5': expected a number from 1 to 65535"],
    [{ pattern: '256' }, "--pattern '256': expected a byte, 0 to 255 or 0x00 to 0xff"],
  ])('%j is refused', (wrong, problem) => {
    expect(() => ioOptions({ ...typed, ...wrong })).toThrow(problem);
  });
});

describe('errors in one line', () => {
  it.each([
    [
      Object.assign(new Error('listen'), { code: 'EADDRINUSE', address: '::1', port: 3260 }),
      '[::1]:3260 is in use already',
    ],
    [new AggregateError([new Error('a'), new Error('b'), new Error('a')], ''), 'a; b'],
    [new Error('first\n    second\n'), 'first; second'],
    ['text', 'text'],
  ])('%s', (thrown, line) => {
    expect(oneLine(thrown)).toBe(line);
  });
});
