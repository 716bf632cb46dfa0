import { formatPortal } from '../../../protocol/index.js';
import { formatIscsiUrl, type IscsiUrl } from '../../../initiator/index.js';
import type { ArrayModel } from '../../cluster/model.js';
import type { Portal, SocketArray } from '../processes/socket-array.js';
import type { ArrayDescription } from './array-description.js';
import { clearAll, examine, makeBlank, type ArrayThatIsThere } from './array-that-is-there.js';
import { ExternalLun, TargetRefusedError } from './external-lun.js';

export interface ExternalTargetOptions {
  /** LUNs of scenarios in their order, all behind one portal: nothing else is written. */
  readonly luns: readonly IscsiUrl[];
  /** Portals of the second and following paths; the same one again makes another nexus through it. */
  readonly furtherPortals: readonly Portal[];
  /** Clears registrations and reservations that are there already; otherwise such a LUN is refused. */
  readonly force: boolean;
}

/** An array that nobody here wrote and that machines log in to, found fit to play scenarios on. */
export class ExternalTarget implements ArrayThatIsThere {
  readonly description: ArrayDescription;
  readonly #urls: readonly IscsiUrl[];
  readonly #luns: readonly ExternalLun[];
  readonly #portals: readonly Portal[];

  private constructor(
    urls: readonly IscsiUrl[],
    luns: readonly ExternalLun[],
    portals: readonly Portal[],
    description: ArrayDescription,
  ) {
    this.#urls = urls;
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
    const portals: Portal[] = [{ host: first.host, port: first.port }, ...furtherPortals];
    const luns = urls.map((url) => {
      const ways = portals.map((portal) => ({ name: formatPortal(portal), device: urlThrough(url, portal) }));
      return new ExternalLun(formatIscsiUrl(url), ways);
    });
    const found = await examine(luns, force);
    const description = { ...found, urls: luns.map(({ name }) => name), portals: portals.map(formatPortal) };
    return new ExternalTarget(urls, luns, portals, description);
  }

  async arrayFor({ luns, portals }: ArrayModel): Promise<SocketArray> {
    if (luns.length > this.#luns.length || portals > this.#portals.length) {
      throw new Error('the target has fewer LUNs or portals than the scenario');
    }
    const used = this.#luns.slice(0, luns.length);
    await makeBlank(used);
    const urls = this.#urls.slice(0, luns.length);
    const urlOf = (lun: number, through?: Portal): string => {
      const url = urls[lun];
      if (url === undefined) throw new Error(`there is no LUN ${lun}`);
      return formatIscsiUrl({ ...url, ...portalOf(through ?? url) });
    };
    return {
      description: this.description,
      environment: environmentFor(urls),
      portals: this.#portals.slice(0, portals),
      urlOf,
      observerDevice: (lun) => urlOf(lun),
      close: () => clearAll(used),
    };
  }
}

const portalOf = ({ host, port }: Portal): Portal => ({ host, port });

/** The URL through a portal; with credentials, and so for this process alone. */
function urlThrough(url: IscsiUrl, portal: Portal): string {
  const text = formatIscsiUrl({ ...url, ...portalOf(portal) });
  if (url.chap === undefined) return text;
  const { user, password } = url.chap;
  return text.replace('://', `://${user}${password === undefined ? '' : `%${password}`}@`);
}

/** The credentials of the URLs as processes are told of them. Throws TargetRefusedError where they are not all the same. */
function environmentFor(urls: readonly IscsiUrl[]): Readonly<Record<string, string>> {
  const [first] = urls;
  const isSame = urls.every(
    ({ chap }) => chap?.user === first?.chap?.user && chap?.password === first?.chap?.password,
  );
  if (!isSame) throw new TargetRefusedError('the URLs have different users: expected one for all LUNs');
  if (first?.chap === undefined) return {};
  const { user, password } = first.chap;
  return { FENCELAB_CHAP_USER: user, ...(password === undefined ? {} : { FENCELAB_CHAP_SECRET: password }) };
}
