/** Every limit of the target's iSCSI side: sizes, depths and counts. How long it waits for initiators is in timeouts.ts. */
export const TARGET_LIMITS = {
  /** Data segment of one PDU that we accept; declared as our MaxRecvDataSegmentLength. */
  receiveDataSegmentBytesMax: 262_144,
  /** The same before it has been declared (RFC 7143 13.12). */
  loginDataSegmentBytesMax: 8_192,
  /** MaxBurstLength and FirstBurstLength that we agree to. */
  maxBurstBytes: 1_048_576,
  firstBurstBytes: 262_144,
  outstandingR2tMax: 8,
  /** Commands that a session may have under way, the width of its command window (RFC 7143 4.2.2.1). */
  commandWindow: 128,
  /** Immediate commands under way beyond those of the window; more are rejected. */
  immediateCommandsMax: 32,
  /** Bytes of commands that wait for one with a lower CmdSN. */
  heldCommandBytesMax: 4_194_304,
  /** Data-Out of one command; the device server's MAXIMUM TRANSFER LENGTH is far below. */
  dataOutBytesMax: 67_108_864,
  /** Text of one login or text negotiation, over all its PDUs. */
  textBytesMax: 65_536,
  /** Login Requests of one login. */
  loginRequestsMax: 64,
  /** Text Requests of one text negotiation, beside those that ask for the rest of an answer. */
  textRequestsMax: 64,
  connectionsMax: 1_024,
  /** Of these in a login or in a discovery session, which nobody need authenticate for. */
  connectionsWithoutNexusMax: 512,
  /** Before a connection that was told to close is cut. */
  closeTimeoutMs: 1_000,
  /** Output buffer of a connection: at first, and the most that is kept for the next turn. */
  outputBytesInitial: 16_384,
  outputBytesKept: 1_048_576,
  /** No more requests are read while this many bytes wait for the socket. */
  outputBytesQueuedMax: 4_194_304,
  /** Receive buffer for a PDU that came in pieces, at first. */
  partialBytesInitial: 4_096,
} as const;
