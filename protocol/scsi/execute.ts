/** What a SCSI command ended with, whatever carried it. */
export interface ScsiResult {
  /** Status byte (SAM-5 5.3.1), see `SCSI_STATUS`. */
  readonly status: number;
  /** Sense data as it came; empty where there was none. */
  readonly sense: Uint8Array;
  /** The bytes that were received, at most `dataInLength`. */
  readonly dataIn: Uint8Array;
  /** Bytes asked for and not transferred; negative: bytes the command had beyond what was asked for. */
  readonly residual: number;
}

export interface ExecuteOptions {
  /** Data-Out; the expected transfer length is its length. */
  readonly dataOut?: Uint8Array | undefined;
  /** Expected length of Data-In in bytes. */
  readonly dataInLength?: number | undefined;
  /**
   * Data-Out is sent only when the target asks for it, and not before this settles: a barrier between a command's
   * admission and its data. Rejects the command where what carries it cannot do that.
   */
  readonly whenDataOutIsAskedFor?: (() => Promise<void>) | undefined;
  /** Gives up after this time; the command is aborted (ABORT TASK) and the promise rejects. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A way to one logical unit through one I_T nexus: in memory, over an iSCSI session, through a host's socket, or by a
 * command line. Rejects only where no status came back (connection lost, time-out); any SCSI status is a result.
 */
export interface LogicalUnitPath {
  /** For messages: what leads where. */
  readonly name: string;
  execute(cdb: Uint8Array, options?: ExecuteOptions): Promise<ScsiResult>;
  close(): Promise<void>;
}
