import type { FileMedium } from './file-medium.js';

/**
 * Which files are media of logical units. Two logical units with one file would overwrite each other's blocks past
 * reservations that know nothing of each other.
 */
export class OpenFiles {
  readonly #luns = new Map<string, number>();

  /** The file is the LUN's until it is closed. Throws, in one line, where it is another one's, under whatever name. */
  claim(lun: number, path: string, medium: FileMedium): void {
    const other = this.#luns.get(medium.identity);
    if (other !== undefined) {
      throw new RangeError(
        `LUN ${lun}: file ${path} is that of LUN ${other}: expected a file that no other LUN has`,
      );
    }
    this.#luns.set(medium.identity, lun);
    void medium.closed.then(() => this.#luns.delete(medium.identity));
  }
}
