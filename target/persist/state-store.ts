import { join } from 'node:path';
import { durablePartOf, type DurableReservations } from '../reservations/power-loss.js';
import type { ModePageValue } from '../commands/mode-pages.js';
import type { ReservationState } from '../reservations/types.js';
import { nodeFileSystem, type StateFileSystem } from './file-system.js';
import { decodeModePageFile, encodeModePageFile } from './mode-page-file.js';
import { decodeReservationFile, encodeReservationFile } from './reservation-file.js';
import {
  assignTargetPorts,
  decodeTargetPortFile,
  encodeTargetPortFile,
  type TargetPorts,
} from './target-port-file.js';

/** What survives power loss: a directory with readable files for each logical unit and one for the target ports. */
export interface StateStore {
  /**
   * What is there of the reservations of a logical unit at power on. No file: nothing. One that is cut, corrupt or
   * another's: it is lost (SPC-4 5.13.5.3), and one line of warning.
   */
  loadReservations(logicalUnit: string): Promise<DurableReservations>;
  /**
   * Resolves when what survives of `state` is on the device. Rejects with `StateStoreError` if that failed; what was
   * stored before is then still there.
   */
  saveReservations(logicalUnit: string, state: ReservationState): Promise<void>;
  /** The mode pages of a logical unit that were saved; none where there is no file, or one that cannot be trusted. */
  loadModePages(logicalUnit: string): Promise<readonly ModePageValue[]>;
  /** As `saveReservations`. */
  saveModePages(logicalUnit: string, pages: readonly ModePageValue[]): Promise<void>;
  /** Removes what is stored of a logical unit that is no more. Rejects as `saveReservations`. */
  forget(logicalUnit: string): Promise<void>;
  /** Relative target port identifiers in the order of `portals`: those these addresses had before, or new ones. */
  relativeTargetPortIds(
    portals: readonly { readonly host: string; readonly port: number }[],
  ): Promise<readonly number[]>;
}

/** A state directory that cannot be used; the message is one line for the user. */
export class StateStoreError extends Error {
  override readonly name = 'StateStoreError';
}

export interface StateStoreOptions {
  /** Told once for each file that cannot be trusted: one line. */
  readonly warn: (line: string) => void;
  readonly fileSystem?: StateFileSystem;
}

const TARGET_PORTS_FILE = 'target-ports.json';

/** Opens a state directory and makes it if it is missing. Rejects with `StateStoreError`. */
export async function openStateStore(directory: string, options: StateStoreOptions): Promise<StateStore> {
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  await reported(`state directory ${directory} cannot be made`, fileSystem.makeDirectory(directory));
  return new DirectoryStateStore(directory, fileSystem, options.warn);
}

class DirectoryStateStore implements StateStore {
  readonly #directory: string;
  readonly #fileSystem: StateFileSystem;
  readonly #warn: (line: string) => void;
  /** One file is written after the other: they share the directory, and a file its temporary name. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(directory: string, fileSystem: StateFileSystem, warn: (line: string) => void) {
    this.#directory = directory;
    this.#fileSystem = fileSystem;
    this.#warn = warn;
  }

  async loadReservations(logicalUnit: string): Promise<DurableReservations> {
    const name = reservationFileName(logicalUnit);
    const lost = (problem: string): DurableReservations => {
      this.#warn(
        `${this.#path(name)} ${problem}: persistent reservation information of logical unit ${logicalUnit} is lost ` +
          `until REPLACE LOST RESERVATION, or until the file is removed and the target restarted`,
      );
      return { kind: 'lost' };
    };
    let content: Uint8Array | undefined;
    try {
      content = await this.#fileSystem.read(this.#path(name));
    } catch (error) {
      return lost(`cannot be read (${reasonOf(error)})`);
    }
    if (content === undefined) return { kind: 'none' };
    const decoded = decodeReservationFile(logicalUnit, content);
    return decoded.kind === 'lost' ? lost(decoded.problem) : decoded;
  }

  saveReservations(logicalUnit: string, state: ReservationState): Promise<void> {
    const durable = durablePartOf(state);
    // There is nothing better to put in the place of a file that cannot be read.
    if (durable.kind === 'lost') return Promise.resolve();
    const content = durable.kind === 'none' ? undefined : encodeReservationFile(logicalUnit, durable);
    return this.#replace(reservationFileName(logicalUnit), content);
  }

  async loadModePages(logicalUnit: string): Promise<readonly ModePageValue[]> {
    const path = this.#path(modePageFileName(logicalUnit));
    const content = await reported(`${path} cannot be read`, this.#fileSystem.read(path));
    if (content === undefined) return [];
    const decoded = decodeModePageFile(logicalUnit, content);
    if ('pages' in decoded) return decoded.pages;
    this.#warn(`${path} ${decoded.problem}: mode pages of logical unit ${logicalUnit} have their defaults`);
    return [];
  }

  saveModePages(logicalUnit: string, pages: readonly ModePageValue[]): Promise<void> {
    return this.#replace(modePageFileName(logicalUnit), encodeModePageFile(logicalUnit, pages));
  }

  async forget(logicalUnit: string): Promise<void> {
    await this.#replace(reservationFileName(logicalUnit), undefined);
    await this.#replace(modePageFileName(logicalUnit), undefined);
  }

  async relativeTargetPortIds(
    portals: readonly { readonly host: string; readonly port: number }[],
  ): Promise<readonly number[]> {
    const known = await this.#loadTargetPorts();
    const { ports, identifiers } = assignTargetPorts(known, portals);
    if (ports.size > known.size) await this.#replace(TARGET_PORTS_FILE, encodeTargetPortFile(ports));
    return identifiers;
  }

  async #loadTargetPorts(): Promise<TargetPorts> {
    const path = this.#path(TARGET_PORTS_FILE);
    const content = await reported(`${path} cannot be read`, this.#fileSystem.read(path));
    if (content === undefined) return new Map();
    const decoded = decodeTargetPortFile(content);
    if ('ports' in decoded) return decoded.ports;
    this.#warn(`${path} ${decoded.problem}: relative target port identifiers are given anew, in order`);
    return new Map();
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  /** Puts `content` in the place of a file, or removes the file, so that power loss leaves the old or the new. */
  #replace(name: string, content: Uint8Array | undefined): Promise<void> {
    const path = this.#path(name);
    const replaced = this.#writing.then(() =>
      reported(`${path} cannot be written`, this.#replaceOrKeep(path, content)),
    );
    this.#writing = replaced.catch(() => undefined);
    return replaced;
  }

  async #replaceOrKeep(path: string, content: Uint8Array | undefined): Promise<void> {
    const before = await this.#readIfPossible(path);
    const temporary = content === undefined ? undefined : await this.#prepare(path, content);
    try {
      await this.#commit(path, temporary);
    } catch (error) {
      // The caller goes back to the state before, so the file must too. Where that fails as well the first error counts.
      if (before !== 'unreadable') await this.#restore(path, before).catch(() => undefined);
      throw error;
    }
  }

  async #readIfPossible(path: string): Promise<Uint8Array | undefined | 'unreadable'> {
    try {
      return await this.#fileSystem.read(path);
    } catch {
      return 'unreadable';
    }
  }

  /** A durable file beside the one that it is to replace. */
  async #prepare(path: string, content: Uint8Array): Promise<string> {
    const temporary = `${path}.tmp`;
    const file = await this.#fileSystem.create(temporary);
    try {
      await file.write(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return temporary;
  }

  async #commit(path: string, temporary: string | undefined): Promise<void> {
    if (temporary === undefined) await this.#fileSystem.remove(path);
    else await this.#fileSystem.rename(temporary, path);
    await this.#fileSystem.syncDirectory(this.#directory);
  }

  async #restore(path: string, before: Uint8Array | undefined): Promise<void> {
    await this.#commit(path, before === undefined ? undefined : await this.#prepare(path, before));
  }
}

function reservationFileName(logicalUnit: string): string {
  return `reservations-${encodeURIComponent(logicalUnit)}.json`;
}

function modePageFileName(logicalUnit: string): string {
  return `mode-pages-${encodeURIComponent(logicalUnit)}.json`;
}

async function reported<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new StateStoreError(`${what}: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
