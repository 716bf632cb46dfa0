/** What the array itself answered to one initiator about one LUN. */
export interface LunObservation {
  /** The LUN by name. */
  readonly lun: string;
  /** The URL without credentials, or the command line of this node. */
  readonly url: string;
  /** Whose initiator port it was: a physical node, or the ESX host of guests; behind a command line the node. */
  readonly owner: string;
  /** The nodes that reach the LUN through it. */
  readonly nodes: readonly string[];
  /** Absent behind a command line: whose it is there, only the machine knows. */
  readonly initiatorName?: string | undefined;
  /** Designators of VPD page 83h that name the logical unit, `naa.3...`, sorted; or why there are none. */
  readonly identity: readonly string[] | Refusal;
  readonly reservations: ReservationCapabilities | Refusal;
}

/** The command failed: the login was refused, or what the array answered. */
export interface Refusal {
  readonly refused: string;
}

/** REPORT CAPABILITIES, as far as a rule asks. */
export interface ReservationCapabilities {
  /** The mask of types counts (TMV). */
  readonly typeMaskValid: boolean;
  /** Write Exclusive, registrants only: type 5, which Serviceguard uses. */
  readonly writeExclusiveRegistrantsOnly: boolean;
}
