import { itNexusId, type ItNexus, type ItNexusId } from '../../protocol/index.js';
import { DETACHED_NEXUSES_MAX } from './limits.js';
import type { LogicalUnit } from './logical-unit.js';
import type { NexusAttachment } from './task.js';
import { ATTENTION, UnitAttentionQueue } from './unit-attentions.js';

/** What is known of an I_T nexus beyond its sessions: one queue of unit attention conditions for each logical unit. */
export interface NexusRecord {
  /** By the index of the logical unit. */
  readonly attentions: Map<number, UnitAttentionQueue>;
  attachments: number;
}

/** The logical units that a nexus sees. */
export interface UnitView {
  /** By the LUN that the nexus has for each. */
  readonly units: ReadonlyMap<number, LogicalUnit>;
  /** Ascending. */
  readonly luns: readonly number[];
}

/** A session's hold on an I_T nexus. */
export class Attachment implements NexusAttachment {
  readonly nexus: ItNexus;
  readonly nexusId: ItNexusId;
  readonly record: NexusRecord;
  readonly view: UnitView;
  lost = false;

  constructor(nexus: ItNexus, nexusId: ItNexusId, record: NexusRecord, view: UnitView) {
    this.nexus = nexus;
    this.nexusId = nexusId;
    this.record = record;
    this.view = view;
  }

  get luns(): readonly number[] {
    return this.view.luns;
  }

  lunsReported(): void {
    for (const queue of this.record.attentions.values()) queue.remove(ATTENTION.reportedLunsDataHasChanged);
  }
}

/** The attachment as the device server made it. */
export function attachmentOf(attachment: NexusAttachment): Attachment {
  if (attachment instanceof Attachment) return attachment;
  throw new TypeError(`nexus ${attachment.nexusId} was not attached to this device server`);
}

/** Every I_T nexus that the device server has met or been told of, by its identity. */
export class NexusRegistry {
  /** In the order in which they were last left without a session. */
  readonly #records = new Map<ItNexusId, NexusRecord>();
  /** Initiator ports of each iSCSI name that have a session, for TransportIDs of format 00b: with how many nexuses. */
  readonly #isids = new Map<string, Map<bigint, number>>();
  readonly #units = new Set<number>();
  #lastUnit = -1;
  readonly #detachedMax: number;
  readonly #attentionsMax: number;
  #attached = 0;

  constructor({
    detachedMax = DETACHED_NEXUSES_MAX,
    attentionsMax = Infinity,
  }: { readonly detachedMax?: number; readonly attentionsMax?: number } = {}) {
    this.#detachedMax = detachedMax;
    this.#attentionsMax = attentionsMax;
  }

  /** What is known of a nexus; one that was never met begins with 29/00 for each logical unit. */
  recordOf(nexusId: ItNexusId): NexusRecord {
    const known = this.#records.get(nexusId);
    if (known !== undefined) return known;
    const attentions = new Map([...this.#units].map((index) => [index, this.#queueOfPowerOn()]));
    const record: NexusRecord = { attentions, attachments: 0 };
    this.#records.set(nexusId, record);
    this.#forget();
    return record;
  }

  #queueOfPowerOn(): UnitAttentionQueue {
    const queue = new UnitAttentionQueue(this.#attentionsMax);
    queue.establish(ATTENTION.powerOnOrReset);
    return queue;
  }

  /** Another logical unit, which begins with 29/00 for everybody; returns its index. */
  addUnit(): number {
    const index = ++this.#lastUnit;
    this.#units.add(index);
    for (const { attentions } of this.#records.values()) attentions.set(index, this.#queueOfPowerOn());
    return index;
  }

  /**
   * Forgets what was to be told of a logical unit. Its index is never that of another one, which would be taken to mean what
   * a last command of this one still establishes.
   */
  removeUnit(index: number): void {
    this.#units.delete(index);
    for (const { attentions } of this.#records.values()) attentions.delete(index);
  }

  attach(nexus: ItNexus, view: UnitView): Attachment {
    const nexusId = itNexusId(nexus);
    const record = this.recordOf(nexusId);
    if (record.attachments++ === 0) {
      this.#attached++;
      this.#countPort(nexus, 1);
    }
    return new Attachment(nexus, nexusId, record, view);
  }

  detach(attachment: Attachment): void {
    const { record, nexusId, nexus } = attachment;
    if (--record.attachments > 0) return;
    this.#attached--;
    this.#countPort(nexus, -1);
    // Last in the order again: it is the latest that left.
    this.#records.delete(nexusId);
    this.#records.set(nexusId, record);
    this.#forget();
  }

  /** An initiator port may have a nexus with each target port. */
  #countPort({ initiatorPort }: ItNexus, by: 1 | -1): void {
    if (initiatorPort.protocol !== 'iscsi' || initiatorPort.isid === null) return;
    const name = initiatorPort.iscsiName.toLowerCase();
    const isids = this.#isids.get(name) ?? new Map<bigint, number>();
    const nexuses = (isids.get(initiatorPort.isid) ?? 0) + by;
    if (nexuses > 0) isids.set(initiatorPort.isid, nexuses);
    else isids.delete(initiatorPort.isid);
    if (isids.size > 0) this.#isids.set(name, isids);
    else this.#isids.delete(name);
  }

  initiatorPortsOf(iscsiName: string): readonly bigint[] {
    return [...(this.#isids.get(iscsiName.toLowerCase())?.keys() ?? [])];
  }

  records(): IterableIterator<[ItNexusId, NexusRecord]> {
    return this.#records.entries();
  }

  #forget(): void {
    let excess = this.#records.size - this.#attached - this.#detachedMax;
    if (excess <= 0) return;
    for (const [nexusId, record] of this.#records) {
      if (excess === 0) return;
      if (record.attachments > 0) continue;
      this.#records.delete(nexusId);
      excess--;
    }
  }
}
