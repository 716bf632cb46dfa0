import type { LogicalUnitPath, ScsiResult } from '../../../protocol/index.js';
import { DeviceIoError, DeviceOpenError, HostDevice, InFlight } from '../../../initiator/index.js';
import type { DevicePath, MappingMode } from '../../cluster/model.js';
import { Gate } from './gate.js';
import { LateAttachedPath } from './late-attached-path.js';
import type { Scheduler } from './scheduler.js';

/** A device of a node: its way through the hypervisor, if any, to the array. */
interface NodeDevice {
  readonly path: DevicePath;
  device: HostDevice;
  lost: boolean;
}

/** A node without processes: devices, and gates where processes would be stopped and killed. */
export class MemoryNode {
  readonly #devices = new Map<string, NodeDevice>();
  readonly #inFlight = new InFlight();
  /** Keeps the sessions of a node that has its own. */
  readonly kernel = new Gate();
  readonly #gates = new Set([this.kernel]);
  readonly #scheduler: Scheduler;
  readonly #spend: () => void;
  #hung = false;
  #dead = false;

  /** `spend`: called once for each command. */
  constructor(scheduler: Scheduler, spend: () => void) {
    this.#scheduler = scheduler;
    this.#spend = spend;
  }

  /** Adds a device, or leads one elsewhere that is there. */
  async setDevice(path: DevicePath, unit: LogicalUnitPath, mapping: MappingMode): Promise<void> {
    const device = new HostDevice(path.device, await LateAttachedPath.of(unit), mapping);
    const known = this.#devices.get(path.device);
    if (known === undefined) this.#devices.set(path.device, { path, device, lost: false });
    else Object.assign(known, { device, lost: false });
  }

  /** The devices of a LUN in the order of its paths. */
  devicesOf(lun: number): readonly HostDevice[] {
    return [...this.#devices.values()].filter(({ path }) => path.lun === lun).map(({ device }) => device);
  }

  /** Every path of a LUN, as one process of the node uses it. Throws DeviceOpenError where the node is dead. */
  pathsOf(lun: number, gate: Gate): readonly LogicalUnitPath[] {
    this.#assertAlive();
    return [...this.#devices.values()]
      .filter(({ path }) => path.lun === lun)
      .map((entry) => this.#pathThrough(entry, gate));
  }

  /** Throws DeviceOpenError where the node has no such device, or is dead. */
  openDevice(name: string, gate: Gate): LogicalUnitPath {
    this.#assertAlive();
    const entry = this.#devices.get(name);
    if (entry === undefined) throw new DeviceOpenError('ENOENT', `no such device: ${name}`);
    return this.#pathThrough(entry, gate);
  }

  losePath(portalIndex: number): void {
    this.#setLost(portalIndex, true);
  }

  restorePath(portalIndex: number): void {
    this.#setLost(portalIndex, false);
  }

  #setLost(portalIndex: number, lost: boolean): void {
    for (const entry of this.#devices.values()) {
      if (entry.path.portalIndex === portalIndex) entry.lost = lost;
    }
  }

  /** A gate for a process that begins now. */
  newGate(): Gate {
    const gate = new Gate();
    if (this.#hung) gate.shut();
    this.#gates.add(gate);
    return gate;
  }

  /** A process has ended. */
  forgetGate(gate: Gate): void {
    this.#gates.delete(gate);
  }

  hang(): void {
    this.#hung = true;
    for (const gate of this.#gates) gate.shut();
  }

  wake(): void {
    this.#hung = false;
    for (const gate of this.#gates) gate.open();
  }

  crash(): void {
    this.#dead = true;
    for (const gate of this.#gates) gate.kill();
  }

  quiesce(): Promise<void> {
    return this.#inFlight.quiesce();
  }

  resume(): void {
    this.#inFlight.resume();
  }

  /** Nobody is there any more to ask for a device. */
  #assertAlive(): void {
    if (this.#dead) throw new DeviceOpenError('ENXIO', 'the node is dead');
  }

  #pathThrough(entry: NodeDevice, gate: Gate): LogicalUnitPath {
    const { node, device } = entry.path;
    const name = `${device} of ${node}`;
    return {
      name,
      execute: async (cdb, options = {}): Promise<ScsiResult> => {
        await gate.pass();
        await this.#scheduler.turn();
        await gate.pass();
        try {
          // The command is handed over: what becomes of its process no longer matters to it.
          return await this.#inFlight.run(() => {
            this.#spend();
            if (entry.lost) throw new DeviceIoError('EIO', `${name}: the path is lost`);
            return entry.device.execute(node, cdb, options);
          });
        } finally {
          await gate.pass();
        }
      },
      close: () => Promise.resolve(),
    };
  }
}
