import { expect, it } from 'vitest';
import { DeviceOpenError } from '../../../initiator/devices/errors.js';
import { runIo } from '../../../initiator/io/run-io.js';

it('shows no password of the device that it could not open', async () => {
  const printed: string[] = [];
  const stream = { write: (text: string) => printed.push(text) };
  const device = 'iscsi://node%secret@h:3260/iqn.2026-11.org.fencelab:array/0';
  const status = await runIo(
    { device, action: 'read', lba: 0n, blocks: 1 },
    { stdout: stream, stderr: stream },
    () => Promise.reject(new DeviceOpenError('ENXIO', 'nobody listens')),
  );
  expect(status).toBe(2);
  expect(printed).toEqual([
    'fencelab io: iscsi://node%***@h:3260/iqn.2026-11.org.fencelab:array/0: nobody listens (ENXIO)\n',
  ]);
});
