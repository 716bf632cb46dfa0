import type { HostClient } from '../../../initiator/index.js';
import type { Hold } from '../runtime.js';

/** Keeps the next writes of a user to some devices in a hypervisor. What it holds when it dies never goes out. */
export async function holdInHypervisor(
  client: HostClient,
  devices: readonly string[],
  options: { readonly user: string; readonly count: number },
): Promise<Hold> {
  const hold = await client.holdWrites(devices, options);
  return {
    held: client.awaitHeld(hold).catch(() => undefined),
    // Of one that is dead nobody can tell.
    heldAny: () =>
      client.listHeld(hold).then(
        (held) => held.length > 0,
        () => true,
      ),
    release: async () => {
      await client.releaseWrites(hold).catch(() => undefined);
    },
  };
}
