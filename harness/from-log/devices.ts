import { deviceName, type Site } from '../cluster/model.js';
import { LogError } from './errors.js';
import { didNothing } from './meaning.js';
import type { LoggedCommand } from './read-log.js';

/** Where a device name leads. */
export interface DevicePlace {
  readonly lun: number;
  /** Relative target port identifier, from 1. */
  readonly port: number;
}

/** `--map`: a device name of one node, or of all, and where it leads. */
export interface DeviceMapping extends DevicePlace {
  /** As it was typed. */
  readonly text: string;
  /** Undefined: of every node. */
  readonly node: string | undefined;
  readonly device: string;
}

/** `--host`: nodes that are guests of one hypervisor, and so share its nexus. */
export interface HostOfNodes {
  readonly text: string;
  readonly host: string;
  readonly nodes: readonly string[];
}

const LUN_MAX = 63;
const PORT_MAX = 8;
const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Reads `[NODE:]DEVICE=LUN[@PORT]`. Throws LogError. */
export function parseDeviceMapping(text: string): DeviceMapping {
  const match = /^(?:(?!iscsi:)([^:=/]+):)?([^=]+)=(\d{1,2})(?:@(\d))?$/i.exec(text);
  const [, node, device = '', lunText, portText = '1'] = match ?? [];
  const lun = Number(lunText);
  const port = Number(portText);
  if (match === null || lun > LUN_MAX || port < 1 || port > PORT_MAX) {
    throw new LogError(
      `--map ${text}: expected [NODE:]DEVICE=LUN[@PORT], LUN 0 to ${LUN_MAX}, PORT 1 to ${PORT_MAX}, for example node1:/dev/sdc=0@2`,
    );
  }
  return { text, node, device, lun, port };
}

/** Reads `HOST=NODE,NODE...`. Throws LogError. */
export function parseHostOfNodes(text: string): HostOfNodes {
  const [host = '', list, ...more] = text.split('=');
  const nodes = list?.split(',') ?? [];
  if (!HOST_NAME.test(host) || nodes.length === 0 || nodes.includes('') || more.length > 0) {
    throw new LogError(`--host ${text}: expected HOST=NODE,NODE..., for example esx1=node1,node2`);
  }
  return { text, host, nodes };
}

/** Which LUN, through which port, each device name of each node is. */
export class DeviceTable {
  readonly #mappings: readonly DeviceMapping[];
  readonly #unmapped = new Map<string, number>();

  /**
   * What no mapping names is the same LUN on every node that calls it the same; such LUNs are numbered as their names
   * first appear in `commands` that are replayed. Throws LogError where mappings contradict each other, or one is about
   * a device that no command names.
   */
  constructor(commands: readonly LoggedCommand[], mappings: readonly DeviceMapping[]) {
    this.#mappings = mappings;
    refuseContradictions(mappings);
    const taken = new Set(mappings.map(({ lun }) => lun));
    let next = 0;
    for (const { node, options, recordedExitStatus, place } of commands) {
      const device = options?.deviceName;
      if (device === undefined || didNothing(recordedExitStatus)) continue;
      if (device.trim() === '') throw new LogError(`${place}: the name of its device is empty, expected one`);
      if (this.#unmapped.has(device) || this.#mapped(node, device) !== undefined) continue;
      while (taken.has(next)) next += 1;
      if (next > LUN_MAX) throw new LogError(`the logs name more than ${LUN_MAX + 1} devices`);
      this.#unmapped.set(device, next);
      taken.add(next);
    }
    const unused = mappings.find(
      (mapping) => !commands.some(({ node, options }) => isAbout(mapping, node, options?.deviceName)),
    );
    if (unused !== undefined) {
      throw new LogError(
        `--map ${unused.text}: no log names this device, expected one of ${names(commands)}`,
      );
    }
  }

  get luns(): readonly number[] {
    const mapped = this.#mappings.map(({ lun }) => lun);
    return [...new Set([...mapped, ...this.#unmapped.values()])].sort((one, other) => one - other);
  }

  get ports(): number {
    return Math.max(1, ...this.#mappings.map(({ port }) => port));
  }

  placeOf({ node, options }: LoggedCommand): DevicePlace | undefined {
    const device = options?.deviceName;
    if (device === undefined) return undefined;
    const lun = this.#unmapped.get(device);
    return this.#mapped(node, device) ?? (lun === undefined ? undefined : { lun, port: 1 });
  }

  /** The arguments of a command, with the name that the device has where it is replayed. */
  argsOf(command: LoggedCommand): readonly string[] {
    const place = this.placeOf(command);
    const device = command.options?.deviceName;
    if (place === undefined || device === undefined) return command.args;
    const name = deviceName(place.lun, place.port - 1, this.ports);
    const at = command.args.findLastIndex((argument) => argument === device || holdsDevice(argument, device));
    return command.args.map((argument, index) =>
      index === at ? argument.slice(0, argument.length - device.length) + name : argument,
    );
  }

  /** What a mapping for the very node says goes before one for all. */
  #mapped(node: string, device: string): DevicePlace | undefined {
    const about = this.#mappings.filter((mapping) => isAbout(mapping, node, device));
    return about.find((mapping) => mapping.node !== undefined) ?? about[0];
  }
}

function refuseContradictions(mappings: readonly DeviceMapping[]): void {
  for (const { text, node, device, lun, port } of mappings) {
    const other = mappings.find(
      (mapping) =>
        mapping.node === node && mapping.device === device && (mapping.lun !== lun || mapping.port !== port),
    );
    if (other === undefined) continue;
    throw new LogError(`--map ${other.text}: contradicts --map ${text}, expected one of them`);
  }
}

const isAbout = (mapping: DeviceMapping, node: string, device: string | undefined): boolean =>
  mapping.device === device && (mapping.node === undefined || mapping.node === node);

/** `--device=/dev/sdb`, an abbreviation of it, or `-nd/dev/sdb`. */
const holdsDevice = (argument: string, device: string): boolean =>
  argument.endsWith(device) && /^(?:--d\w*=|-[A-Za-z]*d)$/.test(argument.slice(0, -device.length));

function names(commands: readonly LoggedCommand[]): string {
  const all = commands.flatMap(({ node, options }) =>
    options === undefined ? [] : `${node}:${options.deviceName}`,
  );
  return [...new Set(all)].join(', ');
}

/** The nodes of the logs, the hypervisors that some are guests of, and an array with their LUNs. */
export function siteOf(nodes: readonly string[], devices: DeviceTable, hosts: readonly HostOfNodes[]): Site {
  const initiators = new Set(nodes.map((node) => node.toLowerCase()));
  const hostOf = new Map<string, string>();
  for (const { text, host, nodes: guests } of hosts) {
    if (initiators.has(host.toLowerCase())) {
      throw new LogError(`--host ${text}: ${host} is a node or a host already, expected a name of its own`);
    }
    initiators.add(host.toLowerCase());
    for (const guest of guests) {
      if (!nodes.includes(guest)) {
        throw new LogError(
          `--host ${text}: there is no log of ${guest}, expected one of ${nodes.join(', ')}`,
        );
      }
      const other = hostOf.get(guest);
      if (other !== undefined) {
        throw new LogError(`--host ${text}: ${guest} is a guest of ${other} already, expected it once`);
      }
      hostOf.set(guest, host);
    }
  }
  return {
    array: {
      portals: devices.ports,
      luns: devices.luns.map((lun) => ({ lun, name: `LUN ${lun}`, nopr: false })),
      quirks: [],
    },
    hosts: hosts.map(({ host }) => ({ name: host })),
    nodes: nodes.map((name) => ({
      name,
      cluster: '',
      host: hostOf.get(name) ?? null,
      mapping: 'physical',
      access: 'raw-device-mapping',
    })),
    clusters: [],
    packages: [],
  };
}
