import type { ItNexus, ItNexusId, ReservationType, Sense } from '../../protocol/index.js';

/** One registered I_T nexus (SPC-4 5.13.7). */
export interface Registration {
  readonly nexus: ItNexus;
  /** Never 0. */
  readonly key: bigint;
}

/** The persistent reservation of a logical unit. SCOPE is always 0h, LU_SCOPE. */
export interface Reservation {
  readonly type: ReservationType;
  /** The one nexus that holds it; null under an all-registrants type, where every registered nexus does. */
  readonly holder: ItNexusId | null;
}

/** Everything that decides about reservations of one logical unit. Immutable: a transition yields a new one. */
export interface ReservationState {
  /** In the order in which they registered. */
  readonly registrations: ReadonlyMap<ItNexusId, Registration>;
  readonly reservation: Reservation | null;
  /** 32 bits, wraps; 0 at power on. */
  readonly prGeneration: number;
  /** The last APTPL that was received: the state survives power loss. */
  readonly persistThroughPowerLoss: boolean;
  /** Persistent reservation information was lost; only REPLACE LOST RESERVATION mends it (SPC-4 5.13.5.3). */
  readonly reservationInformationLost: boolean;
  /** Holder of an SPC-2 reservation made by RESERVE(6) or RESERVE(10), if any. */
  readonly spc2Holder: ItNexusId | null;
}

/** What the machine must know beside the state. */
export interface ReservationContext {
  /** The nexus the command arrived on. */
  readonly nexus: ItNexus;
  /** Relative target port identifiers that exist now, for ALL_TG_PT and REGISTER AND MOVE. */
  readonly targetPorts: readonly number[];
  /** Initiator ports known for an iSCSI name, for TransportIDs of format 00b. */
  readonly initiatorPortsOf: (iscsiName: string) => readonly bigint[];
  /** Registrations beyond this answer 05/55/04. */
  readonly registrationsMax: number;
  /** NUAR bit of the Control mode page: no 2A/04 after a release (SPC-4 7.5.8). */
  readonly noUnitAttentionOnRelease: boolean;
  /** The device server can keep state through power loss (PTPL_C). */
  readonly aptplSupported: boolean;
}

/** A unit attention condition to establish for one nexus. */
export interface AttentionEffect {
  readonly nexus: ItNexusId;
  readonly asc: number;
  readonly ascq: number;
}

/**
 * What must happen, in this order: make `state` durable if `persist`; then let it take effect, establish
 * `attentions`, abort the commands of the nexuses in `abort` and wait for their bytes that are at the medium already;
 * then answer `status`.
 */
export interface ReservationOutcome {
  readonly state: ReservationState;
  /** GOOD, CHECK CONDITION (then with sense) or RESERVATION CONFLICT. */
  readonly status: number;
  readonly sense?: Sense | undefined;
  readonly attentions: readonly AttentionEffect[];
  /** Nexuses whose commands PREEMPT AND ABORT aborts. */
  readonly abort: readonly ItNexusId[];
  /** The state that survives power loss changed. */
  readonly persist: boolean;
}

/** PERSISTENT RESERVE OUT with its parameter list (SPC-4 6.16). */
export interface PersistentReserveOutRequest {
  /** SERVICE ACTION, CDB byte 1 bits 4-0. */
  readonly serviceAction: number;
  /** SCOPE, CDB byte 2 bits 7-4. */
  readonly scope: number;
  /** TYPE, CDB byte 2 bits 3-0. */
  readonly type: number;
  /** PARAMETER LIST LENGTH, CDB bytes 5-8. */
  readonly parameterListLength: number;
  /** The bytes that came; may be shorter than PARAMETER LIST LENGTH. */
  readonly parameterList: Uint8Array;
}

/** How a nexus stands to a reservation, the columns of SPC-4 tables 65 and 66. */
export type ReservationRelation = 'none' | 'holder' | 'registered' | 'unregistered';

/**
 * How a command fares under another's reservation, as SPC-4 tables 65-66 and SBC-4 table 13 print it, in this order:
 * Write Exclusive; Exclusive Access; registered under a registrants-only or all-registrants type; unregistered under
 * Write Exclusive of these; unregistered under Exclusive Access of these. A allowed, C conflict. `S` (special): PR
 * OUT, PR IN, RESERVE and RELEASE, which the machine judges.
 */
export type ConflictColumns = `${'A' | 'C'}${'A' | 'C'}${'A' | 'C'}${'A' | 'C'}${'A' | 'C'}` | 'S';
