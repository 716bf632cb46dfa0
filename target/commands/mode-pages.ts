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

/** A mode page as it is by default, and the bits that MODE SELECT may change. Both with their header bytes. */
interface ModePageDefinition extends ModePageId {
  readonly defaults: Uint8Array;
  readonly changeable: Uint8Array;
}

/** Bytes before the fields of a page. */
const HEADER_BYTES = { page0: 2, subpage: 4 } as const;
export const headerBytes = (subpageFormat: boolean): number =>
  subpageFormat ? HEADER_BYTES.subpage : HEADER_BYTES.page0;

const header = (pageCode: number, lengthBytes: number): { pageCode: number; pageLength: number } => ({
  pageCode,
  pageLength: lengthBytes - HEADER_BYTES.page0,
});

/** As one number: ascending as MODE SENSE returns them (SPC-4 6.13). */
const keyOf = ({ pageCode, subpageCode }: ModePageId): number => pageCode * 256 + subpageCode;

function definitions(volatileCache: boolean): readonly ModePageDefinition[] {
  const caching = header(MODE_PAGE.caching, cachingModePageLayout.lengthBytes);
  const control = header(MODE_PAGE.control, controlModePageLayout.lengthBytes);
  const controlExtension = {
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
  /** Bits of the Control mode page that other parts ask for often. */
  descriptorFormatSense = false;
  noUnitAttentionOnRelease = false;
  softwareWriteProtect = false;
  taskAbortedStatus = true;

  constructor(volatileCache: boolean) {
    this.#definitions = new Map(definitions(volatileCache).map((page) => [keyOf(page), page]));
    this.reset();
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

  /** Puts whole pages, already checked, in the place of the current ones. True if anything is different now. */
  replace(pages: readonly (readonly [ModePageId, Uint8Array])[]): boolean {
    let changed = false;
    for (const [id, page] of pages) {
      const before = this.current(id);
      changed ||= before === undefined || Buffer.compare(before, page) !== 0;
      this.#current.set(keyOf(id), page);
    }
    this.#readControlBits();
    return changed;
  }

  /** Back to the defaults: nothing is saved. */
  reset(): void {
    this.replace([...this.#definitions.values()].map((page) => [page, page.defaults]));
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
