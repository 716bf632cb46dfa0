import { describeResult, LogicalUnit } from '../../initiator/index.js';
import type { CommandResult } from '../../initiator/index.js';
import {
  basicParameterList,
  decodeDeviceIdentification,
  decodeReadFullStatus,
  decodeReadKeys,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  SCSI_STATUS,
  SENSE_KEY,
  VPD_PAGE,
} from '../../protocol/index.js';
import type { FullStatusDescriptor, LogicalUnitPath } from '../../protocol/index.js';
import { unitNames } from './unit-identity.js';
import { hex, ProbeError } from './verdict.js';

/** A device that is asked about. */
export interface ProbeDevice {
  /** As it was given. */
  readonly name: string;
  open(): Promise<LogicalUnitPath>;
  /** The session that this process owns with it open, if it does: two devices with one cannot be open at once. */
  readonly session?: string | undefined;
}

const COMMAND_TIMEOUT_MS = 30_000;
/** Attentions that a command is sent again for: they tell of others, before us. */
const ATTENTIONS_MAX = 8;
const DATA_LENGTH_BYTES = 0xffff;

/** A command that was answered with a status that is no answer to the question. */
class RefusedError extends ProbeError {
  readonly result: CommandResult<unknown>;

  constructor(what: string, result: CommandResult<unknown>) {
    super(`${what}: ${describeResult(result)}`);
    this.result = result;
  }
}

/**
 * One of the two devices, and what is asked through it. It stays open from its registration until that is taken back: some
 * targets (tgt 1.0.85) know a registrant by its session only, and nobody could unregister it after a logout.
 */
export class ProbedDevice {
  readonly label: 'A' | 'B';
  readonly name: string;
  readonly #device: ProbeDevice;
  #path: LogicalUnitPath | undefined;

  constructor(label: 'A' | 'B', device: ProbeDevice) {
    this.label = label;
    this.name = device.name;
    this.#device = device;
  }

  /** Opens it, anew if it is open: a path that was lost does not come back by itself. */
  async open(): Promise<void> {
    await this.close();
    this.#path = await this.#named(() => this.#device.open());
  }

  async close(): Promise<void> {
    const path = this.#path;
    this.#path = undefined;
    await path?.close();
  }

  /** The way to the unit while it is open, for another device that is the same session. */
  get path(): LogicalUnitPath {
    if (this.#path === undefined) throw this.#error('it is not open');
    return this.#path;
  }

  /** The names of the unit that this device leads to; never empty. */
  async unitNames(): Promise<readonly string[]> {
    const page = await this.#ask('INQUIRY, page 83h', (unit) =>
      unit.vpdPage(VPD_PAGE.deviceIdentification, { timeoutMs: COMMAND_TIMEOUT_MS }),
    );
    const names = unitNames(decodeDeviceIdentification(page) ?? []);
    if (names.length === 0) throw this.#error('page 83h names no logical unit, so nothing can be compared');
    return names;
  }

  async readKeys(): Promise<readonly bigint[]> {
    const data = decodeReadKeys(await this.#reserveIn('READ KEYS', PR_IN_SERVICE_ACTION.readKeys));
    if (data === undefined || data.cut) throw this.#error('READ KEYS: the answer is cut short');
    return data.keys;
  }

  /** Undefined where the array has no such command. */
  async readFullStatus(): Promise<readonly FullStatusDescriptor[] | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#reserveIn('READ FULL STATUS', PR_IN_SERVICE_ACTION.readFullStatus);
    } catch (error) {
      if (error instanceof RefusedError && error.result.senseData?.key === SENSE_KEY.illegalRequest) {
        return undefined;
      }
      throw error;
    }
    const data = decodeReadFullStatus(bytes);
    if (data === undefined || data.cut) throw this.#error('READ FULL STATUS: the answer is cut short');
    return data.descriptors;
  }

  /** Registers `to` where this nexus has `from`; 0 is no key. False: RESERVATION CONFLICT, so it has another. */
  async register(from: bigint, to: bigint): Promise<boolean> {
    return this.#reserveOut(`REGISTER of ${hex(to)}`, PR_OUT_SERVICE_ACTION.register, from, to);
  }

  /** Registers `key`, whatever this nexus had before. */
  async registerAndIgnoreExistingKey(key: bigint): Promise<void> {
    const what = `REGISTER AND IGNORE EXISTING KEY of ${hex(key)}`;
    const action = PR_OUT_SERVICE_ACTION.registerAndIgnoreExistingKey;
    if (!(await this.#reserveOut(what, action, 0n, key))) {
      throw this.#error(`${what}: RESERVATION CONFLICT`);
    }
  }

  #reserveIn(what: string, serviceAction: number): Promise<Uint8Array> {
    return this.#ask(what, (unit) =>
      unit.persistentReserveIn(serviceAction, DATA_LENGTH_BYTES, { timeoutMs: COMMAND_TIMEOUT_MS }),
    );
  }

  async #reserveOut(what: string, serviceAction: number, from: bigint, to: bigint): Promise<boolean> {
    const list = basicParameterList({ reservationKey: from, serviceActionReservationKey: to });
    try {
      return await this.#ask(what, (unit) =>
        unit.persistentReserveOut({ serviceAction }, list, { timeoutMs: COMMAND_TIMEOUT_MS }),
      );
    } catch (error) {
      const refused = error instanceof RefusedError ? error.result.status : undefined;
      if (refused === SCSI_STATUS.reservationConflict) return false;
      throw error;
    }
  }

  async #ask<T>(what: string, send: (unit: LogicalUnit) => Promise<CommandResult<T>>): Promise<T> {
    const unit = new LogicalUnit(this.path);
    for (let attentions = 0; ; attentions++) {
      const result = await this.#named(() => send(unit));
      if (result.value !== undefined) return result.value;
      if (result.good) throw this.#error(`${what}: the answer makes no sense`);
      const attention = result.senseData?.key === SENSE_KEY.unitAttention;
      if (!attention || attentions === ATTENTIONS_MAX) {
        throw new RefusedError(`${this.label}, ${this.name}: ${what}`, result);
      }
    }
  }

  /** What no status came back from, under the name of the device. */
  async #named<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new ProbeError(
        message.startsWith(this.name)
          ? `${this.label}, ${message}`
          : `${this.label}, ${this.name}: ${message}`,
        { cause },
      );
    }
  }

  #error(wrong: string): ProbeError {
    return new ProbeError(`${this.label}, ${this.name}: ${wrong}`);
  }
}
