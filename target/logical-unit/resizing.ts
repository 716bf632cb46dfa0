import type { ResizableDescription } from '../commands/unit-description.js';
import { CAPACITY_BYTES_MAX } from '../medium/limits.js';
import type { Medium } from '../medium/medium.js';
import type { AttentionsOfUnit } from './attentions-of-unit.js';
import type { BlockAccess } from './block-access.js';
import type { Sanitization } from './sanitization.js';
import { ATTENTION } from './unit-attentions.js';

export interface ResizingParts {
  readonly description: ResizableDescription;
  readonly medium: Medium;
  readonly blocks: Pick<BlockAccess, 'grown'>;
  readonly sanitization: Pick<Sanitization, 'isRunning'>;
  readonly attentions: Pick<AttentionsOfUnit, 'establishForAll'>;
}

/**
 * The capacity of a logical unit, changed while it is used. It only grows: every block that a command was admitted for is
 * there still when the command is carried out.
 */
export class Resizing {
  readonly #parts: ResizingParts;
  /** One after the other, each held to what the one before left. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: ResizingParts) {
    this.#parts = parts;
  }

  /** Tells every nexus (2A/09), unless it is that long already. Rejects with RangeError, in one line, where it cannot. */
  to(sizeBytes: number): Promise<void> {
    const resized = this.#last.then(() => this.#resize(sizeBytes));
    this.#last = resized.catch(() => undefined);
    return resized;
  }

  async #resize(sizeBytes: number): Promise<void> {
    const { description, medium, blocks, attentions } = this.#parts;
    const { lun, capacityBlocks, blockLengthBytes } = description;
    const problem = this.#problemWith(sizeBytes);
    if (problem !== null) throw new RangeError(`LUN ${lun}: ${problem}`);
    if (sizeBytes === capacityBlocks * blockLengthBytes) return;
    let blankFrom: number;
    try {
      blankFrom = await medium.grow(sizeBytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RangeError(`LUN ${lun} cannot have ${sizeBytes} bytes: ${reason}`, { cause: error });
    }
    // From here on in one turn, so that no command sees a part of it.
    blocks.grown(sizeBytes, blankFrom);
    description.capacityBlocks = sizeBytes / blockLengthBytes;
    attentions.establishForAll(ATTENTION.capacityDataHasChanged);
  }

  #problemWith(sizeBytes: number): string | null {
    const { description, sanitization } = this.#parts;
    const { capacityBlocks, blockLengthBytes } = description;
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes % blockLengthBytes !== 0) {
      return `size: expected a multiple of the ${blockLengthBytes}-byte block, found ${sizeBytes} bytes`;
    }
    const before = capacityBlocks * blockLengthBytes;
    if (sizeBytes < before) {
      return `size: expected ${before} bytes, which it has, or more, found ${sizeBytes}: it can only grow`;
    }
    if (sizeBytes > CAPACITY_BYTES_MAX) {
      return `size: expected at most ${CAPACITY_BYTES_MAX} bytes, found ${sizeBytes}`;
    }
    // SANITIZE is about all that there is (SBC-4 4.11), and says how much of that is done.
    return sanitization.isRunning
      ? 'a sanitize operation is running: expected a resize when it is over'
      : null;
  }
}
