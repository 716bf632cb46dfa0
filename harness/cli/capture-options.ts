import { SIZE_EXPECTED, sizeInBytes, type CaptureOptions } from '../../target/index.js';
import { UsageError } from './one-line.js';
import { wholeNumber } from './whole-number.js';

/** The options of a capture as they were typed. */
export interface CaptureArguments {
  readonly pcap?: string;
  readonly pcapSize?: string;
  readonly pcapFiles?: string;
}

/** A file takes at least the largest frame. */
const PCAP_SIZE_MIN_BYTES = 131_072;
const PCAP_FILES_MAX = 99_999;

/** What `--pcap` and its like ask for. Throws UsageError, in one line. */
export function captureOf({ pcap, pcapSize, pcapFiles }: CaptureArguments): CaptureOptions | undefined {
  if (pcap === undefined) {
    if (pcapSize !== undefined) throw new UsageError('--pcap-size goes with --pcap FILE');
    if (pcapFiles !== undefined) throw new UsageError('--pcap-files goes with --pcap FILE');
    return undefined;
  }
  if (pcap === '') throw new UsageError("--pcap '': expected a file");
  const sizeBytesMax = pcapSize === undefined ? undefined : sizeInBytes(pcapSize);
  if (pcapSize !== undefined && (sizeBytesMax === undefined || sizeBytesMax < PCAP_SIZE_MIN_BYTES)) {
    throw new UsageError(`--pcap-size '${pcapSize}': expected ${SIZE_EXPECTED}, 128KiB or more`);
  }
  if (pcapFiles === undefined) return { path: pcap, sizeBytesMax };
  if (sizeBytesMax === undefined) throw new UsageError('--pcap-files goes with --pcap-size SIZE');
  return { path: pcap, sizeBytesMax, filesMax: wholeNumber('--pcap-files', pcapFiles, 2, PCAP_FILES_MAX) };
}
