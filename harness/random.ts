/**
 * Numbers that a seed decides, the same on every machine: a Weyl sequence through the 32-bit finaliser of MurmurHash3
 * (Appleby 2008). Seeds that lie close together yield numbers that do not, and each purpose has a sequence of its own,
 * so that one more number drawn for the one changes nothing for the other.
 */
export class Random {
  #state: number;

  constructor(seed: number, purpose: string) {
    // FNV-1a (RFC 9923) of both.
    let hash = 0x811c_9dc5;
    for (const byte of Buffer.from(`${seed} ${purpose}`)) hash = Math.imul(hash ^ byte, 0x0100_0193);
    this.#state = hash >>> 0;
  }

  /** A whole number from 0, less than `limit`, which is at most 2^32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    return Math.floor((mixed(this.#state) / 0x1_0000_0000) * limit);
  }

  /** A whole number from `first` to `last`, both of them among it. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
