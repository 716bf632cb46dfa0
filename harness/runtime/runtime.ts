import type { LogicalUnitPath } from '../../protocol/index.js';
import type { BlockImage } from '../oracle/types.js';
import type { Place } from '../cluster/placement.js';
import type { RuntimeKind } from '../scenario/events.js';
import type { ApplicationReport, ApplicationSpec } from './application.js';
import type { ArrayDescription } from './external/array-description.js';
import type { LabClock } from './lab-clock.js';

/** What a command line ended with. */
export interface CommandOutcome {
  readonly exitStatus: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Writes that are kept back somewhere: a barrier. */
export interface Hold {
  /** Settles when as many writes as were asked for are held. */
  readonly held: Promise<void>;
  /** Whether it has held any, also one that was aborted since. */
  heldAny(): Promise<boolean>;
  /** Lets them go on; settles when each has its end. */
  release(): Promise<void>;
}

/** An application that was started on a node, wherever it runs. */
export interface RunningApplication {
  readonly spec: ApplicationSpec;
  /** Settles when every write has its answer: never while the node hangs or a write is held, and never after `kill`. */
  transact(count: number): Promise<void>;
  /** Reads the shared blocks and the slots of incarnations 1 to `incarnations`. */
  recover(lun: number, incarnations: number): Promise<readonly BlockImage[]>;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
  /** Ends it at once; what it had handed over goes on. */
  kill(): Promise<void>;
  /** Settles when it is dead, whatever killed it. */
  readonly dead: Promise<void>;
}

/** Nodes, hypervisors and an array that a scenario is played on: in one process, or with a process for each. */
export interface Runtime {
  readonly kind: RuntimeKind;
  readonly clock: LabClock;
  /**
   * Settles when nothing can happen any more unless somebody outside acts, in a run that has not ended: it never will.
   * Only in memory can that be known.
   */
  readonly stalled: Promise<void>;
  /** Real milliseconds that a second of waiting takes. */
  readonly realMsPerSecond: number;
  /** Where the array listens, `host:port`; none in memory. */
  readonly portals: readonly string[];
  /** Absent: the array is our own. */
  readonly array?: ArrayDescription | undefined;
  /** Runs `sg_persist ARGS...` on a node. */
  sgPersist(node: string, args: readonly string[]): Promise<CommandOutcome>;
  /** Runs `sg_persist OPTIONS... DEVICE` from a machine that is no node. */
  observe(lun: number, options: readonly string[]): Promise<CommandOutcome>;
  /** A way to a LUN that belongs to no node: for the last reading. */
  observerPath(lun: number): Promise<LogicalUnitPath>;
  /** Every path of a node to a LUN, for a program of the cluster software. */
  openPaths(node: string, lun: number): Promise<readonly LogicalUnitPath[]>;
  /** Runs a package's control script with `start` or `stop` on a node. */
  runScript(node: string, script: string, argument: 'start' | 'stop'): Promise<CommandOutcome>;
  startApplication(
    spec: ApplicationSpec,
    report: (report: ApplicationReport) => void,
  ): Promise<RunningApplication>;
  /** Everything on the node stops where it stands. */
  hang(node: string): Promise<void>;
  wake(node: string): Promise<void>;
  /** Everything on the node is dead. */
  crash(node: string): Promise<void>;
  /** Where a node is now. */
  placeOf(node: string): Place;
  /** Settles when nothing that the node handed over is under way any more; what comes now waits for `resume`. */
  quiesce(node: string): Promise<void>;
  resume(node: string): Promise<void>;
  /** A guest at rest goes over to another host, with everything that runs on it. */
  relocate(node: string, host: string): Promise<void>;
  /** A hypervisor dies, and every guest that is on it; yields the guests. */
  crashHost(host: string): Promise<readonly string[]>;
  /** A dead node boots at a place. */
  restart(node: string, place: Place): Promise<void>;
  /**
   * The image of a node boots at another place. The machine that it leaves goes on as it was, hung or dead or running,
   * and is called `source` from now on.
   */
  replace(node: string, place: Place, source: string): Promise<void>;
  /**
   * Who keeps the sessions of a node (itself, its hypervisor, its virtual port) logs out, and in again by another ISID:
   * another nexus, for every guest that it is shared by, until it boots.
   */
  logInAgain(node: string, isid: bigint): Promise<void>;
  losePath(node: string, portalIndex: number): Promise<void>;
  /** A path that was lost carries commands again. */
  restorePath(node: string, portalIndex: number): Promise<void>;
  /** The array loses its power and gets it back. */
  powerCycleArray(): Promise<void>;
  /** Holds a node's writes to a LUN, on whatever path they come. */
  holdInHost(node: string, lun: number, count: number): Promise<Hold>;
  holdInArray(node: string, lun: number, count: number): Promise<Hold>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}
