import { itNexusId, type LogicalUnitPath } from '../../../protocol/index.js';
import {
  attachLogicalUnit,
  runSgPersist,
  WriteHold,
  type OpenDeviceOptions,
} from '../../../initiator/index.js';
import { createTarget, type Target } from '../../../target/index.js';
import { nodeOf, pathsOf, type Site } from '../../cluster/model.js';
import { iscsiNameOf, nexusOf } from '../../cluster/nexus.js';
import { Application, type ApplicationReport, type ApplicationSpec } from '../application.js';
import { LabClock } from '../lab-clock.js';
import type { CommandOutcome, Hold, RunningApplication, Runtime } from '../runtime.js';
import { arrayOptions } from '../array.js';
import { MemoryNode } from './memory-node.js';
import { Scheduler } from './scheduler.js';

/** One for every initiator port: their names tell them apart. */
const ISID = 0x80_0000_000001n;
const OBSERVER = 'observer';

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
  readonly #nodes = new Map<string, MemoryNode>();
  readonly #spent: Spent;

  private constructor(site: Site, target: Target, clock: LabClock, spent: Spent, seed: number) {
    this.#site = site;
    this.#target = target;
    this.clock = clock;
    this.#spent = spent;
    let stall = (): void => undefined;
    this.stalled = new Promise((resolve) => (stall = resolve));
    this.#scheduler = new Scheduler(seed, stall);
  }

  /** `onTarget`: given the array before anything uses it. */
  static async start(site: Site, seed: number, onTarget?: (target: Target) => void): Promise<MemoryRuntime> {
    const spent: Spent = { commands: 0 };
    // A command takes a millisecond, a wait no time at all.
    const clock = new LabClock({ elapsedMs: () => spent.commands, pass: () => Promise.resolve(0) });
    const target = await createTarget({ ...arrayOptions(site.array, []), now: () => clock.now() });
    onTarget?.(target);
    const runtime = new MemoryRuntime(site, target, clock, spent, seed);
    for (const { name } of site.nodes) runtime.#nodes.set(name, await runtime.#makeNode(name));
    return runtime;
  }

  async #makeNode(name: string): Promise<MemoryNode> {
    const node = new MemoryNode(this.#scheduler, () => {
      this.#spent.commands += 1;
    });
    for (const path of pathsOf(this.#site, name)) {
      const nexus = nexusOf(this.#site, name, path.portalIndex, ISID);
      const unit = this.#target.connectInMemory(nexus, path.lun);
      await node.addDevice(path, unit, nodeOf(this.#site, name).mapping);
    }
    return node;
  }

  sgPersist(node: string, args: readonly string[]): Promise<CommandOutcome> {
    const place = this.#node(node);
    const gate = place.newGate();
    return capture(args, (device) => Promise.resolve().then(() => place.openDevice(device, gate)));
  }

  observe(lun: number, options: readonly string[]): Promise<CommandOutcome> {
    return capture([...options, OBSERVER], () => this.observerPath(lun));
  }

  async observerPath(lun: number): Promise<LogicalUnitPath> {
    const unit = this.#target.connectInMemory(
      {
        initiatorPort: { protocol: 'iscsi', iscsiName: iscsiNameOf(OBSERVER), isid: ISID },
        relativeTargetPortId: 1,
      },
      lun,
    );
    return attachLogicalUnit(unit);
  }

  openPaths(node: string, lun: number): Promise<readonly LogicalUnitPath[]> {
    const place = this.#node(node);
    return Promise.resolve(place.pathsOf(lun, place.newGate()));
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
    this.#node(node).crash();
    return Promise.resolve();
  }

  losePath(node: string, portalIndex: number): Promise<void> {
    this.#node(node).losePath(portalIndex);
    this.#target.dropConnections(itNexusId(nexusOf(this.#site, node, portalIndex, ISID)));
    return Promise.resolve();
  }

  restorePath(node: string, portalIndex: number): Promise<void> {
    this.#node(node).restorePath(portalIndex);
    return Promise.resolve();
  }

  powerCycleArray(): Promise<void> {
    return this.#target.powerCycle();
  }

  holdInHost(node: string, lun: number, count: number): Promise<Hold> {
    const [device] = this.#node(node).devicesOf(lun);
    const hold = new WriteHold(count, undefined);
    device?.addHold(hold);
    return Promise.resolve({
      held: hold.allHeld(),
      release: async () => {
        device?.removeHold(hold);
        await hold.release();
      },
    });
  }

  holdInArray(node: string, lun: number, count: number): Promise<Hold> {
    const hold = this.#target.faults(lun).holdWrites({
      nexusId: itNexusId(nexusOf(this.#site, node, 0, ISID)),
      count,
    });
    return Promise.resolve({ held: hold.held, release: () => hold.release() });
  }

  async close(): Promise<void> {
    for (const node of this.#nodes.values()) node.crash();
    await this.#target.close();
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
