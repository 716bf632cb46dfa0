import { afterEach, describe, expect, it } from 'vitest';
import {
  Bench,
  INITIATOR_NAME,
  NAMES,
  TARGET_NAME,
  TEST_UNIT_READY,
  encodePdu,
  loginRequest,
  scsiCommand,
  text,
  textOf,
} from './raw-initiator.js';
import type { LoginOptions, Pdu, RawInitiator } from './raw-initiator.js';

let bench: Bench;
afterEach(async () => {
  await bench.stop();
});

const statusOf = (pdu: Pdu): string => `${String(pdu.header[36])}/${String(pdu.header[37])}`;
const tsihOf = (pdu: Pdu): number => pdu.header.readUInt16BE(14);

/** The answer to a login that must fail, after which the connection ends. */
async function refusal(options: Partial<LoginOptions>): Promise<string> {
  const initiator = await bench.connect();
  initiator.send(loginRequest(options));
  const [response, ...more] = await initiator.untilClosed();
  expect(more).toEqual([]);
  expect(response?.header[0]).toBe(0x23);
  return response === undefined ? 'none' : statusOf(response);
}

describe('login phase, RFC 7143 6.3 and 11.12', () => {
  it('enters full feature phase from one operational request', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const response = await initiator.login({ isid: 0x800000000005n });
    expect(statusOf(response)).toBe('0/0');
    expect(response.header[1]).toBe(0x87); // T, CSG 1, NSG 3
    expect(tsihOf(response)).not.toBe(0);
    expect(response.header.subarray(8, 14).toString('hex')).toBe('800000000005');
    expect(response.header.readUInt32BE(24)).toBe(7); // StatSN goes on from ExpStatSN
    expect(response.header.readUInt32BE(28)).toBe(100); // ExpCmdSN is that of the login, which is immediate
    expect(response.header.readUInt32BE(32)).toBe(227); // MaxCmdSN
    expect(textOf(response)).toEqual(['TargetPortalGroupTag=1', 'MaxRecvDataSegmentLength=262144']);
    expect(bench.events).toEqual([
      {
        type: 'login',
        nexusId: `${INITIATOR_NAME},i,0x800000000005@1`,
        sessionKind: 'normal',
        reinstated: false,
      },
    ]);
    expect(bench.deviceServer.attached.map((attachment) => attachment.nexusId)).toEqual([
      `${INITIATOR_NAME},i,0x800000000005@1`,
    ]);
  });

  it('is the same when login and command arrive byte by byte', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const bytes = Buffer.concat([
      encodePdu(loginRequest({ keys: ['HeaderDigest=CRC32C', 'DataDigest=None'] })),
      encodePdu(scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag: 5 }), { header: true }),
    ]);
    for (const byte of bytes) {
      initiator.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const login = await initiator.expect(0x23);
    expect(textOf(login)).toContain('HeaderDigest=CRC32C');
    initiator.headerDigest = true;
    const response = await initiator.expect(0x21);
    expect(response.header.readUInt32BE(16)).toBe(5);
    expect(response.header[3]).toBe(0);
  });

  it('puts a text together that goes on over PDUs (C bit)', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const whole = text(...NAMES, 'MaxBurstLength=65536');
    const parts = [whole.subarray(0, 20), whole.subarray(20, 50), whole.subarray(50)];
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      initiator.send({ ...loginRequest({ transit: last, continues: !last }), data: part });
      const response = await initiator.expect(0x23);
      expect(statusOf(response)).toBe('0/0');
      expect(response.header[1]).toBe(last ? 0x87 : 0x04);
      if (!last) expect(response.data.length).toBe(0);
      else expect(textOf(response)).toContain('MaxBurstLength=65536');
    }
  });

  it('goes through security negotiation to operational negotiation', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    initiator.send(loginRequest({ csg: 0, nsg: 1, keys: ['AuthMethod=CHAP,None'] }));
    const security = await initiator.expect(0x23);
    expect(security.header[1]).toBe(0x81);
    expect(tsihOf(security)).toBe(0);
    expect(textOf(security)).toEqual(['TargetPortalGroupTag=1', 'AuthMethod=None']);
    initiator.send(loginRequest({ only: ['InitialR2T=No', 'ImmediateData=Yes'] }));
    const operational = await initiator.expect(0x23);
    expect(operational.header[1]).toBe(0x87);
    expect(textOf(operational)).toEqual([
      'InitialR2T=No',
      'ImmediateData=Yes',
      'MaxRecvDataSegmentLength=262144',
    ]);
  });

  it('answers in parts what is too long for one PDU', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const unknown = Array.from({ length: 600 }, (_, i) => `X-org.example.key-${i}=1`);
    const whole = text(...NAMES, ...unknown);
    for (let at = 0; at < whole.length; at += 8000) {
      const last = at + 8000 >= whole.length;
      initiator.send({
        ...loginRequest({ transit: last, continues: !last }),
        data: whole.subarray(at, at + 8000),
      });
      if (!last) await initiator.expect(0x23);
    }
    const parts: Buffer[] = [];
    for (;;) {
      const response = await initiator.expect(0x23);
      expect(response.data.length).toBeLessThanOrEqual(8192);
      parts.push(response.data);
      if (((response.header[1] ?? 0) & 0x40) === 0) {
        expect(response.header[1]).toBe(0x87);
        break;
      }
      initiator.send({ ...loginRequest(), data: Buffer.alloc(0) });
    }
    const answered = Buffer.concat(parts).toString().split('\0');
    expect(answered.filter((pair) => pair.endsWith('=NotUnderstood'))).toHaveLength(600);
  });

  it.each<[string, string, Partial<LoginOptions>]>([
    ['02/05 for a version that is not 0', '2/5', { versionMin: 1 }],
    ['02/07 without InitiatorName', '2/7', { only: ['SessionType=Normal', `TargetName=${TARGET_NAME}`] }],
    ['02/07 without TargetName in a normal session', '2/7', { only: [`InitiatorName=${INITIATOR_NAME}`] }],
    ['02/03 for another target', '2/3', { only: [NAMES[0], 'TargetName=iqn.2026-11.org.fencelab:other'] }],
    [
      '02/09 for a session type that does not exist',
      '2/9',
      { only: [NAMES[0], NAMES[2], 'SessionType=Odd'] },
    ],
    ['02/0A for a TSIH that does not exist', '2/10', { tsih: 77 }],
    ['02/00 for a name that is none', '2/0', { only: ['InitiatorName=me', NAMES[2]] }],
    [
      '02/00 for a name with a space',
      '2/0',
      { only: ['InitiatorName=iqn.2026-11.org.fencelab:a b', NAMES[2]] },
    ],
    [
      '02/00 for a name with a control character',
      '2/0',
      { only: ['InitiatorName=iqn.\u001b[2Jx', NAMES[2]] },
    ],
    ['02/00 for a name that reads backwards', '2/0', { only: ['InitiatorName=iqn.\u202ex', NAMES[2]] }],
    ['02/00 for a name of 224 bytes', '2/0', { only: [`InitiatorName=iqn.${'n'.repeat(220)}`, NAMES[2]] }],
    ['02/00 for the reserved stage 2', '2/0', { csg: 2 }],
    ['02/00 for a step back', '2/0', { csg: 1, nsg: 0 }],
    ['02/00 for T with C', '2/0', { continues: true }],
    ['02/00 for a key that comes twice', '2/0', { keys: ['MaxBurstLength=4096', 'MaxBurstLength=8192'] }],
    ['02/00 for text without a key', '2/0', { keys: ['nonsense'] }],
  ])('refuses with %s', async (_title, status, options) => {
    bench = await Bench.start();
    expect(await refusal(options)).toBe(status);
    expect(bench.target.sessions()).toEqual([]);
    expect(bench.events.map((event) => event.type)).toEqual(['loginRefused']);
  });

  it.each(['iqn.x', 'eui.zz', `iqn.${'n'.repeat(219)}`, 'iqn.2026-11.org.fencelab:m\u00fcller'])(
    'takes the name %s, which other targets take too',
    async (name) => {
      bench = await Bench.start();
      const only = [`InitiatorName=${name}`, ...NAMES.slice(1)];
      expect(statusOf(await (await bench.connect()).login({ only }))).toBe('0/0');
    },
  );

  it('refuses a second connection for a session with 02/06', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const tsih = tsihOf(await initiator.login());
    expect(await refusal({ tsih, cid: 1 })).toBe('2/6');
    expect(bench.target.sessions()).toHaveLength(1);
  });

  it('refuses what is no Login Request with 02/0B once login began, and hangs up on a stranger', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    initiator.send(loginRequest({ csg: 0, transit: false, keys: ['AuthMethod=None'] }));
    await initiator.expect(0x23);
    initiator.send({ opcode: 0x00, tag: 3 });
    const [response] = await initiator.untilClosed();
    expect(response === undefined ? '' : statusOf(response)).toBe('2/11');
    const stranger = await bench.connect();
    stranger.send({ opcode: 0x00, tag: 3 });
    expect(await stranger.untilClosed()).toEqual([]);
  });

  it('refuses a stage that was not agreed with 02/00', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    initiator.send(loginRequest({ csg: 0, transit: false, keys: ['AuthMethod=None'] }));
    await initiator.expect(0x23);
    initiator.send(loginRequest({ csg: 1, only: [] }));
    expect((await initiator.untilClosed()).map(statusOf)).toEqual(['2/0']);
  });

  it('gives up a login that takes too long', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    initiator.send(loginRequest({ csg: 0, transit: false, keys: ['AuthMethod=None'] }));
    await initiator.expect(0x23);
    bench.clock.advance(20_000);
    expect(await initiator.next()).toBeNull();
  });

  it('hangs up on text that never ends', async () => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    const answers: Pdu[] = [];
    for (let i = 0; i < 12; i++) {
      initiator.send({
        ...loginRequest({ transit: false, continues: true }),
        data: Buffer.alloc(8000, 0x41),
      });
      const response = await initiator.next();
      if (response === null) break;
      answers.push(response);
    }
    expect(answers.map(statusOf).at(-1)).toBe('3/2');
    expect(answers).toHaveLength(9);
  });
});

describe('operational negotiation, RFC 7143 13', () => {
  it.each([
    ['HeaderDigest=CRC32C,None', 'HeaderDigest=CRC32C'],
    ['DataDigest=None,CRC32C', 'DataDigest=None'],
    ['InitialR2T=Yes', 'InitialR2T=Yes'],
    ['InitialR2T=No', 'InitialR2T=No'],
    ['ImmediateData=No', 'ImmediateData=No'],
    ['MaxBurstLength=16776192', 'MaxBurstLength=1048576'],
    ['FirstBurstLength=262144', 'FirstBurstLength=262144'],
    ['MaxOutstandingR2T=1', 'MaxOutstandingR2T=1'],
    ['MaxConnections=8', 'MaxConnections=1'],
    ['ErrorRecoveryLevel=2', 'ErrorRecoveryLevel=0'],
    ['DefaultTime2Wait=2', 'DefaultTime2Wait=2'],
    ['DefaultTime2Retain=20', 'DefaultTime2Retain=0'],
    ['DataPDUInOrder=No', 'DataPDUInOrder=Yes'],
    ['DataSequenceInOrder=No', 'DataSequenceInOrder=Yes'],
    ['IFMarker=Yes', 'IFMarker=No'],
    ['OFMarkInt=2048', 'OFMarkInt=Reject'],
    ['X-com.example.unknown=1', 'X-com.example.unknown=NotUnderstood'],
  ])('answers %s with %s', async (offer, answer) => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    expect(textOf(await initiator.login({ keys: [offer] }))).toContain(answer);
  });
});

describe('sessions, RFC 7143 6.3.5', () => {
  it('reinstates a session: the same initiator port on the same portal group ends the old one', async () => {
    bench = await Bench.start();
    const old = await bench.session();
    const second = await bench.session();
    expect(await old.next()).toBeNull();
    expect(bench.deviceServer.lost).toEqual([bench.deviceServer.attached[0]]);
    expect(bench.events.map((event) => event.type)).toEqual(['login', 'logout', 'login']);
    expect(bench.events[1]).toMatchObject({ cause: 'reinstated' });
    expect(bench.events[2]).toMatchObject({ reinstated: true });
    expect(bench.target.sessions()).toHaveLength(1);
    expect(await second.everythingHandled()).toEqual([]);
  });

  it('keeps sessions of another ISID, and of the same on another portal', async () => {
    const portal = (relativeTargetPortId: number) => ({ host: '127.0.0.1', port: 0, relativeTargetPortId });
    bench = await Bench.start({ portals: [portal(1), portal(2)] });
    const sessions: RawInitiator[] = [
      await bench.session(),
      await bench.session({ isid: 0x800000000002n }),
      await bench.session({}, 1),
    ];
    for (const session of sessions) expect(await session.everythingHandled()).toEqual([]);
    expect(bench.target.sessions().map((view) => [view.isid, view.relativeTargetPortId])).toEqual([
      [0x800000000001n, 1],
      [0x800000000002n, 1],
      [0x800000000001n, 2],
    ]);
    expect(new Set(bench.target.sessions().map((view) => view.tsih)).size).toBe(3);
  });

  it('listens on IPv6', async () => {
    bench = await Bench.start({ portals: [{ host: '::1', port: 0, relativeTargetPortId: 1 }] });
    await bench.session();
    expect(bench.target.sessions()[0]?.remoteAddress).toBe('::1');
    expect(bench.target.addressesFor('::1')).toEqual([`[::1]:${String(bench.target.ports[0]?.port)},1`]);
  });

  it('tells of a port in use, and leaves no portal open', async () => {
    bench = await Bench.start();
    const port = bench.target.ports[0]?.port ?? 0;
    const other = new Bench({
      portals: [
        { host: '127.0.0.1', port: 0, relativeTargetPortId: 1 },
        { host: '127.0.0.1', port, relativeTargetPortId: 2 },
      ],
    });
    await expect(other.target.listen()).rejects.toThrow(
      `portal 127.0.0.1:${port}: cannot listen there: it is in use already`,
    );
    await expect(other.connect()).rejects.toThrow('ECONNREFUSED');
  });
});

describe('names that a second Login Request repeats', () => {
  it.each([
    ['are let pass where they are the same', NAMES, 0x0000],
    ['are refused where one differs', ['InitiatorName=iqn.2026-11.org.fencelab:another'], 0x0200],
  ])('%s', async (_title, again, status) => {
    bench = await Bench.start();
    const initiator = await bench.connect();
    initiator.send(loginRequest({ csg: 0, nsg: 1 }));
    expect((await initiator.expect(0x23)).header.readUInt16BE(36)).toBe(0);
    initiator.send(loginRequest({ only: again }));
    expect((await initiator.expect(0x23)).header.readUInt16BE(36)).toBe(status);
  });
});
