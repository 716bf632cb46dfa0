/**
 * Random 4 KiB reads by `iscsi-perf` from fencelab's target and from Debian's tgtd, in turn, so that a drifting machine
 * hits both alike. Prints IOPS of each round, medians, and the ratio round by round: quote the ratios.
 *
 *   node dist/harness/bench/beside-tgt.js [rounds] [seconds a run]
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, startServer } from './processes.js';
import { startTgt } from './tgt.js';

const LUN_BYTES = 256 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const QUEUE_DEPTHS = [32, 1] as const;
const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function iops(url: string, queueDepth: number, seconds: number): Promise<number> {
  const printed = await run('iscsi-perf', [
    '-b',
    '8',
    '-r',
    '-m',
    String(queueDepth),
    '-t',
    String(seconds),
    url,
  ]);
  const averages = [...printed.replaceAll('\r', '\n').matchAll(/iops average (\d+)/g)];
  if (averages.length === 0) throw new Error(`iscsi-perf told no average for ${url}`);
  return Number(averages.at(-1)?.[1]);
}

/** Every block holds data: a sparse medium has no advantage. */
async function writeImage(path: string): Promise<void> {
  const file = await open(path, 'w');
  for (let position = 0; position < LUN_BYTES; position += PIECE_BYTES) {
    await file.write(
      Buffer.alloc(PIECE_BYTES, 1 + ((position / PIECE_BYTES) % 255)),
      0,
      PIECE_BYTES,
      position,
    );
  }
  await file.close();
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 5);
  const seconds = Number(process.argv[3] ?? 4);
  // tgtd has no memory medium: a file in memory is the nearest.
  const directory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fencelab-bench-'));
  const image = join(directory, 'lun.img');
  await writeImage(image);
  const tgt = await startTgt(image, directory);
  const ours = await startServer(process.execPath, [
    MAIN,
    'target',
    ...['--iqn', 'iqn.2026-11.org.fencelab.bench:ours', '--portal', '127.0.0.1:0'],
    ...['--lun', `0,size=${LUN_BYTES}`],
  ]);
  try {
    const url = ours.readyLine.trim();
    await run('qemu-img', ['convert', '-n', '-f', 'raw', '-O', 'raw', image, url]);
    for (const queueDepth of QUEUE_DEPTHS) {
      const figures: { ours: number; tgt: number }[] = [];
      for (let round = 1; round <= rounds; round++) {
        const figure = {
          ours: await iops(url, queueDepth, seconds),
          tgt: await iops(tgt.url, queueDepth, seconds),
        };
        figures.push(figure);
        const ratio = (figure.ours / figure.tgt).toFixed(2);
        console.log(
          `-m ${queueDepth}, round ${round}: fencelab ${figure.ours}, tgt ${figure.tgt} IOPS, ratio ${ratio}`,
        );
      }
      const ratios = figures.map((figure) => figure.ours / figure.tgt);
      console.log(
        `-m ${queueDepth}, median: fencelab ${median(figures.map((f) => f.ours))}, ` +
          `tgt ${median(figures.map((f) => f.tgt))} IOPS, ratio ${median(ratios).toFixed(2)} ` +
          `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
      );
    }
  } finally {
    await ours.stop();
    await tgt.stop();
    await rm(directory, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(`beside-tgt: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
});
