import { randomBytes } from 'node:crypto';
import { BlockDevice, formatPortal, LogicalUnit, type IscsiUrl } from '../../../initiator/index.js';
import type { ArrayModel } from '../../cluster/model.js';
import { RECORD_LENGTH_BYTES } from '../../oracle/types.js';
import { pastAttentions } from '../application.js';
import type { Portal, SocketArray } from '../processes/socket-array.js';
import type { ArrayDescription } from './array-description.js';
import { ExternalArray } from './external-array.js';
import { ExternalLun, TargetRefusedError } from './external-lun.js';
import { findWhatIsLacking } from './reservations.js';

export interface ExternalTargetOptions {
  /** LUNs of scenarios in their order, all behind one portal: nothing else is written. */
  readonly luns: readonly IscsiUrl[];
  /** Portals of the second and following paths; the same one again makes another nexus through it. */
  readonly furtherPortals: readonly Portal[];
  /** Clears registrations and reservations that are there already; otherwise such a LUN is refused. */
  readonly force: boolean;
}

/** An array that nobody here wrote, found fit to play scenarios on. */
export class ExternalTarget {
  readonly description: ArrayDescription;
  readonly #luns: readonly ExternalLun[];
  readonly #portals: readonly Portal[];

  private constructor(
    luns: readonly ExternalLun[],
    portals: readonly Portal[],
    description: ArrayDescription,
  ) {
    this.#luns = luns;
    this.#portals = portals;
    this.description = description;
  }

  /**
   * Looks at every LUN before it changes the first: a disk, long enough, free. Then sees by a block that each LUN is one
   * of its own and the same through every portal. Throws DeviceOpenError or TargetRefusedError, one line each.
   */
  static async open({ luns: urls, furtherPortals, force }: ExternalTargetOptions): Promise<ExternalTarget> {
    const [first] = urls;
    if (first === undefined) throw new Error('no LUN is given');
    const luns = urls.map((url) => new ExternalLun(url));
    const portals: Portal[] = [{ host: first.host, port: first.port }, ...furtherPortals];
    for (const lun of luns) {
      await lun.use(async (path) => {
        await lun.checkMedium(path);
        if (!force) await lun.checkFree(path, false);
      });
    }
    if (force) for (const lun of luns) await lun.use((path) => lun.checkFree(path, true));
    await checkTheyAreOneEach(luns, portals);
    const description = await describe(luns, portals);
    return new ExternalTarget(luns, portals, description);
  }

  /** Makes the LUNs of a scenario blank for it; the array leaves them without registrations when it is closed. */
  async arrayFor({ luns, portals }: ArrayModel): Promise<SocketArray> {
    if (luns.length > this.#luns.length || portals > this.#portals.length) {
      throw new Error('the target has fewer LUNs or portals than the scenario');
    }
    const used = this.#luns.slice(0, luns.length);
    for (const lun of used) {
      await lun.use(async (path) => {
        await lun.checkFree(path, false);
        await lun.zero(path);
      });
    }
    return new ExternalArray(this.description, used, this.#portals.slice(0, portals));
  }
}

/** Each LUN gets a block of its own through the first portal, which every portal must then show. */
async function checkTheyAreOneEach(luns: readonly ExternalLun[], portals: readonly Portal[]): Promise<void> {
  const marks = luns.map((lun) => ({ lun, mark: randomBytes(RECORD_LENGTH_BYTES) }));
  for (const { lun, mark } of marks) await lun.use((path) => new BlockDevice(path).write(0n, mark));
  for (const { lun, mark } of marks) {
    for (const portal of portals) {
      const seen = await lun.use((path) => new BlockDevice(path).read(0n, 1), portal);
      if (seen.equals(mark)) continue;
      throw new TargetRefusedError(
        `${lun.name}: through ${formatPortal(portal)} another medium is seen, expected a LUN of its own, the same ` +
          'through every portal',
      );
    }
  }
}

async function describe(luns: readonly ExternalLun[], portals: readonly Portal[]): Promise<ArrayDescription> {
  const [first] = luns;
  if (first === undefined) throw new Error('no LUN is given');
  return first.use(async (path) => {
    const { value } = await pastAttentions(() => new LogicalUnit(path).inquiry());
    const word = (text = ''): string => text.trim();
    return {
      vendor: word(value?.vendor),
      product: word(value?.product),
      revision: word(value?.revision),
      urls: luns.map(({ name }) => name),
      portals: portals.map(formatPortal),
      lacks: await findWhatIsLacking(path),
    };
  });
}
