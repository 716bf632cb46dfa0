import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectHostSocket,
  HostClient,
  nexusIdentity,
  openDevice,
  parseIscsiUrl,
} from '../../../initiator/index.js';
import { itNexusId, type LogicalUnitPath, formatPortal } from '../../../protocol/index.js';
import { nodeOf, pathsOf, type DevicePath, type Site } from '../../cluster/model.js';
import { iscsiNameOf, nexusOf, OBSERVER } from '../../cluster/nexus.js';
import { firstPlaces, placeOn, type Place } from '../../cluster/placement.js';
import type { ApplicationReport, ApplicationSpec } from '../application.js';
import type { ArrayDescription } from '../external/array-description.js';
import { LabClock } from '../lab-clock.js';
import { packageRoot } from '../package-root.js';
import type { CommandOutcome, Hold, RunningApplication, Runtime } from '../runtime.js';
import { Agents, deviceOf } from './agents.js';
import { ApplicationProcess } from './application-process.js';
import { Children } from './child.js';
import { holdInHypervisor } from './host-hold.js';
import { portalsOf, type PlayedArray } from './socket-array.js';

export interface ProcessesOptions {
  readonly realMsPerSecond: number;
  /** Told the id of each process that is started. */
  readonly onStarted?: ((pid: number) => void) | undefined;
}

/** Exit status of sg_persist that met a unit attention, and how often a line is given again then. */
const UNIT_ATTENTION = 6;
const ATTENTION_RETRIES_MAX = 3;

interface NodeProcesses {
  /** What its agent is called; it has a socket of that name. */
  readonly name: string;
  readonly agent: ChildProcess;
  /** NPIV: what logs in for this guest alone, on the hypervisor that it is on. */
  virtualPort: ChildProcess | null;
  readonly socketPath: string;
  readonly deviceMap: string;
  readonly applications: ApplicationProcess[];
}

/** A site for real: whatever array it is given, every node and every hypervisor a process of its own. */
export class ProcessesRuntime implements Runtime {
  readonly kind = 'processes';
  readonly realMsPerSecond: number;
  readonly portals: readonly string[];
  readonly array: ArrayDescription | undefined;
  readonly clock: LabClock;
  readonly stalled = new Promise<void>(() => undefined);
  readonly #site: Site;
  readonly #array: PlayedArray;
  readonly #folder: string;
  readonly #children: Children;
  readonly #places: Map<string, Place>;
  readonly #nodes = new Map<string, NodeProcesses>();
  readonly #hypervisors = new Map<string, ChildProcess>();
  readonly #agents: Agents;
  readonly #holdClients = new Set<HostClient>();
  /** Of those that have logged in by another one than the first. */
  readonly #isids = new Map<ChildProcess, bigint>();
  readonly #atExit = (): void => {
    this.#children.killAll();
    rmSync(this.#folder, { recursive: true, force: true });
  };

  private constructor(
    site: Site,
    array: PlayedArray,
    folder: string,
    { realMsPerSecond, onStarted }: ProcessesOptions,
  ) {
    this.#children = new Children(onStarted);
    this.#site = site;
    this.#array = array;
    this.#places = firstPlaces(site);
    this.#folder = folder;
    this.#agents = new Agents(site, array, folder, this.#children);
    this.realMsPerSecond = realMsPerSecond;
    this.portals = portalsOf(array).map(formatPortal);
    this.array = array.description;
    const begin = performance.now();
    this.clock = new LabClock({
      elapsedMs: () => performance.now() - begin,
      pass: async (waitMs) => {
        const realMs = (waitMs * realMsPerSecond) / 1_000;
        await sleep(realMs);
        return realMs;
      },
    });
    process.once('exit', this.#atExit);
  }

  /** Takes `array` over: it is closed with the runtime. */
  static async start(site: Site, array: PlayedArray, options: ProcessesOptions): Promise<ProcessesRuntime> {
    const folder = await mkdtemp(join(tmpdir(), 'fencelab-run-'));
    const runtime = new ProcessesRuntime(site, array, folder, options);
    try {
      await runtime.#startAll();
      return runtime;
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  async #startAll(): Promise<void> {
    await this.#writeCommands();
    await Promise.all(this.#site.hosts.map(({ name }) => this.#startHypervisor(name)));
    await Promise.all(this.#site.nodes.map(({ name }) => this.#startNode(name)));
  }

  /** What a node finds first on its PATH. */
  async #writeCommands(): Promise<void> {
    await mkdir(this.#commandFolder);
    const program = join(packageRoot(), 'dist', 'bin', 'sg_persist.js');
    const text = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
    await writeFile(join(this.#commandFolder, 'sg_persist'), text, { mode: 0o755 });
  }

  get #commandFolder(): string {
    return join(this.#folder, 'bin');
  }

  async #startHypervisor(host: string): Promise<void> {
    this.#hypervisors.set(host, await this.#agents.startInitiator(host, host));
  }

  /** `agentName`: another one where what a node has left behind still has its name. */
  async #startNode(name: string, agentName = name): Promise<void> {
    const place = this.placeOf(name);
    const paths = pathsOf(this.#site, name);
    const virtualPort = place.session === 'virtualPort' ? await this.#startVirtualPort(name) : null;
    const upstream = this.#upstreamOf(name);
    const agent =
      upstream === null
        ? await this.#agents.startInitiator(agentName, place.port)
        : await this.#agents.startGuest(agentName, upstream, nodeOf(this.#site, name).mapping);
    const socketPath = this.#agents.socketOf(agentName);
    const deviceMap = join(this.#folder, `${agentName}.yaml`);
    const entries = paths.map(
      (path) => `${path.device}: { socket: ${JSON.stringify(socketPath)}, device: ${deviceOf(path)} }\n`,
    );
    await writeFile(deviceMap, entries.join(''));
    this.#nodes.set(name, { name: agentName, agent, virtualPort, socketPath, deviceMap, applications: [] });
  }

  #startVirtualPort(guest: string): Promise<ChildProcess> {
    return this.#agents.startInitiator(virtualPortOf(guest, this.placeOf(guest)), guest);
  }

  /** The socket that a guest's commands go to; none where it keeps its sessions itself. */
  #upstreamOf(node: string): string | null {
    const place = this.placeOf(node);
    if (place.session === 'own') return null;
    return this.#agents.socketOf(place.session === 'hypervisor' ? place.port : virtualPortOf(node, place));
  }

  sgPersist(node: string, args: readonly string[]): Promise<CommandOutcome> {
    return this.#children.run(join(this.#commandFolder, 'sg_persist'), args, {
      env: this.#environmentOf(node),
    });
  }

  async observe(lun: number, options: readonly string[]): Promise<CommandOutcome> {
    const words = [...options, this.#array.observerDevice(lun)];
    const env = this.#environmentOfObserver;
    for (let again = 0; ; again++) {
      const outcome = await this.#children.run(join(this.#commandFolder, 'sg_persist'), words, { env });
      // Behind a command line it may have the nexus of a node, and meet what that one is to be told.
      if (outcome.exitStatus !== UNIT_ATTENTION || again === ATTENTION_RETRIES_MAX) return outcome;
    }
  }

  observerPath(lun: number): Promise<LogicalUnitPath> {
    return openDevice(this.#array.observerDevice(lun), {
      readOnly: true,
      environment: this.#environmentOfObserver,
    });
  }

  async openPaths(node: string, lun: number): Promise<readonly LogicalUnitPath[]> {
    const { socketPath } = this.#node(node);
    return Promise.all(
      this.#pathsTo(node, lun).map((path) =>
        connectHostSocket(socketPath, deviceOf(path), `cluster software of ${node}`),
      ),
    );
  }

  runScript(node: string, script: string, argument: 'start' | 'stop'): Promise<CommandOutcome> {
    return this.#children.run('bash', [script, argument], {
      env: this.#environmentOf(node),
      cwd: dirname(script),
    });
  }

  async startApplication(
    spec: ApplicationSpec,
    report: (report: ApplicationReport) => void,
  ): Promise<RunningApplication> {
    const { socketPath, applications } = this.#node(spec.node);
    const program = join(packageRoot(), 'dist', 'bin', 'application.js');
    const paths = pathsOf(this.#site, spec.node);
    const devices = spec.luns.map((lun) => ({
      lun,
      names: paths.filter((path) => path.lun === lun).map(deviceOf),
    }));
    const application = await ApplicationProcess.start(
      program,
      { spec, socketPath, devices },
      this.#children,
      report,
    );
    applications.push(application);
    return application;
  }

  hang(node: string): Promise<void> {
    this.#signal(node, 'SIGSTOP');
    return Promise.resolve();
  }

  wake(node: string): Promise<void> {
    this.#signal(node, 'SIGCONT');
    return Promise.resolve();
  }

  async crash(node: string): Promise<void> {
    const { agent, applications } = this.#node(node);
    await Promise.all(
      [...applications.map(({ child }) => child), agent].map((child) => this.#children.kill(child)),
    );
  }

  placeOf(node: string): Place {
    const place = this.#places.get(node);
    if (place === undefined) throw new Error(`there is no node ${node}`);
    return place;
  }

  quiesce(node: string): Promise<void> {
    return this.#askAgent(node, (agent) => agent.quiesce());
  }

  resume(node: string): Promise<void> {
    return this.#askAgent(node, (agent) => agent.resume());
  }

  async relocate(node: string, host: string): Promise<void> {
    this.#places.set(node, placeOn(nodeOf(this.#site, node), host));
    const processes = this.#node(node);
    if (processes.virtualPort !== null) {
      await this.#children.end(processes.virtualPort);
      processes.virtualPort = await this.#startVirtualPort(node);
    }
    const upstream = this.#upstreamOf(node);
    if (upstream !== null) await this.#askAgent(node, (agent) => agent.relocate(upstream));
  }

  async crashHost(host: string): Promise<readonly string[]> {
    const guests = [...this.#places].filter(([, place]) => place.host === host).map(([name]) => name);
    const ports = guests.map((guest) => this.#node(guest).virtualPort);
    const hypervisor = [this.#hypervisors.get(host), ...ports].filter((child) => child != null);
    await Promise.all([
      ...hypervisor.map((child) => this.#children.kill(child)),
      ...guests.map((guest) => this.crash(guest)),
    ]);
    return guests;
  }

  async replace(node: string, place: Place, source: string): Promise<void> {
    const before = this.#node(node);
    this.#nodes.set(source, before);
    this.#places.set(source, this.placeOf(node));
    this.#places.set(node, place);
    await this.#startNode(node, `${before.name}-2`);
  }

  async restart(node: string, place: Place): Promise<void> {
    const { name, virtualPort } = this.#node(node);
    // The hypervisor logs a virtual port in once the one before has logged it out.
    if (virtualPort !== null) await this.#children.end(virtualPort);
    this.#places.set(node, place);
    // Its own name may still be that of a machine that it has left.
    await this.#startNode(node, name);
  }

  async logInAgain(node: string, isid: bigint): Promise<void> {
    const socketPath = this.#upstreamOf(node) ?? this.#node(node).socketPath;
    await this.#ask(socketPath, (keeper) => keeper.logInAgain(isid));
    this.#isids.set(this.#keeperOf(node), isid);
  }

  /** The process that keeps the sessions of a node. */
  #keeperOf(node: string): ChildProcess {
    const { session, host } = this.placeOf(node);
    const { agent, virtualPort } = this.#node(node);
    const keeper = session === 'hypervisor' ? this.#hypervisors.get(host ?? '') : virtualPort;
    return keeper ?? agent;
  }

  #askAgent(node: string, ask: (agent: HostClient) => Promise<void>): Promise<void> {
    return this.#ask(this.#node(node).socketPath, ask);
  }

  async #ask(socketPath: string, ask: (agent: HostClient) => Promise<void>): Promise<void> {
    const agent = await HostClient.connect(socketPath);
    try {
      await ask(agent);
    } finally {
      agent.close();
    }
  }

  losePath(node: string, portalIndex: number): Promise<void> {
    this.#agents.cableOf(this.placeOf(node).port, portalIndex).cut();
    return Promise.resolve();
  }

  async restorePath(node: string, portalIndex: number): Promise<void> {
    await this.#agents.cableOf(this.placeOf(node).port, portalIndex).mend();
  }

  async powerCycleArray(): Promise<void> {
    if (this.#array.powerCycle === undefined) throw new Error('this array cannot be told to lose its power');
    await this.#array.powerCycle();
  }

  async holdInHost(node: string, lun: number, count: number): Promise<Hold> {
    const upstream = this.#upstreamOf(node);
    if (upstream === null) throw new Error(`${node} has no hypervisor to hold a write`);
    const client = await HostClient.connect(upstream);
    this.#holdClients.add(client);
    const devices = this.#pathsTo(node, lun).map(deviceOf);
    return holdInHypervisor(client, devices, { count, user: this.#node(node).name });
  }

  holdInArray(node: string, lun: number, count: number): Promise<Hold> {
    if (this.#array.holdWrites === undefined) throw new Error('this array cannot be told to hold writes');
    const place = this.placeOf(node);
    const nexusIds = this.#pathsTo(node, lun).map((path) => {
      const { isid } = nexusIdentity(
        parseIscsiUrl(this.#agents.wayTo(place.port, path)),
        iscsiNameOf(place.port),
        this.#isids.get(this.#keeperOf(node)),
      );
      return itNexusId(nexusOf(place, path.portalIndex, isid));
    });
    return Promise.resolve(this.#array.holdWrites(lun, nexusIds, count));
  }

  #pathsTo(node: string, lun: number): readonly DevicePath[] {
    return pathsOf(this.#site, node).filter((path) => path.lun === lun);
  }

  async close(): Promise<void> {
    for (const client of this.#holdClients) client.close();
    await this.#children.endAll();
    this.#agents.cutAll();
    await rm(this.#folder, { recursive: true, force: true });
    process.removeListener('exit', this.#atExit);
    await this.#array.close();
  }

  #signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const { agent, applications } = this.#node(name);
    for (const { child } of applications) child.kill(signal);
    agent.kill(signal);
  }

  get #environmentOfObserver(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.#array.environment, FENCELAB_INITIATOR: iscsiNameOf(OBSERVER) };
  }

  #environmentOf(node: string): NodeJS.ProcessEnv {
    return {
      PATH: `${this.#commandFolder}${delimiter}${process.env['PATH'] ?? ''}`,
      FENCELAB_DEVICES: this.#node(node).deviceMap,
    };
  }

  #node(name: string): NodeProcesses {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }
}

const virtualPortOf = (guest: string, { host }: Place): string => `${host ?? ''}.${guest}`;
