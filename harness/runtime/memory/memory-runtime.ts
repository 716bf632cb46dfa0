import type { LogicalUnitPath } from '../../../protocol/index.js';
import {
  attachLogicalUnit,
  runSgPersist,
  WriteHold,
  type OpenDeviceOptions,
} from '../../../initiator/index.js';
import { createTarget, type Target } from '../../../target/index.js';
import { mappingOf, nodeOf, pathsOf, type Site } from '../../cluster/model.js';
import { iscsiNameOf, OBSERVER } from '../../cluster/nexus.js';
import { firstPlaces, placeOn, type Place } from '../../cluster/placement.js';
import { Application, type ApplicationReport, type ApplicationSpec } from '../application.js';
import { LabClock } from '../lab-clock.js';
import type { ReplayingOrder } from '../order.js';
import type { CommandOutcome, Hold, RunningApplication, Runtime } from '../runtime.js';
import { arrayOptions, holdInTarget } from '../array.js';
import { Gate } from './gate.js';
import { MemoryNode } from './memory-node.js';
import { MemorySessions } from './memory-sessions.js';
import { Scheduler } from './scheduler.js';

const OBSERVER_ISID = 0x80_0000_000001n;

/** What has taken time so far. */
interface Spent {
  commands: number;
}

/** A site in one process: no sockets, virtual time, and an order that a seed decides. */
export class MemoryRuntime implements Runtime {
  readonly kind = 'memory';
  readonly realMsPerSecond = 0;
  readonly portals: readonly string[] = [];
  readonly clock: LabClock;
  readonly stalled: Promise<void>;
  readonly #site: Site;
  readonly #target: Target;
  readonly #scheduler: Scheduler;
  readonly #sessions: MemorySessions;
  readonly #places: Map<string, Place>;
  readonly #nodes = new Map<string, MemoryNode>();
  readonly #spent: Spent;
  readonly #hypervisors = new Map<string, Gate>();
  /** The virtual port of a guest that has one, by the guest's name. */
  readonly #virtualPorts = new Map<string, Gate>();

  private constructor(
    site: Site,
    target: Target,
    clock: LabClock,
    spent: Spent,
    seed: number,
    replay: ReplayingOrder | undefined,
  ) {
    this.#site = site;
    this.#target = target;
    this.clock = clock;
    this.#spent = spent;
    let stall = (): void => undefined;
    this.stalled = new Promise((resolve) => (stall = resolve));
    this.#scheduler = new Scheduler(seed, () => {
      if (replay?.admitNext() === true) return true;
      stall();
      return false;
    });
    this.#sessions = new MemorySessions(target, site.array.transport ?? 'iscsi', replay);
    this.#places = firstPlaces(site);
  }

  /**
   * `onTarget`: given the array before anything uses it. `replay`: the order in which commands enter the array, in the
   * place of one that the seed decides.
   */
  static async start(
    site: Site,
    seed: number,
    onTarget?: (target: Target) => void,
    replay?: ReplayingOrder,
  ): Promise<MemoryRuntime> {
    const spent: Spent = { commands: 0 };
    // A command takes a millisecond, a wait no time at all.
    const clock = new LabClock({ elapsedMs: () => spent.commands, pass: () => Promise.resolve(0) });
    const target = await createTarget({ ...arrayOptions(site.array, []), now: () => clock.now() });
    onTarget?.(target);
    const runtime = new MemoryRuntime(site, target, clock, spent, seed, replay);
    for (const { name } of site.hosts) runtime.#hypervisors.set(name, new Gate());
    for (const { name } of site.nodes) await runtime.#boot(name);
    return runtime;
  }

  async #boot(name: string): Promise<void> {
    const node = new MemoryNode(this.#scheduler, () => {
      this.#spent.commands += 1;
    });
    this.#nodes.set(name, node);
    await this.#connect(name, node);
  }

  /** Leads the devices of a node to the array, by the way that it has where it is. */
  async #connect(name: string, node: MemoryNode): Promise<void> {
    const place = this.placeOf(name);
    if (place.session === 'virtualPort') this.#startVirtualPort(name);
    const keeper = this.#keeperOf(name);
    for (const path of pathsOf(this.#site, name)) {
      const unit = this.#sessions.open(place, path, keeper);
      await node.setDevice(path, unit, mappingOf(this.#site, name, path.lunName));
    }
  }

  /** Who keeps the sessions of a node. */
  #keeperOf(name: string): Gate {
    const place = this.placeOf(name);
    switch (place.session) {
      case 'own':
        return this.#node(name).kernel;
      case 'hypervisor':
        return this.#hypervisor(place.host);
      case 'virtualPort': {
        const port = this.#virtualPorts.get(name);
        if (port === undefined) throw new Error(`${name} has no virtual port`);
        return port;
      }
    }
  }

  /** A host logs a virtual port in once the one before has logged it out. */
  #startVirtualPort(name: string): void {
    this.#endVirtualPort(name);
    this.#virtualPorts.set(name, new Gate());
  }

  #endVirtualPort(name: string): void {
    const port = this.#virtualPorts.get(name);
    if (port === undefined) return;
    port.kill();
    this.#sessions.end(port);
  }

  async sgPersist(node: string, args: readonly string[]): Promise<CommandOutcome> {
    const place = this.#node(node);
    const gate = place.newGate();
    try {
      return await capture(args, (device) => Promise.resolve().then(() => place.openDevice(device, gate)));
    } finally {
      place.forgetGate(gate);
    }
  }

  observe(lun: number, options: readonly string[]): Promise<CommandOutcome> {
    return capture([...options, OBSERVER], () => this.observerPath(lun));
  }

  async observerPath(lun: number): Promise<LogicalUnitPath> {
    const unit = this.#target.connectInMemory(
      {
        initiatorPort: { protocol: 'iscsi', iscsiName: iscsiNameOf(OBSERVER), isid: OBSERVER_ISID },
        relativeTargetPortId: 1,
      },
      lun,
    );
    return attachLogicalUnit(unit);
  }

  openPaths(node: string, lun: number): Promise<readonly LogicalUnitPath[]> {
    const place = this.#node(node);
    const gate = place.newGate();
    const close = (): Promise<void> => {
      place.forgetGate(gate);
      return Promise.resolve();
    };
    return Promise.resolve().then(() => place.pathsOf(lun, gate).map((path) => ({ ...path, close })));
  }

  runScript(): Promise<CommandOutcome> {
    return Promise.reject(new Error('a control script runs on nodes that are processes'));
  }

  startApplication(
    spec: ApplicationSpec,
    report: (report: ApplicationReport) => void,
  ): Promise<RunningApplication> {
    const node = this.#node(spec.node);
    const gate = node.newGate();
    const paths = new Map(spec.luns.map((lun) => [lun, node.pathsOf(lun, gate)]));
    const application = new Application(spec, paths, report);
    const end = (): Promise<void> => {
      gate.kill();
      node.forgetGate(gate);
      return Promise.resolve();
    };
    return Promise.resolve({
      spec,
      transact: (count) => application.transact(count),
      recover: (lun, incarnations) => application.recover(lun, incarnations),
      stop: end,
      kill: end,
      dead: gate.dead,
    });
  }

  hang(node: string): Promise<void> {
    this.#node(node).hang();
    return Promise.resolve();
  }

  wake(node: string): Promise<void> {
    this.#node(node).wake();
    return Promise.resolve();
  }

  crash(node: string): Promise<void> {
    const machine = this.#node(node);
    machine.crash();
    this.#sessions.end(machine.kernel);
    return Promise.resolve();
  }

  placeOf(node: string): Place {
    const place = this.#places.get(node);
    if (place === undefined) throw new Error(`there is no node ${node}`);
    return place;
  }

  quiesce(node: string): Promise<void> {
    return this.#node(node).quiesce();
  }

  resume(node: string): Promise<void> {
    this.#node(node).resume();
    return Promise.resolve();
  }

  async relocate(node: string, host: string): Promise<void> {
    const before = this.placeOf(node);
    this.#places.set(node, placeOn(nodeOf(this.#site, node), host));
    // A session of its own goes on wherever the guest is.
    if (before.session !== 'own') await this.#connect(node, this.#node(node));
  }

  async crashHost(host: string): Promise<readonly string[]> {
    const guests = [...this.#places].filter(([, place]) => place.host === host).map(([name]) => name);
    const hypervisor = this.#hypervisor(host);
    hypervisor.kill();
    for (const guest of guests) {
      await this.crash(guest);
      this.#endVirtualPort(guest);
    }
    this.#sessions.end(hypervisor);
    return guests;
  }

  async replace(node: string, place: Place, source: string): Promise<void> {
    this.#nodes.set(source, this.#node(node));
    this.#places.set(source, this.placeOf(node));
    this.#places.set(node, place);
    await this.#boot(node);
  }

  async restart(node: string, place: Place): Promise<void> {
    this.#places.set(node, place);
    await this.#boot(node);
  }

  logInAgain(node: string, isid: bigint): Promise<void> {
    this.#sessions.logInAgain(this.#keeperOf(node), isid);
    return Promise.resolve();
  }

  losePath(node: string, portalIndex: number): Promise<void> {
    this.#node(node).losePath(portalIndex);
    this.#sessions.cut(this.placeOf(node), portalIndex);
    return Promise.resolve();
  }

  restorePath(node: string, portalIndex: number): Promise<void> {
    this.#sessions.mend(this.placeOf(node), portalIndex);
    this.#node(node).restorePath(portalIndex);
    return Promise.resolve();
  }

  powerCycleArray(): Promise<void> {
    this.#sessions.forgetAll();
    return this.#target.powerCycle();
  }

  holdInHost(node: string, lun: number, count: number): Promise<Hold> {
    const devices = this.#node(node).devicesOf(lun);
    const hold = new WriteHold(count, undefined);
    for (const device of devices) device.addHold(hold);
    return Promise.resolve({
      held: hold.allHeld(),
      heldAny: () => Promise.resolve(hold.caughtCount > 0),
      release: async () => {
        for (const device of devices) device.removeHold(hold);
        await hold.release();
      },
    });
  }

  holdInArray(node: string, lun: number, count: number): Promise<Hold> {
    const place = this.placeOf(node);
    const keeper = this.#keeperOf(node);
    const paths = Array.from({ length: this.#site.array.portals }, (_, index) => index);
    const nexusIds = paths.map((index) => this.#sessions.nexusIdAt(place, index, keeper));
    return Promise.resolve(holdInTarget(this.#target, lun, nexusIds, count));
  }

  async close(): Promise<void> {
    for (const node of this.#nodes.values()) node.crash();
    await this.#target.close();
  }

  #hypervisor(name: string | null): Gate {
    const hypervisor = name === null ? undefined : this.#hypervisors.get(name);
    if (hypervisor === undefined) throw new Error(`there is no host ${name ?? ''}`);
    return hypervisor;
  }

  #node(name: string): MemoryNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }
}

/** Runs sg_persist and keeps what it prints. */
async function capture(
  args: readonly string[],
  openDevice: (name: string, options: OpenDeviceOptions) => Promise<LogicalUnitPath>,
): Promise<CommandOutcome> {
  let stdout = '';
  let stderr = '';
  const exitStatus = await runSgPersist(
    args,
    {
      env: {},
      openDevice,
      readText: () => undefined,
      nowMs: () => 0,
      sleep: () => Promise.resolve(),
    },
    { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text) },
  );
  return { exitStatus, stdout, stderr };
}
