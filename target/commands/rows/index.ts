import type { CommandRow } from '../command.js';
import { BLOCK_ROWS } from './block.js';
import { EXTENDED_COPY_ROWS } from './extended-copy.js';
import { PERSISTENT_RESERVE_ROWS } from './persistent-reserve.js';
import { PRIMARY_ROWS } from './primary.js';
import { SANITIZE_ROWS } from './sanitize.js';

const SERVICE_ACTIONS = 32;
const place = ({ operationCode, serviceAction = 0 }: CommandRow): number =>
  operationCode * SERVICE_ACTIONS + serviceAction;

/** Every command there is, by operation code and service action. */
export const COMMAND_ROWS: readonly CommandRow[] = [
  ...PRIMARY_ROWS,
  ...PERSISTENT_RESERVE_ROWS,
  ...BLOCK_ROWS,
  ...SANITIZE_ROWS,
  ...EXTENDED_COPY_ROWS,
].sort((a, b) => place(a) - place(b));
