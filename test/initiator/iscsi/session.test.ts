import { afterEach, describe, expect, it } from 'vitest';
import {
  connectIscsi,
  discover,
  type IscsiConnectOptions,
  type IscsiSession,
} from '../../../initiator/index.js';
import {
  LOGGED_IN,
  startFakeTarget,
  type FakeConnection,
  type FakeTarget,
  type InitiatorPdu,
} from './fake-target.js';

const targets: FakeTarget[] = [];
const sessions: IscsiSession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  for (const target of targets.splice(0)) await target.close();
});

type Script = (pdu: InitiatorPdu, connection: FakeConnection, number: number) => void;
async function fake(script: Script): Promise<FakeTarget> {
  const target = await startFakeTarget(script);
  targets.push(target);
  return target;
}
/** Logs everybody in, answers logouts, and leaves the rest to `script`. */
const loggingIn =
  (script: Script = () => undefined): Script =>
  (pdu, connection, number) => {
    if (pdu.opcode === 0x03) connection.send(LOGGED_IN);
    else if (pdu.opcode === 0x06) connection.send({ opcode: 0x26, tag: pdu.tag });
    else script(pdu, connection, number);
  };
const good: Script = (pdu, connection) => {
  if (pdu.opcode === 0x01) connection.send({ opcode: 0x21, tag: pdu.tag });
};

const options = (target: FakeTarget, more: Partial<IscsiConnectOptions> = {}): IscsiConnectOptions => ({
  host: '127.0.0.1',
  port: target.port,
  targetName: 'iqn.2026-11.org.fencelab:fake',
  initiatorName: 'iqn.2026-11.org.fencelab:me',
  isid: 0x800000000001n,
  ...more,
});
async function connect(target: FakeTarget, more: Partial<IscsiConnectOptions> = {}): Promise<IscsiSession> {
  const session = await connectIscsi(options(target, more));
  sessions.push(session);
  return session;
}
const eventOf = (session: IscsiSession, type: string) =>
  new Promise<void>((resolve) => {
    const stop = session.onEvent((event) => {
      if (event.type !== type) return;
      stop();
      resolve();
    });
  });
const TUR = new Uint8Array(6);

describe('login', () => {
  it('says who is who, and goes straight to the operational stage without CHAP', async () => {
    const target = await fake(loggingIn());
    await connect(target);
    const [login] = target.seen;
    expect(login).toMatchObject({ opcode: 3, immediate: true, flags: 0x87, lun: '8000000000010000' });
    expect(login?.data.toString().split('\0')).toEqual(
      expect.arrayContaining([
        'InitiatorName=iqn.2026-11.org.fencelab:me',
        'SessionType=Normal',
        'TargetName=iqn.2026-11.org.fencelab:fake',
        'InitialR2T=No',
        'DataPDUInOrder=Yes',
      ]),
    );
  });

  it('follows a target that has moved, and gives up on one that moves in circles', async () => {
    const home = await fake(loggingIn(good));
    const away = await fake((_pdu, connection) => {
      const data = `TargetAddress=127.0.0.1:${home.port},1\0`;
      connection.send({ opcode: 0x23, tag: 0, flags: 0, octets: { 36: 1, 37: 1 }, data });
    });
    const session = await connect(away);
    expect((await session.path(0).execute(TUR)).status).toBe(0);
    const circle: FakeTarget = await fake((_pdu, connection) => {
      const data = `TargetAddress=127.0.0.1:${circle.port}\0`;
      connection.send({ opcode: 0x23, tag: 0, flags: 0, octets: { 36: 1, 37: 2 }, data });
    });
    await expect(connect(circle)).rejects.toThrow('the target moved more than 5 times');
  });

  it('says why it was refused, and what is no answer', async () => {
    const refusing = await fake((_pdu, connection) => {
      connection.send({ opcode: 0x23, tag: 0, flags: 0, octets: { 36: 2, 37: 2 } });
    });
    await expect(connect(refusing)).rejects.toThrow(
      'the target refused the login: authorization failure (02/02)',
    );
    const odd = await fake((_pdu, connection) => {
      connection.send({ opcode: 0x21, tag: 0 });
    });
    await expect(connect(odd)).rejects.toThrow('the target answered the login with SCSI Response');
    const silent = await fake(() => undefined);
    await expect(connect(silent, { loginTimeoutMs: 10 })).rejects.toThrow('did not answer within 10 ms');
    const closing = await fake((_pdu, connection) => {
      connection.socket.end();
    });
    await expect(connect(closing)).rejects.toThrow('the target closed it');
  });

  it('puts continued text together, RFC 7143 11.13.2', async () => {
    const target = await fake((pdu, connection) => {
      if (pdu.data.length > 0) connection.send({ opcode: 0x23, tag: 0, flags: 0x44, data: 'MaxBurst' });
      else connection.send({ opcode: 0x23, tag: 0, flags: 0x87, data: 'Length=4096\0' });
    });
    const session = await connect(target);
    expect(session.parameters?.maxBurstLengthBytes).toBe(4096);
    expect(target.seen[1]).toMatchObject({ opcode: 3, flags: 0x07 });
  });
});

describe('commands', () => {
  it('come back with their data', async () => {
    const target = await fake(
      loggingIn((pdu, connection) => {
        connection.send({ opcode: 0x25, flags: 0x81, three: 0, tag: pdu.tag, data: 'abcd' });
      }),
    );
    const session = await connect(target);
    const result = await session.path(0).execute(TUR, { dataInLength: 4 });
    expect(result).toMatchObject({ status: 0, dataIn: Buffer.from('abcd'), residual: 0 });
  });

  it('are no more under way than the queue depth allows', async () => {
    const held: (() => void)[] = [];
    let reached = (): void => undefined;
    const two = new Promise<void>((resolve) => (reached = resolve));
    const target = await fake(
      loggingIn((pdu, connection) => {
        held.push(() => {
          connection.send({ opcode: 0x21, tag: pdu.tag });
        });
        if (held.length === 2) reached();
        if (held.length > 2) held.at(-1)?.();
      }),
    );
    const session = await connect(target, { queueDepth: 2 });
    const path = session.path(0);
    const results = Promise.all([1, 2, 3, 4, 5].map(() => path.execute(TUR)));
    await two;
    expect(session.outstandingTasks()).toHaveLength(2);
    held.slice(0, 2).forEach((answer) => {
      answer();
    });
    expect(await results).toHaveLength(5);
  });

  it('are aborted when they take too long', async () => {
    const target = await fake(
      loggingIn((pdu, connection) => {
        if (pdu.opcode === 0x02) connection.send({ opcode: 0x22, tag: pdu.tag });
      }),
    );
    const session = await connect(target);
    await expect(session.path(3).execute(TUR, { timeoutMs: 5 })).rejects.toThrow(
      'the command got no answer within 5 ms and was aborted',
    );
    const command = target.seen.find((pdu) => pdu.opcode === 0x01);
    expect(target.seen.find((pdu) => pdu.opcode === 0x02)).toMatchObject({
      flags: 0x81,
      lun: '0003000000000000',
      word20: command?.tag,
      word32: command?.cmdSn,
    });
    expect(session.outstandingTasks()).toEqual([]);
  });

  it('are refused where we cannot carry them', async () => {
    const session = await connect(await fake(loggingIn(good)));
    await expect(session.path(0).execute(new Uint8Array(17))).rejects.toThrow('more than 16 bytes');
    await expect(
      session.path(0).execute(TUR, { dataOut: new Uint8Array(1), dataInLength: 1 }),
    ).rejects.toThrow('Data-Out and Data-In');
    expect(() => session.path(16_384)).toThrow('LUN 16384: expected 0 to 16383');
  });
});

describe('a lost connection', () => {
  const losingFirst: Script = loggingIn((pdu, connection, number) => {
    if (number === 0) connection.socket.destroy();
    else good(pdu, connection, number);
  });

  it('closes the session, and says so to every later command', async () => {
    const target = await fake(losingFirst);
    const session = await connect(target);
    const closed = eventOf(session, 'closed');
    await expect(session.path(0).execute(TUR)).rejects.toThrow(/^the connection to 127.0.0.1:\d+ was lost: /);
    await closed;
    await expect(session.path(0).execute(TUR)).rejects.toThrow(/is closed: the connection to .* was lost/);
    await session.close();
  });

  it('is replaced where reconnect is wished: the same ISID, commands under way fail, new ones wait', async () => {
    const target = await fake(losingFirst);
    const session = await connect(target, { reconnect: true });
    const reconnected = eventOf(session, 'reconnected');
    const lost = session.path(0).execute(TUR);
    await expect(lost).rejects.toThrow('was lost');
    const waited = session.path(0).execute(TUR);
    await reconnected;
    expect((await waited).status).toBe(0);
    const logins = target.seen.filter((pdu) => pdu.opcode === 0x03);
    expect(logins.map((login) => login.lun)).toEqual(['8000000000010000', '8000000000010000']);
  });

  it('fails what waits when the session does not come back in time', async () => {
    const target = await fake((pdu, connection, number) => {
      if (number === 0) losingFirst(pdu, connection, number);
      else connection.send({ opcode: 0x23, tag: 0, flags: 0, octets: { 36: 3, 37: 1 } });
    });
    const session = await connect(target, { reconnect: true, replacementTimeoutMs: 20 });
    await expect(session.path(0).execute(TUR)).rejects.toThrow('was lost');
    await expect(session.path(0).execute(TUR)).rejects.toThrow('is lost and has not come back yet');
    await expect(session.ping()).rejects.toThrow('is lost');
    await session.close();
  });

  it('is found by a keep-alive that is not answered', async () => {
    const target = await fake(loggingIn());
    const session = await connect(target, { keepAliveMs: 5 });
    await eventOf(session, 'closed');
    expect(target.seen.map((pdu) => pdu.opcode)).toContain(0x00);
    await expect(session.ping()).rejects.toThrow('a NOP-Out got no answer within 5 ms');
  });

  it('follows a broken rule of the target', async () => {
    const target = await fake(
      loggingIn((_pdu, connection) => {
        connection.send({ opcode: 0x01 });
      }),
    );
    const session = await connect(target);
    await expect(session.path(0).execute(TUR)).rejects.toThrow('the target sent SCSI Command');
  });
});

describe('the end', () => {
  it('logs out', async () => {
    const target = await fake(loggingIn());
    const session = await connect(target);
    await session.logout();
    expect(target.seen.at(-1)).toMatchObject({ opcode: 0x06, immediate: true, flags: 0x80 });
    await expect(session.path(0).execute(TUR)).rejects.toThrow('is closed: it was logged out');
  });

  it('says when the target refuses the logout', async () => {
    const target = await fake((pdu, connection) => {
      connection.send(pdu.opcode === 0x03 ? LOGGED_IN : { opcode: 0x26, two: 3, tag: pdu.tag });
    });
    await expect((await connect(target)).logout()).rejects.toThrow('refused the logout (response 3)');
  });

  it('logs out on the wish of the target when commands have ended, and comes back', async () => {
    const target = await fake(
      loggingIn((pdu, connection, number) => {
        if (number === 0) connection.send({ opcode: 0x32, words: { 36: 0x0100_0000, 40: 30 } });
        good(pdu, connection, number);
      }),
    );
    const session = await connect(target, { reconnect: true });
    const reconnected = eventOf(session, 'reconnected');
    expect((await session.path(0).execute(TUR)).status).toBe(0);
    await reconnected;
    expect(target.seen.map((pdu) => pdu.opcode)).toEqual([0x03, 0x01, 0x06, 0x03]);
    expect((await session.path(0).execute(TUR)).status).toBe(0);
  });

  it('can be abrupt', async () => {
    const target = await fake(loggingIn());
    const session = await connect(target);
    const pending = session.path(0).execute(TUR);
    session.abort();
    await expect(pending).rejects.toThrow('its connection was dropped');
    expect(target.seen.map((pdu) => pdu.opcode)).not.toContain(0x06);
  });
});

describe('discovery', () => {
  it('lists targets and addresses, and logs out', async () => {
    const target = await fake(
      loggingIn((pdu, connection) => {
        const data =
          'TargetName=iqn.a\0TargetAddress=[::1]:3261,2\0TargetAddress=10.0.0.1,1\0TargetName=iqn.b\0';
        connection.send({ opcode: 0x24, tag: pdu.tag, words: { 20: 0xffffffff }, data });
      }),
    );
    const found = await discover(options(target));
    expect(found).toEqual([
      {
        targetName: 'iqn.a',
        addresses: [
          { host: '::1', port: 3261, portalGroupTag: 2 },
          { host: '10.0.0.1', port: 3260, portalGroupTag: 1 },
        ],
      },
      {
        targetName: 'iqn.b',
        addresses: [{ host: '127.0.0.1', port: target.port, portalGroupTag: undefined }],
      },
    ]);
    expect(target.seen.map((pdu) => pdu.opcode)).toEqual([0x03, 0x04, 0x06]);
    expect(target.seen[0]?.data.toString()).toContain('SessionType=Discovery\0');
    expect(target.seen[0]?.data.toString()).not.toContain('TargetName');
  });
});
