import { itNexusId, type ItNexusId, type LogicalUnitPath } from '../../../protocol/index.js';
import { DeviceIoError, isMediumRead, isMediumWrite } from '../../../initiator/index.js';
import type { Target } from '../../../target/index.js';
import type { DevicePath, Transport } from '../../cluster/model.js';
import { nexusOf } from '../../cluster/nexus.js';
import type { Place } from '../../cluster/placement.js';
import type { Gate } from './gate.js';

/** One for every initiator port: their names tell them apart. */
const ISID = 0x80_0000_000001n;

/** The nexus of a place on one of its paths. */
export const nexusIdAt = (place: Place, portalIndex: number, transport?: Transport): ItNexusId =>
  itNexusId(nexusOf(place, portalIndex, ISID, transport));

/**
 * The sessions of a site without sockets. Who keeps one (a node, a hypervisor, a virtual port) is a gate: while it is
 * shut its commands wait, and when it dies its sessions end. A second keeper that uses a nexus reinstates its session,
 * and what the first had under way is aborted (RFC 7143 6.3.5). With Fibre Channel the array hears nothing of either: two
 * machines with one WWN are one nexus, and what one had handed over goes on when it dies.
 */
export class MemorySessions {
  readonly #target: Target;
  readonly #transport: Transport;
  readonly #keepers = new Map<ItNexusId, Gate>();
  readonly #cut = new Set<ItNexusId>();

  constructor(target: Target, transport: Transport) {
    this.#target = target;
    this.#transport = transport;
  }

  /** A way to a LUN that a keeper offers, as a kernel does: reads and writes outlive the session, nothing else does. */
  open(place: Place, { portalIndex, lun, device }: DevicePath, keeper: Gate): LogicalUnitPath {
    const nexus = nexusOf(place, portalIndex, ISID, this.#transport);
    const nexusId = itNexusId(nexus);
    const unit = this.#target.connectInMemory(nexus, lun);
    return {
      name: unit.name,
      execute: async (cdb, options) => {
        for (;;) {
          if (keeper.isDead) throw new DeviceIoError('EIO', `${device}: who kept its session is dead`);
          await keeper.pass();
          if (this.#cut.has(nexusId)) throw new DeviceIoError('EIO', `${device}: the path is lost`);
          this.#logIn(nexusId, keeper);
          try {
            return await unit.execute(cdb, options);
          } catch (error) {
            if (this.#cut.has(nexusId) || !(isMediumRead(cdb) || isMediumWrite(cdb))) throw error;
          }
        }
      },
      close: () => unit.close(),
    };
  }

  /** Ends the sessions of a keeper that has died. */
  end(keeper: Gate): void {
    for (const [nexusId, one] of this.#keepers) {
      if (one !== keeper) continue;
      this.#keepers.delete(nexusId);
      this.#drop(nexusId);
    }
  }

  /** A path is lost for whoever uses it. */
  cut(place: Place, portalIndex: number): void {
    const nexusId = nexusIdAt(place, portalIndex, this.#transport);
    this.#cut.add(nexusId);
    this.#target.dropConnections(nexusId);
  }

  /** The path is there again. */
  mend(place: Place, portalIndex: number): void {
    this.#cut.delete(nexusIdAt(place, portalIndex, this.#transport));
  }

  #logIn(nexusId: ItNexusId, keeper: Gate): void {
    const before = this.#keepers.get(nexusId);
    this.#keepers.set(nexusId, keeper);
    if (before !== undefined && before !== keeper) this.#drop(nexusId);
  }

  #drop(nexusId: ItNexusId): void {
    if (this.#transport === 'iscsi') this.#target.dropConnections(nexusId);
  }
}
