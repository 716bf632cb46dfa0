import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askArray, checkConfiguration, parseConfiguration } from '../../../harness/index.js';
import { startFakeTarget } from '../../initiator/iscsi/fake-target.js';
import { createTarget, type Target } from '../../../target/index.js';

const BLANK = { medium: { kind: 'memory', sizeBytes: 1024 * 1024 } } as const;

describe('an array that is asked', () => {
  let target: Target;

  beforeAll(async () => {
    target = await createTarget({
      iqn: 'iqn.2026-11.org.fencelab:asked',
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [
        { lun: 0, ...BLANK },
        { lun: 1, ...BLANK, nopr: true },
      ],
    });
  });
  afterAll(() => target.close());

  const urlOf = (lun: number): string => target.urlOf(0).replace(/0$/, String(lun));
  const configurationOf = (...luns: [name: string, url: string][]) =>
    parseConfiguration(
      `configuration: live
luns:
${luns.map(([name, url]) => `  - { name: ${name}, url: '${url}' }`).join('\n')}
hosts: [{ name: esx1, initiator: 'iqn.2026-11.org.fencelab:hypervisor' }]
clusters: [{ name: c1, release: A.11.19 }]
nodes:
  - { name: node1, cluster: c1 }
  - { name: guest1, cluster: c1, host: esx1 }
  - { name: guest2, cluster: c1, host: esx1 }
packages:
  - { name: pkg1, cluster: c1, luns: [${luns.map(([name]) => name).join(', ')}] }
`,
      'cluster.yaml',
    );
  const findings = async (rule: string, ...luns: [string, string][]) => {
    const configuration = configurationOf(...luns);
    const found = checkConfiguration(configuration, await askArray(configuration));
    return found.filter((each) => each.rule.id === rule).map(({ status, found: text }) => [status, text]);
  };

  it('is asked once for each initiator, by its name, on a nexus that is nobody else’s', async () => {
    const logins: string[] = [];
    const stop = target.onEvent((event) => {
      if (event.type === 'login') logins.push(event.nexusId);
    });
    await askArray(configurationOf(['data', urlOf(0)]));
    const observations = await askArray(configurationOf(['data', urlOf(0)]));
    stop();
    expect(observations.map(({ owner, nodes, initiatorName }) => ({ owner, nodes, initiatorName }))).toEqual([
      { owner: 'node1', nodes: ['node1'], initiatorName: 'iqn.2026-11.org.fencelab:node1' },
      {
        owner: 'esx1',
        nodes: ['guest1', 'guest2'],
        initiatorName: 'iqn.2026-11.org.fencelab:hypervisor',
      },
    ]);
    expect(logins).toHaveLength(4);
    expect(new Set(logins).size).toBe(4);
    expect(observations[0]?.reservations).toEqual({
      typeMaskValid: true,
      writeExclusiveRegistrantsOnly: true,
    });
    expect(observations[0]?.identity).toEqual(observations[1]?.identity);
  });

  it('supports reservations and shows every node the same LUN: both rules pass', async () => {
    expect(await findings('storage.persistent-reservation', ['data', urlOf(0)])).toEqual([
      ['pass', 'data from node1: Write Exclusive, registrants only (type 5) is supported'],
      ['pass', 'data from esx1: Write Exclusive, registrants only (type 5) is supported'],
    ]);
    const [same] = await findings('storage.same-lun', ['data', urlOf(0)]);
    expect(same?.[0]).toBe('pass');
    expect(same?.[1]).toMatch(/^data: node1 and esx1 see naa\.3[0-9a-f]{15,31}$/);
  });

  it('that refuses PERSISTENT RESERVE fails', async () => {
    expect(await findings('storage.persistent-reservation', ['data', urlOf(1)])).toEqual([
      ['fail', 'data from node1: REPORT CAPABILITIES failed, invalid command operation code'],
      ['fail', 'data from esx1: REPORT CAPABILITIES failed, invalid command operation code'],
    ]);
  });

  it('that has no such LUN fails', async () => {
    expect(await findings('storage.same-lun', ['data', urlOf(7)])).toEqual([
      ['fail', 'data: node1 does not see it, the target has no such logical unit for it'],
    ]);
  });

  it('whose two LUNs are one fails', async () => {
    const found = await findings('storage.same-lun', ['data', urlOf(0)], ['other', urlOf(0)]);
    expect(found.map(([status]) => status)).toEqual(['pass', 'fail']);
    expect(found[1]?.[1]).toMatch(/^other and data are one logical unit, naa\./);
  });

  it('is told of without the password of its URL', async () => {
    const withPassword = urlOf(0).replace('iscsi://', 'iscsi://user%a-secret-of-16-b@');
    const observations = await askArray(configurationOf(['data', withPassword]));
    expect(JSON.stringify(observations)).not.toContain('secret-of');
    expect(observations[0]?.url).toBe(urlOf(0));
  });

  it('must have a URL and initiators that can be used, or the place is told', async () => {
    await expect(askArray(configurationOf(['data', 'iscsi://array']))).rejects.toThrow(
      'cluster.yaml:3: bad URL iscsi://array: expected iscsi://',
    );
    await expect(askArray(configurationOf(['data', 'exec:ssh {node}']))).rejects.toThrow(
      'cluster.yaml:3: exec:ssh {node}: expected the word sg_raw, or {options} where its options go',
    );
    await expect(askArray(configurationOf(['data', 'exec:ssh node1 sg_raw /dev/sdb']))).rejects.toThrow(
      'cluster.yaml:3: exec:ssh node1 sg_raw /dev/sdb: expected {node} where the name of each node goes',
    );
    const bad = parseConfiguration(
      'configuration: x\nluns: [{ name: data, url: "iscsi://h/iqn.2026-11.org.x:y/0" }]\n' +
        'clusters: [{ name: c1, release: A.11.19 }]\n' +
        'nodes: [{ name: n, cluster: c1, initiator: nobody }]\n' +
        'packages: [{ name: p, cluster: c1, luns: [data] }]\n',
      'cluster.yaml',
    );
    await expect(askArray(bad)).rejects.toThrow(/^cluster.yaml:4: .*nobody/);
  });

  it('that is not there could not be asked', async () => {
    const gone = await createTarget({
      iqn: 'iqn.2026-11.org.fencelab:gone',
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [{ lun: 0, ...BLANK }],
    });
    const url = gone.urlOf(0);
    await gone.close();
    await expect(askArray(configurationOf(['data', url]))).rejects.toThrow(`${url} could not be asked: `);
  });
});

describe('an array that does not let an initiator in', () => {
  const LOGIN = `configuration: closed
luns: [{ name: data, url: 'URL' }]
hosts: [{ name: esx1 }]
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: guest1, cluster: c1, host: esx1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data] }]
`;
  /** Refuses each login with a status of class 2, initiator error. */
  const refusing = (statusDetail: number) =>
    startFakeTarget((_pdu, connection) => {
      connection.send({ opcode: 0x23, flags: 0, tag: 0, octets: { 36: 2, 37: statusDetail } });
    });
  const ask = async (port: number) => {
    const url = `iscsi://127.0.0.1:${port}/iqn.2026-11.org.fencelab:closed/0`;
    const configuration = parseConfiguration(LOGIN.replace('URL', url), 'cluster.yaml');
    return checkConfiguration(configuration, await askArray(configuration));
  };

  it('is a finding where it does not know the initiator (02/02)', async () => {
    const target = await refusing(2);
    const findings = await ask(target.port);
    await target.close();
    expect(
      findings
        .filter(({ rule }) => rule.id === 'storage.same-lun')
        .map(({ status, found }) => [status, found]),
    ).toEqual([['fail', 'data: esx1 does not see it, the target does not let it in']]);
  });

  it('could not be asked where it wants a password (02/01)', async () => {
    const target = await refusing(1);
    await expect(ask(target.port)).rejects.toThrow(/could not be asked: .*\(02\/01\)/);
    await target.close();
  });
});

describe('what an array may answer', () => {
  const configuration = parseConfiguration(
    `configuration: answers
luns: [{ name: data }]
hosts: [{ name: esx1 }]
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }, { name: guest1, cluster: c1, host: esx1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data] }]
`,
    'cluster.yaml',
  );
  const observation = (owner: string, node: string) => ({
    lun: 'data',
    url: 'iscsi://array/iqn.x:y/0',
    owner,
    nodes: [node],
    initiatorName: `iqn.x:${owner}`,
    identity: ['naa.1', 't10.2'],
    reservations: { typeMaskValid: true, writeExclusiveRegistrantsOnly: true },
  });

  it.each([
    [
      { typeMaskValid: false, writeExclusiveRegistrantsOnly: false },
      'warn',
      'data from node1: the array does not tell its types of reservation',
    ],
    [
      { typeMaskValid: true, writeExclusiveRegistrantsOnly: false },
      'fail',
      'data from node1: type 5 is not among the types',
    ],
  ])('capabilities %j: %s', (reservations, status, found) => {
    const findings = checkConfiguration(configuration, [{ ...observation('node1', 'node1'), reservations }]);
    const [finding] = findings.filter(({ rule }) => rule.id === 'storage.persistent-reservation');
    expect([finding?.status, finding?.found]).toEqual([status, found]);
  });

  it('is compared with what CLUSTER.yaml states that a node sees', () => {
    const withDisks = (identifier: string) =>
      parseConfiguration(
        `configuration: stated
luns: [{ name: data }]
hosts: [{ name: esx1 }]
clusters: [{ name: c1, release: A.11.19 }]
nodes:
  - { name: node1, cluster: c1, disks: [{ lun: data, identifier: ${identifier} }] }
  - { name: guest1, cluster: c1, host: esx1 }
packages: [{ name: pkg1, cluster: c1, luns: [data] }]
`,
        'cluster.yaml',
      );
    const asked = [observation('node1', 'node1'), observation('esx1', 'guest1')];
    const statusOf = (identifier: string) =>
      checkConfiguration(withDisks(identifier), asked)
        .filter(({ rule }) => rule.id === 'storage.same-lun')
        .map(({ status, found }) => [status, found]);
    const good = ['pass', 'data: node1 and esx1 see naa.1'];
    expect(statusOf('t10.2')).toEqual([good]);
    expect(statusOf('naa.7')).toEqual([
      good,
      ['warn', 'data: node1 is stated to see naa.7, the array answers naa.1 t10.2'],
    ]);
  });

  it('designators that differ from node to node fail, whichever of them it is', () => {
    const findings = checkConfiguration(configuration, [
      observation('node1', 'node1'),
      { ...observation('esx1', 'guest1'), identity: ['naa.1', 't10.3'] },
    ]);
    const [finding] = findings.filter(({ rule }) => rule.id === 'storage.same-lun');
    expect([finding?.status, finding?.found]).toEqual([
      'fail',
      'data: esx1 sees naa.1 t10.3, node1 sees naa.1 t10.2',
    ]);
  });
});
