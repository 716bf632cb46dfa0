import { formatPortal, whyNoIscsiName } from '../protocol/index.js';
import type { AsymmetricAccessState, ItNexus, ItNexusId, TargetPortGroupState } from '../protocol/index.js';
import { AccessControl, refuseOpenPortals } from './access/index.js';
import type { Capture } from './capture/capture.js';
import { startCapture } from './capture/start-capture.js';
import type { TargetPortGroup } from './commands/unit-description.js';
import { EventHub } from './event-hub.js';
import type { TargetEvent } from './events.js';
import { behaviourWith } from './faults/quirks/index.js';
import { systemClock } from './iscsi/clock.js';
import { IscsiTarget } from './iscsi/iscsi-target.js';
import { timeoutsOf } from './iscsi/timeouts.js';
import type { Timeouts } from './iscsi/timeouts.js';
import { createDeviceServer } from './logical-unit/device-server.js';
import type { LogicalUnitDefinition, ManagedDeviceServer } from './logical-unit/device-server.js';
import { InMemoryTransport } from './logical-unit/in-memory-path.js';
import type { InMemoryPath } from './logical-unit/in-memory-path.js';
import { OpenFiles } from './medium/open-files.js';
import { openMedium } from './medium/open-medium.js';
import type {
  CloseOptions,
  LogicalUnitFaults,
  LogicalUnitOptions,
  PowerCycleOptions,
  SessionView,
  Target,
  TargetOptions,
} from './options.js';
import { lockStateDirectory, openStateStore } from './persist/index.js';
import type { StateStore } from './persist/index.js';
import type { ReservationState } from './reservations/types.js';
import { warnOnStandardError } from './warn.js';

/**
 * Starts a target: opens its media, reads what survived the last run, and listens on its portals. Rejects, with
 * nothing left open, where the options contradict each other, a file or directory cannot be used, or a portal cannot
 * be opened; the message is one line for the user.
 */
export async function createTarget(options: TargetOptions): Promise<Target> {
  const { iqn, stateDirectory } = options;
  const wrongName = whyNoIscsiName(iqn);
  if (wrongName !== undefined) throw new RangeError(`target name: ${wrongName}`);
  const timeouts = timeoutsOf(options.timeouts);
  const access = new AccessControl(options);
  access.checkLuns(options.logicalUnits.map(({ lun }) => lun));
  if (options.insecure !== true) refuseOpenPortals(options.portals, access);
  const settled = { access, timeouts };
  if (stateDirectory === undefined) return start(options, settled, undefined, () => Promise.resolve());
  const store = await openStateStore(stateDirectory, { warn: warnOnStandardError });
  const lock = await lockStateDirectory(stateDirectory);
  try {
    return await start(options, settled, store, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function start(
  options: TargetOptions,
  { access, timeouts }: { readonly access: AccessControl; readonly timeouts: Timeouts },
  store: StateStore | undefined,
  release: () => Promise<void>,
): Promise<Target> {
  const portIds = await relativeTargetPortIds(options, store);
  const events = new EventHub(options.now ?? (() => systemClock.now()));
  const files = new OpenFiles();
  const define = (unit: LogicalUnitOptions): Promise<LogicalUnitDefinition> =>
    definitionOf(unit, store, files, options);
  const definitions: LogicalUnitDefinition[] = [];
  let deviceServer: ManagedDeviceServer;
  try {
    for (const unit of options.logicalUnits) definitions.push(await define(unit));
    deviceServer = createDeviceServer({
      iqn: options.iqn,
      targetPortGroups: targetPortGroupsOf(options, portIds),
      logicalUnits: definitions,
      events,
      clock: systemClock,
      commandWatch: options.commandWatch,
      behaviour: behaviourWith(options.quirks ?? []),
      lunMapOf: (port) => access.lunMapOf(port),
    });
  } catch (error) {
    await Promise.all(definitions.map(({ medium }) => medium.close()));
    throw error;
  }
  let capture: Capture | undefined;
  try {
    capture = startCapture(options, deviceServer, events, access);
  } catch (error) {
    await deviceServer.close();
    throw error;
  }
  const iscsi = new IscsiTarget({
    iqn: options.iqn,
    portals: options.portals.map((portal, index) => ({
      ...portal,
      relativeTargetPortId: portIds[index] ?? index + 1,
    })),
    access,
    deviceServer,
    events,
    clock: systemClock,
    timeouts,
    taps: capture,
  });
  try {
    await iscsi.listen();
  } catch (error) {
    capture?.close();
    await deviceServer.close();
    throw error;
  }
  return new RunningTarget(iscsi, deviceServer, events, {
    define,
    forget: async (lun) => store?.forget(nameOf(lun)),
    release: async () => {
      capture?.close();
      await release();
    },
  });
}

async function relativeTargetPortIds(
  options: TargetOptions,
  store: StateStore | undefined,
): Promise<readonly number[]> {
  if (store !== undefined) return store.relativeTargetPortIds(options.portals);
  return options.portals.map((_, index) => index + 1);
}

/** In the order of their identifiers; a portal that says nothing is in the first. */
function targetPortGroupsOf({ portals }: TargetOptions, portIds: readonly number[]): TargetPortGroup[] {
  const ports = new Map<number, number[]>();
  for (const [index, { targetPortGroup = 1 }] of portals.entries()) {
    ports.set(targetPortGroup, [...(ports.get(targetPortGroup) ?? []), portIds[index] ?? index + 1]);
  }
  return [...ports]
    .map(([targetPortGroup, ids]) => ({ targetPortGroup, relativeTargetPortIds: ids.sort((a, b) => a - b) }))
    .sort((a, b) => a.targetPortGroup - b.targetPortGroup);
}

/** In a state directory a logical unit goes by its LUN. */
const nameOf = (lun: number): string => String(lun);

async function definitionOf(
  options: LogicalUnitOptions,
  store: StateStore | undefined,
  files: OpenFiles,
  { nonVolatileMemory = false }: TargetOptions,
): Promise<LogicalUnitDefinition> {
  const name = nameOf(options.lun);
  const durable = await store?.loadReservations(name);
  const modePageStore = await modePageStoreOf(name, store, nonVolatileMemory);
  return {
    options,
    // Last: nobody would close it if another part were not to be had.
    medium: await openMedium(options, files),
    durable,
    persist: persistBy(name, store, nonVolatileMemory),
    modePageStore,
  };
}

async function modePageStoreOf(
  name: string,
  store: StateStore | undefined,
  nonVolatileMemory: boolean,
): Promise<LogicalUnitDefinition['modePageStore']> {
  if (store !== undefined) {
    return {
      saved: await store.loadModePages(name),
      save: (pages) => store.saveModePages(name, pages).catch(tellAndRethrow),
    };
  }
  return nonVolatileMemory ? { saved: [], save: () => Promise.resolve() } : undefined;
}

/** How a state is made durable; undefined: it cannot be. */
function persistBy(
  name: string,
  store: StateStore | undefined,
  nonVolatileMemory: boolean,
): LogicalUnitDefinition['persist'] {
  if (store !== undefined) return (state) => store.saveReservations(name, state).catch(tellAndRethrow);
  // The state itself outlives a power cycle; nothing else has to be done.
  return nonVolatileMemory ? () => Promise.resolve() : undefined;
}

/** The initiator is answered with an internal target failure; why, only whoever runs the target can mend. */
function tellAndRethrow(error: unknown): never {
  warnOnStandardError(error instanceof Error ? error.message : String(error));
  throw error;
}

interface RunningTargetParts {
  /** Opens the medium of a logical unit and reads what was durable. */
  readonly define: (unit: LogicalUnitOptions) => Promise<LogicalUnitDefinition>;
  /** Removes what is durable of a logical unit. */
  readonly forget: (lun: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

class RunningTarget implements Target {
  readonly #iscsi: IscsiTarget;
  readonly #deviceServer: ManagedDeviceServer;
  readonly #events: EventHub;
  readonly #memory: InMemoryTransport;
  readonly #parts: RunningTargetParts;
  /** LUNs that were taken away, each with its end, until what was durable of it is gone. */
  readonly #removed = new Map<number, Promise<void>>();
  #closed: Promise<void> | null = null;

  constructor(
    iscsi: IscsiTarget,
    deviceServer: ManagedDeviceServer,
    events: EventHub,
    parts: RunningTargetParts,
  ) {
    this.#iscsi = iscsi;
    this.#deviceServer = deviceServer;
    this.#events = events;
    this.#memory = new InMemoryTransport(deviceServer);
    this.#parts = parts;
  }

  get iqn(): string {
    return this.#iscsi.iqn;
  }

  get portals(): Target['portals'] {
    return this.#iscsi.ports;
  }

  get luns(): readonly number[] {
    return this.#deviceServer.luns;
  }

  urlOf(lun: number, portalIndex = 0): string {
    const portal = this.#iscsi.ports[portalIndex];
    if (portal === undefined) {
      throw new RangeError(`portal ${portalIndex} is not there; there are ${this.#iscsi.ports.length}`);
    }
    return `iscsi://${formatPortal({ host: reachable(portal.host), port: portal.port })}/${this.iqn}/${lun}`;
  }

  connectInMemory(nexus: ItNexus, lun: number): InMemoryPath {
    return this.#memory.connect(nexus, lun);
  }

  reservations(lun: number): ReservationState {
    return this.#deviceServer.reservations(lun);
  }

  onEvent(listener: (event: TargetEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  sessions(): readonly SessionView[] {
    return this.#iscsi.sessions();
  }

  accessStates(lun: number): readonly TargetPortGroupState[] {
    return this.#deviceServer.accessStates(lun);
  }

  setAccessState(targetPortGroup: number, state: AsymmetricAccessState, luns = this.luns): void {
    for (const lun of luns) this.#deviceServer.setAccessState(lun, targetPortGroup, state);
  }

  faults(lun: number): LogicalUnitFaults {
    return this.#deviceServer.faults(lun);
  }

  dropConnections(nexusId: ItNexusId): void {
    this.#iscsi.dropConnections(nexusId);
    this.#memory.drop(nexusId);
  }

  async addLogicalUnit(options: LogicalUnitOptions): Promise<void> {
    if (this.luns.includes(options.lun)) throw new RangeError(`LUN ${options.lun} is there already`);
    await this.#forgetRemoved(options.lun);
    const definition = await this.#parts.define(options);
    try {
      this.#deviceServer.addUnit(definition);
    } catch (error) {
      await definition.medium.close();
      throw error;
    }
  }

  async removeLogicalUnit(lun: number): Promise<void> {
    const isThere = this.luns.includes(lun);
    const ended = this.#deviceServer.removeUnit(lun);
    if (isThere) this.#removed.set(lun, ended);
    try {
      await ended;
    } finally {
      await this.#forgetRemoved(lun);
    }
  }

  /** Another disk may come by that number: the reservation of this one would keep its initiators out. */
  async #forgetRemoved(lun: number): Promise<void> {
    const ended = this.#removed.get(lun);
    if (ended === undefined) return;
    await Promise.allSettled([ended]);
    await this.#parts.forget(lun);
    this.#removed.delete(lun);
  }

  capacityOf(lun: number): number {
    return this.#deviceServer.capacityOf(lun);
  }

  resizeLogicalUnit(lun: number, sizeBytes: number): Promise<void> {
    return this.#deviceServer.resize(lun, sizeBytes);
  }

  async powerCycle(options: PowerCycleOptions = {}): Promise<void> {
    this.#iscsi.dropAllConnections();
    this.#memory.dropAll();
    await this.#deviceServer.powerCycle(options);
  }

  close({ logoutWithinSeconds = 0 }: CloseOptions = {}): Promise<void> {
    // Sessions end first, so that nothing new reaches the media that close after them; the state directory is last.
    this.#closed ??= this.#iscsi
      .close(logoutWithinSeconds)
      .then(() => this.#deviceServer.close())
      .finally(this.#parts.release);
    return this.#closed;
  }
}

/** Where to reach a portal from here: one on every address is reached on loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
