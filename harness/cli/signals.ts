/** Aborted by the first SIGINT or SIGTERM; the reason is the signal's name. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // The handler stays: a second signal must not end the process before it has tidied up.
    process.on(signal, () => {
      stop.abort(signal);
    });
  }
  return stop.signal;
}

/** Settles when `signal` is aborted. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}
