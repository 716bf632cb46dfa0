import { designationDescriptorHeaderLayout } from '../../protocol/index.js';

const HEADER_BYTES = designationDescriptorHeaderLayout.lengthBytes;
/** How far a list goes on behind an identifier of the time before SPC: such lists had 16 bytes each. */
const PRE_SPC_STEP_BYTES = 16;

/** One designation descriptor where it lies in its page. */
export interface PlacedDesignator {
  /** Of its header, within the page. */
  readonly at: number;
  /** Of the designator, within the page. */
  readonly bodyAt: number;
  readonly lengthBytes: number;
  readonly protocolIdentifier: number;
  readonly protocolIdentifierValid: boolean;
  readonly codeSet: number;
  readonly association: number;
  readonly type: number;
  /** The whole list is one bare identifier, as devices had it before SPC. */
  readonly preSpc: boolean;
}

/** The last step of a walk through a list: undefined at a clean end, else the offset in the list it broke off behind. */
export type DesignatorStep =
  | { readonly kind: 'designator'; readonly designator: PlacedDesignator }
  | { readonly kind: 'broken'; readonly behind: number };

/** Walks the designation descriptors of `page` from `from` to `end`, as far as their lengths lead. */
export function* walkDesignators(page: Uint8Array, from: number, end: number): Generator<DesignatorStep> {
  const listBytes = end - from;
  let last = -1;
  for (;;) {
    const next = nextOffset(page, from, listBytes, last);
    if (next.offset === undefined) {
      if (next.reached !== listBytes) yield { kind: 'broken', behind: last };
      return;
    }
    const preSpc = last < 0 && page[from + 2] !== 0;
    last = preSpc ? PRE_SPC_STEP_BYTES : next.offset;
    yield { kind: 'designator', designator: place(page, from + next.offset, preSpc ? listBytes : undefined) };
  }
}

/** Where the descriptor behind the one at `last` begins; -1 is before the first. */
function nextOffset(
  page: Uint8Array,
  from: number,
  listBytes: number,
  last: number,
): { readonly offset?: number; readonly reached: number } {
  if (last + 3 >= listBytes) return { reached: last };
  const reached = last < 0 ? 0 : last + (page[from + last + 3] ?? 0) + HEADER_BYTES;
  return reached + HEADER_BYTES > listBytes ? { reached } : { offset: reached, reached };
}

function place(page: Uint8Array, at: number, preSpcBytes: number | undefined): PlacedDesignator {
  if (preSpcBytes !== undefined) {
    return {
      at,
      bodyAt: at,
      lengthBytes: preSpcBytes,
      protocolIdentifier: 0,
      protocolIdentifierValid: false,
      codeSet: 1,
      association: 0,
      type: 3,
      preSpc: true,
    };
  }
  const header = designationDescriptorHeaderLayout.decode(page, at);
  return {
    at,
    bodyAt: at + HEADER_BYTES,
    lengthBytes: header.designatorLength,
    protocolIdentifier: header.protocolIdentifier,
    protocolIdentifierValid: header.protocolIdentifierValid === 1,
    codeSet: header.codeSet,
    association: header.association,
    type: header.designatorType,
    preSpc: false,
  };
}
