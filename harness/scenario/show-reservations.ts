import type { ItNexus, ItNexusId } from '../../protocol/index.js';
import type { Target, TargetEvent } from '../../target/index.js';
import type { Site } from '../cluster/model.js';
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
  target.onEvent((event) => {
    if (event.type !== 'persistentReserveOut' || event.before === event.after) return;
    show({ type: 'reservations', lun: event.lun, ...shownState(event.after, site) });
  });
}

function shownState(
  { registrations, reservation }: ReservationState,
  site: Site,
): Pick<Extract<ScenarioHappening, { type: 'reservations' }>, 'registrations' | 'reservation'> {
  const shownHolder = (id: ItNexusId | null): NexusShown | null => {
    const nexus = id === null ? undefined : registrations.get(id)?.nexus;
    return nexus === undefined ? null : shownNexus(nexus, site);
  };
  return {
    registrations: [...registrations.values()].map(({ nexus, key }) => ({
      ...shownNexus(nexus, site),
      key: `0x${key.toString(16)}`,
    })),
    reservation: reservation && { type: reservation.type, holder: shownHolder(reservation.holder) },
  };
}

/** The owner of the initiator port by the name that the scenario has for it, else by its own. */
function shownNexus({ initiatorPort, relativeTargetPortId }: ItNexus, site: Site): NexusShown {
  const iscsiName = initiatorPort.protocol === 'iscsi' ? initiatorPort.iscsiName : initiatorPort.protocol;
  const owners = [...site.hosts, ...(site.servers ?? []), ...site.nodes].map(({ name }) => name);
  const owner = owners.find((name) =>
    initiatorPort.protocol === 'fibreChannel'
      ? worldWideNameOf(name) === initiatorPort.nPortName
      : iscsiNameOf(name) === iscsiName,
  );
  return { initiator: owner ?? iscsiName, path: relativeTargetPortId };
}
