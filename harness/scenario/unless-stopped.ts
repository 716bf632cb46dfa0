/** Settles as `work` does, or rejects as soon as `stop` is aborted; what `work` comes to then is not waited for. */
export async function unlessStopped<T>(work: Promise<T>, stop: AbortSignal | undefined): Promise<T> {
  if (stop === undefined) return work;
  let reject: (error: Error) => void = () => undefined;
  const stopped = new Promise<never>((_, rejectStopped) => {
    reject = rejectStopped;
  });
  const onAbort = (): void => {
    reject(new Error(`stopped by ${String(stop.reason)}`));
  };
  if (stop.aborted) onAbort();
  stop.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    stop.removeEventListener('abort', onAbort);
  }
}
