import { expect, it } from 'vitest';
import {
  MAINTENANCE_IN,
  OPERATION_CODE,
  reportSupportedTaskManagementCdbLayout,
  supportedTaskManagementLayout,
} from '../../../protocol/index.js';
import { bench, nexusOf } from '../logical-unit/bench.js';

it('REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS is true to what is done', async () => {
  const on = bench();
  const node = await on.node('node');
  const report = async (returnExtendedParameterData: number): Promise<Buffer> => {
    const cdb = reportSupportedTaskManagementCdbLayout.toBytes({
      operationCode: OPERATION_CODE.maintenanceIn,
      serviceAction: MAINTENANCE_IN.reportSupportedTaskManagementFunctions,
      returnExtendedParameterData,
      allocationLength: 255,
    });
    return Buffer.from((await node.execute(cdb, { dataInLength: 255 })).dataIn);
  };
  const told = supportedTaskManagementLayout.decode(await report(0));
  const attachment = on.server.attach(nexusOf('other'));
  const responses = {
    abortTaskSet: await on.server.manageTasks(attachment, { function: 'abortTaskSet', lun: 0 }),
    clearAca: await on.server.manageTasks(attachment, { function: 'clearAca', lun: 0 }),
    clearTaskSet: await on.server.manageTasks(attachment, { function: 'clearTaskSet', lun: 0 }),
    logicalUnitReset: await on.server.manageTasks(attachment, { function: 'logicalUnitReset', lun: 0 }),
    targetReset: await on.server.manageTasks(attachment, { function: 'targetWarmReset' }),
  };
  for (const [name, response] of Object.entries(responses)) {
    expect([name, told[name as keyof typeof responses]]).toEqual([name, response === 'complete' ? 1 : 0]);
  }
});

it('REPD=1 adds time-outs, none of which is told', async () => {
  const node = await bench().node('node');
  const extended = Buffer.from('a30d80000000000000ff0000', 'hex');
  const { dataIn } = await node.execute(extended, { dataInLength: 255 });
  expect(Buffer.from(dataIn).toString('hex')).toBe('da00000c' + '00'.repeat(12));
});
