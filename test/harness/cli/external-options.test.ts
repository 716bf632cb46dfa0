import { describe, expect, it } from 'vitest';
import { externalTargetOptions } from '../../../harness/cli/external-options.js';

const ONE = 'iscsi://user%password@array:3260/iqn.2026-11.org.fencelab:a/1';
const TWO = 'iscsi://array/iqn.2026-11.org.fencelab:a/2';

describe('the array that fencelab run is told of', () => {
  it('is the built-in one where no target is named', () => {
    expect(externalTargetOptions({})).toBeUndefined();
  });

  it('has the LUNs and portals that are named, and no others', () => {
    expect(
      externalTargetOptions({
        target: [ONE, TWO],
        targetPortal: ['array:3261', '[::1]:9'],
        write: true,
        force: true,
      }),
    ).toEqual({
      luns: [
        {
          host: 'array',
          port: 3260,
          targetName: 'iqn.2026-11.org.fencelab:a',
          lun: 1,
          chap: { user: 'user', password: 'password' },
        },
        { host: 'array', port: 3260, targetName: 'iqn.2026-11.org.fencelab:a', lun: 2 },
      ],
      furtherPortals: [
        { host: 'array', port: 3261 },
        { host: '::1', port: 9 },
      ],
      force: true,
    });
  });

  it.each([
    [
      { target: [ONE, TWO] },
      '--target: the first 1040 blocks of iscsi://array:3260/iqn.2026-11.org.fencelab:a/1 and ' +
        'iscsi://array:3260/iqn.2026-11.org.fencelab:a/2 would be overwritten, expected --write to allow it',
    ],
    [
      { target: [TWO, TWO], write: true },
      '--target iscsi://array:3260/iqn.2026-11.org.fencelab:a/2: given twice, expected a LUN of its own',
    ],
    [
      { target: [TWO, 'iscsi://other/iqn.2026-11.org.fencelab:a/1'], write: true },
      "--target iscsi://other:3260/iqn.2026-11.org.fencelab:a/1: another portal than the first one's, expected " +
        'array:3260; further portals are named by --target-portal',
    ],
    [
      { target: [TWO], targetPortal: ['array'], write: true },
      "portal 'array': expected ADDRESS:PORT such as 127.0.0.1:3260 or [::1]:3260",
    ],
    [
      { target: ['array'], write: true },
      'bad URL array: expected iscsi://[user[%password]@]host[:port]/target-name/lun',
    ],
    [
      { target: [TWO], targetPortal: ['array:3260'], write: true },
      '--target-portal array:3260: named already, by --target, expected a portal of its own',
    ],
    [
      { target: [TWO], targetPortal: ['[::1]:9', '[::1]:9'], write: true },
      '--target-portal [::1]:9: named already, expected a portal of its own',
    ],
    [{ write: true }, '--write: expected --target URL or --via beside it'],
    [{ force: true }, '--force: expected --target URL or --via beside it'],
    [{ targetPortal: ['a:1'] }, '--target-portal: expected --target URL beside it'],
  ] as const)('%j is told in one line', (typed, message) => {
    expect(() => externalTargetOptions(typed)).toThrow(expect.objectContaining({ message }) as Error);
  });
});
