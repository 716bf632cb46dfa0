import { BlockDevice, LogicalUnit, openDevice } from '../../../initiator/index.js';
import { PERIPHERAL, type LogicalUnitPath } from '../../../protocol/index.js';
import { iscsiNameOf, OBSERVER } from '../../cluster/nexus.js';
import { placementLengthBlocks, RECORD_LENGTH_BYTES } from '../../oracle/types.js';
import { pastAttentions } from '../application.js';
import { clear, readReservations, type Reservations } from './reservations.js';

/** A LUN that no scenario may be played on. The message is one line. */
export class TargetRefusedError extends Error {
  override readonly name = 'TargetRefusedError';
}

/** One way to a LUN. */
export interface Way {
  /** What leads there, for messages: a portal, or a machine. */
  readonly name: string;
  /** As `openDevice` takes it; with credentials. */
  readonly device: string;
}

/** One LUN of an array that nobody here wrote, as a machine that is no node deals with it. */
export class ExternalLun {
  /** Without credentials. */
  readonly name: string;
  readonly ways: readonly Way[];

  constructor(name: string, ways: readonly Way[]) {
    this.name = name;
    this.ways = ways;
  }

  /** Opens it, lets `work` have it, and closes it; by its first way. Rejects with one line that names the LUN. */
  async use<T>(work: (path: LogicalUnitPath) => Promise<T>, through = this.ways[0]): Promise<T> {
    if (through === undefined) throw new Error(`there is no way to ${this.name}`);
    const path = await openDevice(through.device, {
      readOnly: false,
      environment: { ...process.env, FENCELAB_INITIATOR: iscsiNameOf(OBSERVER) },
    });
    try {
      return await work(path);
    } catch (cause) {
      if (cause instanceof TargetRefusedError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TargetRefusedError(`${this.name}: ${why}`, { cause });
    } finally {
      await path.close();
    }
  }

  /** Refuses what is no disk with blocks of the length and number that scenarios need. */
  async checkMedium(path: LogicalUnitPath): Promise<void> {
    const unit = new LogicalUnit(path);
    const { value: inquiry } = await pastAttentions(() => unit.inquiry());
    if (inquiry === undefined) throw this.#refused('INQUIRY is not answered, expected a disk');
    const peripheral = (inquiry.peripheralQualifier << 5) | inquiry.peripheralDeviceType;
    if (peripheral !== PERIPHERAL.directAccessBlock) {
      const type = inquiry.peripheralDeviceType.toString(16).toUpperCase().padStart(2, '0');
      throw this.#refused(`peripheral device type ${type}h, expected a disk (00h)`);
    }
    const { blocks, blockLengthBytes } = await new BlockDevice(path).readCapacity();
    if (blockLengthBytes !== RECORD_LENGTH_BYTES) {
      throw this.#refused(`blocks of ${blockLengthBytes} bytes, expected ${RECORD_LENGTH_BYTES}`);
    }
    if (blocks < placementLengthBlocks) {
      throw this.#refused(`${blocks} blocks, expected at least ${placementLengthBlocks}`);
    }
  }

  /** Refuses a LUN that somebody has reserved or registered with; with `clearing` it is cleared instead. */
  async checkFree(path: LogicalUnitPath, clearing: boolean): Promise<void> {
    const found = await readReservations(path);
    if (isFree(found)) return;
    if (!clearing) throw this.#refused(`${describe(found)}; --force clears it`);
    await clear(path);
    const left = await readReservations(path);
    if (!isFree(left)) throw this.#refused(`${describe(left)}, although it was cleared`);
  }

  /** Zeroes the blocks that scenarios use: records of an earlier run must not be taken for this one's. */
  async zero(path: LogicalUnitPath): Promise<void> {
    await new BlockDevice(path).write(0n, Buffer.alloc(placementLengthBlocks * RECORD_LENGTH_BYTES));
  }

  #refused(why: string): TargetRefusedError {
    return new TargetRefusedError(`${this.name}: ${why}`);
  }
}

/** An array that has no persistent reservations holds none. */
function isFree(found: Reservations): boolean {
  return found.keys.length === 0 && !found.reserved;
}

function describe({ keys, reserved }: Reservations): string {
  const list = [...new Set(keys)].map((key) => `0x${key.toString(16)}`).join(', ');
  const registered = list === '' ? [] : [`keys are registered (${list})`];
  return [...registered, ...(reserved ? ['it is reserved'] : [])].join(' and ');
}
