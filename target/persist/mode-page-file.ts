import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { ModePageValue } from '../commands/mode-pages.js';
import { seal, unseal, type SealedHeader } from './sealed-json.js';

const HEADER: SealedHeader = { format: 'fencelab mode pages', version: 1 };

const contentSchema = Type.Object(
  {
    /** As in the file of reservations. */
    logicalUnit: Type.String(),
    modePages: Type.Array(
      Type.Object(
        {
          pageCode: Type.Integer({ minimum: 0, maximum: 0x3f }),
          subpageCode: Type.Integer({ minimum: 0, maximum: 0xff }),
          /** The whole page in hex, with its header. */
          page: Type.String({ pattern: '^(?:[0-9a-f]{2})+$' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** The saved mode pages of a logical unit as a file. */
export function encodeModePageFile(logicalUnit: string, pages: readonly ModePageValue[]): Uint8Array {
  const content: Static<typeof contentSchema> = {
    logicalUnit,
    modePages: pages.map(({ pageCode, subpageCode, bytes }) => ({
      pageCode,
      subpageCode,
      page: Buffer.from(bytes).toString('hex'),
    })),
  };
  return seal(HEADER, content);
}

/** What such a file says, or why it cannot be trusted, as the end of a sentence about the file. */
export function decodeModePageFile(
  logicalUnit: string,
  bytes: Uint8Array,
): { readonly pages: readonly ModePageValue[] } | { readonly problem: string } {
  const unsealed = unseal(HEADER, bytes);
  if ('problem' in unsealed) return unsealed;
  const { content } = unsealed;
  if (!Value.Check(contentSchema, content)) return { problem: 'does not have the expected members' };
  if (content.logicalUnit !== logicalUnit) {
    return { problem: `belongs to logical unit ${content.logicalUnit}` };
  }
  const pages = content.modePages.map(({ page, ...id }) => ({ ...id, bytes: Buffer.from(page, 'hex') }));
  return { pages };
}
