import type { SynchronousSource } from '../logical-unit/task.js';

/** Blocks that are there at once: a write is on the medium when `write` returns. */
export interface SynchronousMedium extends SynchronousSource {
  readonly kind: 'synchronous';
  readonly sizeBytes: number;
  /** Copies the first `lengthBytes` bytes of `data` to byte `position`. */
  write(position: number, data: Uint8Array, lengthBytes: number): void;
  close(): Promise<void>;
}

/**
 * Blocks behind an operating system call. Operations that overlap take effect in the order in which they were begun,
 * where one of them writes (restricted reordering, SPC-4 7.5.8).
 */
export interface AsynchronousMedium {
  readonly kind: 'asynchronous';
  readonly sizeBytes: number;
  /** Fills `target` from byte `position`. */
  read(position: number, target: Uint8Array): Promise<void>;
  /** The caller must not change `data` before the promise settles. `durable`: as after `flush`. */
  write(position: number, data: Uint8Array, durable: boolean): Promise<void>;
  /** Everything whose write was begun before is on stable storage. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type Medium = SynchronousMedium | AsynchronousMedium;
