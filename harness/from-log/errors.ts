/** Logs that cannot be replayed as they are. The message is one line: where, what was wrong, what was expected. */
export class LogError extends Error {
  override readonly name = 'LogError';
}
