/** Exit statuses of `fencelab`. */
export const EXIT = {
  /** All as expected. */
  asExpected: 0,
  /** A verdict, or the answer of a command, is not as expected. */
  notAsExpected: 1,
  /** It could not be asked: bad arguments, no connection, interrupted. */
  notAsked: 2,
} as const;
