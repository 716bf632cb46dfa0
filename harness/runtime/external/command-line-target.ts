import type { ArrayModel } from '../../cluster/model.js';
import type { CommandLineArray } from '../processes/socket-array.js';
import type { ArrayDescription } from './array-description.js';
import { clearAll, examine, makeBlank, type ArrayThatIsThere } from './array-that-is-there.js';
import { ExternalLun, TargetRefusedError, type Way } from './external-lun.js';
import { knowsReservations, registerWay } from './reservations.js';

/** How a machine reaches the LUNs by one of its paths. */
export interface MachinePath {
  /** A physical node, a hypervisor, or whatever else has an initiator port of its own. */
  readonly machine: string;
  /** From 0. */
  readonly portalIndex: number;
  /** `exec:` devices, LUN by LUN in the order of scenarios. */
  readonly devices: readonly string[];
}

export interface CommandLineTargetOptions {
  /** At least one; the harness itself goes by the first. */
  readonly paths: readonly MachinePath[];
  /** Clears registrations and reservations that are there already; otherwise such a LUN is refused. */
  readonly force: boolean;
}

/** `node1`, and `node1@2` for its second path: as `--via` names it. */
export const pathName = ({ machine, portalIndex }: Pick<MachinePath, 'machine' | 'portalIndex'>): string =>
  portalIndex === 0 ? machine : `${machine}@${portalIndex + 1}`;

/** An array that nobody here wrote and that machines reach by command lines, found fit to play scenarios on. */
export class CommandLineTarget implements ArrayThatIsThere {
  readonly description: ArrayDescription;
  readonly #paths: readonly MachinePath[];
  readonly #luns: readonly ExternalLun[];

  private constructor(
    paths: readonly MachinePath[],
    luns: readonly ExternalLun[],
    description: ArrayDescription,
  ) {
    this.#paths = paths;
    this.#luns = luns;
    this.description = description;
  }

  /**
   * Sees that each LUN is a disk, long enough and free, one of its own and the same by every way, and that no two ways are
   * one I_T nexus: scenarios rest on machines that the array can tell apart. Throws DeviceOpenError or
   * TargetRefusedError, one line each.
   */
  static async open({ paths, force }: CommandLineTargetOptions): Promise<CommandLineTarget> {
    const ways = paths.flatMap((path) =>
      path.devices.map((device, lun) => ({ lun, name: pathName(path), device })),
    );
    const count = Math.max(...paths.map(({ devices }) => devices.length));
    const luns = Array.from(
      { length: count },
      (_, lun) =>
        new ExternalLun(
          `LUN ${lun}`,
          ways.filter((way) => way.lun === lun),
        ),
    );
    const found = await examine(luns, force);
    for (const lun of luns) await checkTheyAreToldApart(lun);
    const urls = ways.map(({ name, device }) => `${name}=${device}`);
    return new CommandLineTarget(paths, luns, { ...found, urls, portals: [] });
  }

  async arrayFor({ luns }: ArrayModel): Promise<CommandLineArray> {
    const used = this.#luns.slice(0, luns.length);
    await makeBlank(used);
    const wayOf = (machine: string, lun: number, portalIndex: number): string => {
      const path = this.#paths.find((each) => each.machine === machine && each.portalIndex === portalIndex);
      const device = path?.devices[lun];
      if (device === undefined)
        throw new Error(`${pathName({ machine, portalIndex })} has no way to LUN ${lun}`);
      return device;
    };
    return {
      description: this.description,
      wayOf,
      observerDevice: (lun) => {
        const [way] = this.#luns[lun]?.ways ?? [];
        if (way === undefined) throw new Error(`there is no way to LUN ${lun}`);
        return way.device;
      },
      close: () => clearAll(used),
    };
  }
}

/** What has no PERSISTENT RESERVE tells nobody apart, which the description says. */
async function checkTheyAreToldApart(lun: ExternalLun): Promise<void> {
  if (!(await lun.use(knowsReservations))) return;
  try {
    for (const [place, way] of lun.ways.entries()) await checkNobodyWentMissing(lun, way, place);
  } finally {
    await clearAll([lun]);
  }
}

/** Registers one way more; the keys of those before it must still be there. */
async function checkNobodyWentMissing(lun: ExternalLun, way: Way, place: number): Promise<void> {
  const there = await lun.use((path) => registerWay(path, place), way);
  const gone = lun.ways.slice(0, place).find((_, before) => !there.includes(before));
  if (gone === undefined) return;
  throw new TargetRefusedError(
    `${lun.name}: ${gone.name} and ${way.name} are one I_T nexus to the array, expected each to be one of its own`,
  );
}
