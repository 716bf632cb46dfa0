import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { securityOf, type SecurityArguments } from '../../../harness/cli/security-options.js';

const SECRET = 'cat-sat-mat-hat';
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencelab-security-'));
  file = join(folder, 'node.secret');
  writeFileSync(file, 'in the file it stands\n', { mode: 0o600 });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('fencelab target is told who may log in', () => {
  it('by nothing: everybody', () => {
    expect(securityOf({}, { FENCELAB_CHAP_SECRET: SECRET, FENCELAB_CHAP_USER: 'node' })).toEqual({});
  });

  it('by users on the command line, with secrets in files or the environment', () => {
    const environment = {
      FENCELAB_CHAP_TARGET_SECRET: SECRET,
      FENCELAB_DISCOVERY_CHAP_SECRET: 'to find with it',
      FENCELAB_DISCOVERY_CHAP_TARGET_SECRET: 'to be found by it',
    };
    expect(
      securityOf(
        {
          chapUser: 'node',
          chapSecretFile: file,
          chapTargetUser: 'array',
          chapAlgorithms: 'sha3-256,sha256',
          discoveryChapUser: 'finder',
          discoveryChapTargetUser: 'found',
          allow: ['iqn.2026-11.org.fencelab:a', 'iqn.2026-11.org.fencelab:b=0,5:1'],
          insecure: true,
        },
        environment,
      ),
    ).toEqual({
      chap: {
        user: 'node',
        password: 'in the file it stands',
        mutual: { user: 'array', password: SECRET },
      },
      discoveryChap: {
        user: 'finder',
        password: 'to find with it',
        mutual: { user: 'found', password: 'to be found by it' },
      },
      chapAlgorithms: [8, 7],
      initiators: [
        { name: 'iqn.2026-11.org.fencelab:a' },
        {
          name: 'iqn.2026-11.org.fencelab:b',
          luns: new Map([
            [0, 0],
            [5, 1],
          ]),
        },
      ],
      insecure: true,
    });
    // A file that is named stands before the environment.
    expect(
      securityOf({ chapUser: 'node', chapSecretFile: file }, { FENCELAB_CHAP_SECRET: SECRET }).chap,
    ).toEqual({
      user: 'node',
      password: 'in the file it stands',
    });
  });

  const environment = {
    FENCELAB_CHAP_TARGET_SECRET: SECRET,
    FENCELAB_DISCOVERY_CHAP_TARGET_SECRET: SECRET,
  };
  it.each<[string, SecurityArguments]>([
    ['--chap-user: expected its secret, by --chap-secret-file or FENCELAB_CHAP_SECRET', { chapUser: 'node' }],
    ['--chap-secret-file: expected --chap-user too', { chapSecretFile: 'x' }],
    ['secret file /none/there: there is no such file', { chapUser: 'node', chapSecretFile: '/none/there' }],
    [
      '--chap-target-user with FENCELAB_CHAP_TARGET_SECRET: the user name: expected 1 to 255 bytes',
      { chapUser: 'node', chapSecretFile: 'FILE', chapTargetUser: '' },
    ],
    ['--chap-target-user: expected --chap-user too', { chapTargetUser: 'array' }],
    [
      '--discovery-chap-target-user: expected --discovery-chap-user too',
      { discoveryChapTargetUser: 'found' },
    ],
    [
      '--discovery-chap-target-secret-file: expected --discovery-chap-target-user too',
      { discoveryChapTargetSecretFile: 'x' },
    ],
    [
      '--discovery-chap-user: expected its secret, by --discovery-chap-secret-file or FENCELAB_DISCOVERY_CHAP_SECRET',
      { discoveryChapUser: 'finder' },
    ],
    ['--chap-algorithms md4: expected some of md5, sha1, sha256, sha3-256', { chapAlgorithms: 'md4' }],
    ['initiator \'node1\': "node1" is no iSCSI name', { allow: ['node1'] }],
    ["LUN '': expected a number from 0 to 16383", { allow: ['iqn.2026-11.org.fencelab:a='] }],
  ])('%s', (problem, typed) => {
    const read = () =>
      securityOf(typed.chapSecretFile === 'FILE' ? { ...typed, chapSecretFile: file } : typed, environment);
    expect(read).toThrow(problem);
    expect(read).not.toThrow(SECRET);
  });

  it('by a file that everybody may read, with a warning', () => {
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      securityOf({ chapUser: 'node', chapSecretFile: file }, {});
      expect(told.mock.calls).toEqual([]);
      chmodSync(file, 0o644);
      securityOf({ chapUser: 'node', chapSecretFile: file }, {});
      const line = `fencelab target: secret file ${file}: everybody here may read it, expected mode 600\n`;
      expect(told.mock.calls).toEqual([[line]]);
    } finally {
      told.mockRestore();
      chmodSync(file, 0o600);
    }
  });

  it.each([
    ['short\n', '--chap-user with secret file PATH: the secret has 5 bytes, expected at least 12'],
    ['in the file\nit stands\n', 'secret file PATH: a line break in the secret, expected one line'],
    ['\ufeffin the file it stands', 'secret file PATH: a byte order mark before the secret, expected none'],
  ])('a secret file that holds %j is refused by its name', (text, problem) => {
    const path = join(folder, 'wrong.secret');
    writeFileSync(path, text, { mode: 0o600 });
    const read = () => securityOf({ chapUser: 'node', chapSecretFile: path }, {});
    expect(read).toThrow(problem.replace('PATH', path));
  });
});
