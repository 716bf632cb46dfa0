import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { BlockImage } from '../../oracle/types.js';
import type { ApplicationReport, ApplicationSpec } from '../application.js';
import type { RunningApplication } from '../runtime.js';
import type { Children } from './child.js';
import type { ApplicationMessage, ApplicationRequest } from './messages.js';

type Start = Extract<ApplicationRequest, { request: 'start' }>;
type WithoutId<R> = R extends ApplicationRequest ? Omit<R, 'id'> : never;

interface Waiting {
  readonly resolve: (blocks: readonly BlockImage[]) => void;
  readonly reject: (error: Error) => void;
}

/** An application in a process of its own, as the runner sees it. */
export class ApplicationProcess implements RunningApplication {
  readonly spec: ApplicationSpec;
  readonly dead: Promise<void>;
  readonly child: ChildProcess;
  readonly #children: Children;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(
    spec: ApplicationSpec,
    child: ChildProcess,
    children: Children,
    report: (report: ApplicationReport) => void,
  ) {
    this.spec = spec;
    this.child = child;
    this.#children = children;
    this.dead = once(child, 'exit').then(() => undefined);
    child.on('message', (message) => {
      this.#received(message as ApplicationMessage, report);
    });
  }

  static async start(
    program: string,
    start: Omit<Start, 'id' | 'request'>,
    children: Children,
    report: (report: ApplicationReport) => void,
  ): Promise<ApplicationProcess> {
    const child = fork(program, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.add(child);
    const application = new ApplicationProcess(start.spec, child, children, report);
    await application.#ask({ request: 'start', ...start });
    return application;
  }

  async transact(count: number): Promise<void> {
    await this.#ask({ request: 'transact', count });
  }

  recover(lun: number, incarnations: number): Promise<readonly BlockImage[]> {
    return this.#ask({ request: 'recover', lun, incarnations });
  }

  async stop(): Promise<void> {
    await this.#ask({ request: 'stop' });
    await this.kill();
  }

  async kill(): Promise<void> {
    await this.#children.kill(this.child);
  }

  #ask(request: WithoutId<ApplicationRequest>): Promise<readonly BlockImage[]> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // A dead process answers nothing: `dead` tells of it.
      this.child.send({ ...request, id }, () => undefined);
    });
  }

  #received(message: ApplicationMessage, report: (report: ApplicationReport) => void): void {
    if (message.message === 'report') {
      report(message.report);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.message === 'done') waiting?.resolve(message.blocks);
    else
      waiting?.reject(
        new Error(`the application of ${this.spec.packageName} on ${this.spec.node}: ${message.reason}`),
      );
  }
}
