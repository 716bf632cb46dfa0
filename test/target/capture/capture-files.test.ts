import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureFiles } from '../../../target/capture/capture-files.js';
import type { CaptureFilesOptions, CaptureFileSystem } from '../../../target/capture/capture-files.js';

let folder: string;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-capture-files-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

const BEGIN = Buffer.from('begin.');
const open = (more: Partial<CaptureFilesOptions> = {}): CaptureFiles =>
  new CaptureFiles({
    path: join(folder, 'c.pcapng'),
    begin: BEGIN,
    warn: (line) => warnings.push(line),
    ...more,
  });
const contents = async (): Promise<Record<string, string>> => {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
};
const block = (letter: string): Buffer => Buffer.from(letter.repeat(4));

/** Files in memory; the call with this ordinal fails. */
class FailingFiles implements CaptureFileSystem {
  readonly written = new Map<string, Buffer>();
  readonly openPaths: string[] = [];
  #calls = 0;
  readonly #failAt: number;
  /** A write takes so many bytes at most. */
  readonly #writeMax: number;

  constructor(failAt: number, writeMax = Infinity) {
    this.#failAt = failAt;
    this.#writeMax = writeMax;
  }

  #call(): void {
    if (++this.#calls === this.#failAt) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  }

  open(path: string): number {
    this.#call();
    this.written.set(path, Buffer.alloc(0));
    return this.openPaths.push(path) - 1;
  }

  write(file: number, bytes: Buffer): number {
    this.#call();
    const path = this.openPaths[file] ?? '';
    const taken = bytes.subarray(0, this.#writeMax);
    this.written.set(path, Buffer.concat([this.written.get(path) ?? Buffer.alloc(0), taken]));
    return taken.length;
  }

  truncate(file: number, lengthBytes: number): void {
    const path = this.openPaths[file] ?? '';
    this.written.set(path, (this.written.get(path) ?? Buffer.alloc(0)).subarray(0, lengthBytes));
  }

  close(): void {
    // Nothing is kept open.
  }
}

describe('the files of a capture', () => {
  it('has all in one file without a limit, each block as a whole', async () => {
    const files = open();
    for (const letter of 'abcdef') files.append(block(letter));
    files.close();
    expect(await contents()).toEqual({ 'c.pcapng': 'begin.aaaabbbbccccddddeeeeffff' });
  });

  it('goes on in the next file where a block does not fit any more; each begins as the first', async () => {
    const files = open({ sizeBytesMax: 14 });
    for (const letter of 'abcde') files.append(block(letter));
    files.close();
    expect(await contents()).toEqual({
      'c.pcapng': 'begin.aaaabbbb',
      'c.pcapng.1': 'begin.ccccdddd',
      'c.pcapng.2': 'begin.eeee',
    });
  });

  it('overwrites the first after the last of so many', async () => {
    const files = open({ sizeBytesMax: 10, filesMax: 2 });
    for (const letter of 'abc') files.append(block(letter));
    files.close();
    expect(await contents()).toEqual({ 'c.pcapng': 'begin.cccc', 'c.pcapng.1': 'begin.bbbb' });
  });

  it('empties a file that was there', async () => {
    await writeFile(join(folder, 'c.pcapng'), 'something longer than what is written now');
    open().close();
    expect(await contents()).toEqual({ 'c.pcapng': 'begin.' });
  });

  it('writes without being closed, once the round of the event loop is over', async () => {
    const files = open();
    files.append(block('a'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await contents()).toEqual({ 'c.pcapng': 'begin.aaaa' });
    files.close();
  });

  it.each([
    ['no/c.pcapng', /^capture file \S+no\/c\.pcapng cannot be written: there is no such directory$/],
    ['directory', /^capture file \S+directory cannot be written: it is a directory$/],
  ])('says in one line that %s cannot be written', async (name, message) => {
    await mkdir(join(folder, 'directory'));
    expect(() => open({ path: join(folder, name) })).toThrow(message);
  });

  it('says so where the disk is full from the start', () => {
    expect(() => open({ path: '/dev/full' })).toThrow(
      'capture file /dev/full cannot be written: no space is left',
    );
  });

  // open, write of the beginning; write of a; open of c.1 and its beginning; write of b.
  it.each([
    [3, { c: 'begin.' }, 'c'],
    [4, { c: 'begin.aaaa' }, 'c.1'],
    [5, { c: 'begin.aaaa', 'c.1': '' }, 'c.1'],
    [6, { c: 'begin.aaaa', 'c.1': 'begin.' }, 'c.1'],
  ])(
    'ends at the failure of call %i with one warning, and takes what follows in silence',
    (failAt, left, at) => {
      const system = new FailingFiles(failAt);
      const files = open({ path: 'c', sizeBytesMax: 10, files: system });
      for (const letter of 'abc') files.append(block(letter));
      files.append(block('d'));
      files.close();
      expect(files.isOpen).toBe(false);
      expect(warnings).toEqual([`capture ended at ${at}: no space is left; the target goes on without`]);
      expect(
        Object.fromEntries([...system.written].map(([path, bytes]) => [path, bytes.toString()])),
      ).toEqual(left);
    },
  );

  it('cuts off a block of which only a part could be written', () => {
    // Two bytes a write: three writes for the beginning; of the block's two the second fails.
    const half = new FailingFiles(1 + 3 + 2, 2);
    const cut = open({ path: 'c', files: half });
    cut.append(block('a'));
    cut.close();
    expect(half.written.get('c')?.toString()).toBe('begin.');
    expect(warnings).toEqual(['capture ended at c: no space is left; the target goes on without']);
  });
});
