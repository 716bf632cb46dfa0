import {
  encodeSense,
  invalidCommandOperationCode,
  OPERATION_CODE,
  SCSI_STATUS,
} from '../../protocol/index.js';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { DeviceIoError } from '../devices/errors.js';
import { isMediumRead, isMediumWrite } from '../devices/medium-commands.js';
import { InFlight } from './in-flight.js';
import type { WriteHold } from './write-hold.js';

/**
 * How a hypervisor maps a raw device into a guest. `physical`: every command passes, under the host's nexus.
 * `virtual`: the guest sees a virtual disk; it reads and writes, and reservation commands never leave the host.
 */
export type RawDeviceMapping = 'physical' | 'virtual';

/** What a virtual disk answers beside reads and writes; the rest is no command of it. */
const VIRTUAL_DISK_COMMANDS: ReadonlySet<number> = new Set([
  OPERATION_CODE.testUnitReady,
  OPERATION_CODE.requestSense,
  OPERATION_CODE.inquiry,
  OPERATION_CODE.modeSense6,
  OPERATION_CODE.modeSense10,
  OPERATION_CODE.readCapacity10,
  OPERATION_CODE.synchronizeCache10,
  OPERATION_CODE.synchronizeCache16,
  OPERATION_CODE.serviceActionIn16,
  OPERATION_CODE.reportLuns,
]);

/** A device that a host offers to its users. */
export class HostDevice {
  readonly name: string;
  #path: LogicalUnitPath;
  readonly #mapping: RawDeviceMapping;
  readonly #holds = new Set<WriteHold>();
  readonly #inFlight = new InFlight();

  constructor(name: string, path: LogicalUnitPath, mapping: RawDeviceMapping) {
    this.name = name;
    this.#path = path;
    this.#mapping = mapping;
  }

  /** Carries out a command of `user`. */
  execute(user: string, cdb: Uint8Array, options: ExecuteOptions): Promise<ScsiResult> {
    return this.#inFlight.run(() => this.#execute(user, cdb, options));
  }

  /** Settles when no command is under way, one that is held among them; what comes from now on waits for `resume`. */
  quiesce(): Promise<void> {
    return this.#inFlight.quiesce();
  }

  resume(): void {
    this.#inFlight.resume();
  }

  /** Leads somewhere else from now on. Only for a device that is at rest: what was under way would lose its answer. */
  async relocate(path: LogicalUnitPath): Promise<void> {
    if (!this.#inFlight.atRest)
      throw new DeviceIoError('EBUSY', `${this.name} is not at rest: quiesce it first`);
    const before = this.#path;
    this.#path = path;
    await before.close();
  }

  async #execute(user: string, cdb: Uint8Array, options: ExecuteOptions): Promise<ScsiResult> {
    if (this.#mapping === 'virtual' && !passesVirtualMapping(cdb)) return refusedCommand(options);
    const send = (): Promise<ScsiResult> => this.#path.execute(cdb, options);
    if (isMediumWrite(cdb)) {
      for (const hold of this.#holds) {
        if (!hold.wants(user)) continue;
        const write = {
          user,
          cdb: Buffer.from(cdb).toString('hex'),
          dataOutBytes: options.dataOut?.length ?? 0,
        };
        return hold.catch(write, send);
      }
    }
    return send();
  }

  addHold(hold: WriteHold): void {
    this.#holds.add(hold);
  }

  removeHold(hold: WriteHold): void {
    this.#holds.delete(hold);
  }

  close(): Promise<void> {
    return this.#path.close();
  }
}

function passesVirtualMapping(cdb: Uint8Array): boolean {
  return isMediumRead(cdb) || isMediumWrite(cdb) || VIRTUAL_DISK_COMMANDS.has(cdb[0] ?? 0);
}

function refusedCommand(options: ExecuteOptions): ScsiResult {
  return {
    status: SCSI_STATUS.checkCondition,
    sense: encodeSense(invalidCommandOperationCode()),
    dataIn: new Uint8Array(0),
    residual: options.dataOut?.length ?? options.dataInLength ?? 0,
  };
}
