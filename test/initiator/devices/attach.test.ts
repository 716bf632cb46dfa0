import { describe, expect, it } from 'vitest';
import { attachLogicalUnit, requireLogicalUnit } from '../../../initiator/devices/attach.js';
import {
  encodeSense,
  inquiryCdb,
  logicalUnitNotSupported,
  requestSenseCdb,
  testUnitReadyCdb,
  unitAttention,
} from '../../../protocol/index.js';
import { checkCondition, good, scriptedPath } from '../scripted-path.js';

const attention = (asc: number, ascq: number) => checkCondition(unitAttention(asc, ascq));
const TEST_UNIT_READY = '000000000000';

describe('attaching to a LU', () => {
  it('consumes 29/xx and 3F/xx and nothing else', async () => {
    const path = scriptedPath([attention(0x29, 0x00), attention(0x3f, 0x0e), attention(0x29, 0x07), good()]);
    await attachLogicalUnit(path);
    expect(path.cdbs).toEqual([TEST_UNIT_READY, TEST_UNIT_READY, TEST_UNIT_READY, TEST_UNIT_READY]);
  });

  it('delivers a 2A/xx it met as the answer to the first command, once', async () => {
    const path = scriptedPath([attention(0x29, 0x00), attention(0x2a, 0x05), good()]);
    const attached = await attachLogicalUnit(path);
    const first = await attached.execute(testUnitReadyCdb({}));
    expect(first).toEqual(attention(0x2a, 0x05));
    expect((await attached.execute(testUnitReadyCdb({}))).status).toBe(0);
    expect(path.cdbs).toHaveLength(3);
  });

  it('keeps it for INQUIRY, which reports no attention', async () => {
    const path = scriptedPath([attention(0x2a, 0x03), good()]);
    const attached = await attachLogicalUnit(path);
    expect((await attached.execute(inquiryCdb({ allocationLength: 36 }))).status).toBe(0);
    expect(await attached.execute(testUnitReadyCdb({}))).toEqual(attention(0x2a, 0x03));
  });

  it('hands it to REQUEST SENSE as data, cut to the allocation length', async () => {
    const path = scriptedPath([attention(0x2a, 0x03)]);
    const attached = await attachLogicalUnit(path);
    const result = await attached.execute(requestSenseCdb({ allocationLength: 14 }), { dataInLength: 252 });
    expect(result).toEqual({
      status: 0,
      sense: new Uint8Array(0),
      dataIn: encodeSense(unitAttention(0x2a, 0x03)).slice(0, 14),
      residual: 238,
    });
  });

  it('leaves the rest to the tool when the attentions do not end', async () => {
    const path = scriptedPath(Array.from({ length: 40 }, () => attention(0x29, 0x00)));
    await attachLogicalUnit(path);
    expect(path.cdbs).toHaveLength(16);
  });

  it.each([
    ['another illegal request', checkCondition({ key: 0x05, asc: 0x24, ascq: 0x00 })],
    ['another key with the same code', checkCondition({ key: 0x02, asc: 0x25, ascq: 0x00 })],
    ['a conflict', { ...good(), status: 0x18 }],
  ])('takes %s for no absent LU', async (_, answer) => {
    const attached = await attachLogicalUnit(scriptedPath([answer]));
    expect(() => {
      requireLogicalUnit(attached, 'iscsi://h/t/9');
    }).not.toThrow();
  });

  it('tells an absent LU', async () => {
    const attached = await attachLogicalUnit(scriptedPath([checkCondition(logicalUnitNotSupported())]));
    expect(() => {
      requireLogicalUnit(attached, 'iscsi://h/t/9');
    }).toThrow(
      expect.objectContaining({
        errnoName: 'ENXIO',
        message: 'iscsi://h/t/9: the target has no such logical unit',
      }),
    );
  });
});
