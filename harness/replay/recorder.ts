import { isMediumRead } from '../../initiator/index.js';
import { crc32c, OPERATION_CODE } from '../../protocol/index.js';
import type { ItNexusId } from '../../protocol/index.js';
import { iscsiNameOf, OBSERVER } from '../cluster/nexus.js';
import { isOrdered, type Happening, type RecordingOrder } from '../runtime/order.js';
import type { LogEntry } from './log.js';

const OBSERVER_NAME = iscsiNameOf(OBSERVER);

type CommandEntry = Extract<LogEntry, { what: 'command' }>;

/** Writes down the order of a run as it comes. */
export class Recorder implements RecordingOrder {
  readonly #entries: LogEntry[] = [];
  /** Commands that may still get their Data-Out, by nexus and tag. */
  readonly #underWay = new Map<string, CommandEntry>();

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  turn(happening: Happening): Promise<void> {
    this.#entries.push(happening as LogEntry);
    return Promise.resolve();
  }

  entered(nexusId: ItNexusId, lun: number, tag: number, cdb: Uint8Array): void {
    const { initiator, port } = nexusParts(nexusId);
    if (initiator === OBSERVER_NAME || !isOrdered(cdb)) return;
    const entry: CommandEntry = {
      what: 'command',
      initiator,
      port,
      lun,
      cdb: Buffer.from(cdb).toString('hex'),
    };
    this.#entries.push(entry);
    if (!onlyAsks(cdb)) this.#underWay.set(`${nexusId} ${tag}`, entry);
  }

  dataOutArrived(nexusId: ItNexusId, _lun: number, tag: number, data: Uint8Array): void {
    const key = `${nexusId} ${tag}`;
    const entry = this.#underWay.get(key);
    if (entry === undefined) return;
    entry.data = crc32c(data).toString(16);
    this.#underWay.delete(key);
  }
}

/** Most commands of a run are those that never have Data-Out. */
const onlyAsks = (cdb: Uint8Array): boolean =>
  isMediumRead(cdb) || cdb[0] === OPERATION_CODE.persistentReserveIn;

/** `iqn...,i,0x...@1`: the initiator name ends at the first comma, which no such name has. */
function nexusParts(nexusId: ItNexusId): { readonly initiator: string; readonly port: number } {
  const [initiator = ''] = nexusId.split(',', 1);
  return { initiator, port: Number(nexusId.slice(nexusId.lastIndexOf('@') + 1)) };
}
