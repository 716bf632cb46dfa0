import {
  itNexusId,
  type ExecuteOptions,
  type ItNexus,
  type ItNexusId,
  type LogicalUnitPath,
  type ScsiResult,
} from '../../protocol/index.js';
import { Task, type DeviceServer, type NexusAttachment, type TaskOwner } from './task.js';

/** Nexuses without sockets: paths to logical units through the same device server. */
export class InMemoryTransport {
  readonly #deviceServer: DeviceServer;
  /** Paths of one nexus share its attachment, as LUNs share a session. */
  readonly #nexuses = new Map<ItNexusId, { readonly attachment: NexusAttachment; paths: number }>();
  #lastTag = 0;

  constructor(deviceServer: DeviceServer) {
    this.#deviceServer = deviceServer;
  }

  /** A path to one LUN. Closing the last path of a nexus is an I_T nexus loss. */
  connect(nexus: ItNexus, lun: number): LogicalUnitPath {
    const nexusId = itNexusId(nexus);
    const known = this.#nexuses.get(nexusId) ?? { attachment: this.#deviceServer.attach(nexus), paths: 0 };
    known.paths++;
    this.#nexuses.set(nexusId, known);
    const nextTag = (): number => ++this.#lastTag;
    return new InMemoryPath(this.#deviceServer, known.attachment, lun, nextTag, () => {
      if (--known.paths > 0) return;
      this.#nexuses.delete(nexusId);
      this.#deviceServer.nexusLost(known.attachment);
    });
  }
}

/** A task whose end settles a promise. */
class PromisedTask extends Task implements TaskOwner {
  readonly result: Promise<ScsiResult>;
  #resolve: (result: ScsiResult) => void = () => undefined;
  #reject: (reason: Error) => void = () => undefined;

  constructor(attachment: NexusAttachment) {
    super(NO_OWNER, attachment);
    this.owner = this;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  taskCompleted(): void {
    const dataIn = new Uint8Array(Math.min(this.dataInBytes, this.expectedDataInBytes));
    if (dataIn.length > 0) this.copyDataIn(dataIn, 0, 0, dataIn.length);
    // A residual counts the direction that has data (RFC 7143 11.4.5.1); negative is an overflow.
    const residual =
      this.expectedDataOutBytes > 0 || this.dataOutWantedBytes > 0
        ? this.expectedDataOutBytes - this.dataOutWantedBytes
        : this.expectedDataInBytes - this.dataInBytes;
    this.#resolve({ status: this.status, sense: this.sense, dataIn, residual });
  }

  taskDropped(): void {
    this.fail(new Error('the command was aborted'));
  }

  fail(reason: Error): void {
    this.#reject(reason);
  }
}

const NO_OWNER: TaskOwner = { taskCompleted: () => undefined, taskDropped: () => undefined };

class InMemoryPath implements LogicalUnitPath {
  readonly name: string;
  readonly #deviceServer: DeviceServer;
  readonly #attachment: NexusAttachment;
  readonly #lun: number;
  /** Tags are the nexus's, not the path's. */
  readonly #nextTag: () => number;
  readonly #onClose: () => void;
  readonly #underWay = new Set<PromisedTask>();
  #closed = false;

  constructor(
    deviceServer: DeviceServer,
    attachment: NexusAttachment,
    lun: number,
    nextTag: () => number,
    onClose: () => void,
  ) {
    this.name = `${attachment.nexusId}, LUN ${lun}, in memory`;
    this.#deviceServer = deviceServer;
    this.#attachment = attachment;
    this.#lun = lun;
    this.#nextTag = nextTag;
    this.#onClose = onClose;
  }

  async execute(cdb: Uint8Array, options: ExecuteOptions = {}): Promise<ScsiResult> {
    if (this.#closed) throw new Error(`${this.name}: closed`);
    const task = new PromisedTask(this.#attachment);
    task.lun = this.#lun;
    task.cdb.set(cdb);
    task.tag = this.#nextTag();
    task.expectedDataOutBytes = options.dataOut?.length ?? 0;
    task.expectedDataInBytes = options.dataInLength ?? 0;
    this.#underWay.add(task);
    const timer = options.timeoutMs === undefined ? undefined : this.#giveUpAfter(options.timeoutMs, task);
    try {
      if (this.#deviceServer.submit(task) === 'dataOutWanted') {
        task.dataOut = (options.dataOut ?? new Uint8Array(0)).subarray(0, task.dataOutWantedBytes);
        this.#deviceServer.dataOutArrived(task);
      }
      return await task.result;
    } finally {
      this.#underWay.delete(task);
      clearTimeout(timer);
    }
  }

  #giveUpAfter(timeoutMs: number, task: PromisedTask): NodeJS.Timeout {
    return setTimeout(() => {
      task.fail(new Error(`${this.name}: no answer within ${timeoutMs} ms; the command was aborted`));
      void this.#deviceServer.manageTasks(this.#attachment, {
        function: 'abortTask',
        lun: this.#lun,
        tag: task.tag,
      });
    }, timeoutMs);
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#onClose();
      // Other paths may keep the nexus up; nobody waits for the commands of this one any more.
      for (const task of this.#underWay) task.fail(new Error(`${this.name}: closed`));
    }
    return Promise.resolve();
  }
}
