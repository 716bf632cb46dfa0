import { describe, expect, it } from 'vitest';
import {
  commandTimeoutsLayout,
  decodeAllCommands,
  encodeAllCommands,
  encodeOneCommand,
  oneCommandHeaderLayout,
  reportSupportedOperationCodesCdb,
  reportSupportedOperationCodesCdbLayout,
} from '../../../protocol/index.js';
import { readGoldenBytes } from '../../golden-bytes.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const entries = readGoldenBytes('report-supported-operation-codes');
const lists = entries.filter((entry) => entry.dataIn.fields.commands !== undefined);
const ones = entries.filter((entry) => entry.dataIn.fields.supported !== undefined);

describe('C11 REPORT SUPPORTED OPERATION CODES, to the golden bytes', () => {
  it.each(entries)('asks: $name', ({ cdb }) => {
    expect(hex(reportSupportedOperationCodesCdb(cdb.fields))).toBe(hex(cdb.bytes));
    expect(reportSupportedOperationCodesCdbLayout.decode(cdb.bytes)).toEqual({
      operationCode: 0xa3,
      serviceAction: 0x0c,
      ...cdb.fields,
      control: 0,
    });
  });

  it.each(lists)('lists: $name', ({ dataIn: { fields, bytes } }) => {
    const { commands = [], timeouts = false } = fields;
    expect(hex(encodeAllCommands(commands, timeouts))).toBe(hex(bytes));
    expect(decodeAllCommands(bytes)).toEqual(commands);
  });

  it.each(ones)('one: $name', ({ dataIn: { fields, bytes } }) => {
    const { supported, usage = '', timeouts = false } = fields;
    const usageData = Buffer.from(usage, 'hex');
    expect(hex(encodeOneCommand(supported === true ? usageData : undefined, timeouts))).toBe(hex(bytes));
    expect(oneCommandHeaderLayout.decode(bytes)).toEqual({
      commandTimeoutsDescriptorPresent: timeouts ? 1 : 0,
      support: supported === true ? 3 : 1,
      cdbSize: usageData.length,
    });
    const after = oneCommandHeaderLayout.lengthBytes + usageData.length;
    expect(hex(bytes.subarray(oneCommandHeaderLayout.lengthBytes, after))).toBe(usage);
    if (timeouts) {
      expect(commandTimeoutsLayout.decode(bytes, after)).toEqual({
        descriptorLength: 10,
        commandSpecific: 0,
        nominalCommandProcessingTimeoutSeconds: 0,
        recommendedCommandTimeoutSeconds: 0,
      });
    }
  });
});
