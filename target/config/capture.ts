import { dirname, resolve } from 'node:path';
import type { Node } from 'yaml';
import type { CaptureOptions } from '../options.js';
import { sizeInBytes, SIZE_EXPECTED } from './size.js';
import type { Source } from './source.js';

/** The names of a configuration file that ask for a capture; with `--` before them, the options of a command line. */
export const CAPTURE_NAMES = ['pcap', 'pcap-size', 'pcap-files'] as const;
type CaptureName = (typeof CAPTURE_NAMES)[number];

/** A file takes at least the largest frame. */
const SIZE_MIN_BYTES = 131_072;
const FILES_MIN = 2;
const FILES_MAX = 99_999;

/**
 * What the texts of a command line (`dashes` is `--`) or of a configuration file (empty) ask for; undefined: nothing. Throws
 * what `refuse` makes of the name that is wrong and one line about it.
 */
export function captureFrom(
  texts: Partial<Record<CaptureName, string>>,
  dashes: '--' | '',
  refuse: (name: CaptureName, problem: string) => Error,
): CaptureOptions | undefined {
  const { pcap: path, 'pcap-size': size, 'pcap-files': files } = texts;
  const companionOf = (name: CaptureName, other: CaptureName): Error =>
    refuse(name, `${dashes}${name} goes with ${dashes}${other}`);
  if (path === undefined) {
    if (size !== undefined) throw companionOf('pcap-size', 'pcap');
    if (files !== undefined) throw companionOf('pcap-files', 'pcap');
    return undefined;
  }
  if (path === '') throw refuse('pcap', `${dashes}pcap '': expected a file`);
  const sizeBytesMax = size === undefined ? undefined : sizeInBytes(size);
  if (size !== undefined && (sizeBytesMax === undefined || sizeBytesMax < SIZE_MIN_BYTES)) {
    throw refuse('pcap-size', `${dashes}pcap-size '${size}': expected ${SIZE_EXPECTED}, 128KiB or more`);
  }
  if (files === undefined) return { path, sizeBytesMax };
  if (sizeBytesMax === undefined) throw companionOf('pcap-files', 'pcap-size');
  const filesMax = /^\d{1,10}$/.test(files) ? Number(files) : NaN;
  if (filesMax >= FILES_MIN && filesMax <= FILES_MAX) return { path, sizeBytesMax, filesMax };
  const expected = `expected a whole number from ${FILES_MIN} to ${FILES_MAX}`;
  throw refuse('pcap-files', `${dashes}pcap-files ${files}: ${expected}`);
}

/** The capture that a configuration file asks for; its path is relative to the folder of the file. */
export function readCapture(source: Source, entries: ReadonlyMap<string, Node>): CaptureOptions | undefined {
  const texts: Partial<Record<CaptureName, string>> = {};
  for (const name of CAPTURE_NAMES) {
    const entry = entries.get(name);
    if (entry !== undefined) texts[name] = source.text(entry, name);
  }
  const capture = captureFrom(texts, '', (name, problem) =>
    source.errorOf(entries.get(name) ?? null, problem),
  );
  return capture && { ...capture, path: resolve(dirname(source.path), capture.path) };
}
