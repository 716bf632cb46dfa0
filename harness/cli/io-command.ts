import { runIo, type IoOptions } from '../../initiator/index.js';
import type { CliContext } from './context.js';
import { UsageError } from './one-line.js';

/** The arguments of `fencelab io` as they were typed. */
export interface IoArguments {
  readonly device: string;
  readonly action: string;
  readonly lba: string;
  readonly blocks: string;
  readonly pattern?: string | undefined;
}

/** Blocks at once: what a 32-bit TRANSFER LENGTH of 512-byte blocks would need is more than a buffer can hold. */
const BLOCKS_MAX = 65_535;

export async function io(typed: IoArguments, context: CliContext): Promise<number> {
  return runIo(ioOptions(typed), context);
}

/** Reads the arguments; throws UsageError. */
export function ioOptions({ device, action, lba, blocks, pattern }: IoArguments): IoOptions {
  if (action !== 'read' && action !== 'write') {
    throw new UsageError(`'${action}': expected read or write`);
  }
  const lbaNumber = unsigned(lba);
  if (lbaNumber === undefined || lbaNumber >= 2n ** 64n)
    throw new UsageError(`LBA '${lba}': expected a number`);
  const blockCount = unsigned(blocks);
  if (blockCount === undefined || blockCount < 1n || blockCount > BLOCKS_MAX) {
    throw new UsageError(`BLOCKS '${blocks}': expected a number from 1 to ${BLOCKS_MAX}`);
  }
  const byte = pattern === undefined ? 0n : unsigned(pattern);
  if (byte === undefined || byte > 0xffn) {
    throw new UsageError(`--pattern '${pattern ?? ''}': expected a byte, 0 to 255 or 0x00 to 0xff`);
  }
  const options: IoOptions = { device, action, lba: lbaNumber, blocks: Number(blockCount) };
  return pattern === undefined ? options : { ...options, pattern: Number(byte) };
}

/** A decimal or `0x` number. */
function unsigned(text: string): bigint | undefined {
  return /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : undefined;
}
