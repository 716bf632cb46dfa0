import { OPERATION_CODE, type ItNexusId, type Sense } from '../../protocol/index.js';
import type { EventSink } from '../events.js';
import { attachmentOf, type NexusRegistry } from './nexus-registry.js';
import type { Task } from './task.js';
import { senseOfAttention } from './unit-attentions.js';

/** Where one logical unit finds its queues, and whom it tells. */
export interface AttentionsOfUnitParts {
  readonly lun: number;
  /** Place of the logical unit in the lists that nexuses keep. */
  readonly index: number;
  readonly nexuses: NexusRegistry;
  readonly events: EventSink;
  /** See `DeviceBehaviour`. */
  readonly attention: (code: number, nexus: ItNexusId) => number | null;
}

/** These bypass a pending unit attention condition (SAM-5): INQUIRY, REPORT LUNS, REQUEST SENSE. */
function bypassesUnitAttention(operationCode: number): boolean {
  return (
    operationCode === OPERATION_CODE.inquiry ||
    operationCode === OPERATION_CODE.reportLuns ||
    operationCode === OPERATION_CODE.requestSense
  );
}

/** The unit attention conditions of one logical unit, for every nexus that is known. */
export class AttentionsOfUnit {
  readonly #parts: AttentionsOfUnitParts;

  constructor(parts: AttentionsOfUnitParts) {
    this.#parts = parts;
  }

  /** The condition that the task ends with instead of being carried out; null: none is pending, or it bypasses them. */
  toReport(task: Task): Sense | null {
    const queue = attachmentOf(task.attachment).record.attentions.get(this.#parts.index);
    if (queue === undefined || queue.isEmpty || bypassesUnitAttention(task.cdb[0] as number)) return null;
    return this.take(task);
  }

  /** The first condition of the task's nexus, which is then gone. */
  take(task: Task): Sense | null {
    const { nexusId, record } = attachmentOf(task.attachment);
    const code = record.attentions.get(this.#parts.index)?.take();
    if (code === undefined) return null;
    this.#tell(nexusId, code, 'reported');
    return senseOfAttention(code);
  }

  /** `due` is ASC * 256 + ASCQ. */
  establish(nexusId: ItNexusId, due: number): void {
    const code = this.#parts.attention(due, nexusId);
    if (code === null) return;
    const queue = this.#parts.nexuses.recordOf(nexusId).attentions.get(this.#parts.index);
    if (queue?.establish(code) === true) this.#tell(nexusId, code, 'established');
  }

  establishForOthers(code: number, than: ItNexusId): void {
    for (const [nexusId] of [...this.#parts.nexuses.records()]) {
      if (nexusId !== than) this.establish(nexusId, code);
    }
  }

  establishForAll(code: number): void {
    for (const [nexusId] of [...this.#parts.nexuses.records()]) this.establish(nexusId, code);
  }

  #tell(nexusId: ItNexusId, code: number, what: 'established' | 'reported'): void {
    const { events, lun } = this.#parts;
    if (!events.active) return;
    events.emit({ type: 'unitAttention', lun, nexusId, asc: code >> 8, ascq: code & 0xff, what });
  }
}
