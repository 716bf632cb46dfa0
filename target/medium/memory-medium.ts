import type { Extent, SynchronousMedium } from './medium.js';

const CHUNK_BYTES = 64 * 1024;
const CHUNKS_PER_GROUP = 1024;
const GROUP_BYTES = CHUNK_BYTES * CHUNKS_PER_GROUP;
const EMPTY_CHUNK = Buffer.alloc(CHUNK_BYTES);

/** Blocks in memory, sparse: what was never written reads as zero and costs nothing. */
export class MemoryMedium implements SynchronousMedium {
  readonly kind = 'synchronous';
  sizeBytes: number;
  /** Chunks in groups, so that an empty medium of a tebibyte has a short list. */
  readonly #groups: ((Buffer | undefined)[] | undefined)[] = [];
  #chunks = 0;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
    this.#makeRoom();
  }

  /** Memory that written blocks take. */
  get allocatedBytes(): number {
    return this.#chunks * CHUNK_BYTES;
  }

  get blank(): boolean {
    return this.#chunks === 0;
  }

  copyTo(target: Uint8Array, targetOffset: number, position: number, lengthBytes: number): void {
    let done = 0;
    while (done < lengthBytes) {
      const at = position + done;
      const index = Math.floor(at / CHUNK_BYTES);
      const within = at - index * CHUNK_BYTES;
      const length = Math.min(lengthBytes - done, CHUNK_BYTES - within);
      const chunk = this.#groups[Math.floor(index / CHUNKS_PER_GROUP)]?.[index % CHUNKS_PER_GROUP];
      const to = targetOffset + done;
      if (chunk === undefined) target.fill(0, to, to + length);
      else chunk.copy(target, to, within, within + length);
      done += length;
    }
  }

  write(position: number, data: Uint8Array, lengthBytes: number): void {
    let done = 0;
    while (done < lengthBytes) {
      const at = position + done;
      const index = Math.floor(at / CHUNK_BYTES);
      const within = at - index * CHUNK_BYTES;
      const length = Math.min(lengthBytes - done, CHUNK_BYTES - within);
      const whole = done === 0 && length === data.length;
      this.#chunk(index).set(whole ? data : data.subarray(done, done + length), within);
      done += length;
    }
  }

  discard(extents: readonly Extent[]): void {
    for (const { position, lengthBytes } of extents) {
      const end = position + lengthBytes;
      let at = position;
      while (at < end) {
        const groupIndex = Math.floor(at / GROUP_BYTES);
        const groupEnd = Math.min(end, (groupIndex + 1) * GROUP_BYTES);
        const group = this.#groups[groupIndex];
        if (group !== undefined) this.#discardWithin(group, at % GROUP_BYTES, groupEnd - at);
        at = groupEnd;
      }
    }
  }

  /** A chunk of nothing but zeros costs nothing either, so that unmapping it bit by bit frees it too. */
  #discardWithin(group: (Buffer | undefined)[], start: number, lengthBytes: number): void {
    const end = start + lengthBytes;
    for (let index = Math.floor(start / CHUNK_BYTES); index * CHUNK_BYTES < end; index++) {
      const chunk = group[index];
      if (chunk === undefined) continue;
      const from = Math.max(0, start - index * CHUNK_BYTES);
      const to = Math.min(CHUNK_BYTES, end - index * CHUNK_BYTES);
      if (from > 0 || to < CHUNK_BYTES) {
        chunk.fill(0, from, to);
        if (!chunk.equals(EMPTY_CHUNK)) continue;
      }
      group[index] = undefined;
      this.#chunks--;
    }
  }

  grow(sizeBytes: number): Promise<number> {
    const before = this.sizeBytes;
    this.sizeBytes = sizeBytes;
    this.#makeRoom();
    return Promise.resolve(before);
  }

  /** The list has no gaps, which would make it slow. */
  #makeRoom(): void {
    const groups = Math.ceil(this.sizeBytes / GROUP_BYTES);
    while (this.#groups.length < groups) this.#groups.push(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #chunk(index: number): Buffer {
    const groupIndex = Math.floor(index / CHUNKS_PER_GROUP);
    const group = (this.#groups[groupIndex] ??= new Array<undefined>(CHUNKS_PER_GROUP).fill(undefined));
    const there = group[index % CHUNKS_PER_GROUP];
    if (there !== undefined) return there;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    group[index % CHUNKS_PER_GROUP] = chunk;
    this.#chunks++;
    return chunk;
  }
}
