import type { LogicalUnitPath } from '../../protocol/index.js';

/** Where the lines of a run go. Text comes whole lines at a time. */
export interface Output {
  stdout(text: string): void;
  stderr(text: string): void;
}

/** The same, for a program whose standard output is what a device sent. */
export interface ByteOutput extends Output {
  stdoutBytes(bytes: Uint8Array): void;
}

/**
 * Opens a device by the name the command line gives. Rejects with an error of the system (`SystemError`) where it
 * cannot be opened.
 */
export type OpenDevice = (name: string, options: { readonly readOnly: boolean }) => Promise<LogicalUnitPath>;

/** What a run needs of the world. */
export interface Surroundings {
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly openDevice: OpenDevice;
  /** A file by name, or standard input by `-`; undefined where it cannot be read. */
  readonly readText: (source: string) => string | undefined;
  readonly nowMs: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** The same, for a program that reads bytes from files. */
export interface ByteSurroundings extends Surroundings {
  /** A file by name, or standard input by `-`; undefined where it cannot be read. */
  readonly readBytes: (source: string) => Uint8Array | undefined;
}

/** What an error of the device layer tells: the error number that a kernel would report, and more for people. */
export interface SystemError {
  readonly errnoName: string;
  readonly errno: number;
  readonly message: string;
}

/** Whether something thrown stands for an error of the system; anything else is a mistake of ours. */
export function isSystemError(thrown: unknown): thrown is SystemError {
  return (
    thrown instanceof Error &&
    'errnoName' in thrown &&
    typeof thrown.errnoName === 'string' &&
    'errno' in thrown &&
    typeof thrown.errno === 'number'
  );
}

/** What went wrong in detail, on a line of its own below the message that scripts know. */
export function detailLine(error: SystemError): string {
  return error.message === '' ? '' : `    ${error.message}\n`;
}
