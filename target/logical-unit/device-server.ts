import {
  itNexusId,
  type AsymmetricAccessState,
  type ItNexus,
  type ItNexusId,
  type TargetPortGroupState,
  type TransportId,
} from '../../protocol/index.js';
import type { ResizableDescription, TargetPortGroup } from '../commands/unit-description.js';
import type { EventSink } from '../events.js';
import type { Medium } from '../medium/medium.js';
import type {
  CommandWatch,
  LogicalUnitFaults,
  LogicalUnitOptions,
  LunMap,
  PowerCycleOptions,
} from '../options.js';
import type { DurableReservations } from '../reservations/index.js';
import type { ReservationState } from '../reservations/types.js';
import { STANDARD_BEHAVIOUR, type DeviceBehaviour } from './behaviour.js';
import { AbsentUnit } from './absent-unit.js';
import { describeUnit } from './describe-unit.js';
import { Inventory } from './inventory.js';
import { LogicalUnit } from './logical-unit.js';
import type { ModePageStore } from './mode-selection.js';
import { attachmentOf, NexusRegistry } from './nexus-registry.js';
import type { OperationClock } from './sanitization.js';
import type {
  DeviceServer,
  NexusAttachment,
  Task,
  TaskManagementFunction,
  TaskManagementResponse,
} from './task.js';
import { refuseTwins } from './twins.js';
import { ATTENTION } from './unit-attentions.js';

/** A logical unit to be served. */
export interface LogicalUnitDefinition {
  readonly options: LogicalUnitOptions;
  /** See `openMedium`; closed with the device server. */
  readonly medium: Medium;
  /** What survived the last power loss; absent: nothing. */
  readonly durable?: DurableReservations | undefined;
  /**
   * Makes the state durable (APTPL). A rejection rolls the command back. Absent: APTPL is not supported.
   */
  readonly persist?: ((state: ReservationState) => Promise<void>) | undefined;
  /** Absent: mode pages cannot be saved. */
  readonly modePageStore?: ModePageStore | undefined;
}

export interface DeviceServerOptions {
  readonly iqn: string;
  /** Every target port is in one of them. */
  readonly targetPortGroups: readonly TargetPortGroup[];
  readonly logicalUnits: readonly LogicalUnitDefinition[];
  readonly events: EventSink;
  readonly clock: OperationClock;
  readonly commandWatch?: CommandWatch | undefined;
  /** As the standard says, unless given. */
  readonly behaviour?: DeviceBehaviour | undefined;
  /** What an initiator port sees; undefined for one that sees each LUN by its own number, as all do unless given. */
  readonly lunMapOf?: ((port: TransportId) => LunMap | undefined) | undefined;
}

/** The device server with what the target itself asks of it. */
export interface ManagedDeviceServer extends DeviceServer {
  /** Ascending. */
  readonly luns: readonly number[];
  /** Throws RangeError for a LUN that is not there. */
  reservations(lun: number): ReservationState;
  faults(lun: number): LogicalUnitFaults;
  accessStates(lun: number): readonly TargetPortGroupState[];
  /** An implicit change, which every nexus is told of. Throws RangeError for a LUN or a group that is not there. */
  setAccessState(lun: number, targetPortGroup: number, state: AsymmetricAccessState): void;
  /** Other logical units tell of it (3F/0E). Throws RangeError where the LUN or a designator is taken, or the definition is wrong. */
  addUnit(definition: LogicalUnitDefinition): void;
  /** Its commands end with TASK ABORTED and its medium is closed. Rejects with RangeError for a LUN that is not there. */
  removeUnit(lun: number): Promise<void>;
  /** In bytes. Throws RangeError for a LUN that is not there. */
  capacityOf(lun: number): number;
  /** Rejects with RangeError, in one line, where it cannot have that many bytes. */
  resize(lun: number, sizeBytes: number): Promise<void>;
  /** Every logical unit loses its power and gets it back; sessions are the transport's to end, before. */
  powerCycle(options: PowerCycleOptions): Promise<void>;
  /** Drops what is held, waits for what is at the media, closes them. */
  close(): Promise<void>;
}

/** Makes the logical units of a target. Throws RangeError, in one line, where the definitions contradict each other. */
export function createDeviceServer(options: DeviceServerOptions): ManagedDeviceServer {
  return new TargetDeviceServer(options);
}

class TargetDeviceServer implements ManagedDeviceServer {
  readonly #options: DeviceServerOptions;
  readonly #behaviour: DeviceBehaviour;
  readonly #inventory: Inventory;
  readonly #nexuses: NexusRegistry;
  /** What each logical unit is to the nexuses. */
  readonly #indexes = new WeakMap<LogicalUnit, number>();
  readonly #absent = new AbsentUnit();
  readonly #watch: CommandWatch | undefined;

  constructor(options: DeviceServerOptions) {
    const { behaviour = STANDARD_BEHAVIOUR, logicalUnits } = options;
    this.#options = options;
    this.#behaviour = behaviour;
    this.#watch = options.commandWatch;
    const luns = logicalUnits.map(({ options: { lun } }) => lun).sort((x, y) => x - y);
    if (new Set(luns).size !== luns.length) {
      throw new RangeError(`LUNs ${luns.join(', ')}: expected each once`);
    }
    this.#nexuses = new NexusRegistry({ attentionsMax: behaviour.attentionsMax });
    const units = logicalUnits.map((definition) => this.#unitOf(definition, this.#describe(definition)));
    refuseTwins(units.map(({ description }) => description));
    this.#inventory = new Inventory(units);
  }

  #describe({ options, medium }: LogicalUnitDefinition): ResizableDescription {
    return describeUnit(options, medium, this.#options);
  }

  #unitOf(
    { durable = { kind: 'none' }, ...definition }: LogicalUnitDefinition,
    description: ResizableDescription,
  ): LogicalUnit {
    const { options, medium, persist, modePageStore } = definition;
    const { targetPortGroups, events, clock } = this.#options;
    const index = this.#nexuses.addUnit();
    const unit = new LogicalUnit({
      options,
      description,
      medium,
      durable,
      persist,
      modePageStore,
      index,
      nexuses: this.#nexuses,
      targetPorts: targetPortGroups.flatMap((group) => group.relativeTargetPortIds).sort((a, b) => a - b),
      events,
      clock,
      behaviour: this.#behaviour,
    });
    this.#indexes.set(unit, index);
    return unit;
  }

  get luns(): readonly number[] {
    return this.#inventory.luns;
  }

  attach(nexus: ItNexus): NexusAttachment {
    const map = this.#options.lunMapOf?.(nexus.initiatorPort);
    return this.#nexuses.attach(nexus, this.#inventory.viewOf(itNexusId(nexus), map));
  }

  addUnit(definition: LogicalUnitDefinition): void {
    const { lun } = definition.options;
    if (this.#inventory.units.has(lun)) throw new RangeError(`LUN ${lun} is there already`);
    const description = this.#describe(definition);
    const others = [...this.#inventory.units.values()].map((unit) => unit.description);
    refuseTwins([...others, description]);
    this.#tellOfLuns(this.#inventory.add(this.#unitOf(definition, description)), lun);
  }

  async removeUnit(lun: number): Promise<void> {
    const unit = this.#unit(lun);
    this.#tellOfLuns(this.#inventory.remove(lun), lun);
    try {
      await unit.remove();
    } finally {
      this.#nexuses.removeUnit(this.#indexes.get(unit) as number);
    }
  }

  /** 3F/0E on every other logical unit, for all but the nexuses that see what they saw (SPC-4 6.33). */
  #tellOfLuns(unchanged: ReadonlySet<ItNexusId>, changedLun: number): void {
    const code = ATTENTION.reportedLunsDataHasChanged;
    for (const [lun, unit] of this.#inventory.units) {
      if (lun === changedLun) continue;
      for (const [nexusId] of [...this.#nexuses.records()]) {
        if (!unchanged.has(nexusId)) unit.establishAttention(nexusId, code >> 8, code & 0xff);
      }
    }
  }

  nexusLost(given: NexusAttachment): void {
    const attachment = attachmentOf(given);
    if (attachment.lost) return;
    attachment.lost = true;
    for (const unit of this.#inventory.units.values()) unit.nexusLost(attachment);
    this.#inventory.forget(attachment.view);
    this.#nexuses.detach(attachment);
  }

  submit(task: Task): 'ended' | 'dataOutWanted' | 'executing' {
    this.#watch?.entered(task.attachment.nexusId, task.lun, task.tag, task.cdb);
    const unit = unitOf(task);
    return unit === undefined ? this.#absent.submit(task) : unit.submit(task);
  }

  dataOutArrived(task: Task): 'ended' | 'executing' {
    this.#watch?.dataOutArrived(task.attachment.nexusId, task.lun, task.tag, task.dataOut);
    return unitOf(task)?.dataOutArrived(task) ?? 'ended';
  }

  failTask(task: Task, key: number, asc: number, ascq: number): void {
    unitOf(task)?.failTask(task, { key, asc, ascq });
  }

  async manageTasks(
    attachment: NexusAttachment,
    request: TaskManagementFunction,
  ): Promise<TaskManagementResponse> {
    const { units } = attachmentOf(attachment).view;
    if (request.function === 'targetWarmReset' || request.function === 'targetColdReset') {
      // RFC 7143 11.5.1: who may not use every logical unit may not reset them all.
      if (new Set(units.values()).size < this.#inventory.units.size) return 'authorizationFailed';
      await Promise.all(
        [...this.#inventory.units.values()].map((unit) => unit.reset(attachment, ATTENTION.hardReset)),
      );
      return 'complete';
    }
    const unit = units.get(request.lun);
    if (unit === undefined) return 'lunDoesNotExist';
    switch (request.function) {
      case 'abortTask':
        return (await unit.abortTask(attachment, request.tag)) ? 'complete' : 'taskDoesNotExist';
      case 'abortTaskSet':
        await unit.abortTaskSet(attachment);
        return 'complete';
      case 'clearTaskSet':
        await unit.clearTaskSet(attachment);
        return 'complete';
      case 'clearAca':
        // NORMACA is 0: there is no auto contingent allegiance to clear.
        return 'functionNotSupported';
      case 'logicalUnitReset':
        await unit.reset(attachment, ATTENTION.logicalUnitReset);
        return 'complete';
    }
  }

  reservations(lun: number): ReservationState {
    return this.#unit(lun).reservations;
  }

  faults(lun: number): LogicalUnitFaults {
    return this.#unit(lun).faults;
  }

  accessStates(lun: number): readonly TargetPortGroupState[] {
    return this.#unit(lun).accessStates.groups;
  }

  setAccessState(lun: number, targetPortGroup: number, state: AsymmetricAccessState): void {
    this.#unit(lun).accessStates.set(targetPortGroup, state);
  }

  capacityOf(lun: number): number {
    const { capacityBlocks, blockLengthBytes } = this.#unit(lun).description;
    return capacityBlocks * blockLengthBytes;
  }

  async resize(lun: number, sizeBytes: number): Promise<void> {
    await this.#unit(lun).resizing.to(sizeBytes);
  }

  async powerCycle(options: PowerCycleOptions): Promise<void> {
    await Promise.all([...this.#inventory.units.values()].map((unit) => unit.powerCycle(options)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#inventory.units.values()].map((unit) => unit.close()));
  }

  #unit(lun: number): LogicalUnit {
    const unit = this.#inventory.units.get(lun);
    if (unit === undefined)
      throw new RangeError(`LUN ${lun} is not there; there are ${this.luns.join(', ')}`);
    return unit;
  }
}

/** What a command is for; undefined where its nexus sees no logical unit by that number. */
const unitOf = (task: Task): LogicalUnit | undefined =>
  attachmentOf(task.attachment).view.units.get(task.lun);
