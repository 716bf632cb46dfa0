import type { IscsiUrl } from '../../../initiator/index.js';
import type { ItNexusId } from '../../../protocol/index.js';
import type { ArrayDescription } from '../external/array-description.js';
import type { Hold } from '../runtime.js';

export type Portal = Pick<IscsiUrl, 'host' | 'port'>;

/** An array that nodes reach over sockets: one of our own, or somebody else's. LUNs are those of the scenario. */
export interface SocketArray {
  /** Absent: it is our own. */
  readonly description?: ArrayDescription | undefined;
  /** Where the target ports listen, one for each that the scenario has. */
  readonly portals: readonly Portal[];
  /** The URL of a LUN through a portal, or through a cable that leads to it. */
  urlOf(lun: number, through: Portal): string;
  /** Keeps writes of a nexus back behind the reservation check; absent where nobody can make the array do so. */
  readonly holdWrites?: (lun: number, nexusId: ItNexusId, count: number) => Hold;
  /** Power goes and comes back; absent where nobody can make the array do so. */
  readonly powerCycle?: () => Promise<void>;
  close(): Promise<void>;
}
