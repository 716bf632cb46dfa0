// Operation codes of SBC-4 and SPC-4 by what they do to the medium.
const READS = new Set([0x08, 0x28, 0xa8, 0x88]);
const WRITES = new Set([
  0x04, // FORMAT UNIT
  0x0a, // WRITE(6)
  0x2a, // WRITE(10)
  0x2e, // WRITE AND VERIFY(10)
  0x41, // WRITE SAME(10)
  0x42, // UNMAP
  0x48, // SANITIZE
  0x83, // EXTENDED COPY
  0x89, // COMPARE AND WRITE
  0x8a, // WRITE(16)
  0x8e, // WRITE AND VERIFY(16)
  0x93, // WRITE SAME(16)
  0x9c, // WRITE ATOMIC(16)
  0xaa, // WRITE(12)
  0xae, // WRITE AND VERIFY(12)
]);

/** READ(6), (10), (12) or (16). */
export function isMediumRead(cdb: Uint8Array): boolean {
  return READS.has(cdb[0] ?? 0);
}

/** A command that changes what the medium holds. */
export function isMediumWrite(cdb: Uint8Array): boolean {
  return WRITES.has(cdb[0] ?? 0);
}
