import type { AsymmetricAccessState, ItNexusId } from '../protocol/index.js';
import type { ReservationState } from './reservations/types.js';

/** What a target tells about itself. `at` is milliseconds since the target started, by its clock. */
export type TargetEvent = { readonly at: number } & TargetHappening;

export type TargetHappening =
  | {
      readonly type: 'login';
      readonly nexusId: ItNexusId;
      readonly sessionKind: 'discovery' | 'normal';
      readonly reinstated: boolean;
    }
  | { readonly type: 'loginRefused'; readonly initiatorName: string; readonly reason: string }
  | {
      readonly type: 'logout';
      readonly nexusId: ItNexusId;
      /** `timedOut`: the initiator lives, but did not send what it owed. */
      readonly cause:
        'logout' | 'connectionLost' | 'reinstated' | 'protocolError' | 'timedOut' | 'targetClosed';
    }
  | {
      readonly type: 'persistentReserveOut';
      readonly lun: number;
      readonly nexusId: ItNexusId;
      /** Initiator task tag of the command. */
      readonly tag: number;
      readonly serviceAction: number;
      readonly scope: number;
      readonly reservationType: number;
      readonly status: number;
      readonly before: ReservationState;
      readonly after: ReservationState;
    }
  /** Power was lost and is back; `after` is what was kept (APTPL). */
  | {
      readonly type: 'powerCycled';
      readonly lun: number;
      readonly before: ReservationState;
      readonly after: ReservationState;
    }
  | {
      readonly type: 'reservationConflict';
      readonly lun: number;
      readonly nexusId: ItNexusId;
      readonly operationCode: number;
    }
  | { readonly type: 'taskAborted'; readonly lun: number; readonly nexusId: ItNexusId; readonly tag: number }
  | {
      readonly type: 'accessStateChanged';
      readonly lun: number;
      readonly targetPortGroup: number;
      readonly state: AsymmetricAccessState;
      readonly by: 'setTargetPortGroups' | 'implicitly';
    }
  | {
      readonly type: 'unitAttention';
      readonly lun: number;
      readonly nexusId: ItNexusId;
      readonly asc: number;
      readonly ascq: number;
      readonly what: 'established' | 'reported';
    };

/** Where the parts of the target report; cheap when nobody listens. */
export interface EventSink {
  /** False while nobody listens: skip building the event. */
  readonly active: boolean;
  emit(happening: TargetHappening): void;
}
