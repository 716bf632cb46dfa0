import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginSettings } from '../../../initiator/devices/login-settings.js';
import { openDevice } from '../../../initiator/devices/open-device.js';
import { createTarget, type Target } from '../../../target/index.js';

const node = { user: 'node', password: 'the secret of the node' };
const array = { user: 'array', password: 'the secret of the array' };
const NODE = { FENCELAB_CHAP_USER: 'node', FENCELAB_CHAP_SECRET: node.password };
const ARRAY = { FENCELAB_CHAP_TARGET_USER: 'array', FENCELAB_CHAP_TARGET_SECRET: array.password };
const undefinedMutual = { mutual: undefined, algorithms: undefined };

let folder: string;
let target: Target;
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fencelab-login-'));
  target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1024 * 1024 } }],
    chap: { ...node, mutual: array },
    chapAlgorithms: [8, 7],
  });
});
afterAll(async () => {
  await target.close();
  rmSync(folder, { recursive: true });
});

describe('settings of a login', () => {
  it('are none where nothing says any', () => {
    expect(loginSettings(undefined, {})).toEqual({});
    expect(loginSettings(undefined, { FENCELAB_CHAP_USER: '', FENCELAB_DIGESTS: '' })).toEqual({});
  });

  it('come from the environment', () => {
    expect(loginSettings(undefined, NODE)).toEqual({ chap: { ...node, ...undefinedMutual } });
    expect(loginSettings(undefined, { ...NODE, ...ARRAY, FENCELAB_CHAP_ALGORITHMS: 'sha256,md5' })).toEqual({
      chap: { ...node, mutual: array, algorithms: [7, 5] },
    });
    const files = {
      FENCELAB_CHAP_USER: 'node',
      FENCELAB_CHAP_SECRET_FILE: file('node.secret', `${node.password}\n`),
      FENCELAB_CHAP_TARGET_USER: 'array',
      FENCELAB_CHAP_TARGET_SECRET_FILE: file('array.secret', array.password),
    };
    expect(loginSettings(undefined, files)).toEqual({
      chap: { ...node, mutual: array, algorithms: undefined },
    });
    expect(loginSettings(undefined, { FENCELAB_DIGESTS: 'header, data' })).toEqual({
      headerDigest: ['CRC32C'],
      dataDigest: ['CRC32C'],
    });
    expect(loginSettings(undefined, { FENCELAB_DIGESTS: 'data' })).toEqual({ dataDigest: ['CRC32C'] });
  });

  it('of the device stand before it, and a user alone has the secret from it', () => {
    const carol = { user: 'carol', password: 'the secret of carol' };
    expect(loginSettings(carol, NODE)).toEqual({ chap: { ...carol, ...undefinedMutual } });
    expect(loginSettings({ user: 'carol' }, NODE)).toEqual({
      chap: { user: 'carol', password: node.password, ...undefinedMutual },
    });
    const target = { user: 'other', secretFile: file('other.secret', 'the secret of another\n') };
    const entry = { user: 'carol', secretFile: file('carol.secret', carol.password), target };
    expect(loginSettings(entry, { ...NODE, ...ARRAY })).toEqual({
      chap: { ...carol, mutual: { user: 'other', password: 'the secret of another' }, algorithms: undefined },
    });
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    [
      'FENCELAB_CHAP_USER: expected its secret, by FENCELAB_CHAP_SECRET_FILE or FENCELAB_CHAP_SECRET, one of them',
      { FENCELAB_CHAP_USER: 'node' },
    ],
    [
      'FENCELAB_CHAP_USER: expected its secret, by FENCELAB_CHAP_SECRET_FILE or FENCELAB_CHAP_SECRET, one of them',
      { ...NODE, FENCELAB_CHAP_SECRET_FILE: 'x' },
    ],
    ['FENCELAB_CHAP_TARGET_USER: expected its secret', { ...NODE, FENCELAB_CHAP_TARGET_USER: 'array' }],
    [
      'secret file /none/there: ENOENT',
      { FENCELAB_CHAP_USER: 'node', FENCELAB_CHAP_SECRET_FILE: '/none/there' },
    ],
    [
      'FENCELAB_CHAP_ALGORITHMS=md4: expected some of md5, sha1, sha256, sha3-256',
      { ...NODE, FENCELAB_CHAP_ALGORITHMS: 'md4' },
    ],
    ['FENCELAB_DIGESTS=crc: expected header, data or header,data', { FENCELAB_DIGESTS: 'crc' }],
    [
      'FENCELAB_CHAP_SECRET_FILE: expected FENCELAB_CHAP_USER too, or a user in the URL',
      { FENCELAB_CHAP_SECRET_FILE: 'x' },
    ],
    [
      'FENCELAB_CHAP_TARGET_SECRET_FILE: expected FENCELAB_CHAP_TARGET_USER too',
      { ...NODE, FENCELAB_CHAP_TARGET_SECRET_FILE: 'x' },
    ],
  ])('that are wrong are told, without a secret: %s', (message, environment) => {
    const settle = () => loginSettings(undefined, environment);
    expect(settle).toThrow(message);
    expect(settle).not.toThrow(node.password);
  });
});

describe('a secret file', () => {
  it.each([
    ['short\n', 'the secret has 5 bytes, expected at least 12'],
    ['the secret of the node\nand more\n', 'a line break in the secret, expected one line'],
    ['\ufeffthe secret of the node\n', 'a byte order mark before the secret, expected none'],
  ])('that holds %j is refused by its name', (text, problem) => {
    const path = file('wrong.secret', text);
    const message = `secret file ${path}: ${problem}`;
    const environment = { FENCELAB_CHAP_USER: 'node', FENCELAB_CHAP_SECRET_FILE: path };
    expect(() => loginSettings(undefined, environment)).toThrow(message);
    expect(() => loginSettings({ user: 'node', secretFile: path }, {})).toThrow(message);
  });
});

describe('a device is opened by them', () => {
  const open = async (environment: NodeJS.ProcessEnv, url = target.urlOf(0)): Promise<void> => {
    const path = await openDevice(url, {
      readOnly: true,
      environment: { FENCELAB_INITIATOR: 'iqn.2026-11.org.fencelab:node', ...environment },
    });
    await path.close();
  };

  it('with CHAP both ways, by the environment, a user in the URL, or the device map', async () => {
    await open({ ...NODE, ...ARRAY, FENCELAB_DIGESTS: 'header,data' });
    await open({ FENCELAB_CHAP_SECRET: node.password }, target.urlOf(0).replace('://', '://node@'));
    file('node.secret', node.password);
    const entry = `disk: { url: "${target.urlOf(0)}", user: node, secret-file: node.secret }\n`;
    await open({ FENCELAB_DEVICES: file('devices.yaml', entry) }, 'disk');
  });

  it('and not where they do not fit', async () => {
    await expect(open({})).rejects.toThrow('authentication failure (02/01)');
    await expect(open({ ...NODE, FENCELAB_CHAP_ALGORITHMS: 'md5' })).rejects.toThrow('02/01');
    await expect(open({ ...NODE, ...ARRAY, FENCELAB_CHAP_TARGET_USER: 'mallory' })).rejects.toThrow(
      'the target did not prove itself: CHAP_N is not the name that was expected',
    );
    await expect(open({ ...NODE, FENCELAB_CHAP_SECRET: 'short' })).rejects.toThrow(
      'FENCELAB_CHAP_SECRET: the secret has 5 bytes, expected at least 12',
    );
  });
});
