import {
  crc32c,
  itNexusId,
  type ExecuteOptions,
  type ItNexusId,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import {
  attachLogicalUnit,
  type AttachedPath,
  DeviceIoError,
  isMediumRead,
  isMediumWrite,
} from '../../../initiator/index.js';
import type { Target } from '../../../target/index.js';
import type { DevicePath, Transport } from '../../cluster/model.js';
import { iscsiNameOf, nexusOf } from '../../cluster/nexus.js';
import type { Place } from '../../cluster/placement.js';
import { isOrdered, type Happening, type ReplayingOrder } from '../order.js';
import type { Gate } from './gate.js';
import { MemoryCable } from './memory-cable.js';

/** That of every initiator port which has not logged in by another: their names tell them apart. */
const FIRST_ISID = 0x80_0000_000001n;

/** A session: who keeps it, and which of all logins began it. */
interface Session {
  readonly keeper: Gate;
  readonly login: number;
}

/** A logical unit as it was attached in a session. */
interface SessionUnit {
  readonly login: number;
  readonly unit: Promise<AttachedPath>;
}

/**
 * The sessions of a site without sockets. Who keeps one (a node, a hypervisor, a virtual port) is a gate: while it is
 * shut its commands wait, and when it dies its sessions end. A second keeper that uses a nexus reinstates its session,
 * and what the first had under way is aborted (RFC 7143 6.3.5). With Fibre Channel the array hears nothing of either: two
 * machines with one WWN are one nexus, and what one had handed over goes on when it dies.
 */
export class MemorySessions {
  readonly #target: Target;
  readonly #transport: Transport;
  readonly #sessions = new Map<ItNexusId, Session>();
  #lastLogin = 0;
  /** Of keepers that have logged in by another one than the first. */
  readonly #isids = new Map<Gate, bigint>();
  /** By initiator port and portal. */
  readonly #cables = new Map<string, MemoryCable>();
  readonly #replay: ReplayingOrder | undefined;

  /** `replay`: the order in which commands enter the array. */
  constructor(target: Target, transport: Transport, replay: ReplayingOrder | undefined) {
    this.#target = target;
    this.#transport = transport;
    this.#replay = replay;
  }

  /** A way to a LUN that a keeper offers, as a kernel does: reads and writes outlive the session, nothing else does. */
  open(place: Place, path: DevicePath, keeper: Gate): LogicalUnitPath {
    const { portalIndex, lun, device } = path;
    const cable = this.#cableOf(place, portalIndex);
    let now: SessionUnit | undefined;
    const attached = (): Promise<AttachedPath> => {
      const login = this.#logIn(this.nexusIdAt(place, portalIndex, keeper), cable, keeper);
      if (now?.login !== login) {
        now = { login, unit: attachLogicalUnit(this.#connect(place, portalIndex, lun, keeper)) };
      }
      return now.unit;
    };
    return {
      name: device,
      execute: async (cdb, options) => {
        for (;;) {
          if (keeper.isDead) throw new DeviceIoError('EIO', `${device}: who kept its session is dead`);
          await keeper.pass();
          if (cable.isCut()) throw new DeviceIoError('EIO', `${device}: the path is lost`);
          try {
            // Once it is on the wire it no longer matters to it whether its keeper hangs or dies.
            if (this.#replay !== undefined && isOrdered(cdb) && !(await attached()).answers(cdb)) {
              await inTurn(this.#replay, commandOf(place, path, cdb, options), cable, keeper);
              if (cable.isCut()) throw new DeviceIoError('EIO', `${device}: the path is lost`);
            }
            return await (await attached()).execute(cdb, options);
          } catch (error) {
            if (cable.isCut() || !(isMediumRead(cdb) || isMediumWrite(cdb))) throw error;
          }
        }
      },
      close: async () => (await now?.unit)?.close(),
    };
  }

  /** The nexus of a place on one of its paths, by the ISID that the keeper of its session has now. */
  nexusIdAt(place: Place, portalIndex: number, keeper: Gate): ItNexusId {
    return itNexusId(nexusOf(place, portalIndex, this.#isidOf(keeper), this.#transport));
  }

  /** Ends the sessions of a keeper, which logs in by another ISID from then on. */
  logInAgain(keeper: Gate, isid: bigint): void {
    this.#isids.set(keeper, isid);
    this.end(keeper);
  }

  /** Ends the sessions of a keeper that has died. */
  end(keeper: Gate): void {
    for (const [nexusId, session] of this.#sessions) {
      if (session.keeper !== keeper) continue;
      this.#sessions.delete(nexusId);
      this.#drop(nexusId);
    }
  }

  /** The array has ended all sessions. */
  forgetAll(): void {
    this.#sessions.clear();
  }

  /** A path is lost for whoever uses it. */
  cut(place: Place, portalIndex: number): void {
    const cable = this.#cableOf(place, portalIndex);
    cable.cut();
    for (const nexusId of cable.nexuses) {
      this.#sessions.delete(nexusId);
      this.#target.dropConnections(nexusId);
    }
  }

  /** The path is there again. */
  mend(place: Place, portalIndex: number): void {
    this.#cableOf(place, portalIndex).mend();
  }

  #connect(place: Place, portalIndex: number, lun: number, keeper: Gate): LogicalUnitPath {
    const nexus = nexusOf(place, portalIndex, this.#isidOf(keeper), this.#transport);
    return this.#target.connectInMemory(nexus, lun);
  }

  #isidOf(keeper: Gate): bigint {
    return this.#isids.get(keeper) ?? FIRST_ISID;
  }

  #cableOf({ port }: Place, portalIndex: number): MemoryCable {
    const key = `${port} ${portalIndex}`;
    const cable = this.#cables.get(key) ?? new MemoryCable();
    this.#cables.set(key, cable);
    return cable;
  }

  /** Yields the login that the session of a nexus began with: a new one, unless the keeper has it. */
  #logIn(nexusId: ItNexusId, cable: MemoryCable, keeper: Gate): number {
    const before = this.#sessions.get(nexusId);
    if (before?.keeper === keeper) return before.login;
    this.#lastLogin += 1;
    // What a dead one had sent belongs to a session that was there when it came.
    if (keeper.isDead) return this.#lastLogin;
    cable.nexuses.add(nexusId);
    this.#sessions.set(nexusId, { keeper, login: this.#lastLogin });
    if (before !== undefined) this.#drop(nexusId);
    return this.#lastLogin;
  }

  #drop(nexusId: ItNexusId): void {
    if (this.#transport === 'iscsi') this.#target.dropConnections(nexusId);
  }
}

/** A command waits for its turn at the door of the array, or until its path is lost. */
async function inTurn(
  replay: ReplayingOrder,
  command: Happening,
  cable: MemoryCable,
  keeper: Gate,
): Promise<void> {
  let lost = false;
  const turn = replay.turn(command, () => lost || keeper.isDead);
  await Promise.race([turn, cable.lost.then(() => (lost = true))]);
}

/** What a replay needs of a command. */
const commandOf = (
  { port }: Place,
  { lun, portalIndex }: DevicePath,
  cdb: Uint8Array,
  options: ExecuteOptions = {},
): Happening => ({
  what: 'command',
  initiator: iscsiNameOf(port),
  port: portalIndex + 1,
  lun,
  cdb: Buffer.from(cdb).toString('hex'),
  data: options.dataOut === undefined ? undefined : crc32c(options.dataOut).toString(16),
});
