import type { AsynchronousMedium } from '../../../target/medium/medium.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';

/** A medium that does what `base` does, but for what is given. */
export function mediumLike(base: AsynchronousMedium, other: Partial<AsynchronousMedium>): AsynchronousMedium {
  return {
    kind: 'asynchronous',
    sizeBytes: base.sizeBytes,
    blank: base.blank,
    read: (...args) => base.read(...args),
    write: (...args) => base.write(...args),
    update: (...args) => base.update(...args),
    discard: (...args) => base.discard(...args),
    grow: (...args) => base.grow(...args),
    flush: () => base.flush(),
    close: () => base.close(),
    ...other,
  };
}

/** Blocks in memory behind promises: each operation takes effect as it begins. */
export function asynchronousMemory(sizeBytes: number): AsynchronousMedium {
  const memory = new MemoryMedium(sizeBytes);
  const done = Promise.resolve();
  return {
    kind: 'asynchronous',
    sizeBytes,
    blank: true,
    read: (position, target) => {
      memory.copyTo(target, 0, position, target.length);
      return done;
    },
    write: (position, data) => {
      memory.write(position, data, data.length);
      return done;
    },
    update: ({ position, lengthBytes }, change) => {
      const current = Buffer.alloc(lengthBytes);
      memory.copyTo(current, 0, position, lengthBytes);
      const changed = change(current);
      if (changed !== null) memory.write(position, changed, lengthBytes);
      return done;
    },
    discard: (extents) => {
      memory.discard(extents);
      return done;
    },
    grow: (sizeBytes) => memory.grow(sizeBytes),
    flush: () => done,
    close: () => done,
  };
}
