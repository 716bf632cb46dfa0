/** A configuration that cannot be used. The message is one line: what was wrong, where, and what was expected. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
