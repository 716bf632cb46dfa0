import type {
  AsymmetricAccessState,
  ItNexus,
  TargetPortGroupState,
  TransportId,
} from '../../protocol/index.js';
import type { TargetPortGroup } from '../commands/unit-description.js';
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
import { LogicalUnit } from './logical-unit.js';
import { attachmentOf, NexusRegistry, type UnitView } from './nexus-registry.js';
import type {
  DeviceServer,
  NexusAttachment,
  Task,
  TaskManagementFunction,
  TaskManagementResponse,
} from './task.js';
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
}

export interface DeviceServerOptions {
  readonly iqn: string;
  /** Every target port is in one of them. */
  readonly targetPortGroups: readonly TargetPortGroup[];
  readonly logicalUnits: readonly LogicalUnitDefinition[];
  readonly events: EventSink;
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
  readonly luns: readonly number[];
  readonly #units: ReadonlyMap<number, LogicalUnit>;
  readonly #nexuses: NexusRegistry;
  readonly #absent = new AbsentUnit();
  /** Every logical unit, by its own number. */
  readonly #wholeView: UnitView;
  readonly #lunMapOf: (port: TransportId) => LunMap | undefined;
  readonly #watch: CommandWatch | undefined;

  constructor({
    iqn,
    targetPortGroups,
    logicalUnits,
    events,
    commandWatch,
    behaviour = STANDARD_BEHAVIOUR,
    lunMapOf = () => undefined,
  }: DeviceServerOptions) {
    this.#watch = commandWatch;
    this.#lunMapOf = lunMapOf;
    this.luns = logicalUnits.map(({ options }) => options.lun).sort((a, b) => a - b);
    if (new Set(this.luns).size !== this.luns.length) {
      throw new RangeError(`LUNs ${this.luns.join(', ')}: expected each once`);
    }
    this.#nexuses = new NexusRegistry(logicalUnits.length, {
      attentionsMax: behaviour.attentionsMax,
    });
    const targetPorts = targetPortGroups
      .flatMap((group) => group.relativeTargetPortIds)
      .sort((a, b) => a - b);
    const units = logicalUnits.map(
      ({ options, medium, durable = { kind: 'none' }, persist }, index) =>
        new LogicalUnit({
          options,
          description: describeUnit(options, medium, { iqn, targetPortGroups }),
          medium,
          durable,
          persist,
          index,
          nexuses: this.#nexuses,
          targetPorts,
          events,
          behaviour,
        }),
    );
    this.#units = new Map(units.map((unit) => [unit.description.lun, unit]));
    this.#wholeView = { units: this.#units, luns: this.luns };
  }

  attach(nexus: ItNexus): NexusAttachment {
    return this.#nexuses.attach(nexus, this.#viewOf(nexus.initiatorPort));
  }

  /** Settled once for a session, so that no command pays for it. */
  #viewOf(port: TransportId): UnitView {
    const map = this.#lunMapOf(port);
    if (map === undefined) return this.#wholeView;
    const luns = [...map.keys()].sort((a, b) => a - b);
    const units = new Map([...map].map(([seenAs, lun]) => [seenAs, this.#unit(lun)]));
    return { units, luns };
  }

  nexusLost(given: NexusAttachment): void {
    const attachment = attachmentOf(given);
    if (attachment.lost) return;
    attachment.lost = true;
    for (const unit of this.#units.values()) unit.nexusLost(attachment);
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
      if (new Set(units.values()).size < this.#units.size) return 'authorizationFailed';
      await Promise.all([...this.#units.values()].map((unit) => unit.reset(attachment, ATTENTION.hardReset)));
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

  async powerCycle(options: PowerCycleOptions): Promise<void> {
    await Promise.all([...this.#units.values()].map((unit) => unit.powerCycle(options)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#units.values()].map((unit) => unit.close()));
  }

  #unit(lun: number): LogicalUnit {
    const unit = this.#units.get(lun);
    if (unit === undefined)
      throw new RangeError(`LUN ${lun} is not there; there are ${this.luns.join(', ')}`);
    return unit;
  }
}

/** What a command is for; undefined where its nexus sees no logical unit by that number. */
const unitOf = (task: Task): LogicalUnit | undefined =>
  attachmentOf(task.attachment).view.units.get(task.lun);
