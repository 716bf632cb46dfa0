import type { LogicalUnitPath } from '../../protocol/index.js';
import { DeviceIoError, DeviceOpenError, messageOf } from '../devices/errors.js';
import { openDevice } from '../devices/open-device.js';
import { BlockDevice } from './block-device.js';
import type { BlockCapacity } from './block-device.js';
import { BlockIoError, ReservationConflictError } from './errors.js';
import { withoutPassword } from '../url.js';
import { hexDump } from './hex-dump.js';

/** `fencelab io DEVICE write|read LBA BLOCKS [--pattern P]`. */
export interface IoOptions {
  readonly device: string;
  readonly action: 'read' | 'write';
  readonly lba: bigint;
  readonly blocks: number;
  /** Byte value: what is written (default DEFAULT_PATTERN), or what a read must find; a read without it is dumped. */
  readonly pattern?: number;
}

export interface IoOutput {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** How a device name is opened; the command line uses `openDevice`. */
export type OpenDevice = (name: string, options: { readonly readOnly: boolean }) => Promise<LogicalUnitPath>;

/** What a write without --pattern writes. */
export const DEFAULT_PATTERN = 0xcd;

/** Exit statuses: done, refused or different data, could not be asked. */
const EXIT = { ok: 0, failed: 1, notAsked: 2 } as const;

/** Carries out one read or write and reports it in a line; yields the exit status. */
export async function runIo(
  options: IoOptions,
  output: IoOutput,
  open: OpenDevice = openDevice,
): Promise<number> {
  let path: LogicalUnitPath;
  try {
    path = await open(options.device, { readOnly: options.action === 'read' });
  } catch (error) {
    if (!(error instanceof DeviceOpenError)) throw error;
    output.stderr.write(`fencelab io: ${about(shownName(options), error.message)} (${error.errnoName})\n`);
    return EXIT.notAsked;
  }
  const device = new BlockDevice(path);
  try {
    return await transfer(device, options, output);
  } catch (error) {
    return reportFailure(error, options, output);
  } finally {
    await device.close();
  }
}

async function transfer(device: BlockDevice, options: IoOptions, output: IoOutput): Promise<number> {
  const capacity = await device.readCapacity();
  const outside = whyOutside(options, capacity);
  if (outside !== undefined) {
    output.stderr.write(`fencelab io: ${shownName(options)}: ${outside}\n`);
    return EXIT.notAsked;
  }
  if (options.action === 'write') {
    const pattern = options.pattern ?? DEFAULT_PATTERN;
    await device.write(options.lba, Buffer.alloc(options.blocks * capacity.blockLengthBytes, pattern));
    output.stdout.write(`wrote ${describe(options)}, pattern ${hexByte(pattern)}\n`);
    return EXIT.ok;
  }
  const data = await device.read(options.lba, options.blocks);
  return options.pattern === undefined
    ? dump(data, options, capacity, output)
    : compare(data, options.pattern, options, capacity, output);
}

function whyOutside(options: IoOptions, capacity: BlockCapacity): string | undefined {
  if (options.lba + BigInt(options.blocks) <= capacity.blocks) return undefined;
  return `${describe(options)} is beyond the end (the device has ${capacity.blocks} blocks)`;
}

function dump(data: Buffer, options: IoOptions, capacity: BlockCapacity, output: IoOutput): number {
  output.stdout.write(hexDump(data, options.lba * BigInt(capacity.blockLengthBytes)));
  return EXIT.ok;
}

function compare(
  data: Buffer,
  pattern: number,
  options: IoOptions,
  capacity: BlockCapacity,
  output: IoOutput,
): number {
  const different = data.findIndex((byte) => byte !== pattern);
  if (different < 0) {
    output.stdout.write(`read ${describe(options)}, all ${hexByte(pattern)}\n`);
    return EXIT.ok;
  }
  const lba = options.lba + BigInt(Math.floor(different / capacity.blockLengthBytes));
  const found = hexByte(data[different] ?? 0);
  output.stderr.write(
    `fencelab io: ${shownName(options)}: LBA ${lba} byte ${different % capacity.blockLengthBytes} ` +
      `is ${found}, expected ${hexByte(pattern)}\n`,
  );
  return EXIT.failed;
}

function reportFailure(error: unknown, options: IoOptions, output: IoOutput): number {
  const line = (message: string): string => `fencelab io: ${about(shownName(options), message)}\n`;
  if (error instanceof ReservationConflictError) {
    output.stderr.write(
      line(`${options.action} ${describe(options)} refused: RESERVATION CONFLICT (${error.errnoName})`),
    );
  } else if (error instanceof BlockIoError || error instanceof DeviceIoError) {
    output.stderr.write(line(`${error.message} (${error.errnoName})`));
  } else {
    output.stderr.write(line(messageOf(error)));
  }
  return EXIT.failed;
}

const shownName = ({ device }: IoOptions): string => withoutPassword(device);

/** `message` with the device that it is about, which some name themselves. */
const about = (device: string, message: string): string =>
  message.startsWith(`${device}: `) ? message : `${device}: ${message}`;
const describe = (options: IoOptions): string =>
  `${options.blocks} block${options.blocks === 1 ? '' : 's'} at LBA ${options.lba}`;
const hexByte = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;
