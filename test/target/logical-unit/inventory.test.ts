import { describe, expect, it } from 'vitest';
import {
  decodeDeviceIdentification,
  decodeReportLuns,
  DESIGNATOR_TYPE,
  inquiryCdb,
  reportLunsCdb,
  testUnitReadyCdb,
  write10Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { attachmentOf } from '../../../target/logical-unit/nexus-registry.js';
import { Task } from '../../../target/logical-unit/task.js';
import type { LogicalUnitOptions } from '../../../target/options.js';
import { ask, bench, nexusOf, told, unit } from './bench.js';
import { asynchronousMemory } from './media.js';

const ready = testUnitReadyCdb();

async function lunsSeenBy(path: LogicalUnitPath): Promise<readonly (number | undefined)[]> {
  const { dataIn } = await path.execute(reportLunsCdb({ allocationLength: 64 }), { dataInLength: 64 });
  return decodeReportLuns(dataIn);
}

describe('a logical unit that is added while sessions last', () => {
  it('is told of on the others (3F/0E), begins with 29/00 itself, and is served', async () => {
    const on = bench();
    const node = await on.node('node');
    on.server.addUnit(unit({ lun: 5 }));
    expect([await ask(node, ready), await ask(node, ready)]).toEqual(['06/3f/0e', 'GOOD']);
    expect(await lunsSeenBy(node)).toEqual([0, 5]);
    const added = on.transport.connect(nexusOf('node'), 5);
    expect([await ask(added, ready), await ask(added, ready)]).toEqual(['06/29/00', 'GOOD']);
    expect(on.server.luns).toEqual([0, 5]);
  });

  it('need not be told of any more on any LUN once REPORT LUNS has told', async () => {
    const on = bench([unit(), unit({ lun: 1 })]);
    const first = await on.node('node');
    const second = await on.node('node', 1);
    on.server.addUnit(unit({ lun: 5 }));
    expect(await lunsSeenBy(first)).toEqual([0, 1, 5]);
    expect([await ask(first, ready), await ask(second, ready)]).toEqual(['GOOD', 'GOOD']);
  });

  it('has 64 TiB at most, whatever length its file has', () => {
    const large = { ...asynchronousMemory(512), sizeBytes: 2 ** 46 + 512 };
    expect(() => {
      bench().server.addUnit(unit({ lun: 5 }, { medium: large }));
    }).toThrow(new RangeError('LUN 5: 70368744178176 bytes: expected at most 70368744177664'));
  });

  it.each<[string, Partial<LogicalUnitOptions>, string]>([
    ['NAA designator', { naa: '3000000000000123' }, 'naa 3000000000000123'],
    ['serial number', { serial: 'A1', vendor: 'V' }, "serial 'A1' of vendor 'V'"],
  ])('cannot have the %s of another one, at the start neither', (_name, same, said) => {
    const why = `${said} is that of LUN 3: expected one that no other LUN has`;
    const on = bench([unit({ lun: 3, ...same })]);
    expect(() => {
      on.server.addUnit(unit({ lun: 5, ...same }));
    }).toThrow(new RangeError(`LUN 5: ${why}`));
    expect(on.server.luns).toEqual([3]);
    expect(() => bench([unit({ lun: 3, ...same }), unit(same)])).toThrow(new RangeError(`LUN 0: ${why}`));
  });

  it('cannot be given the NAA designator that another one was made up', async () => {
    const on = bench();
    const { dataIn } = await (
      await on.node('node')
    ).execute(inquiryCdb({ enableVitalProductData: 1, pageCode: 0x83, allocationLength: 255 }), {
      dataInLength: 255,
    });
    const naa = decodeDeviceIdentification(dataIn)?.find(({ type }) => type === DESIGNATOR_TYPE.naa);
    const hex = Buffer.from(naa?.designator ?? []).toString('hex');
    expect(() => {
      on.server.addUnit(unit({ lun: 5, naa: hex }));
    }).toThrow(`LUN 5: naa ${hex} is that of LUN 0`);
  });

  it('may have the designator of one that is no longer there', async () => {
    const on = bench([unit({ naa: '3000000000000123' })]);
    await on.server.removeUnit(0);
    on.server.addUnit(unit({ lun: 5, naa: '3000000000000123' }));
    expect(on.server.luns).toEqual([5]);
  });

  it('cannot have a number that is taken', () => {
    expect(() => {
      bench().server.addUnit(unit());
    }).toThrow(new RangeError('LUN 0 is there already'));
  });
});

describe('a logical unit that is taken away', () => {
  it('is told of on the others, and commands to it find no logical unit', async () => {
    const on = bench([unit(), unit({ lun: 5 })]);
    const node = await on.node('node');
    const gone = await on.node('node', 5);
    await on.server.removeUnit(5);
    expect(await ask(gone, ready)).toBe('05/25/00');
    expect([await ask(node, ready), await ask(node, ready)]).toEqual(['06/3f/0e', 'GOOD']);
    expect(await lunsSeenBy(node)).toEqual([0]);
    await expect(on.server.removeUnit(5)).rejects.toThrow(new RangeError('LUN 5 is not there; there are 0'));
  });

  it('ends commands that wait for Data-Out with TASK ABORTED', async () => {
    const on = bench([unit(), unit({ lun: 5 })]);
    await on.node('node', 5);
    const ended: string[] = [];
    const task = new Task(
      { taskCompleted: (one) => ended.push(told(one)), taskDropped: () => ended.push('dropped') },
      on.server.attach(nexusOf('node')),
    );
    task.lun = 5;
    task.cdb.set(write10Cdb({ transferLength: 1 }));
    task.expectedDataOutBytes = 512;
    expect(on.server.submit(task)).toBe('dataOutWanted');
    await on.server.removeUnit(5);
    expect(ended).toEqual(['ABORTED']);
    expect(on.server.dataOutArrived(task)).toBe('ended');
    expect(ended).toEqual(['ABORTED']);
  });

  it('leaves nothing behind with the nexuses', async () => {
    const on = bench();
    const { record } = attachmentOf(on.server.attach(nexusOf('node')));
    for (let round = 0; round < 3; round++) {
      on.server.addUnit(unit({ lun: 5 }));
      expect(record.attentions.size).toBe(2);
      await on.server.removeUnit(5);
    }
    expect(record.attentions.size).toBe(1);
  });

  it('leaves its number free for another one, which knows nothing of it', async () => {
    const on = bench([unit(), unit({ lun: 5 })]);
    const node = await on.node('node', 5);
    await on.server.removeUnit(5);
    on.server.addUnit(unit({ lun: 5 }));
    expect([await ask(node, ready), await ask(node, ready)]).toEqual(['06/29/00', 'GOOD']);
  });
});
