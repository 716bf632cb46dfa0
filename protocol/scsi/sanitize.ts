import { bits, layout, reserved, u16be, u8 } from '../layout.js';
import { OPERATION_CODE } from './operation-codes.js';

/** SANITIZE (SBC-4). */
export const sanitizeCdbLayout = layout(
  'SANITIZE command',
  u8('operationCode'),
  bits({ immediate: 1, zonedNoReset: 1, allowUnrestrictedExit: 1, serviceAction: 5 }),
  reserved(5),
  u16be('parameterListLength'),
  u8('control'),
);

/** OVERWRITE service action parameter list, before its INITIALIZATION PATTERN (SBC-4). */
export const sanitizeOverwriteHeaderLayout = layout(
  'SANITIZE OVERWRITE parameter list header',
  bits({ invert: 1, test: 2, overwriteCount: 5 }),
  reserved(1),
  u16be('initializationPatternLength'),
);

type SanitizeCdb = Parameters<typeof sanitizeCdbLayout.toBytes>[0];

export const sanitizeCdb = (fields: Omit<SanitizeCdb, 'operationCode'>): Uint8Array =>
  sanitizeCdbLayout.toBytes({ ...fields, operationCode: OPERATION_CODE.sanitize });
