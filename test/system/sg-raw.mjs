// `sg_raw [OPTION]* DEVICE CDB0 CDB1 ...` for a DEVICE that `openDevice` opens: command line, output and exit statuses as
// of sg_raw 1.46 with -b and -v (its manual page, and fixtures/golden/sg_raw.jsonl). A command is sent as it came.
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { openDevice } from '../../dist/initiator/devices/open-device.js';
import { categoryOfSense } from '../../dist/initiator/sg_persist/category.js';
import { exitStatusOfErrno, systemErrorText } from '../../dist/initiator/sg_persist/exit-status.js';
import { senseText } from '../../dist/initiator/sg_persist/sense-text.js';

const SENSE_BUFFER_BYTES = 32;
const STATUS_NAME = {
  0x00: 'Good',
  0x02: 'Check Condition',
  0x04: 'Condition Met',
  0x08: 'Busy',
  0x18: 'Reservation Conflict',
  0x28: 'Task Set Full',
  0x30: 'ACA Active',
  0x40: 'Task Aborted',
};

const say = (text) => process.stderr.write(text);
const end = (exitStatus) => process.exit(exitStatus);

function commandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        binary: { type: 'boolean', short: 'b' },
        verbose: { type: 'boolean', short: 'v' },
        nosense: { type: 'boolean', short: 'n' },
        readonly: { type: 'boolean', short: 'R' },
        request: { type: 'string', short: 'r' },
        send: { type: 'string', short: 's' },
        timeout: { type: 'string', short: 't' },
      },
    });
    const [device, ...bytes] = positionals;
    if (device === undefined) throw new Error('No device specified');
    const bad = bytes.find((byte) => !/^[0-9a-f]{1,2}$/i.test(byte));
    if (bad !== undefined) throw new Error(`Invalid command byte '${bad}'`);
    if (bytes.length < 6) throw new Error('CDB too short (min. 6 bytes)');
    return { values, device, cdb: Buffer.from(bytes.map((byte) => Number.parseInt(byte, 16))) };
  } catch (error) {
    say(`${error.message}\nUsage: sg_raw [OPTION]* DEVICE [CDB0 CDB1 ...]\n`);
    return end(1);
  }
}

async function readInput(length) {
  const pieces = [];
  let offset = 0;
  for await (const piece of process.stdin) {
    pieces.push(piece);
    offset += piece.length;
    if (offset >= length) return Buffer.concat(pieces).subarray(0, length);
  }
  say(`EOF on input file/stream at buffer offset ${offset}\n`);
  return end(15);
}

/** What an error of the system makes of the run: the message, and in its last line what the exit status means. */
function failed(what, error) {
  const text = systemErrorText(error.errnoName);
  say(`${what}: ${text}\n${text}\n`);
  end(exitStatusOfErrno(error.errno));
}

function report(result, dataInLength) {
  const { status } = result;
  const sense = result.sense.subarray(0, SENSE_BUFFER_BYTES);
  if (status !== 0 && status !== 2) say('>>> unknown pass through result category (1)\n');
  say(`SCSI Status: ${STATUS_NAME[status] ?? `Unknown status [0x${status.toString(16)}]`} \n\n`);
  if (status === 2) say(`Sense Information:\n${senseText(sense, true)}\n`);
  const exitStatus = status === 0 ? 0 : status === 2 ? categoryOfSense(sense) : status === 0x18 ? 24 : 99;
  if (dataInLength > 0 && exitStatus !== 0) say(`Error ${exitStatus} occurred, no data received\n`);
  else if (dataInLength > 0 && result.dataIn.length === 0) say('No data received\n');
  else if (dataInLength > 0) {
    say(`Writing ${result.dataIn.length} bytes of data to stdout\n`);
    process.stdout.write(result.dataIn);
  }
  return exitStatus;
}

const { values, device, cdb } = commandLine();
const dataOut = values.send === undefined ? undefined : await readInput(Number(values.send));
const dataInLength = Number(values.request ?? 0);
const path = await openDevice(device, { readOnly: values.readonly === true }).catch((error) => {
  failed(device, error);
});
say(`    cdb to send: [${cdb.toString('hex').replace(/..(?!$)/g, '$& ')}]\n`);
const timeoutMs = Number(values.timeout ?? 20) * 1000;
const result = await path.execute(cdb, { dataOut, dataInLength, timeoutMs }).catch((error) => {
  failed('do_scsi_pt', error);
});
process.exitCode = report(result, dataInLength);
await path.close();
