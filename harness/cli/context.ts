/** What a subcommand has to do with the world outside. */
export interface CliContext {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stdin: NodeJS.ReadableStream;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted when the user wants it to end. */
  readonly stop: () => AbortSignal;
}
