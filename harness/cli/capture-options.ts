import { captureFrom, type CaptureOptions } from '../../target/index.js';
import { UsageError } from './one-line.js';

/** The options of a capture as they were typed. */
export interface CaptureArguments {
  readonly pcap?: string;
  readonly pcapSize?: string;
  readonly pcapFiles?: string;
}

/** What `--pcap` and its like ask for. Throws UsageError, in one line. */
export function captureOf({ pcap, pcapSize, pcapFiles }: CaptureArguments): CaptureOptions | undefined {
  const texts = {
    ...(pcap === undefined ? {} : { pcap }),
    ...(pcapSize === undefined ? {} : { 'pcap-size': pcapSize }),
    ...(pcapFiles === undefined ? {} : { 'pcap-files': pcapFiles }),
  };
  return captureFrom(texts, '--', (_name, problem) => new UsageError(problem));
}
