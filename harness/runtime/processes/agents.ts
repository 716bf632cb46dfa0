import { spawn, type ChildProcess } from 'node:child_process';
import { basename, join } from 'node:path';
import { mappingOf, pathsOf, type DevicePath, type MappingMode, type Site } from '../../cluster/model.js';
import { iscsiNameOf } from '../../cluster/nexus.js';
import { packageRoot } from '../package-root.js';
import { Cable } from './cable.js';
import { firstLine, type Children } from './child.js';
import { portalsOf, type PlayedArray } from './socket-array.js';

/** A lost path is given up at once, as multipath has it: another one carries on. */
const REPLACEMENT_TIMEOUT_MS = 500;

/** Starts the `fencelab host` processes of a site: what logs in by an initiator port, and what is behind another host. */
export class Agents {
  readonly #site: Site;
  readonly #array: PlayedArray;
  readonly #folder: string;
  readonly #children: Children;
  readonly #cables = new Map<string, Cable>();

  /** `folder`: where their sockets are. */
  constructor(site: Site, array: PlayedArray, folder: string, children: Children) {
    this.#site = site;
    this.#array = array;
    this.#folder = folder;
    this.#children = children;
  }

  socketOf(name: string): string {
    return join(this.#folder, `${name}.sock`);
  }

  /** What logs in by a port, and offers every path of every LUN. */
  async startInitiator(name: string, port: string): Promise<ChildProcess> {
    for (const [index, portal] of portalsOf(this.#array).entries()) {
      const key = cableKey(port, index);
      if (!this.#cables.has(key)) this.#cables.set(key, await Cable.lay(portal));
    }
    const devices = pathsOf(this.#site, name).map(
      (path) =>
        `${deviceOf(path)}=${this.wayTo(port, path)},rdm=${mappingOf(this.#site, name, path.lunName)}`,
    );
    // A machine boots with the paths that it has; one that is lost comes when it is restored.
    const isAnyCut = portalsOf(this.#array).some((_, index) => this.cableOf(port, index).isCut);
    const late = isAnyCut ? ['--keep-trying'] : [];
    return this.#start(name, ['--initiator', iscsiNameOf(port), ...late, ...devices]);
  }

  /** A guest whose devices are those of the same names at the socket of another agent. */
  startGuest(name: string, upstream: string, mapping: MappingMode): Promise<ChildProcess> {
    const devices = pathsOf(this.#site, name).map(
      (path) => `${deviceOf(path)}=socket:${upstream}#${deviceOf(path)},rdm=${mapping}`,
    );
    return this.#start(name, devices);
  }

  /** The path of a port through a portal. Throws where nobody has logged in by that port. */
  cableOf(port: string, portalIndex: number): Cable {
    const cable = this.#cables.get(cableKey(port, portalIndex));
    if (cable === undefined) throw new Error(`there is no path ${portalIndex} of ${port}`);
    return cable;
  }

  /** The device by which whoever has a port reaches a LUN. */
  wayTo(port: string, path: DevicePath): string {
    if ('wayOf' in this.#array) return this.#array.wayOf(port, path.lun, path.portalIndex);
    return this.#array.urlOf(path.lun, this.cableOf(port, path.portalIndex));
  }

  cutAll(): void {
    for (const cable of this.#cables.values()) cable.cut();
  }

  async #start(name: string, args: readonly string[]): Promise<ChildProcess> {
    const program = join(packageRoot(), 'dist', 'bin', 'fencelab.js');
    const agent = spawn(
      process.execPath,
      [
        program,
        'host',
        '--socket',
        this.socketOf(name),
        '--replacement-timeout',
        String(REPLACEMENT_TIMEOUT_MS),
        // A run that is killed cannot end what it started: its end of the pipe does.
        '--until-eof',
        // Two machines may have one initiator port, each unaware of the other.
        '--machine',
        name,
        ...args,
      ],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        env: { ...process.env, ...this.#array.environment },
      },
    );
    this.#children.add(agent);
    await firstLine(agent, `fencelab host of ${name}`);
    return agent;
  }
}

/** `/dev/sdb` is `sdb` at the socket of its node, and of its hypervisor. */
export const deviceOf = (path: DevicePath): string => basename(path.device);

const cableKey = (port: string, portalIndex: number): string => `${port} ${portalIndex}`;
