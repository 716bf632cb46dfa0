/** Names of the three initiators of a suite. */
export const INITIATORS = [
  'iqn.2026-11.org.fencelab:a',
  'iqn.2026-11.org.fencelab:b',
  'iqn.2026-11.org.fencelab:c',
] as const;
