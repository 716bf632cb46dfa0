import { expect, it } from 'vitest';
import { Recorder } from '../../../harness/replay/recorder.js';
import { crc32c, type ItNexusId } from '../../../protocol/index.js';

const NEXUS = 'iqn.2026-11.org.fencelab:node1,i,0x800000000001@1' as ItNexusId;
const WRITE = Buffer.from('2a000000000000000100', 'hex');
const READ = Buffer.from('28000000000000000100', 'hex');

it('a recorder keeps the Data-Out of a command with that command, and forgets the command then', () => {
  const recorder = new Recorder();
  const data = Buffer.from('a record');
  recorder.entered(NEXUS, 0, 7, WRITE);
  recorder.dataOutArrived(NEXUS, 0, 7, data);
  // Initiators use a tag again.
  recorder.entered(NEXUS, 0, 7, READ);
  recorder.dataOutArrived(NEXUS, 0, 7, Buffer.from('of nobody'));
  const command = { what: 'command', initiator: 'iqn.2026-11.org.fencelab:node1', port: 1, lun: 0 };
  expect(recorder.entries).toEqual([
    { ...command, cdb: WRITE.toString('hex'), data: crc32c(data).toString(16) },
    { ...command, cdb: READ.toString('hex') },
  ]);
});
