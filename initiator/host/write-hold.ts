import type { ScsiResult } from '../../protocol/index.js';
import { scsiStatusName } from '../../protocol/index.js';
import { messageOf } from '../devices/errors.js';
import type { HeldWrite } from './control.js';

interface Caught {
  readonly write: HeldWrite;
  readonly send: () => Promise<ScsiResult>;
  readonly resolve: (result: Promise<ScsiResult>) => void;
}

/**
 * Keeps writes in the host, between its user and the array: what a hung guest had handed to the hypervisor. A barrier,
 * never a sleep: they stay until they are released, whatever became of their users.
 */
export class WriteHold {
  /** Whose writes; undefined: anybody's. */
  readonly user: string | undefined;
  readonly #count: number;
  readonly #caught: Caught[] = [];
  readonly #waiters: (() => void)[] = [];
  #caughtCount = 0;
  #released = false;

  constructor(count: number, user: string | undefined) {
    this.#count = count;
    this.user = user;
  }

  /** Does this hold take the next write of `user`? */
  wants(user: string): boolean {
    return (
      !this.#released && this.#caughtCount < this.#count && (this.user === undefined || this.user === user)
    );
  }

  /** Takes a write; its result comes after the release. */
  catch(write: HeldWrite, send: () => Promise<ScsiResult>): Promise<ScsiResult> {
    return new Promise((resolve) => {
      this.#caught.push({ write, send, resolve });
      this.#caughtCount += 1;
      if (this.#caughtCount === this.#count) this.#wake();
    });
  }

  /** Settles when all `count` writes are held, or the hold is released before. */
  allHeld(): Promise<void> {
    if (this.#released || this.#caughtCount === this.#count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** How many it has caught so far, those that have gone out among them. */
  get caughtCount(): number {
    return this.#caughtCount;
  }

  held(): readonly HeldWrite[] {
    return this.#caught.map((caught) => caught.write);
  }

  /** Sends what is held, in the order it came; yields how each ended. */
  async release(): Promise<string[]> {
    this.#released = true;
    this.#wake();
    const sent = this.#caught.splice(0).map((caught) => {
      const result = caught.send();
      caught.resolve(result);
      return result;
    });
    const ends = await Promise.allSettled(sent);
    return ends.map((end) =>
      end.status === 'fulfilled' ? scsiStatusName(end.value.status) : messageOf(end.reason),
    );
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}
