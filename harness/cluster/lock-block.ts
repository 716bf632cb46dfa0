/** Who took a cluster lock, and in which re-formation: a lock that was taken in an earlier one is free again. */
export interface LockClaim {
  readonly cluster: string;
  readonly reformation: number;
  readonly node: string;
}

const TEXT = /^cluster lock of (\S+), re-formation (\d+), taken by (\S+)\n/;

/** The block that marks a lock LUN as taken. The product's own layout is not documented: this one is ours. */
export function encodeLockClaim({ cluster, reformation, node }: LockClaim, lengthBytes: number): Uint8Array {
  const block = new Uint8Array(lengthBytes);
  block.set(
    new TextEncoder().encode(`cluster lock of ${cluster}, re-formation ${reformation}, taken by ${node}\n`),
  );
  return block;
}

/** The claim in a block; undefined where nobody has taken the lock yet. */
export function decodeLockClaim(block: Uint8Array): LockClaim | undefined {
  const [, cluster, reformation, node] = TEXT.exec(new TextDecoder('latin1').decode(block)) ?? [];
  if (cluster === undefined || node === undefined) return undefined;
  return { cluster, reformation: Number(reformation), node };
}
