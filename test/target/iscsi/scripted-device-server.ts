import { Buffer } from 'node:buffer';
import { encodeSense, invalidCommandOperationCode, itNexusId } from '../../../protocol/index.js';
import type { ItNexus } from '../../../protocol/index.js';
import type {
  DeviceServer,
  NexusAttachment,
  SynchronousSource,
  Task,
  TaskManagementFunction,
  TaskManagementResponse,
} from '../../../target/logical-unit/task.js';

const BLOCK = 512;

/**
 * The other side of the seam, small and under the test's control: one memory unit of 512-byte blocks at LUN 0 with
 * READ(10/16), WRITE(10), READ CAPACITY(10/16), INQUIRY and TEST UNIT READY. `hold` keeps commands under way until the test
 * lets them end.
 */
export class ScriptedDeviceServer implements DeviceServer, SynchronousSource {
  readonly medium: Buffer;
  readonly attached: NexusAttachment[] = [];
  readonly lost: NexusAttachment[] = [];
  readonly managed: TaskManagementFunction[] = [];
  readonly failures: string[] = [];
  /** Every task that was submitted and has not ended. */
  readonly underWay = new Set<Task>();
  /** Commands stay under way when they would end. */
  hold = false;
  /** How many Data-Out bytes each write was handed. */
  readonly dataOutLengths: number[] = [];
  submitted = 0;
  answerTo: (request: TaskManagementFunction) => TaskManagementResponse = () => 'complete';

  constructor(sizeBytes = 1024 * 1024) {
    this.medium = Buffer.alloc(sizeBytes);
  }

  attach(nexus: ItNexus): NexusAttachment {
    const attachment = { nexus, nexusId: itNexusId(nexus), luns: [0], lunsReported: () => undefined };
    this.attached.push(attachment);
    return attachment;
  }

  nexusLost(attachment: NexusAttachment): void {
    this.lost.push(attachment);
    for (const task of [...this.underWay]) if (task.attachment === attachment) this.drop(task);
  }

  submit(task: Task): 'ended' | 'dataOutWanted' | 'executing' {
    this.submitted++;
    this.underWay.add(task);
    const { cdb } = task;
    switch (cdb[0]) {
      case 0x28: {
        task.dataInSource = this;
        task.dataInPosition = cdb.readUInt32BE(2) * BLOCK;
        task.dataInBytes = cdb.readUInt16BE(7) * BLOCK;
        return this.#end(task);
      }
      case 0x2a:
        task.dataOutWantedBytes = cdb.readUInt16BE(7) * BLOCK;
        task.state = 'awaitingDataOut';
        return 'dataOutWanted';
      case 0x25: {
        const capacity = Buffer.alloc(8);
        capacity.writeUInt32BE(this.medium.length / BLOCK - 1, 0);
        capacity.writeUInt32BE(BLOCK, 4);
        task.dataIn = capacity;
        task.dataInBytes = capacity.length;
        return this.#end(task);
      }
      case 0x9e: {
        const capacity = Buffer.alloc(32);
        capacity.writeUInt32BE(this.medium.length / BLOCK - 1, 4);
        capacity.writeUInt32BE(BLOCK, 8);
        task.dataIn = capacity;
        task.dataInBytes = capacity.length;
        return this.#end(task);
      }
      case 0x88:
        task.dataInSource = this;
        task.dataInPosition = cdb.readUInt32BE(6) * BLOCK;
        task.dataInBytes = cdb.readUInt32BE(10) * BLOCK;
        return this.#end(task);
      case 0x12: {
        const inquiry = Buffer.alloc(36);
        inquiry[4] = 31;
        task.dataIn = inquiry;
        task.dataInBytes = Math.min(inquiry.length, cdb.readUInt16BE(3));
        return this.#end(task);
      }
      case 0x00:
        return this.#end(task);
      default:
        task.status = 2;
        task.sense = encodeSense(invalidCommandOperationCode());
        return this.#end(task);
    }
  }

  dataOutArrived(task: Task): 'ended' | 'executing' {
    this.dataOutLengths.push(task.dataOut.length);
    this.medium.set(task.dataOut, task.cdb.readUInt32BE(2) * BLOCK);
    return this.#end(task);
  }

  #end(task: Task): 'ended' | 'executing' {
    if (this.hold) {
      task.state = 'executing';
      return 'executing';
    }
    this.finish(task);
    return 'ended';
  }

  /** Ends a task with the result it has, or with another status. */
  finish(task: Task, status = task.status): void {
    task.state = 'ended';
    task.status = status;
    this.underWay.delete(task);
    task.owner.taskCompleted(task);
  }

  drop(task: Task): void {
    task.state = 'ended';
    this.underWay.delete(task);
    task.owner.taskDropped(task);
  }

  failTask(task: Task, key: number, asc: number, ascq: number): void {
    this.failures.push([key, asc, ascq].map((code) => code.toString(16).padStart(2, '0')).join('/'));
    task.sense = encodeSense({ key, asc, ascq });
    this.finish(task, 2);
  }

  manageTasks(attachment: NexusAttachment, request: TaskManagementFunction): Promise<TaskManagementResponse> {
    this.managed.push(request);
    const affected = [...this.underWay].filter(
      (task) =>
        task.attachment === attachment && (request.function !== 'abortTask' || task.tag === request.tag),
    );
    for (const task of affected) this.drop(task);
    if (request.function === 'abortTask' && affected.length === 0) return Promise.resolve('taskDoesNotExist');
    return Promise.resolve(this.answerTo(request));
  }

  copyTo(target: Uint8Array, targetOffset: number, position: number, lengthBytes: number): void {
    this.medium.copy(target, targetOffset, position, position + lengthBytes);
  }
}
