import type { Portal, SocketArray } from '../processes/socket-array.js';
import type { ArrayDescription } from './array-description.js';
import type { ExternalLun } from './external-lun.js';

/** The LUNs and portals of an external target that one scenario is played on. */
export class ExternalArray implements SocketArray {
  readonly description: ArrayDescription;
  readonly portals: readonly Portal[];
  readonly #luns: readonly ExternalLun[];

  constructor(description: ArrayDescription, luns: readonly ExternalLun[], portals: readonly Portal[]) {
    this.description = description;
    this.#luns = luns;
    this.portals = portals;
  }

  urlOf(lun: number, through: Portal): string {
    const found = this.#luns[lun];
    if (found === undefined) throw new Error(`there is no LUN ${lun}`);
    return found.urlThrough(through);
  }

  /** What the nodes have left registered or reserved is cleared. */
  async close(): Promise<void> {
    for (const lun of this.#luns) await lun.use((path) => lun.checkFree(path, true));
  }
}
