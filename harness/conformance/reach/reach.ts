import type { ExecuteOptions, ScsiResult, TransportId } from '../../../protocol/index.js';

/** The initiator's end of an I_T nexus (RFC 7143 4.2.3.2): two different ones are two initiator ports. */
export interface InitiatorPort {
  readonly iscsiName: string;
  /** 48 bits. */
  readonly isid: bigint;
}

/** Task management functions that a suite uses on the LU it tests (SAM-5 clause 7). */
export type LogicalUnitFunction = 'abortTaskSet' | 'clearTaskSet' | 'logicalUnitReset';

/** `lose`: what was kept through the power loss is to be made unreadable meanwhile, where that can be done. */
export type PowerCycle = 'keep' | 'lose';

/** One I_T nexus to the logical unit under test, while it is up. */
export interface Nexus {
  /** How a TransportID names the initiator port; undefined where only the array knows (a command line). */
  readonly initiatorPort: TransportId | undefined;
  /** Rejects only where no status came back: `CommandEndedError` where the command was aborted, else the nexus is gone. */
  execute(cdb: Uint8Array, options?: ExecuteOptions): Promise<ScsiResult>;
  /** True: function complete. */
  manageTask(fn: LogicalUnitFunction): Promise<boolean>;
  /** Ends the session as an initiator does that stops: logout. */
  logout(): Promise<void>;
  /** Ends it without a word, as a host that crashes. */
  drop(): Promise<void>;
}

/** The command was aborted and gets no status; the nexus is up. */
export class CommandEndedError extends Error {
  override readonly name = 'CommandEndedError';
}

/** How a suite reaches the logical unit that it tests. */
export interface Reach {
  /** For messages; without credentials. */
  readonly name: string;
  /** How many target ports lead to the LU: the second only where it was given. */
  readonly targetPorts: number;
  /** What no command line can do: sessions that come and go, task management, Data-Out that is withheld. */
  readonly ownsSessions: boolean;
  /** Rejects where there is nobody: the target is gone. `targetPort` counts from 0. */
  connect(port: InitiatorPort, targetPort: number): Promise<Nexus>;
  /** Power goes and comes back; every nexus is gone. Absent: it cannot be done here. */
  readonly powerCycle?: ((what: PowerCycle) => Promise<void>) | undefined;
  /** Starts a target that died. Absent: it cannot be done here. */
  readonly restart?: (() => Promise<void>) | undefined;
}
