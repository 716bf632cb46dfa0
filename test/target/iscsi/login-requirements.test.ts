import { afterEach, describe, expect, it } from 'vitest';
import { Bench, NAMES, loginRequest, textOf } from './raw-initiator.js';
import type { LoginOptions, Pdu } from './raw-initiator.js';

let bench: Bench;
afterEach(async () => {
  await bench.stop();
});

const statusOf = (pdu: Pdu | null): string =>
  pdu === null ? 'none' : `${String(pdu.header[36])}/${String(pdu.header[37])}`;
const tsihOf = (pdu: Pdu): number => pdu.header.readUInt16BE(14);
const statSnOf = (pdu: Pdu): number => pdu.header.readUInt32BE(24);

/** The status of a login by one request, or by a second one after the first was taken. */
async function statusAfter(...requests: readonly Partial<LoginOptions>[]): Promise<string> {
  const initiator = await bench.connect();
  let response: Pdu | null = null;
  for (const request of requests) {
    initiator.send(loginRequest(request));
    response = await initiator.next();
  }
  return statusOf(response);
}

describe('stages of the login phase, RFC 7143 6.3 and 11.12', () => {
  it('stays in its stage while T is 0, with one StatSN for each response, and leaves it with T', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const answers: [string, number | undefined, number][] = [];
    for (const [csg, nsg, transit] of [
      [0, 0, false],
      [0, 0, false],
      [0, 1, true],
      [1, 0, false],
      [1, 3, true],
    ] as const) {
      const only = answers.length === 0 ? NAMES : [];
      initiator.send(loginRequest({ csg, nsg, transit, only }));
      const response = await initiator.expect(0x23);
      answers.push([statusOf(response), response.header[1], statSnOf(response)]);
    }
    expect(answers).toEqual([
      ['0/0', 0x00, 7],
      ['0/0', 0x00, 8],
      ['0/0', 0x81, 9],
      ['0/0', 0x04, 10],
      ['0/0', 0x87, 11],
    ]);
  });

  it('goes from security negotiation to full feature phase at once', async () => {
    bench = await Bench.start();
    const response = await (await bench.connect()).login({ csg: 0, nsg: 3, keys: ['AuthMethod=None'] });
    expect([statusOf(response), response.header[1]]).toEqual(['0/0', 0x83]);
    expect(tsihOf(response)).not.toBe(0);
  });

  it.each<[string, Partial<LoginOptions>]>([
    ['the reserved stage 2', { csg: 0, nsg: 2 }],
    ['the stage it is in', { csg: 1, nsg: 1 }],
    ['security negotiation from itself', { csg: 0, nsg: 0 }],
  ])('refuses a transition to %s with 02/00', async (_title, options) => {
    bench = await Bench.start();
    expect(await statusAfter(options)).toBe('2/0');
  });

  it.each<[string, Partial<LoginOptions>]>([
    ['ISID', { isid: 0x800000000002n }],
    ['TSIH', { tsih: 5 }],
    ['CID', { cid: 1 }],
  ])('refuses another %s in the second request of a login with 02/00', async (_title, options) => {
    bench = await Bench.start();
    expect(await statusAfter({ csg: 0, nsg: 1 }, { only: [], ...options })).toBe('2/0');
    expect(bench.target.sessions()).toEqual([]);
  });

  it('takes a login that says what it can and what it wants: version 0 to 5', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    initiator.send({ ...loginRequest(), at: { ...loginRequest().at, 2: [5] } });
    const response = await initiator.expect(0x23);
    // Version-max and Version-active are ours.
    expect([statusOf(response), response.header[2], response.header[3]]).toEqual(['0/0', 0, 0]);
  });
});

describe('ISID and TSIH, RFC 7143 6.3.1 and 6.3.5', () => {
  it.each<[string, string, Partial<LoginOptions>]>([
    ['another ISID', '2/10', { isid: 0x800000000002n }],
    [
      'another initiator',
      '2/10',
      { only: ['InitiatorName=iqn.2026-11.org.fencelab:stranger', ...NAMES.slice(1)] },
    ],
    ['the connection that it has, which is no reinstatement here', '2/6', { cid: 0 }],
    ['another connection', '2/6', { cid: 1 }],
  ])('refuses the TSIH of a session with %s: %s', async (_title, status, options) => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const tsih = tsihOf(await initiator.login());
    expect(await statusAfter({ tsih, ...options })).toBe(status);
    expect(await initiator.everythingHandled()).toEqual([]); // the session lives
  });

  it('keeps sessions of two initiators with one ISID apart', async () => {
    bench = await Bench.start();
    const first = await bench.session();
    const second = await bench.session({
      only: ['InitiatorName=iqn.2026-11.org.fencelab:second', ...NAMES.slice(1)],
    });
    for (const initiator of [first, second]) expect(await initiator.everythingHandled()).toEqual([]);
    expect(bench.target.sessions()).toHaveLength(2);
  });

  it('reinstates a session whose initiator writes its name in capitals', async () => {
    bench = await Bench.start();
    const old = await bench.session();
    await bench.session({
      only: [NAMES[0].replace('iqn.2026-11.org', 'IQN.2026-11.ORG'), ...NAMES.slice(1)],
    });
    expect(await old.next()).toBeNull();
    expect(bench.target.sessions()).toHaveLength(1);
  });
});

describe('negotiation of keys, RFC 7143 6.2 and 13', () => {
  it.each([
    ['MaxBurstLength=511', 'MaxBurstLength=Reject'],
    ['MaxBurstLength=16777216', 'MaxBurstLength=Reject'],
    ['FirstBurstLength=lots', 'FirstBurstLength=Reject'],
    ['InitialR2T=Maybe', 'InitialR2T=Reject'],
    ['ImmediateData=yes', 'ImmediateData=Reject'],
    ['HeaderDigest=SHA1', 'HeaderDigest=Reject'],
    ['HeaderDigest=SHA1,CRC32C', 'HeaderDigest=CRC32C'],
    ['ErrorRecoveryLevel=3', 'ErrorRecoveryLevel=Reject'],
    ['MaxConnections=0', 'MaxConnections=Reject'],
    ['DefaultTime2Wait=3601', 'DefaultTime2Wait=Reject'],
    ['MaxOutstandingR2T=65536', 'MaxOutstandingR2T=Reject'],
    ['maxburstlength=4096', 'maxburstlength=NotUnderstood'],
    ['MaxBurstLength=0x2000', 'MaxBurstLength=8192'],
    ['TargetPortalGroupTag=1', 'TargetPortalGroupTag=Reject'],
    ['SendTargets=All', 'SendTargets=Reject'],
  ])('answers %s with %s and goes on', async (offer, answer) => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const response = await initiator.login({ keys: [offer] });
    expect(statusOf(response)).toBe('0/0');
    expect(textOf(response)).toContain(answer);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it.each([
    'MaxRecvDataSegmentLength=511',
    'MaxRecvDataSegmentLength=all',
    `X-org.example.${'k'.repeat(60)}=1`,
  ])('refuses %s, which cannot be answered with Reject, with 02/00', async (key) => {
    bench = await Bench.start();
    expect(await statusAfter({ keys: [key] })).toBe('2/0');
  });

  it.each([
    'MaxBurstLength=Reject',
    'HeaderDigest=Irrelevant',
    'ImmediateData=NotUnderstood',
    'TargetPortalGroupTag=NotUnderstood',
  ])('refuses %s, which only an answer may say, with 02/00', async (key) => {
    bench = await Bench.start();
    expect(await statusAfter({ keys: [key] })).toBe('2/0');
  });

  it('answers keys that nobody knows after the last part of a text in parts', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const vendor = 'X-org.example.vendor=1';
    initiator.send(loginRequest({ transit: false, continues: true, keys: [vendor] }));
    expect((await initiator.expect(0x23)).data.length).toBe(0);
    initiator.send(loginRequest({ only: ['InitialR2T=No'] }));
    expect(textOf(await initiator.expect(0x23))).toEqual(
      expect.arrayContaining(['X-org.example.vendor=NotUnderstood', 'InitialR2T=No']),
    );
  });

  it('refuses a key that was settled in an earlier request with 02/00', async () => {
    bench = await Bench.start();
    const settled = { transit: false, keys: ['ImmediateData=Yes'] };
    expect(await statusAfter(settled, { only: ['ImmediateData=No'] })).toBe('2/0');
  });

  it('never agrees to a FirstBurstLength beyond MaxBurstLength', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const response = await initiator.login({ keys: ['FirstBurstLength=65536', 'MaxBurstLength=8192'] });
    expect(textOf(response)).toEqual(
      expect.arrayContaining(['FirstBurstLength=8192', 'MaxBurstLength=8192']),
    );
  });

  it('finds keys of SCSI commands irrelevant in a discovery session', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const asked = [
      ...[
        'MaxConnections=1',
        'InitialR2T=No',
        'ImmediateData=Yes',
        'MaxBurstLength=8192',
        'FirstBurstLength=8192',
      ],
      ...['MaxOutstandingR2T=1', 'DataPDUInOrder=Yes', 'DataSequenceInOrder=Yes'],
    ];
    const response = await initiator.login({ only: [NAMES[0], 'SessionType=Discovery', ...asked] });
    expect(textOf(response)).toEqual([
      ...asked.map((key) => key.replace(/=.*/, '=Irrelevant')),
      'MaxRecvDataSegmentLength=262144',
    ]);
  });

  it.each([
    [
      'in a normal session',
      [
        ...['HeaderDigest=None,CRC32C', 'DataDigest=None', 'DefaultTime2Wait=2', 'DefaultTime2Retain=0'],
        ...['IFMarker=No', 'OFMarker=No', 'ErrorRecoveryLevel=0', 'InitialR2T=No', 'ImmediateData=Yes'],
        ...['MaxBurstLength=16776192', 'FirstBurstLength=262144', 'MaxOutstandingR2T=1', 'MaxConnections=1'],
        ...['DataPDUInOrder=Yes', 'DataSequenceInOrder=Yes', 'MaxRecvDataSegmentLength=262144'],
      ],
      NAMES,
      [
        ...['TargetPortalGroupTag=1', 'HeaderDigest=None', 'DataDigest=None', 'DefaultTime2Wait=2'],
        ...['DefaultTime2Retain=0', 'IFMarker=No', 'OFMarker=No', 'ErrorRecoveryLevel=0', 'InitialR2T=No'],
        ...['ImmediateData=Yes', 'MaxBurstLength=1048576', 'FirstBurstLength=262144', 'MaxOutstandingR2T=1'],
        ...['MaxConnections=1', 'DataPDUInOrder=Yes', 'DataSequenceInOrder=Yes'],
        'MaxRecvDataSegmentLength=262144',
      ],
    ],
    [
      'in a discovery session',
      [
        ...['HeaderDigest=None', 'DataDigest=None', 'DefaultTime2Wait=2', 'DefaultTime2Retain=0'],
        ...['IFMarker=No', 'OFMarker=No', 'ErrorRecoveryLevel=0', 'MaxRecvDataSegmentLength=32768'],
      ],
      [NAMES[0], 'SessionType=Discovery'],
      [
        ...['HeaderDigest=None', 'DataDigest=None', 'DefaultTime2Wait=2', 'DefaultTime2Retain=0'],
        ...['IFMarker=No', 'OFMarker=No', 'ErrorRecoveryLevel=0', 'MaxRecvDataSegmentLength=262144'],
      ],
    ],
  ])(
    'answers what open-iscsi offers %s, key by key in one response',
    async (_title, keys, names, answers) => {
      bench = await Bench.start();
      const initiator = await bench.connect();
      const response = await initiator.login({ only: [...names, ...keys] });
      expect([statusOf(response), response.header[1]]).toEqual(['0/0', 0x87]);
      expect(textOf(response)).toEqual(answers);
      expect(await initiator.everythingHandled()).toEqual([]);
    },
  );
});
