/** 4 KiB of bits: with blocks of 512 bytes a page stands for 16 MiB. */
const PAGE_BYTES = 4096;
const GRANULES_PER_PAGE = PAGE_BYTES * 8;
const NOTHING_MAPPED = Buffer.alloc(PAGE_BYTES);

/** The bits of a page, a one for each granule that is mapped; or all of them are. Undefined: none is. */
type Page = Buffer | 'mapped' | undefined;

/** Blocks that share one provisioning state, up to `endBytes`. */
export interface ProvisioningExtent {
  readonly deallocated: boolean;
  readonly endBytes: number;
}

/**
 * Which blocks of a thin provisioned logical unit are mapped and which are deallocated (SBC-4 4.7), in granules: the
 * physical block is what is mapped and unmapped as a whole. What was mapped before it is known counts as mapped.
 */
export class ProvisioningMap {
  readonly #granuleBytes: number;
  #granules = 0;
  #sizeBytes = 0;
  readonly #pages: Page[] = [];

  /** `blank`: nothing is mapped yet; else everything is taken to be. */
  constructor(sizeBytes: number, granuleBytes: number, blank: boolean) {
    this.#granuleBytes = granuleBytes;
    this.grow(sizeBytes, blank ? 0 : sizeBytes);
  }

  /** The medium is longer now; from byte `blankFrom` on nothing of what was added is mapped. */
  grow(sizeBytes: number, blankFrom: number): void {
    const before = this.#sizeBytes;
    this.#sizeBytes = sizeBytes;
    this.#granules = Math.ceil(sizeBytes / this.#granuleBytes);
    const pages = Math.ceil(this.#granules / GRANULES_PER_PAGE);
    // Bits behind the end of the last page were never set.
    while (this.#pages.length < pages) this.#pages.push(undefined);
    if (blankFrom > before) this.map(before, blankFrom - before);
  }

  /** A write maps every granule that it touches. */
  map(position: number, lengthBytes: number): void {
    const end = Math.ceil((position + lengthBytes) / this.#granuleBytes);
    this.#set(Math.floor(position / this.#granuleBytes), end, true);
  }

  /** Unmaps the granules that lie wholly within; a granule of which a part is left stays as it is. */
  unmap(position: number, lengthBytes: number): void {
    const endBytes = position + lengthBytes;
    // The last one may be cut short by the end of the medium.
    const end = endBytes === this.#sizeBytes ? this.#granules : Math.floor(endBytes / this.#granuleBytes);
    this.#set(Math.ceil(position / this.#granuleBytes), end, false);
  }

  /** The state of the byte at `position`, and how far it reaches. */
  extentAt(position: number): ProvisioningExtent {
    const first = Math.floor(position / this.#granuleBytes);
    const mapped = this.#isMapped(first);
    let granule = first + 1;
    while (granule < this.#granules && this.#isMapped(granule) === mapped) {
      granule = this.#skipAlike(granule, mapped);
    }
    return {
      deallocated: !mapped,
      endBytes: Math.min(granule * this.#granuleBytes, this.#sizeBytes),
    };
  }

  /** The next granule that may differ: beyond a page or a byte of bits that are all alike. */
  #skipAlike(granule: number, mapped: boolean): number {
    const within = granule % GRANULES_PER_PAGE;
    const page = this.#pages[Math.floor(granule / GRANULES_PER_PAGE)];
    if (!Buffer.isBuffer(page)) return granule - within + GRANULES_PER_PAGE;
    return within % 8 === 0 && page[within >> 3] === (mapped ? 0xff : 0x00) ? granule + 8 : granule + 1;
  }

  #isMapped(granule: number): boolean {
    const page = this.#pages[Math.floor(granule / GRANULES_PER_PAGE)];
    if (!Buffer.isBuffer(page)) return page === 'mapped';
    const within = granule % GRANULES_PER_PAGE;
    return (((page[within >> 3] as number) >> (within & 7)) & 1) === 1;
  }

  #set(from: number, to: number, mapped: boolean): void {
    let granule = from;
    while (granule < to) {
      const index = Math.floor(granule / GRANULES_PER_PAGE);
      const start = granule - index * GRANULES_PER_PAGE;
      const end = Math.min(to - index * GRANULES_PER_PAGE, GRANULES_PER_PAGE);
      this.#setInPage(index, start, end, mapped);
      granule += end - start;
    }
  }

  #setInPage(index: number, start: number, end: number, mapped: boolean): void {
    const whole = mapped ? 'mapped' : undefined;
    const there = this.#pages[index];
    if (there === whole) return;
    if (start === 0 && end === GRANULES_PER_PAGE) {
      this.#pages[index] = whole;
      return;
    }
    const page = Buffer.isBuffer(there) ? there : Buffer.alloc(PAGE_BYTES, mapped ? 0x00 : 0xff);
    setBits(page, start, end, mapped);
    this.#pages[index] = !mapped && page.equals(NOTHING_MAPPED) ? undefined : page;
  }
}

function setBits(bits: Buffer, from: number, to: number, value: boolean): void {
  const firstWhole = Math.ceil(from / 8);
  const lastWhole = Math.floor(to / 8);
  if (firstWhole > lastWhole) {
    setWithin(bits, from >> 3, from & 7, to - (from >> 3) * 8, value);
    return;
  }
  if (from % 8 !== 0) setWithin(bits, from >> 3, from & 7, 8, value);
  bits.fill(value ? 0xff : 0x00, firstWhole, lastWhole);
  if (to % 8 !== 0) setWithin(bits, lastWhole, 0, to & 7, value);
}

/** Bits `from` to before `to` of one byte, the least significant first. */
function setWithin(bits: Buffer, byte: number, from: number, to: number, value: boolean): void {
  const mask = ((1 << to) - 1) & ~((1 << from) - 1);
  const before = bits[byte] as number;
  bits[byte] = value ? before | mask : before & ~mask;
}
