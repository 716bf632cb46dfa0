import { describe, expect, it } from 'vitest';
import {
  inquiryCdb,
  read10Cdb,
  requestSenseCdb,
  testUnitReadyCdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { ask, bench, firstByteAt, nexusOf, prOut, unit, write, type Bench } from './bench.js';

/** Three logical units, of which `near` sees LUN 1 as its LUN 0, and LUN 2 as its LUN 5; `all` has no map. */
const masked = (): Bench =>
  bench(
    [0, 1, 2].map((lun) => unit({ lun, serial: `UNIT${lun}` })),
    undefined,
    new Map([
      [
        'near',
        new Map([
          [5, 2],
          [0, 1],
        ]),
      ],
      ['shifted', new Map([[3, 0]])],
      ['blind', new Map()],
    ]),
  );

const REPORT_LUNS = Uint8Array.of(0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);
const REPORT_LUNS_WELL_KNOWN = Uint8Array.of(0xa0, 0, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0);

async function reported(path: LogicalUnitPath, cdb = REPORT_LUNS): Promise<string[]> {
  const { dataIn } = await path.execute(cdb, { dataInLength: 256 });
  const bytes = Buffer.from(dataIn);
  expect(bytes.readUInt32BE(0)).toBe(bytes.length - 8);
  return Array.from({ length: (bytes.length - 8) / 8 }, (_, i) =>
    bytes.subarray(8 + i * 8, 16 + i * 8).toString('hex'),
  );
}

async function serialOf(path: LogicalUnitPath): Promise<string> {
  const { dataIn } = await path.execute(
    inquiryCdb({ enableVitalProductData: 1, pageCode: 0x80, allocationLength: 64 }),
    {
      dataInLength: 64,
    },
  );
  return Buffer.from(dataIn.subarray(4)).toString('ascii');
}

/** The first byte of INQUIRY data: qualifier and device type. */
async function peripheral(path: LogicalUnitPath): Promise<number | undefined> {
  const result = await path.execute(inquiryCdb({ allocationLength: 36 }), { dataInLength: 36 });
  expect(result.status).toBe(0);
  return result.dataIn[0];
}

describe('an initiator that has a LUN map', () => {
  it('is told of its LUNs by REPORT LUNS, at a LUN that it has and at LUN 0 where it has none', async () => {
    const on = masked();
    const at = (name: string, lun = 0) => on.transport.connect(nexusOf(name), lun);
    expect(await reported(at('all'))).toEqual(['0000000000000000', '0001000000000000', '0002000000000000']);
    expect(await reported(at('near'))).toEqual(['0000000000000000', '0005000000000000']);
    expect(await reported(at('near', 5))).toEqual(['0000000000000000', '0005000000000000']);
    expect(await reported(at('shifted'))).toEqual(['0003000000000000']);
    expect(await reported(at('blind'))).toEqual([]);
    expect(await reported(at('blind'), REPORT_LUNS_WELL_KNOWN)).toEqual(['c101000000000000']);
  });

  it('reaches the logical units of the map by its own numbers', async () => {
    const on = masked();
    const near0 = await on.node('near');
    const near5 = await on.node('near', 5);
    expect([await serialOf(near0), await serialOf(near5)]).toEqual(['UNIT1', 'UNIT2']);
    expect((await write(near5, 7, 0x5a)).status).toBe(0);
    expect(await firstByteAt(await on.node('all', 2), 7)).toBe(0x5a);
    expect(await firstByteAt(await on.node('all', 1), 7)).toBe(0);
  });

  it.each([
    ['near', 1],
    ['near', 2],
    ['shifted', 0],
    ['blind', 0],
  ])('%s meets nothing at LUN %i: INQUIRY with qualifier 011b, else 05/25/00', async (name, lun) => {
    const on = masked();
    const path = on.transport.connect(nexusOf(name), lun);
    expect(await peripheral(path)).toBe(0x7f);
    const refused = [
      testUnitReadyCdb(),
      read10Cdb({ transferLength: 1 }),
      // PERSISTENT RESERVE IN, READ KEYS; MODE SENSE (6), all pages; READ CAPACITY (10).
      Uint8Array.of(0x5e, 0, 0, 0, 0, 0, 0, 0, 8, 0),
      Uint8Array.of(0x1a, 0, 0x3f, 0, 255, 0),
      Uint8Array.of(0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ];
    for (const cdb of refused) expect(await ask(path, cdb, 512)).toBe('05/25/00');
    expect(await prOut(path, 'register', { newKey: 1n })).toBe('05/25/00');
    expect((await write(path, 0, 1)).status).toBe(2);
    const sense = await path.execute(requestSenseCdb({ allocationLength: 18 }), { dataInLength: 18 });
    expect([sense.status, sense.dataIn[2], sense.dataIn[12]]).toEqual([0, 5, 0x25]);
    for (const each of [0, 1, 2]) expect(on.server.reservations(each).registrations.size).toBe(0);
  });

  it('resets and aborts what it sees, by its own numbers', async () => {
    const on = masked();
    const attachment = on.server.attach(nexusOf('near'));
    const ask = (lun: number) => on.server.manageTasks(attachment, { function: 'logicalUnitReset', lun });
    const all = await Promise.all([0, 1, 2].map((lun) => on.node('all', lun)));
    expect([await ask(5), await ask(1), await ask(2)]).toEqual([
      'complete',
      'lunDoesNotExist',
      'lunDoesNotExist',
    ]);
    const told = await Promise.all(all.map((path) => path.execute(testUnitReadyCdb())));
    expect(told.map(({ status }) => status)).toEqual([0, 0, 2]);
  });

  it('may not reset the target, which is more than it sees (RFC 7143 11.5.1)', async () => {
    const on = masked();
    const all = await Promise.all([0, 1, 2].map((lun) => on.node('all', lun)));
    for (const fn of ['targetWarmReset', 'targetColdReset'] as const) {
      expect(await on.server.manageTasks(on.server.attach(nexusOf('near')), { function: fn })).toBe(
        'authorizationFailed',
      );
    }
    expect(await Promise.all(all.map((path) => ask(path, testUnitReadyCdb())))).toEqual([
      'GOOD',
      'GOOD',
      'GOOD',
    ]);
    expect(
      await on.server.manageTasks(on.server.attach(nexusOf('all')), { function: 'targetWarmReset' }),
    ).toBe('complete');
  });
});

describe('LUNs that come and go while initiators have maps', () => {
  it('are told of to those whose view changed, and appear in the map that names them', async () => {
    const on = masked();
    const [near, shifted] = [
      on.transport.connect(nexusOf('near'), 0),
      on.transport.connect(nexusOf('shifted'), 3),
    ];
    const ready = testUnitReadyCdb();
    for (const path of [near, shifted]) await path.execute(ready);
    await on.server.removeUnit(2);
    expect([await ask(near, ready), await ask(near, ready)]).toEqual(['06/3f/0e', 'GOOD']);
    expect(await ask(shifted, ready)).toBe('GOOD');
    expect(await reported(near)).toEqual(['0000000000000000']);
    on.server.addUnit(unit({ lun: 2 }));
    expect([await ask(near, ready), await ask(shifted, ready)]).toEqual(['06/3f/0e', 'GOOD']);
    expect(await reported(near)).toEqual(['0000000000000000', '0005000000000000']);
  });
});
