import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectHostSocket,
  formatPortal,
  HostClient,
  nexusIdentity,
  openDevice,
  parseIscsiUrl,
} from '../../../initiator/index.js';
import { itNexusId, type LogicalUnitPath } from '../../../protocol/index.js';
import { nodeOf, pathsOf, type DevicePath, type Site } from '../../cluster/model.js';
import { initiatorOwnerOf, iscsiNameOf, nexusOf } from '../../cluster/nexus.js';
import type { ApplicationReport, ApplicationSpec } from '../application.js';
import type { ArrayDescription } from '../external/array-description.js';
import { LabClock } from '../lab-clock.js';
import { packageRoot } from '../package-root.js';
import type { CommandOutcome, Hold, RunningApplication, Runtime } from '../runtime.js';
import { ApplicationProcess } from './application-process.js';
import { Cable } from './cable.js';
import { Children, firstLine } from './child.js';
import type { SocketArray } from './socket-array.js';

/** A lost path is given up at once, as multipath has it: another one carries on. */
const REPLACEMENT_TIMEOUT_MS = 500;

export interface ProcessesOptions {
  readonly realMsPerSecond: number;
  /** Told the id of each process that is started. */
  readonly onStarted?: ((pid: number) => void) | undefined;
}

interface NodeProcesses {
  readonly agent: ChildProcess;
  readonly socketPath: string;
  readonly deviceMap: string;
  readonly applications: ApplicationProcess[];
}

/** A site with real sockets: whatever array it is given, every node and every hypervisor a process of its own. */
export class ProcessesRuntime implements Runtime {
  readonly kind = 'processes';
  readonly realMsPerSecond: number;
  readonly portals: readonly string[];
  readonly array: ArrayDescription | undefined;
  readonly clock: LabClock;
  readonly stalled = new Promise<void>(() => undefined);
  readonly #site: Site;
  readonly #array: SocketArray;
  readonly #folder: string;
  readonly #children: Children;
  readonly #nodes = new Map<string, NodeProcesses>();
  readonly #cables = new Map<string, Cable>();
  readonly #holdClients = new Set<HostClient>();
  readonly #atExit = (): void => {
    this.#children.killAll();
    rmSync(this.#folder, { recursive: true, force: true });
  };

  private constructor(
    site: Site,
    array: SocketArray,
    folder: string,
    { realMsPerSecond, onStarted }: ProcessesOptions,
  ) {
    this.#children = new Children(onStarted);
    this.#site = site;
    this.#array = array;
    this.#folder = folder;
    this.realMsPerSecond = realMsPerSecond;
    this.portals = array.portals.map(formatPortal);
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
  static async start(site: Site, array: SocketArray, options: ProcessesOptions): Promise<ProcessesRuntime> {
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
    const owners = new Set(this.#site.nodes.map(({ name }) => initiatorOwnerOf(this.#site, name)));
    for (const owner of owners) {
      for (const [index, portal] of this.#array.portals.entries()) {
        this.#cables.set(cableKey(owner, index), await Cable.lay(portal));
      }
    }
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
    const guests = this.#site.nodes.filter((node) => node.host === host);
    const devices = guests.flatMap(({ name }) =>
      pathsOf(this.#site, name).map((path) => `${hypervisorDevice(path)}=${this.#urlOf(path)}`),
    );
    if (devices.length === 0) return;
    await this.#startAgent(host, ['--initiator', iscsiNameOf(host), ...devices]);
  }

  async #startNode(name: string): Promise<void> {
    const { host, mapping } = nodeOf(this.#site, name);
    const paths = pathsOf(this.#site, name);
    const devices = paths.map((path) =>
      host === null
        ? `${deviceOf(path)}=${this.#urlOf(path)}`
        : `${deviceOf(path)}=socket:${this.#socketOf(host)}#${hypervisorDevice(path)},rdm=${mapping}`,
    );
    const agent = await this.#startAgent(
      name,
      host === null ? ['--initiator', iscsiNameOf(name), ...devices] : devices,
    );
    const socketPath = this.#socketOf(name);
    const deviceMap = join(this.#folder, `${name}.yaml`);
    const entries = paths.map(
      (path) => `${path.device}: { socket: ${JSON.stringify(socketPath)}, device: ${deviceOf(path)} }\n`,
    );
    await writeFile(deviceMap, entries.join(''));
    this.#nodes.set(name, { agent, socketPath, deviceMap, applications: [] });
  }

  async #startAgent(name: string, args: readonly string[]): Promise<ChildProcess> {
    const program = join(packageRoot(), 'dist', 'bin', 'fencelab.js');
    const agent = spawn(
      process.execPath,
      [
        program,
        'host',
        '--socket',
        this.#socketOf(name),
        '--replacement-timeout',
        String(REPLACEMENT_TIMEOUT_MS),
        // A run that is killed cannot end what it started: its end of the pipe does.
        '--until-eof',
        ...args,
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
    );
    this.#children.add(agent);
    await firstLine(agent, `fencelab host of ${name}`);
    return agent;
  }

  sgPersist(node: string, args: readonly string[]): Promise<CommandOutcome> {
    return this.#children.run(join(this.#commandFolder, 'sg_persist'), args, {
      env: this.#environmentOf(node),
    });
  }

  observe(lun: number, options: readonly string[]): Promise<CommandOutcome> {
    return this.#children.run(join(this.#commandFolder, 'sg_persist'), [...options, this.#observerUrl(lun)], {
      env: { ...process.env, FENCELAB_INITIATOR: iscsiNameOf('observer') },
    });
  }

  observerPath(lun: number): Promise<LogicalUnitPath> {
    return openDevice(this.#observerUrl(lun), {
      readOnly: true,
      environment: { FENCELAB_INITIATOR: iscsiNameOf('observer') },
    });
  }

  async openPaths(node: string, lun: number): Promise<readonly LogicalUnitPath[]> {
    const { socketPath } = this.#node(node);
    const paths = pathsOf(this.#site, node).filter((path) => path.lun === lun);
    return Promise.all(
      paths.map((path) => connectHostSocket(socketPath, deviceOf(path), `cluster software of ${node}`)),
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

  losePath(node: string, portalIndex: number): Promise<void> {
    this.#cables.get(cableKey(initiatorOwnerOf(this.#site, node), portalIndex))?.cut();
    return Promise.resolve();
  }

  async restorePath(node: string, portalIndex: number): Promise<void> {
    await this.#cables.get(cableKey(initiatorOwnerOf(this.#site, node), portalIndex))?.mend();
  }

  async powerCycleArray(): Promise<void> {
    if (this.#array.powerCycle === undefined) throw new Error('this array cannot be told to lose its power');
    await this.#array.powerCycle();
  }

  async holdInHost(node: string, lun: number, count: number): Promise<Hold> {
    const { host } = nodeOf(this.#site, node);
    const [path] = pathsOf(this.#site, node).filter((each) => each.lun === lun);
    if (host === null || path === undefined) throw new Error(`${node} has no hypervisor to hold a write`);
    const client = await HostClient.connect(this.#socketOf(host));
    this.#holdClients.add(client);
    const hold = await client.holdWrites(hypervisorDevice(path), { count });
    return {
      held: client.awaitHeld(hold).catch(() => undefined),
      release: async () => {
        await client.releaseWrites(hold);
      },
    };
  }

  holdInArray(node: string, lun: number, count: number): Promise<Hold> {
    const [path] = pathsOf(this.#site, node).filter((each) => each.lun === lun);
    if (path === undefined) throw new Error(`${node} has no path to LUN ${lun}`);
    const url = parseIscsiUrl(this.#urlOf(path));
    const { isid } = nexusIdentity(url, iscsiNameOf(initiatorOwnerOf(this.#site, node)));
    const nexusId = itNexusId(nexusOf(this.#site, node, path.portalIndex, isid));
    if (this.#array.holdWrites === undefined) throw new Error('this array cannot be told to hold writes');
    return Promise.resolve(this.#array.holdWrites(lun, nexusId, count));
  }

  async close(): Promise<void> {
    for (const client of this.#holdClients) client.close();
    await this.#children.endAll();
    for (const cable of this.#cables.values()) cable.cut();
    await rm(this.#folder, { recursive: true, force: true });
    process.removeListener('exit', this.#atExit);
    await this.#array.close();
  }

  #signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const { agent, applications } = this.#node(name);
    for (const { child } of applications) child.kill(signal);
    agent.kill(signal);
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

  #socketOf(owner: string): string {
    return join(this.#folder, `${owner}.sock`);
  }

  /** Whoever only looks needs no cable that can be cut. */
  #observerUrl(lun: number): string {
    const [portal] = this.#array.portals;
    if (portal === undefined) throw new Error('the array has no portal');
    return this.#array.urlOf(lun, portal);
  }

  #urlOf(path: DevicePath): string {
    const owner = initiatorOwnerOf(this.#site, path.node);
    const cable = this.#cables.get(cableKey(owner, path.portalIndex));
    if (cable === undefined) throw new Error(`there is no path ${path.portalIndex} of ${owner}`);
    return this.#array.urlOf(path.lun, cable);
  }
}

const cableKey = (owner: string, portalIndex: number): string => `${owner} ${portalIndex}`;
/** `/dev/sdb` is `sdb` at its node's socket, and `guest1.sdb` at its hypervisor's. */
const deviceOf = (path: DevicePath): string => basename(path.device);
const hypervisorDevice = (path: DevicePath): string => `${path.node}.${deviceOf(path)}`;
