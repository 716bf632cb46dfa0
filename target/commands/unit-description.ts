import type { Designator } from '../../protocol/index.js';

/** Target ports that are always in the same asymmetric access state. */
export interface TargetPortGroup {
  readonly targetPortGroup: number;
  readonly relativeTargetPortIds: readonly number[];
}

/** What a logical unit is: fixed when it is made, but for its capacity, and the same after a restart. */
export interface UnitDescription {
  readonly lun: number;
  readonly blockLengthBytes: number;
  /** A resize changes it between two commands: who needs it twice for one thing takes it once. */
  readonly capacityBlocks: number;
  /** Logical blocks per physical block, as a power of two. */
  readonly physicalBlockExponent: number;
  readonly thin: boolean;
  readonly removable: boolean;
  /** PERSISTENT RESERVE IN and OUT are among the commands. */
  readonly persistentReservations: boolean;
  /** How long a sanitize operation takes at least; null: SANITIZE is not among the commands. */
  readonly sanitizeSeconds: number | null;
  /** Written data may be lost with power until it is synchronized: WCE, DPOFUA and V_SUP say so. */
  readonly volatileCache: boolean;
  /** A write is on the medium as a whole or not at all, whenever power goes. */
  readonly atomicWrites: boolean;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serial: string;
  /** Designators of the logical unit and the target device. */
  readonly designators: readonly Designator[];
  /** Designators of a target port, by its relative target port identifier. */
  readonly portDesignators: (relativeTargetPortId: number) => readonly Designator[];
  readonly targetPortGroups: readonly TargetPortGroup[];
}

/** As the logical unit itself has it: in place, so that whoever holds the description sees the capacity that there is. */
export interface ResizableDescription extends UnitDescription {
  capacityBlocks: number;
}
