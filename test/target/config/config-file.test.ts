import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfiguration, readConfigurationFile } from '../../../target/config/config-file.js';

const SECRET = 'cat-sat-mat-hat';
const NAMES =
  'iqn, portals, luns, state, admin, profile, quirks, timeouts, pcap, pcap-size, pcap-files, chap, chap-algorithms, discovery-chap, initiators';

describe('a configuration file', () => {
  it('says what the command line can say', () => {
    const text = [
      'iqn: iqn.2026-11.org.fencelab:array',
      'portals: ["127.0.0.1:3260", "[::1]:0"]',
      'luns:',
      '  - { lun: 0, size: 64MiB, thin: true, nopr: false }',
      '  - "1,file=disk.img,block=4096"',
      '  - lun: 2',
      '    size: 1048576',
      '    naa: 3000000000000123',
      '    serial: 0001',
      'state: state',
      'admin: 127.0.0.1:8080',
      'profile: tgt',
      'quirks: [comstar-reset-clears]',
      'timeouts: { idle: 10, sequence: 120, login: 86400 }',
      'pcap: run.pcapng',
      'pcap-size: 64MiB',
      'pcap-files: 5',
      'chap: { user: node, password: "0123 4567 89ab", mutual: { user: array, password: "4567 89ab cdef" } }',
      'chap-algorithms: [sha3-256, SHA256]',
      'discovery-chap: { user: finder, secret-env: FINDER_SECRET }',
      'initiators:',
      '  - iqn.2026-11.org.fencelab:node1=0,5:1',
      '  - { name: iqn.2026-11.org.fencelab:node2, luns: [2:1], chap: { user: n, password: "0123 4567 89ab" } }',
      '  - { name: iqn.2026-11.org.fencelab:node3 }',
    ].join('\n');
    const environment = { FINDER_SECRET: 'found by its name' };
    expect(parseConfiguration(text, '/etc/lab/target.yaml', environment)).toEqual({
      iqn: 'iqn.2026-11.org.fencelab:array',
      portals: [
        { host: '127.0.0.1', port: 3260 },
        { host: '::1', port: 0 },
      ],
      logicalUnits: [
        { lun: 0, medium: { kind: 'memory', sizeBytes: 67_108_864 }, thin: true, nopr: false },
        { lun: 1, medium: { kind: 'file', path: '/etc/lab/disk.img' }, blockLengthBytes: 4096 },
        // As written: a serial number keeps its zeros, an identifier its digits.
        {
          lun: 2,
          medium: { kind: 'memory', sizeBytes: 1_048_576 },
          naa: '3000000000000123',
          serial: '0001',
        },
      ],
      stateDirectory: '/etc/lab/state',
      profile: 'tgt',
      quirks: ['comstar-reset-clears'],
      timeouts: { idleMs: 10_000, sequenceMs: 120_000, loginMs: 86_400_000 },
      capture: { path: '/etc/lab/run.pcapng', sizeBytesMax: 67_108_864, filesMax: 5 },
      admin: { host: '127.0.0.1', port: 8080 },
      chap: {
        user: 'node',
        password: '0123 4567 89ab',
        mutual: { user: 'array', password: '4567 89ab cdef' },
      },
      chapAlgorithms: [8, 7],
      discoveryChap: { user: 'finder', password: 'found by its name' },
      initiators: [
        {
          name: 'iqn.2026-11.org.fencelab:node1',
          luns: new Map([
            [0, 0],
            [5, 1],
          ]),
        },
        {
          name: 'iqn.2026-11.org.fencelab:node2',
          luns: new Map([[2, 1]]),
          chap: { user: 'n', password: '0123 4567 89ab' },
        },
        { name: 'iqn.2026-11.org.fencelab:node3' },
      ],
    });
  });

  it('may leave everything to the command line', () => {
    expect(parseConfiguration('{}', 'f.yaml')).toEqual({});
  });

  it.each([
    ['', `1:1: expected a configuration: a mapping of ${NAMES}`],
    ['- 1', `1:1: expected a configuration: a mapping of ${NAMES}`],
    ['iqn: a\nlun: 1', `2:1: unknown 'lun': expected one of ${NAMES}`],
    ['iqn:', '1:5: iqn: expected a value'],
    ['iqn: [a]', '1:6: iqn: expected a value'],
    ['iqn: a\niqn: b', '2:1: Map keys must be unique'],
    ['portals: 127.0.0.1:1', '1:10: portals: expected a list'],
    [
      'portals:\n  - 127.0.0.1',
      "2:5: portal '127.0.0.1': expected ADDRESS:PORT such as 127.0.0.1:3260 or [::1]:3260",
    ],
    ['luns:\n  - size: 1MiB', '2:5: luns: expected lun: and a number from 0 to 16383'],
    ['luns:\n  - lun: -1', '2:10: lun: expected a number from 0 to 16383'],
    [
      'luns:\n  - lun: 1\n    size: 64MB',
      "3:11: size: expected a size such as 512KiB, 64MiB, 1TiB or a number of bytes, found '64MB'",
    ],
    ['luns:\n  - {lun: 1, size: 1MiB, thin: yes}', "2:32: thin: expected true or false, found 'yes'"],
    ['luns:\n  - {lun: 1}', '2:5: LUN 1: expected size=SIZE or file=PATH, one of them'],
    ['luns: ["0,size=1MiB", "0,size=2MiB"]', '1:23: luns: LUN 0 is given twice'],
    ['luns: ["0,size=x"]', "1:8: LUN SPEC '0,size=x': 'size=x': expected a size such as"],
    ['chap: {user: a}', '1:7: chap: expected one of password, secret-file, secret-env'],
    [
      `chap: {user: a, password: ${SECRET}, secret-env: X}`,
      '1:7: chap: expected one of password, secret-file, secret-env',
    ],
    [`chap: {password: ${SECRET}}`, '1:7: chap: expected user'],
    [`chap: ${SECRET}`, '1:7: expected chap: a mapping of user, password, secret-file, secret-env, mutual'],
    ['chap: {user: a, password: tooshort}', '1:7: chap: the secret has 8 bytes, expected at least 12'],
    [`chap: {user: a, secret-env: ${SECRET}}`, '1:29: chap.secret-env: there is no such variable'],
    ['chap: {user: a, secret-file: none}', '1:30: secret file '],
    [`chap: {user: a, password: *${SECRET}}`, '1:27: chap.password: expected a value'],
    [
      `chap: {user: a, password: ${SECRET}, mutual: {user: c}}`,
      '1:52: chap.mutual: expected one of password, secret-file, secret-env',
    ],
    ['discovery-chap: {user: a}', '1:17: discovery-chap: expected one of password, secret-file, secret-env'],
    [
      "initiators: [{name: 'iqn.2026-11.org.fencelab:n', luns: ['0:x']}]",
      "1:57: LUN '0:x': expected a number from 0 to 16383, or two",
    ],
    ['chap-algorithms: [md4]', '1:18: chap-algorithms: expected some of md5, sha1, sha256, sha3-256'],
    ['initiators: [node1]', '1:14: initiator \'node1\': "node1" is no iSCSI name'],
    ['initiators: [{luns: [0]}]', '1:14: initiators: expected name'],
    ['initiators: ["iqn.2026-11.org.fencelab:a=1,1"]', "1:14: LUN '1': LUN 1 is seen already"],
    [
      'initiators: [{name: iqn.2026-11.org.fencelab:a, luns: [1:2:3]}]',
      "1:55: LUN '1:2:3': expected a number from 0 to 16383, or two, as seen and as it is: 5:1",
    ],
    [
      `chap: {user: a, password: ${SECRET}, mutual: {user: c, password: ${SECRET}}}`,
      '1:52: chap.mutual: expected another secret than that of chap',
    ],
    [
      'quirks: [comstar-reset-clears, x]',
      "1:32: no quirk is called 'x': 'fencelab target --list-quirks' lists",
    ],
    ['profile: x', "1:10: no profile is called 'x': expected one of tgt, lio, "],
    ['timeouts: 30', '1:11: expected timeouts: a mapping of idle, ping, sequence, login'],
    ['timeouts: {nop: 30}', "1:12: unknown 'nop': expected one of idle, ping, sequence, login"],
    ['timeouts: {ping: 0}', '1:18: timeouts.ping: expected whole seconds from 1 to 86400'],
    ['timeouts: {idle: 1, login: 86401}', '1:28: timeouts.login: expected whole seconds from 1 to 86400'],
    ['timeouts: {sequence: 1.5}', '1:22: timeouts.sequence: expected whole seconds from 1 to 86400'],
    ['pcap:', '1:6: pcap: expected a value'],
    ['iqn: a\npcap-size: 1MiB', '2:12: pcap-size goes with pcap'],
    ['pcap: x\npcap-files: 2', '2:13: pcap-files goes with pcap-size'],
    ['pcap: x\npcap-size: 1KiB', "2:12: pcap-size '1KiB': expected a size such as"],
    [
      'pcap: x\npcap-size: 1MiB\npcap-files: 1',
      '3:13: pcap-files 1: expected a whole number from 2 to 99999',
    ],
    ['a: [', '1:5: '],
    [`chap:\n  user: a\n  password: |${SECRET}`, '3:14: Block scalar header includes extra characters'],
  ])('%j is refused with file, line and column', (text, problem) => {
    const parse = () => parseConfiguration(text, 'lab.yaml', {});
    expect(parse).toThrow(`lab.yaml:${problem}`);
    expect(parse).not.toThrow(/cat-sat-mat|tooshort/);
  });

  it('takes a secret from a file beside it, without the line break at its end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fencelab-config-'));
    await writeFile(join(folder, 'node.secret'), ' the secret of the node \r\n', { mode: 0o600 });
    await writeFile(join(folder, 'lab.yaml'), 'chap: { user: node, secret-file: node.secret }');
    expect((await readConfigurationFile(join(folder, 'lab.yaml'))).chap).toEqual({
      user: 'node',
      password: ' the secret of the node ',
    });
    await rm(folder, { recursive: true });
  });

  it('is read from the disk, and a missing one is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fencelab-config-'));
    try {
      const path = join(folder, 'target.yaml');
      await writeFile(path, 'iqn: iqn.2026-11.org.fencelab:array\n');
      expect(await readConfigurationFile(path)).toEqual({ iqn: 'iqn.2026-11.org.fencelab:array' });
      await expect(readConfigurationFile(`${path}x`)).rejects.toThrow(
        `configuration ${path}x: there is no such file`,
      );
      await expect(readConfigurationFile(folder)).rejects.toThrow(
        `configuration ${folder}: cannot be read (EISDIR)`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
