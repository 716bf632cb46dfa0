import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openDevice } from '../../initiator/index.js';
import { runProgram } from '../../initiator/exec/run-program.js';
import { commandWords, parseCommandLine } from '../../initiator/exec/command-line.js';
import { describeWithPeers, runPeer } from './peer.js';

/** Opens, but is no SCSI device: sg_raw has parsed everything and read its input when it finds out. */
const NO_SCSI_DEVICE = '/dev/null';
const ENOTTY = 'do_scsi_pt: Inappropriate ioctl for device\nInappropriate ioctl for device\n';

interface RecordWithoutDevice {
  readonly note: string;
  readonly cmd: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  readonly then_usage?: boolean;
}

/** Recorded runs that need no device, and those that end before a device is asked. */
const ALIKE: ReadonlySet<string> = new Set([
  'PERSISTENT RESERVE OUT, too little on standard input',
  'no SCSI device',
  'no such device',
  'beyond what it can ask for',
]);
const records = readFileSync(new URL('../../fixtures/golden/sg_raw.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordWithoutDevice)
  .filter(({ note }) => ALIKE.has(note));

describeWithPeers(
  'the real sg_raw takes the command lines of exec:',
  [{ command: 'sg_raw', debianPackage: 'sg3-utils' }],
  (pathOf) => {
    it.each([
      ['no data', { dataInLength: 0, dataOutLength: 0, readOnly: false }],
      ['Data-In', { dataInLength: 36, dataOutLength: 0, readOnly: false }],
      ['Data-In, read-only', { dataInLength: 255, dataOutLength: 0, readOnly: true }],
      ['Data-In of 1 MiB', { dataInLength: 1 << 20, dataOutLength: 0, readOnly: false }],
      ['Data-Out', { dataInLength: 0, dataOutLength: 24, readOnly: false }],
      ['Data-Out of 1 MiB', { dataInLength: 0, dataOutLength: 1 << 20, readOnly: false }],
    ])('%s: down to the device, by itself and through a shell', async (_, lengths) => {
      const cdb = Buffer.from('8a0000000000000000ff000000010000', 'hex');
      for (const name of [
        `exec:${pathOf('sg_raw')} ${NO_SCSI_DEVICE}`,
        `exec:sh -c '${pathOf('sg_raw')} {options} ${NO_SCSI_DEVICE} {cdb}'`,
      ]) {
        const words = commandWords(parseCommandLine(name), { cdb, timeoutSeconds: 60, ...lengths });
        const run = await runProgram({
          words,
          input: Buffer.alloc(lengths.dataOutLength),
          timeoutMs: 60_000,
          abort: new AbortController().signal,
        });
        const echo = '    cdb to send: [8a 00 00 00 00 00 00 00 00 ff 00 00 00 01 00 00]\n';
        expect(run).toEqual({ exitStatus: 75, stdout: Buffer.alloc(0), stderr: echo + ENOTTY });
      }
    });

    it('fails for the device, and for nothing else', async () => {
      const missing = `exec:${pathOf('sg_raw')} /dev/nonexistent`;
      await expect(openDevice(missing, { readOnly: false })).rejects.toMatchObject({
        errnoName: 'ENOENT',
        message: `${missing}: /dev/nonexistent: No such file or directory (exit status 52)`,
      });
      const noScsiDevice = `exec:${pathOf('sg_raw')} ${NO_SCSI_DEVICE}`;
      await expect(openDevice(noScsiDevice, { readOnly: true })).rejects.toMatchObject({
        errnoName: 'ENXIO',
        message: `${noScsiDevice}: do_scsi_pt: Inappropriate ioctl for device (exit status 75)`,
      });
    });

    it.each(records.map((record) => [record.note, record] as const))(
      'as when it was recorded: %s',
      async (_, record) => {
        const [, ...args] = record.cmd.split(' ');
        const run = await runPeer(pathOf('sg_raw'), args, { input: '\0'.repeat(23) });
        const stderr = record.then_usage === true ? run.stderr.replace(/^Usage: [^]*/m, '') : run.stderr;
        expect({ ...run, stderr }).toEqual({
          status: record.status,
          stdout: Buffer.from(record.stdout, 'hex').toString(),
          stderr: record.stderr,
        });
      },
    );
  },
);
