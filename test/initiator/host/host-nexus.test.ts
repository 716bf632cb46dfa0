import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { NexusSession } from '../../../initiator/devices/nexus-session.js';
import { HostNexus } from '../../../initiator/host/host-nexus.js';
import type { HostNexusOptions } from '../../../initiator/host/host-nexus.js';
import {
  logicalUnitNotSupported,
  read10Cdb,
  testUnitReadyCdb,
  unitAttention,
  write10Cdb,
} from '../../../protocol/index.js';
import type { LogicalUnitPath, ScsiResult } from '../../../protocol/index.js';
import { checkCondition, good } from '../scripted-path.js';

const WRITE = write10Cdb({ logicalBlockAddress: 5, transferLength: 1 });
const PR_OUT = Buffer.from('5f000000000000001800', 'hex');
const hex = (cdb: Uint8Array): string => Buffer.from(cdb).toString('hex');

/** A session whose commands wait for the test's answer, but for TEST UNIT READY. */
class TestSession implements NexusSession {
  readonly cdbs: string[] = [];
  readonly attentions: ScsiResult[] = [];
  loggedOut = false;
  #end: () => void = () => undefined;
  readonly #under: { resolve: (result: ScsiResult) => void; reject: (error: Error) => void }[] = [];
  readonly #arrivals: (() => void)[] = [];
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  path(lun: number): LogicalUnitPath {
    return { name: `LUN ${lun}`, execute: (cdb) => this.#execute(cdb), close: () => Promise.resolve() };
  }

  logout(): Promise<void> {
    this.loggedOut = true;
    this.#end();
    return Promise.resolve();
  }

  /** Settles when a command other than TEST UNIT READY is under way. */
  arrival(): Promise<void> {
    return this.#under.length > 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#arrivals.push(resolve));
  }

  answer(result: ScsiResult): void {
    this.#under.shift()?.resolve(result);
  }

  fail(error: Error): void {
    this.#under.shift()?.reject(error);
  }

  lose(): void {
    for (const { reject } of this.#under.splice(0)) reject(new Error('connection reset'));
    this.#end();
  }

  #execute(cdb: Uint8Array): Promise<ScsiResult> {
    this.cdbs.push(hex(cdb));
    if (cdb[0] === 0) return Promise.resolve(this.attentions.shift() ?? good());
    return new Promise((resolve, reject) => {
      this.#under.push({ resolve, reject });
      for (const arrived of this.#arrivals.splice(0)) arrived();
    });
  }
}

/** A nexus whose n-th login yields the n-th session; logins beyond wait. */
async function nexusOf(
  sessions: readonly TestSession[],
  options: Partial<HostNexusOptions> = {},
): Promise<HostNexus> {
  const left = [...sessions];
  const nexus = await HostNexus.connect({
    name: 'nexus',
    connect: () => {
      const session = left.shift();
      return session === undefined
        ? Promise.reject(new Error('connection refused'))
        : Promise.resolve(session);
    },
    reconnectPauseMs: 1,
    ...options,
  });
  onTestFinished(() => nexus.close());
  return nexus;
}

describe('the nexus of a host', () => {
  it('sends a write that was under way again in the next session, which it attached to first', async () => {
    const [first, second] = [new TestSession(), new TestSession()];
    second.attentions.push(checkCondition(unitAttention(0x29, 0x07)));
    const path = await (await nexusOf([first, second])).attach(0);
    const write = path.execute(WRITE, { dataOut: new Uint8Array(512) });
    await first.arrival();
    first.lose();
    await second.arrival();
    second.answer(good());
    expect((await write).status).toBe(0);
    expect(second.cdbs).toEqual(['000000000000', '000000000000', hex(WRITE)]);
  });

  it('does not send a reservation command twice: EIO', async () => {
    const [first, second] = [new TestSession(), new TestSession()];
    const path = await (await nexusOf([first, second])).attach(0);
    const register = path.execute(PR_OUT, { dataOut: new Uint8Array(24) });
    await first.arrival();
    first.lose();
    await expect(register).rejects.toMatchObject({ errnoName: 'EIO', message: 'nexus: connection reset' });
    expect(second.cdbs).not.toContain(hex(PR_OUT));
  });

  it('lets new commands wait for the session to come back', async () => {
    const [first, second] = [new TestSession(), new TestSession()];
    let comeBack: (session: NexusSession) => void = () => undefined;
    const logins = [
      Promise.resolve<NexusSession>(first),
      new Promise<NexusSession>((resolve) => {
        comeBack = resolve;
      }),
    ];
    const nexus = await nexusOf([], {
      connect: () => logins.shift() ?? Promise.reject(new Error('no more')),
    });
    const path = await nexus.attach(0);
    first.lose();
    await first.ended;
    const read = path.execute(read10Cdb({ logicalBlockAddress: 1, transferLength: 1 }), {
      dataInLength: 512,
    });
    comeBack(second);
    await second.arrival();
    second.answer(good(new Uint8Array(512)));
    expect((await read).dataIn).toHaveLength(512);
  });

  it('fails them with EIO after the replacement timeout', async () => {
    const first = new TestSession();
    const path = await (await nexusOf([first], { replacementTimeoutMs: 5 })).attach(0);
    first.lose();
    await first.ended;
    await expect(path.execute(testUnitReadyCdb({}))).rejects.toMatchObject({
      errnoName: 'EIO',
      message: 'nexus: no session for 0.005 s',
    });
  });

  it('passes a failure on while the session lives', async () => {
    const first = new TestSession();
    const path = await (await nexusOf([first])).attach(0);
    const write = path.execute(WRITE, { dataOut: new Uint8Array(512) });
    await first.arrival();
    first.fail(new Error('timed out'));
    await expect(write).rejects.toThrow('timed out');
    expect(first.cdbs.filter((cdb) => cdb === hex(WRITE))).toHaveLength(1);
  });

  it('attaches each LU once, and keeps a 2A/xx for the first command', async () => {
    const first = new TestSession();
    first.attentions.push(checkCondition(unitAttention(0x2a, 0x05)));
    const nexus = await nexusOf([first]);
    const path = await nexus.attach(0);
    expect(await path.execute(WRITE, {})).toMatchObject(checkCondition(unitAttention(0x2a, 0x05)));
    expect(first.cdbs).toEqual(['000000000000']);
  });

  it('cannot begin without a session, unless it is to keep trying: then its LUs answer EIO until there is one', async () => {
    const refused = (): Promise<NexusSession> => Promise.reject(new Error('connection refused'));
    await expect(nexusOf([], { connect: refused })).rejects.toThrow('connection refused');
    const session = new TestSession();
    let isReachable = false;
    const nexus = await nexusOf([], {
      connect: () => (isReachable ? Promise.resolve(session) : refused()),
      keepTrying: true,
      replacementTimeoutMs: 20,
    });
    const path = await nexus.attach(0);
    await expect(path.execute(testUnitReadyCdb({}))).rejects.toMatchObject({ errnoName: 'EIO' });
    isReachable = true;
    await vi.waitFor(async () => {
      expect((await path.execute(testUnitReadyCdb({}))).status).toBe(0);
    });
  });

  it('refuses a LU that the target does not have', async () => {
    const first = new TestSession();
    first.attentions.push(checkCondition(logicalUnitNotSupported()));
    await expect((await nexusOf([first])).attach(3)).rejects.toMatchObject({ errnoName: 'ENXIO' });
  });

  it('logs in by another nexus when it is told to: what waits for an answer is sent again by that one', async () => {
    const [first, second] = [new TestSession(), new TestSession()];
    second.attentions.push(checkCondition(unitAttention(0x29, 0x00)));
    const nexus = await nexusOf([first]);
    const path = await nexus.attach(0);
    const write = path.execute(WRITE, { dataOut: new Uint8Array(512) });
    const register = path.execute(PR_OUT, { dataOut: new Uint8Array(24) });
    await first.arrival();
    const again = nexus.logInAgain({ name: 'another', connect: () => Promise.resolve(second) });
    await first.ended;
    first.lose();
    await again;
    expect(first.loggedOut).toBe(true);
    await expect(register).rejects.toMatchObject({ errnoName: 'EIO', message: 'another: connection reset' });
    await second.arrival();
    second.answer(good());
    expect((await write).status).toBe(0);
    expect(second.cdbs).toEqual(['000000000000', '000000000000', hex(WRITE)]);
  });

  it('gives up a login by the nexus before that is under way', async () => {
    const [first, late, second] = [new TestSession(), new TestSession(), new TestSession()];
    let comeBack: (session: NexusSession) => void = () => undefined;
    const logins = [
      Promise.resolve<NexusSession>(first),
      new Promise<NexusSession>((resolve) => {
        comeBack = resolve;
      }),
    ];
    const nexus = await nexusOf([], {
      connect: () => logins.shift() ?? Promise.reject(new Error('no more')),
    });
    const path = await nexus.attach(0);
    first.lose();
    await first.ended;
    const again = nexus.logInAgain({ name: 'another', connect: () => Promise.resolve(second) });
    comeBack(late);
    await again;
    expect(late.loggedOut).toBe(true);
    const write = path.execute(WRITE, { dataOut: new Uint8Array(512) });
    await second.arrival();
    second.answer(good());
    expect((await write).status).toBe(0);
    expect(late.cdbs).toEqual([]);
  });

  it('logs out when it is closed, and what waits fails', async () => {
    const first = new TestSession();
    const nexus = await nexusOf([first]);
    const path = await nexus.attach(0);
    await nexus.close();
    expect(first.loggedOut).toBe(true);
    await expect(path.execute(WRITE)).rejects.toMatchObject({ errnoName: 'EIO', message: 'nexus: closed' });
  });
});
