import type { ReservationType } from '../../protocol/index.js';
import type { ArrayDescription } from '../runtime/external/array-description.js';
import type { Verdict, VerdictWord, WriteIdentity } from '../oracle/types.js';

/** What a run tells while it goes on, for people to watch. Nothing is judged by it. */
export type ScenarioEvent = { readonly at: number } & ScenarioHappening;

export type RuntimeKind = 'memory' | 'processes';

export type ScenarioHappening =
  | {
      readonly type: 'scenarioStarted';
      readonly scenario: string;
      readonly paper: string;
      readonly runtime: RuntimeKind;
      /** Real milliseconds that a second of waiting takes; 0: waits take no time. */
      readonly realMsPerSecond: number;
      /** Where the array listens, `host:port`; none in memory. */
      readonly portals: readonly string[];
      /** The array where it is somebody else's; absent: our own. */
      readonly array?: ArrayDescription | undefined;
    }
  /** A scenario that was asked for and cannot be played there; nothing else is told of it. */
  | {
      readonly type: 'scenarioSkipped';
      readonly scenario: string;
      readonly runtime: RuntimeKind;
      readonly expected: VerdictWord;
      readonly why: string;
    }
  /** The scenario's own step begins, as it is written in the file. */
  | { readonly type: 'step'; readonly text: string; readonly line: number }
  | {
      readonly type: 'nodeState';
      readonly node: string;
      readonly state: 'up' | 'hung' | 'crashed';
    }
  /** The cluster formed again, or somebody left it; `members`: who belongs to it then. */
  | {
      readonly type: 'membership';
      readonly cluster: string;
      readonly members: readonly string[];
      readonly text: string;
    }
  | {
      readonly type: 'packageState';
      readonly packageName: string;
      readonly node: string;
      readonly state: 'starting' | 'running' | 'halting' | 'halted' | 'failed';
      /** 0 while nothing was started. */
      readonly incarnation: number;
    }
  /** An sg_persist line was answered. */
  | {
      readonly type: 'command';
      readonly node: string;
      readonly packageName: string;
      /** `sg_persist --no-inquiry --out ... /dev/sdb`. */
      readonly commandLine: string;
      readonly lun: number;
      readonly exitStatus: number;
      /** Of a line that a log is replayed from: the exit status there, `unknown` where the log does not tell it. */
      readonly recordedExitStatus?: number | 'unknown';
      /** What it printed on standard output and standard error. */
      readonly output: string;
      /** True where the documents do not give this line and it was inferred. */
      readonly inferred: boolean;
      /** Where the line, or the order that it is inferred from, is written. */
      readonly source: string;
    }
  /** An application is about to hand a write over. */
  | { readonly type: 'writeIssued'; readonly write: WriteIdentity }
  | {
      readonly type: 'write';
      readonly write: WriteIdentity;
      readonly outcome: 'acknowledged' | 'refused' | 'failed';
      readonly reason: string;
    }
  | { readonly type: 'wait'; readonly waitMs: number; readonly realMs: number; readonly why: string }
  | {
      readonly type: 'hold';
      readonly where: 'host' | 'array';
      readonly node: string;
      readonly state: 'armed' | 'held' | 'released';
      readonly count: number;
    }
  /** A machine moves, or reaches a phase of its move, or becomes another nexus where it is; in words. */
  | { readonly type: 'move'; readonly node: string; readonly text: string }
  | { readonly type: 'pathLost' | 'pathRestored'; readonly node: string; readonly path: number }
  /** The array lost its power and has it back. */
  | { readonly type: 'powerCycled' }
  | {
      readonly type: 'fenced';
      readonly packageName: string;
      readonly node: string;
      readonly lun: number;
      readonly incarnation: number;
      readonly fencedIncarnations: readonly number[];
    }
  | {
      readonly type: 'recovered';
      readonly packageName: string;
      readonly node: string;
      readonly incarnation: number;
      readonly blocksRead: number;
    }
  /** Something beside a node or a path has failed; `who`: the host or node whose it is, if one's. */
  | { readonly type: 'fault'; readonly who: string; readonly text: string }
  /** Who is registered with a LUN of the built-in array, at the start and whenever it changes; of other targets none. */
  | {
      readonly type: 'reservations';
      readonly lun: number;
      readonly registrations: readonly RegistrationShown[];
      readonly reservation: ReservationShown | null;
    }
  /** The text of a `cmviewcl` step. */
  | { readonly type: 'view'; readonly text: string }
  /** An `expectKeys` step or an expectation of a step was looked at. */
  | { readonly type: 'check'; readonly text: string; readonly passed: boolean }
  | {
      readonly type: 'judged';
      readonly scenario: string;
      readonly expected: VerdictWord;
      readonly verdict: Verdict;
    };

/** What of an I_T nexus people know: the node or hypervisor that logs in, and the path from 1. */
export interface NexusShown {
  readonly initiator: string;
  /** Of an initiator port that is registered by another one than at first: `0x800000000002`. */
  readonly isid?: string;
  readonly path: number;
}

export interface RegistrationShown extends NexusShown {
  /** `0x10001` */
  readonly key: string;
}

export interface ReservationShown {
  readonly type: ReservationType;
  /** Null under an all-registrants type, where every registered nexus holds it. */
  readonly holder: NexusShown | null;
}

/** A pause at an sg_persist line, before and after it: for `--step`. */
export interface StepPause {
  readonly phase: 'before' | 'after';
  readonly node: string;
  readonly commandLine: string;
  readonly lun: number;
  /** What `sg_persist --in --read-keys` of an observer prints at this moment. */
  readonly readKeys: string;
}
