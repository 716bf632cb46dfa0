/** One line for whoever runs the target. */
export const warnOnStandardError = (line: string): void => {
  process.stderr.write(`fencelab target: ${line}\n`);
};

/** Tells of a fault of the target itself that was contained: what it cost, and where it lies. */
export function warnOfFault(cost: string, error: unknown): void {
  const where = error instanceof Error ? /\bat (.*)/.exec(error.stack ?? '')?.[1] : undefined;
  const line = `${cost}: ${String(error)}${where === undefined ? '' : ` at ${where}`}`;
  warnOnStandardError(line.replace(/\s+/g, ' '));
}
