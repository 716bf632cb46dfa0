#!/usr/bin/env node
import { runCli } from './program.js';
import { stopSignal } from './signals.js';

// A reader that went away (`fencelab ... | head`) ends us quietly, as SIGPIPE does elsewhere.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Nothing that a program does wrong is shown as a stack trace.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (thrown: unknown) => {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    process.stderr.write(`fencelab: internal error: ${message.split('\n', 1)[0] ?? ''}\n`);
    process.exit(2);
  });
}

const exitStatus = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  environment: process.env,
  stop: stopSignal,
});
// Not left to Node's own end: with channels to children that were killed under way, Node 20 can wait for ever while it
// takes its environment down (every handle is closed by then, and a request on one of them never comes back).
process.exit(exitStatus);
