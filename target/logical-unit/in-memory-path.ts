import {
  itNexusId,
  type ExecuteOptions,
  type ItNexus,
  type ItNexusId,
  type LogicalUnitPath,
  type ScsiResult,
} from '../../protocol/index.js';
import {
  Task,
  type DeviceServer,
  type NexusAttachment,
  type TaskManagementFunction,
  type TaskManagementResponse,
  type TaskOwner,
} from './task.js';

/** A path in memory, with the task management of its nexus. */
export interface InMemoryPath extends LogicalUnitPath {
  manageTasks(request: TaskManagementFunction): Promise<TaskManagementResponse>;
}

/** The command was aborted, and there is no status (SAM-5 5.3.1): the nexus goes on. */
export class AbortedInMemoryError extends Error {
  override readonly name = 'AbortedInMemoryError';
}

/** Nexuses without sockets: paths to logical units through the same device server. */
export class InMemoryTransport {
  readonly #deviceServer: DeviceServer;
  /** Paths of one nexus share it, as LUNs share a session. */
  readonly #sessions = new Map<ItNexusId, InMemorySession>();

  constructor(deviceServer: DeviceServer) {
    this.#deviceServer = deviceServer;
  }

  /** A path to one LUN. Closing the last path of a nexus is an I_T nexus loss. */
  connect(nexus: ItNexus, lun: number): InMemoryPath {
    const nexusId = itNexusId(nexus);
    const session = this.#sessions.get(nexusId) ?? new InMemorySession(this.#deviceServer, nexus);
    session.paths++;
    this.#sessions.set(nexusId, session);
    return new PathInMemory(this.#deviceServer, session, `${nexusId}, LUN ${lun}, in memory`, lun, () => {
      if (--session.paths > 0) return;
      this.#sessions.delete(nexusId);
      session.lose('closed');
    });
  }

  /** As a lost connection does: commands under way end without status, and the next one finds the nexus anew. */
  drop(nexusId: ItNexusId): void {
    this.#sessions.get(nexusId)?.lose('the connection was lost');
  }

  dropAll(): void {
    for (const session of this.#sessions.values()) session.lose('the connection was lost');
  }
}

/** What paths of one nexus have in common. */
class InMemorySession {
  readonly underWay = new Set<PromisedTask>();
  paths = 0;
  readonly #deviceServer: DeviceServer;
  readonly #nexus: ItNexus;
  #attachment: NexusAttachment | null;
  #lastTag = 0;

  constructor(deviceServer: DeviceServer, nexus: ItNexus) {
    this.#deviceServer = deviceServer;
    this.#nexus = nexus;
    this.#attachment = deviceServer.attach(nexus);
  }

  /** After a loss: as an initiator that logs in again. */
  get attachment(): NexusAttachment {
    this.#attachment ??= this.#deviceServer.attach(this.#nexus);
    return this.#attachment;
  }

  /** A task with a tag that no other task of the attachment has. */
  newTask(): PromisedTask {
    const task = new PromisedTask(this.attachment);
    task.tag = ++this.#lastTag;
    return task;
  }

  lose(reason: string): void {
    const attachment = this.#attachment;
    this.#attachment = null;
    for (const task of this.underWay) task.fail(new Error(`${itNexusId(this.#nexus)}: ${reason}`));
    if (attachment !== null) this.#deviceServer.nexusLost(attachment);
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
    try {
      this.#resolve(this.#taken());
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #taken(): ScsiResult {
    const dataIn = new Uint8Array(Math.min(this.dataInBytes, this.expectedDataInBytes));
    if (dataIn.length > 0) this.copyDataIn(dataIn, 0, 0, dataIn.length);
    // A residual counts the direction that has data (RFC 7143 11.4.5.1); negative is an overflow.
    const residual =
      this.expectedDataOutBytes > 0 || this.dataOutWantedBytes > 0
        ? this.expectedDataOutBytes - this.dataOutWantedBytes
        : this.expectedDataInBytes - this.dataInBytes;
    return { status: this.status, sense: this.sense, dataIn, residual };
  }

  taskDropped(): void {
    this.fail(new AbortedInMemoryError('the command was aborted'));
  }

  fail(reason: Error): void {
    this.#reject(reason);
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_OWNER: TaskOwner = { taskCompleted: () => undefined, taskDropped: () => undefined };

class PathInMemory implements InMemoryPath {
  readonly name: string;
  readonly #deviceServer: DeviceServer;
  readonly #session: InMemorySession;
  readonly #lun: number;
  readonly #onClose: () => void;
  readonly #underWay = new Set<PromisedTask>();
  #closed = false;

  constructor(
    deviceServer: DeviceServer,
    session: InMemorySession,
    name: string,
    lun: number,
    onClose: () => void,
  ) {
    this.name = name;
    this.#deviceServer = deviceServer;
    this.#session = session;
    this.#lun = lun;
    this.#onClose = onClose;
  }

  async execute(cdb: Uint8Array, options: ExecuteOptions = {}): Promise<ScsiResult> {
    if (this.#closed) throw new Error(`${this.name}: closed`);
    const task = this.#session.newTask();
    task.lun = this.#lun;
    task.cdb.set(cdb);
    task.expectedDataOutBytes = options.dataOut?.length ?? 0;
    task.expectedDataInBytes = options.dataInLength ?? 0;
    this.#underWay.add(task);
    this.#session.underWay.add(task);
    const timer = options.timeoutMs === undefined ? undefined : this.#giveUpAfter(options.timeoutMs, task);
    try {
      if (this.#deviceServer.submit(task) === 'dataOutWanted') {
        if (options.whenDataOutIsAskedFor === undefined) this.#sendDataOut(task, options);
        else this.#sendDataOutLater(task, options, options.whenDataOutIsAskedFor);
      }
      return await task.result;
    } finally {
      this.#underWay.delete(task);
      this.#session.underWay.delete(task);
      clearTimeout(timer);
    }
  }

  #sendDataOut(task: PromisedTask, { dataOut = NO_BYTES }: ExecuteOptions): void {
    task.dataOut = dataOut.subarray(0, task.dataOutWantedBytes);
    this.#deviceServer.dataOutArrived(task);
  }

  #sendDataOutLater(task: PromisedTask, options: ExecuteOptions, asked: () => Promise<void>): void {
    asked().then(
      () => {
        // Of a nexus that was lost nothing arrives any more; of a command that was aborted it is discarded.
        if (this.#session.underWay.has(task)) this.#sendDataOut(task, options);
      },
      (error: unknown) => {
        task.fail(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  manageTasks(request: TaskManagementFunction): Promise<TaskManagementResponse> {
    return this.#deviceServer.manageTasks(this.#session.attachment, request);
  }

  #giveUpAfter(timeoutMs: number, task: PromisedTask): NodeJS.Timeout {
    return setTimeout(() => {
      task.fail(new Error(`${this.name}: no answer within ${timeoutMs} ms; the command was aborted`));
      void this.#deviceServer.manageTasks(task.attachment, {
        function: 'abortTask',
        lun: this.#lun,
        tag: task.tag,
      });
    }, timeoutMs);
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      // Other paths may keep the nexus up; nobody waits for the commands of this one any more.
      for (const task of this.#underWay) task.fail(new Error(`${this.name}: closed`));
      this.#onClose();
    }
    return Promise.resolve();
  }
}
