import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../../protocol/index.js';
import { attachLogicalUnit, DeviceIoError, type AttachedPath } from '../../../initiator/index.js';

/** A way to a LU that is attached as a kernel does it, or when it can be: the path of a machine that boots may be lost. */
export class LateAttachedPath implements LogicalUnitPath {
  readonly name: string;
  readonly #unit: LogicalUnitPath;
  #attached: AttachedPath | undefined;

  private constructor(unit: LogicalUnitPath) {
    this.name = unit.name;
    this.#unit = unit;
  }

  static async of(unit: LogicalUnitPath): Promise<LateAttachedPath> {
    const path = new LateAttachedPath(unit);
    try {
      await path.#attach();
    } catch (error) {
      if (!(error instanceof DeviceIoError)) throw error;
    }
    return path;
  }

  async execute(cdb: Uint8Array, options?: ExecuteOptions): Promise<ScsiResult> {
    return (await this.#attach()).execute(cdb, options);
  }

  close(): Promise<void> {
    return this.#unit.close();
  }

  async #attach(): Promise<AttachedPath> {
    this.#attached ??= await attachLogicalUnit(this.#unit);
    return this.#attached;
  }
}
