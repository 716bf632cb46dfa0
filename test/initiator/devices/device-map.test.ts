import { describe, expect, it } from 'vitest';
import { parseDeviceMap } from '../../../initiator/devices/device-map.js';

const URL = 'iscsi://127.0.0.1:3260/iqn.2026-11.org.fencelab:array/0';

describe('the device map', () => {
  it('names LUs to log in to, devices of hosts and command lines', () => {
    const map = parseDeviceMap(
      [
        '/dev/sdb:',
        `  url: ${URL}`,
        '  initiator: iqn.2026-11.org.fencelab:node1',
        '  isid: "0x800000000001"',
        '/dev/sdc:',
        '  socket: run/node1.sock',
        '  device: data',
        '/dev/sdd:',
        `  url: ${URL}`,
        '  isid: 0x80ffffffffff',
        '/dev/sde:',
        '  exec: ssh node1 sg_raw /dev/sdb',
      ].join('\n'),
      '/etc/fencelab/devices.yaml',
    );
    const url = { host: '127.0.0.1', port: 3260, targetName: 'iqn.2026-11.org.fencelab:array', lun: 0 };
    expect([...map]).toEqual([
      [
        '/dev/sdb',
        { kind: 'iscsi', url, initiatorName: 'iqn.2026-11.org.fencelab:node1', isid: 0x800000000001n },
      ],
      ['/dev/sdc', { kind: 'socket', socketPath: '/etc/fencelab/run/node1.sock', device: 'data' }],
      ['/dev/sdd', { kind: 'iscsi', url, isid: 0x80ffffffffffn }],
      [
        '/dev/sde',
        {
          kind: 'exec',
          line: {
            text: 'ssh node1 sg_raw /dev/sdb',
            words: ['ssh', 'node1', 'sg_raw', '{options}', '/dev/sdb', '{cdb}'],
          },
        },
      ],
    ]);
  });

  it('names the files of secrets, relative to its own folder', () => {
    const accounts =
      '  user: node\n  secret-file: node.secret\n  target-user: array\n  target-secret-file: /s/a\n';
    expect(parseDeviceMap(`a:\n  url: ${URL}\n${accounts}`, '/etc/fencelab/d.yaml').get('a')).toMatchObject({
      chap: {
        user: 'node',
        secretFile: '/etc/fencelab/node.secret',
        target: { user: 'array', secretFile: '/s/a' },
      },
    });
  });

  it('may be empty', () => {
    expect(parseDeviceMap('', 'd.yaml').size).toBe(0);
  });

  it.each([
    ['- a\n', 'd.yaml:1:1: expected device names with their settings'],
    ['a: 1\n', 'd.yaml:1:1: a: expected url, or socket and device, or exec'],
    ['a:\n  device: x\n', 'd.yaml:1:1: a: expected url, or socket and device, or exec'],
    [
      'a:\n  url: http://x\n',
      'd.yaml:2:8: bad URL http://x: expected iscsi://[user[%password]@]host[:port]/target-name/lun',
    ],
    [
      `a:\n  url: ${URL}\n  lun: 1\n`,
      'd.yaml:3:3: unknown setting "lun" (expected url, initiator, isid, user, secret-file, target-user, target-secret-file, socket, device, exec)',
    ],
    [`a:\n  url: ${URL}\n  isid: 12\n`, 'd.yaml:3:9: a: isid "12" is not 0x and up to 12 hex digits'],
    [`a:\n  url: ${URL}\n  user: node\n`, 'd.yaml:3:9: a: user needs secret-file'],
    [`a:\n  url: ${URL}\n  secret-file: s\n`, 'd.yaml:3:16: a: secret-file needs user'],
    [
      `a:\n  url: ${URL}\n  target-user: array\n  target-secret-file: s\n`,
      'd.yaml:3:16: a: target-user needs user',
    ],
    [
      'a:\n  socket: s\n  device: d\n  user: node\n',
      'd.yaml:4:9: a: user does not go with socket (the host owns the nexus)',
    ],
    [`a:\n  url: ${URL}\n  device: x\n`, 'd.yaml:3:11: a: device belongs to socket, not to url'],
    [
      `a:\n  url: ${URL}\n  initiator: node1\n`,
      'd.yaml:3:14: a: "node1" is no iSCSI name (expected iqn.YYYY-MM.domain[:text], eui.16 digits or naa.16 or 32 digits)',
    ],
    ['a:\n  socket: s\n', 'd.yaml:2:11: a: socket needs device'],
    [
      `a:\n  socket: s\n  device: d\n  url: ${URL}\n`,
      'd.yaml:4:8: a: url does not go with socket (the host owns the nexus)',
    ],
    [
      `a:\n  exec: sg_raw /dev/sdb\n  initiator: iqn.2026-11.org.fencelab:a\n`,
      "d.yaml:3:14: a: initiator does not go with exec (the nexus is the command's)",
    ],
    ['a:\n  socket: s\n  exec: x\n', 'd.yaml:3:9: a: exec does not go with socket (the host owns the nexus)'],
    [
      'a:\n  exec: ssh node1\n',
      'd.yaml:2:9: a: exec:ssh node1: expected the word sg_raw, or {options} where its options go',
    ],
    ['a:\n  url: [x]\n', 'd.yaml:2:8: url: expected a text'],
    [`a:\n  url: ${URL}\na:\n  url: ${URL}\n`, 'd.yaml:3:1: Map keys must be unique'],
  ])('says where %j is wrong', (text, message) => {
    expect(() => parseDeviceMap(text, 'd.yaml')).toThrow(
      expect.objectContaining({
        name: 'DeviceMapError',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
