import type { CommandRow } from '../command.js';
import { BLOCK_ROWS } from './block.js';
import { PERSISTENT_RESERVE_ROWS } from './persistent-reserve.js';
import { PRIMARY_ROWS } from './primary.js';
import { SANITIZE_ROWS } from './sanitize.js';

/** Every command there is, by operation code and service action. */
export const COMMAND_ROWS: readonly CommandRow[] = [
  ...PRIMARY_ROWS,
  ...PERSISTENT_RESERVE_ROWS,
  ...BLOCK_ROWS,
  ...SANITIZE_ROWS,
].sort((a, b) => a.operationCode - b.operationCode || (a.serviceAction ?? 0) - (b.serviceAction ?? 0));
