import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { recordLine } from '../../../initiator/sg_persist/record-line.js';

const at = new Date('2026-11-21T05:00:00.123Z');
const lineOf = (...args: string[]): string => recordLine({ at, host: 'node1', args, exitStatus: 0 });

describe('the line that FENCELAB_RECORD keeps', () => {
  it('has the time, the host, the command and its exit status', () => {
    expect(
      recordLine({ at, host: 'node1', args: ['-n', '-o', '-C', '-K', '0xabc', '/dev/sdb'], exitStatus: 24 }),
    ).toBe('2026-11-21T05:00:00.123Z node1 sg_persist -n -o -C -K 0xabc /dev/sdb -> 24\n');
  });

  it('quotes arguments so that a shell gives them back, and stays one line', () => {
    const args = [
      '',
      'a b',
      "it's",
      '$HOME',
      '`x`',
      '*',
      'a\\b',
      '!',
      '~',
      '#',
      'two\nlines\\n\u007f',
      "'\n",
    ];
    const line = lineOf(...args);
    expect(line.match(/\n/g)).toHaveLength(1);
    const command = line.slice(line.indexOf('sg_persist') + 'sg_persist'.length, line.lastIndexOf(' -> '));
    expect(execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })).toBe(
      args.map((argument) => `${argument}\0`).join(''),
    );
  });

  it('leaves passwords out', () => {
    const url = 'iscsi://node%se%c@ret@127.0.0.1:3260/iqn.2026-11.org.fencelab:array/0';
    for (const argument of [url, `-d${url}`, `--device=${url}`]) {
      const line = lineOf(argument);
      expect(line).toContain('iscsi://node%***@127.0.0.1:3260/iqn.2026-11.org.fencelab:array/0');
      expect(line).not.toContain('ret');
    }
  });

  it('leaves URLs without one alone', () => {
    const url = 'iscsi://[fe80::1%eth0]:3260/iqn.2026-11.org.fencelab:array/0';
    expect(lineOf(url)).toContain(url);
  });
});
