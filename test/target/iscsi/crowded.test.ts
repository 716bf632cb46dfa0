import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, INITIATOR_NAME, NAMES, TEST_UNIT_READY, loginRequest, scsiCommand } from './raw-initiator.js';
import type { RawInitiator } from './raw-initiator.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(async () => {
  await bench.stop();
});

/** Connections without a nexus that a target has, and connections at all. */
const STRANGERS = 512;
const ALL = 1024;
const DISCOVERY = { only: [NAMES[0], 'SessionType=Discovery'] };

async function many(count: number, one: (number: number) => Promise<RawInitiator>): Promise<RawInitiator[]> {
  const all: RawInitiator[] = [];
  for (let number = 0; number < count; number++) all.push(await one(number));
  return all;
}

describe('a target that is full', () => {
  it('gives the place of the login that takes longest to another, and says so', async () => {
    const discovery = await bench.session(DISCOVERY);
    const slow = await bench.connect();
    slow.send(loginRequest({ csg: 0, transit: false, keys: ['AuthMethod=None'] }));
    await slow.expect(0x23);
    const silent = await many(STRANGERS - 2, () => bench.connect());
    const initiator = await bench.session();
    expect(await slow.untilClosed()).toEqual([]);
    expect(bench.events).toContainEqual({
      type: 'loginRefused',
      initiatorName: INITIATOR_NAME,
      reason: 'too many connections',
    });
    // It has a nexus now and is no stranger: there is a place for one more.
    await bench.connect();
    const second = await bench.session({ isid: 0x800000000002n });
    expect(await silent[0]?.untilClosed()).toEqual([]);
    for (const lives of [discovery, initiator, second]) expect(await lives.everythingHandled()).toEqual([]);
  });

  it('ends the oldest discovery session where there is nothing else', async () => {
    const sessions = await many(STRANGERS, () => bench.session(DISCOVERY));
    const initiator = await bench.session();
    expect(await sessions[0]?.untilClosed()).toEqual([]);
    for (const lives of [sessions[1], initiator]) expect(await lives?.everythingHandled()).toEqual([]);
    expect(bench.target.sessions()).toHaveLength(STRANGERS);
  });

  it('ends no session that has a nexus', async () => {
    const sessions = await many(ALL - 1, (isid) => bench.session({ isid: BigInt(isid + 1) }));
    const stranger = await bench.connect();
    const last = await bench.session({ isid: BigInt(ALL) });
    expect(await stranger.untilClosed()).toEqual([]);
    expect(await (await bench.connect()).untilClosed()).toEqual([]);
    expect(bench.target.sessions()).toHaveLength(ALL);
    for (const lives of [sessions[0], last]) {
      lives?.send(scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag: 1 }));
      expect((await lives?.expect(0x21))?.header[3]).toBe(0);
    }
  });
});
