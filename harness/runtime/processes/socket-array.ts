import type { IscsiUrl } from '../../../initiator/index.js';
import type { ItNexusId } from '../../../protocol/index.js';
import type { ArrayDescription } from '../external/array-description.js';
import type { Hold } from '../runtime.js';

export type Portal = Pick<IscsiUrl, 'host' | 'port'>;

/** An array that processes play on: one of our own, or somebody else's. LUNs are those of the scenario. */
interface AnyArray {
  /** Absent: it is our own. */
  readonly description?: ArrayDescription | undefined;
  /** What whoever logs in to it must have in the environment; secrets do not stand on command lines. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The device by which a machine that is no node reaches a LUN. */
  observerDevice(lun: number): string;
  /** Keeps writes that come by some nexuses back behind the reservation check; absent where nobody can make the array do so. */
  readonly holdWrites?: (lun: number, nexusIds: readonly ItNexusId[], count: number) => Hold;
  /** Power goes and comes back; absent where nobody can make the array do so. */
  readonly powerCycle?: () => Promise<void>;
  close(): Promise<void>;
}

/** An array that machines log in to. */
export interface SocketArray extends AnyArray {
  /** Where the target ports listen, one for each that the scenario has. */
  readonly portals: readonly Portal[];
  /** The URL of a LUN through a portal, or through a cable that leads to it. */
  urlOf(lun: number, through: Portal): string;
}

/** An array that each machine reaches by command lines. */
export interface CommandLineArray extends AnyArray {
  /** The `exec:` device of whoever has an initiator port, for a LUN by one of its paths, from 0. */
  wayOf(port: string, lun: number, portalIndex: number): string;
}

export type PlayedArray = SocketArray | CommandLineArray;

/** Where an array listens; nowhere that this machine knows, if command lines reach it. */
export const portalsOf = (array: PlayedArray): readonly Portal[] => ('portals' in array ? array.portals : []);
