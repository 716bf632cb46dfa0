import {
  cachingModePageLayout,
  controlExtensionModePageLayout,
  controlModePageLayout,
  informationalExceptionsModePageLayout,
  MODE_PAGE,
  MODE_SUBPAGE,
} from '../../protocol/index.js';

/** Which mode page: SUBPAGE CODE 0 is the one in page_0 format. */
export interface ModePageId {
  readonly pageCode: number;
  readonly subpageCode: number;
}

/** A mode page with its header bytes. */
export interface ModePageValue extends ModePageId {
  readonly bytes: Uint8Array;
}

/** A mode page as it is by default, and the bits that MODE SELECT may change. Both with their header bytes. */
interface ModePageDefinition extends ModePageId {
  readonly defaults: Uint8Array;
  readonly changeable: Uint8Array;
}

/** Bytes before the fields of a page. */
const HEADER_BYTES = { page0: 2, subpage: 4 } as const;
export const headerBytes = (subpageFormat: boolean): number =>
  subpageFormat ? HEADER_BYTES.subpage : HEADER_BYTES.page0;

interface Page0Header {
  readonly parametersSaveable: number;
  readonly pageCode: number;
  readonly pageLength: number;
}

/** As one number: ascending as MODE SENSE returns them (SPC-4 6.13). */
const keyOf = ({ pageCode, subpageCode }: ModePageId): number => pageCode * 256 + subpageCode;

function definitions(volatileCache: boolean, saveable: boolean): readonly ModePageDefinition[] {
  const parametersSaveable = saveable ? 1 : 0;
  const header = (pageCode: number, lengthBytes: number): Page0Header => ({
    parametersSaveable,
    pageCode,
    pageLength: lengthBytes - HEADER_BYTES.page0,
  });
  const caching = header(MODE_PAGE.caching, cachingModePageLayout.lengthBytes);
  const control = header(MODE_PAGE.control, controlModePageLayout.lengthBytes);
  const controlExtension = {
    parametersSaveable,
    subpageFormat: 1,
    pageCode: MODE_PAGE.control,
    subpageCode: MODE_SUBPAGE.controlExtension,
    pageLength: controlExtensionModePageLayout.lengthBytes - HEADER_BYTES.subpage,
  };
  const exceptions = header(
    MODE_PAGE.informationalExceptionsControl,
    informationalExceptionsModePageLayout.lengthBytes,
  );
  return [
    {
      pageCode: MODE_PAGE.caching,
      subpageCode: MODE_SUBPAGE.none,
      defaults: cachingModePageLayout.toBytes({ ...caching, writebackCacheEnable: volatileCache ? 1 : 0 }),
      changeable: cachingModePageLayout.toBytes(caching),
    },
    {
      pageCode: MODE_PAGE.control,
      subpageCode: MODE_SUBPAGE.none,
      // TAS=1: a fenced node's commands end instead of hanging (SAM-5 5.3.1, TASK ABORTED).
      defaults: controlModePageLayout.toBytes({ ...control, taskAbortedStatus: 1 }),
      changeable: controlModePageLayout.toBytes({
        ...control,
        descriptorFormatSense: 1,
        noUnitAttentionOnRelease: 1,
        softwareWriteProtect: 1,
        taskAbortedStatus: 1,
      }),
    },
    {
      pageCode: MODE_PAGE.control,
      subpageCode: MODE_SUBPAGE.controlExtension,
      // As TPGS of the standard INQUIRY data says.
      defaults: controlExtensionModePageLayout.toBytes({
        ...controlExtension,
        implicitAsymmetricLogicalUnitAccessEnabled: 1,
      }),
      changeable: controlExtensionModePageLayout.toBytes(controlExtension),
    },
    {
      pageCode: MODE_PAGE.informationalExceptionsControl,
      subpageCode: MODE_SUBPAGE.none,
      defaults: informationalExceptionsModePageLayout.toBytes(exceptions),
      changeable: informationalExceptionsModePageLayout.toBytes(exceptions),
    },
  ];
}

/** The mode pages of a logical unit; every nexus shares them. */
export class ModePages {
  readonly #definitions: ReadonlyMap<number, ModePageDefinition>;
  readonly #current = new Map<number, Uint8Array>();
  /** What a reset brings back; null: nothing can be saved, and it brings back the defaults. */
  #saved: ReadonlyMap<number, Uint8Array> | null = null;
  /** Bits of the Control mode page that other parts ask for often. */
  descriptorFormatSense = false;
  noUnitAttentionOnRelease = false;
  softwareWriteProtect = false;
  taskAbortedStatus = true;

  /** `saved`: what was saved before; null: nothing can be saved. */
  constructor(volatileCache: boolean, saved: readonly ModePageValue[] | null) {
    const all = definitions(volatileCache, saved !== null);
    this.#definitions = new Map(all.map((page) => [keyOf(page), page]));
    if (saved !== null) this.keep(saved);
    this.reset();
  }

  /** PS of every page. */
  get saveable(): boolean {
    return this.#saved !== null;
  }

  /** Every page that there is, ascending. */
  get ids(): readonly ModePageId[] {
    return [...this.#definitions.values()];
  }

  current(id: ModePageId): Uint8Array | undefined {
    return this.#current.get(keyOf(id));
  }

  defaults(id: ModePageId): Uint8Array | undefined {
    return this.#definitions.get(keyOf(id))?.defaults;
  }

  changeable(id: ModePageId): Uint8Array | undefined {
    return this.#definitions.get(keyOf(id))?.changeable;
  }

  /** Of a page that was never saved, its defaults. */
  saved(id: ModePageId): Uint8Array | undefined {
    return this.#saved?.get(keyOf(id)) ?? this.defaults(id);
  }

  /** Puts whole pages, already checked, in the place of the current ones. True if anything is different now. */
  replace(pages: readonly ModePageValue[]): boolean {
    let changed = false;
    for (const page of pages) {
      const before = this.current(page);
      changed ||= before === undefined || Buffer.compare(before, page.bytes) !== 0;
      this.#current.set(keyOf(page), page.bytes);
    }
    this.#readControlBits();
    return changed;
  }

  /** Every page as it would be with these in the place of the current ones. */
  currentWith(pages: readonly ModePageValue[]): readonly ModePageValue[] {
    const given = new Map(pages.map((page) => [keyOf(page), page.bytes]));
    return [...this.#definitions].map(([key, { pageCode, subpageCode, defaults }]) => {
      const bytes = given.get(key) ?? this.#current.get(key) ?? defaults;
      return { pageCode, subpageCode, bytes };
    });
  }

  /**
   * These are the saved pages from now on. Of each only what may be changed counts: they may come from a logical unit that
   * had other defaults.
   */
  keep(pages: readonly ModePageValue[]): void {
    const saved = new Map<number, Uint8Array>();
    for (const { bytes, ...id } of pages) {
      const page = this.#definitions.get(keyOf(id));
      if (page?.defaults.length === bytes.length) saved.set(keyOf(id), changeableBitsOf(bytes, page));
    }
    this.#saved = saved;
  }

  /** Back to what is saved, or to the defaults. */
  reset(): void {
    this.replace(
      [...this.#definitions.values()].map((page) => ({ ...page, bytes: this.saved(page) ?? page.defaults })),
    );
  }

  #readControlBits(): void {
    const page = this.current({ pageCode: MODE_PAGE.control, subpageCode: MODE_SUBPAGE.none });
    if (page === undefined) return;
    const control = controlModePageLayout.decode(page);
    this.descriptorFormatSense = control.descriptorFormatSense === 1;
    this.noUnitAttentionOnRelease = control.noUnitAttentionOnRelease === 1;
    this.softwareWriteProtect = control.softwareWriteProtect === 1;
    this.taskAbortedStatus = control.taskAbortedStatus === 1;
  }
}

/** The header is no parameter, though the changeable values have one too. */
function changeableBitsOf(bytes: Uint8Array, page: ModePageDefinition): Uint8Array {
  const header = headerBytes(page.subpageCode !== MODE_SUBPAGE.none);
  return page.defaults.map((byDefault, at) => {
    const mask = at < header ? 0 : (page.changeable[at] as number);
    return (byDefault & ~mask) | ((bytes[at] as number) & mask);
  });
}
