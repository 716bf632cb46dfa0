import {
  cachingModePageLayout,
  controlModePageLayout,
  informationalExceptionsModePageLayout,
  MODE_PAGE,
} from '../../protocol/index.js';

/** A mode page as it is by default, and the bits that MODE SELECT may change. Both with their two header bytes. */
interface ModePageDefinition {
  readonly pageCode: number;
  readonly defaults: Uint8Array;
  readonly changeable: Uint8Array;
}

const header = (pageCode: number, lengthBytes: number): { pageCode: number; pageLength: number } => ({
  pageCode,
  pageLength: lengthBytes - 2,
});

function definitions(volatileCache: boolean): readonly ModePageDefinition[] {
  const caching = header(MODE_PAGE.caching, cachingModePageLayout.lengthBytes);
  const control = header(MODE_PAGE.control, controlModePageLayout.lengthBytes);
  const exceptions = header(
    MODE_PAGE.informationalExceptionsControl,
    informationalExceptionsModePageLayout.lengthBytes,
  );
  return [
    {
      pageCode: MODE_PAGE.caching,
      defaults: cachingModePageLayout.toBytes({ ...caching, writebackCacheEnable: volatileCache ? 1 : 0 }),
      changeable: cachingModePageLayout.toBytes(caching),
    },
    {
      pageCode: MODE_PAGE.control,
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
      pageCode: MODE_PAGE.informationalExceptionsControl,
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
    this.#definitions = new Map(definitions(volatileCache).map((page) => [page.pageCode, page]));
    this.reset();
  }

  /** Page codes, ascending. */
  get pageCodes(): readonly number[] {
    return [...this.#definitions.keys()];
  }

  current(pageCode: number): Uint8Array | undefined {
    return this.#current.get(pageCode);
  }

  defaults(pageCode: number): Uint8Array | undefined {
    return this.#definitions.get(pageCode)?.defaults;
  }

  changeable(pageCode: number): Uint8Array | undefined {
    return this.#definitions.get(pageCode)?.changeable;
  }

  /** Puts whole pages, already checked, in the place of the current ones. True if anything is different now. */
  replace(pages: ReadonlyMap<number, Uint8Array>): boolean {
    let changed = false;
    for (const [pageCode, page] of pages) {
      const before = this.#current.get(pageCode);
      changed ||= before === undefined || Buffer.compare(before, page) !== 0;
      this.#current.set(pageCode, page);
    }
    this.#readControlBits();
    return changed;
  }

  /** Back to the defaults: nothing is saved. */
  reset(): void {
    this.replace(new Map([...this.#definitions].map(([pageCode, { defaults }]) => [pageCode, defaults])));
  }

  #readControlBits(): void {
    const page = this.#current.get(MODE_PAGE.control);
    if (page === undefined) return;
    const control = controlModePageLayout.decode(page);
    this.descriptorFormatSense = control.descriptorFormatSense === 1;
    this.noUnitAttentionOnRelease = control.noUnitAttentionOnRelease === 1;
    this.softwareWriteProtect = control.softwareWriteProtect === 1;
    this.taskAbortedStatus = control.taskAbortedStatus === 1;
  }
}
