import type { ItNexus, ItNexusId } from '../../protocol/index.js';
import type { Target, TargetEvent } from '../../target/index.js';
import type { Site } from '../cluster/model.js';
import { formatIsid } from '../../initiator/index.js';
import { iscsiNameOf, worldWideNameOf } from '../cluster/nexus.js';
import type { NexusShown, ScenarioHappening } from './events.js';

type ReservationState = Extract<TargetEvent, { type: 'persistentReserveOut' }>['after'];

/**
 * Shows who is registered with each LUN of the built-in array: now, when nobody is, and after each PERSISTENT RESERVE
 * OUT that changes it. It is drawn, and nothing is judged by it.
 */
export function showReservations(
  target: Target,
  site: Site,
  show: (happening: ScenarioHappening) => void,
): void {
  for (const { lun } of site.array.luns) {
    show({ type: 'reservations', lun, registrations: [], reservation: null });
  }
  const shown = new ShownNexuses(site);
  target.onEvent((event) => {
    if (event.type !== 'persistentReserveOut' || event.before === event.after) return;
    show({ type: 'reservations', lun: event.lun, ...shownState(event.after, shown) });
  });
}

function shownState(
  { registrations, reservation }: ReservationState,
  shown: ShownNexuses,
): Pick<Extract<ScenarioHappening, { type: 'reservations' }>, 'registrations' | 'reservation'> {
  const shownHolder = (id: ItNexusId | null): NexusShown | null => {
    const nexus = id === null ? undefined : registrations.get(id)?.nexus;
    return nexus === undefined ? null : shown.of(nexus);
  };
  return {
    registrations: [...registrations.values()].map(({ nexus, key }) => ({
      ...shown.of(nexus),
      key: `0x${key.toString(16)}`,
    })),
    reservation: reservation && { type: reservation.type, holder: shownHolder(reservation.holder) },
  };
}

/** What the nexuses of a run are called: by the owner of the initiator port, and by the ISID where it has had several. */
class ShownNexuses {
  readonly #site: Site;
  /** By owner and target port: the ISID that registered first. */
  readonly #firstIsids = new Map<string, bigint | null>();

  constructor(site: Site) {
    this.#site = site;
  }

  of({ initiatorPort, relativeTargetPortId: path }: ItNexus): NexusShown {
    const initiator = this.#ownerOf(initiatorPort);
    if (initiatorPort.protocol !== 'iscsi') return { initiator, path };
    const { isid } = initiatorPort;
    const place = `${initiator} ${path}`;
    const first = this.#firstIsids.get(place) ?? isid;
    this.#firstIsids.set(place, first);
    return isid === first || isid === null
      ? { initiator, path }
      : { initiator, isid: formatIsid(isid), path };
  }

  /** By the name that the scenario has for it, else by its own. */
  #ownerOf(port: ItNexus['initiatorPort']): string {
    const { hosts, servers = [], nodes } = this.#site;
    const iscsiName = port.protocol === 'iscsi' ? port.iscsiName : port.protocol;
    const owner = [...hosts, ...servers, ...nodes].find(({ name }) =>
      port.protocol === 'fibreChannel'
        ? worldWideNameOf(name) === port.nPortName
        : iscsiNameOf(name) === iscsiName,
    );
    return owner?.name ?? iscsiName;
  }
}

/** `esx1 path 2`, with the ISID between them where it has one. */
export const nexusText = ({ initiator, isid, path }: NexusShown): string =>
  `${initiator}${isid === undefined ? '' : ` ISID ${isid}`} path ${path}`;
