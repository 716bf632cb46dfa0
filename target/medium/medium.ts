import type { SynchronousSource } from '../logical-unit/task.js';

/** A run of bytes of a medium. */
export interface Extent {
  readonly position: number;
  readonly lengthBytes: number;
}

/** Blocks that are there at once: a write is on the medium when `write` returns. */
export interface SynchronousMedium extends SynchronousSource {
  readonly kind: 'synchronous';
  readonly sizeBytes: number;
  /** Nothing takes space yet: all of it reads as zero. */
  readonly blank: boolean;
  /** Copies the first `lengthBytes` bytes of `data` to byte `position`. */
  write(position: number, data: Uint8Array, lengthBytes: number): void;
  /** The extents read as zero from now on, and take no space where the medium can give it back. */
  discard(extents: readonly Extent[]): void;
  /**
   * Makes the medium longer: `sizeBytes`, more than before. Resolves to the byte from which on nothing takes space yet.
   * Rejects, with the medium as it was, where it cannot.
   */
  grow(sizeBytes: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * Blocks behind an operating system call. Operations that overlap take effect in the order in which they were begun,
 * where one of them writes (restricted reordering, SPC-4 7.5.8).
 */
export interface AsynchronousMedium {
  readonly kind: 'asynchronous';
  readonly sizeBytes: number;
  /** As of a synchronous medium, when it was opened. */
  readonly blank: boolean;
  /** Fills `target` from byte `position`. */
  read(position: number, target: Uint8Array): Promise<void>;
  /** The caller must not change `data` before the promise settles. `durable`: as after `flush`. */
  write(position: number, data: Uint8Array, durable: boolean): Promise<void>;
  /**
   * Reads bytes, and writes what `change` makes of them, as long as they are; null: nothing. One operation: no other
   * comes between.
   */
  update(extent: Extent, change: (current: Buffer) => Uint8Array | null, durable: boolean): Promise<void>;
  /** As of a synchronous medium; one operation. */
  discard(extents: readonly Extent[]): Promise<void>;
  /** As of a synchronous medium; one operation, durable. */
  grow(sizeBytes: number): Promise<number>;
  /** Everything whose write was begun before is on stable storage. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type Medium = SynchronousMedium | AsynchronousMedium;
