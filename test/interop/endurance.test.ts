import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../harness/random.js';
import { Fencelab } from '../system/cli.js';
import { describeWithPeers, runPeer, type PeerRun } from './peer.js';

const MIB = 1024 * 1024;
const IQN = 'iqn.2026-11.org.fencelab:endurance';
/** How long random reads and writes go on; `.ci/run` gives them a minute. */
const SECONDS = Number(process.env['FENCELAB_ENDURANCE_SECONDS'] ?? 5);

const CHUNK_BYTES = 4096;
const CHUNKS = (64 * MIB) / CHUNK_BYTES;
const COMMANDS_A_RUN = 400;

describeWithPeers(
  'the target stands work of programs that nobody here wrote, without a word in its log',
  [
    { command: 'iscsi-perf', debianPackage: 'libiscsi-bin' },
    { command: 'qemu-io', debianPackage: 'qemu-utils' },
    { command: 'qemu-img', debianPackage: 'qemu-utils and qemu-block-extra' },
  ],
  (pathOf) => {
    let target: Fencelab;
    let urls: readonly string[];
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'fencelab-endurance-'));
      const image = join(directory, 'lun1.img');
      await writeFile(image, '');
      await truncate(image, 64 * MIB);
      const luns = ['0,size=64MiB,thin', `1,file=${image}`];
      target = new Fencelab([
        ...['target', '--iqn', IQN, '--portal', '127.0.0.1:0'],
        ...luns.flatMap((spec) => ['--lun', spec]),
      ]);
      urls = (await target.ready()).split(' ');
    });
    afterAll(async () => {
      const { exitStatus, stderr } = await target.stop('SIGTERM');
      await rm(directory, { recursive: true });
      expect({ exitStatus, stderr }).toEqual({ exitStatus: 0, stderr: '' });
    });
    const urlOf = (lun: number): string => urls[lun] ?? '';

    it.each([0, 1])('iscsi-perf reads LUN %i at random', async (lun) => {
      const run = await runPeer(pathOf('iscsi-perf'), ['-r', '-b', '8', '-m', '32', '-t', '2', urlOf(lun)]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toMatch(/iops average \d/);
      expect(run.stdout).not.toMatch(/fail|error/i);
    });

    it.each([
      [0, []],
      [0, ['-w']],
      [1, ['-w', '--flush-interval=64']],
    ])('qemu-img bench on LUN %i %j', async (lun, options) => {
      const run = await runPeer(pathOf('qemu-img'), [
        ...['bench', '-f', 'raw', '-c', '2000', '-d', '16', '-s', '8k', '-S', '12k'],
        ...options,
        urlOf(lun),
      ]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toContain('Run completed in');
    });

    it.each([0, 1])('qemu-img convert copies an image to LUN %i and back', async (lun) => {
      const [image, back] = [join(directory, 'image.raw'), join(directory, 'back.raw')];
      const bytes = Buffer.alloc(64 * MIB);
      for (let at = 0; at < bytes.length; at += 512)
        bytes.fill((at >> 9) * 37 + 1, at, at + 512).writeUInt32BE(at, at);
      // Holes, which QEMU may write as zeros or unmap.
      bytes.fill(0, 8 * MIB, 24 * MIB);
      await writeFile(image, bytes);
      const convert = (...args: string[]): Promise<PeerRun> =>
        runPeer(pathOf('qemu-img'), ['convert', ...args]);
      const raw = ['-f', 'raw', '-O', 'raw'];
      expect(await convert('-n', ...raw, image, urlOf(lun))).toMatchObject({ status: 0, stderr: '' });
      expect(await convert(...raw, urlOf(lun), back)).toMatchObject({ status: 0, stderr: '' });
      expect((await readFile(back)).equals(bytes)).toBe(true);
    });

    it.each([0, 1])(
      'random writes, zeros, discards and reads on LUN %i read back as they were written',
      async (lun) => {
        const work = new RandomWork(0x5eed + lun);
        const until = Date.now() + (SECONDS * 1000) / 2;
        expect(
          await runPeer(pathOf('qemu-io'), qemuIo(urlOf(lun)), { input: `write -z 0 64M\n` }),
        ).toMatchObject({
          status: 0,
        });
        do {
          const { commands, reads } = work.next();
          const run = await runPeer(pathOf('qemu-io'), qemuIo(urlOf(lun)), {
            input: `${commands.join('\n')}\n`,
          });
          expect(run).toMatchObject({ status: 0, stderr: '' });
          expect(run.stdout).not.toMatch(/failed|error/i);
          expect(run.stdout.match(/\bread (\d+)\/\1 bytes/g)?.length).toBe(reads);
        } while (Date.now() < until);
      },
      60_000 + SECONDS * 2000,
    );
  },
);

const qemuIo = (url: string): readonly string[] => ['-f', 'raw', url];

/** Commands of qemu-io that write patterns, and read back what must be there by now. */
class RandomWork {
  readonly #random: Random;
  /** The byte that fills each chunk. */
  readonly #patterns = new Uint8Array(CHUNKS);

  constructor(seed: number) {
    this.#random = new Random(seed, 'endurance');
  }

  next(): { readonly commands: readonly string[]; readonly reads: number } {
    const commands: string[] = [];
    let reads = 0;
    while (commands.length < COMMANDS_A_RUN) {
      const at = this.#random.below(CHUNKS);
      const kind = this.#random.below(10);
      if (kind < 5) {
        const end = this.#runFrom(at);
        commands.push(`read -P ${this.#patterns[at] ?? 0} ${extent(at, end)}`);
        reads++;
      } else {
        const end = Math.min(CHUNKS, at + 1 + this.#random.below(64));
        const pattern = kind < 8 ? 1 + this.#random.below(255) : 0;
        this.#patterns.fill(pattern, at, end);
        const how = kind < 8 ? `-P ${pattern}` : kind === 8 ? '-z' : '-z -u';
        commands.push(`write ${how} ${extent(at, end)}`);
      }
    }
    return { commands, reads };
  }

  /** The end of a run of chunks with one pattern, of a mebibyte at most. */
  #runFrom(at: number): number {
    let end = at + 1;
    while (end < CHUNKS && end - at < 256 && this.#patterns[end] === this.#patterns[at]) end++;
    return end;
  }
}

const extent = (start: number, end: number): string =>
  `${start * CHUNK_BYTES} ${(end - start) * CHUNK_BYTES}`;
