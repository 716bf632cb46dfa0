import { unitAttention, type Sense } from '../../protocol/index.js';

/** Additional sense codes of unit attention conditions, ASC * 256 + ASCQ (SAM-5 clause 6, SPC-4 annex D). */
export const ATTENTION = {
  mediumMayHaveChanged: 0x2800,
  powerOnOrReset: 0x2900,
  hardReset: 0x2902,
  logicalUnitReset: 0x2903,
  nexusLoss: 0x2907,
  modeParametersChanged: 0x2a01,
  asymmetricAccessStateChanged: 0x2a06,
  capacityDataHasChanged: 0x2a09,
  commandsClearedByAnotherInitiator: 0x2f00,
  reportedLunsDataHasChanged: 0x3f0e,
} as const;

const isResetOrPowerOn = (code: number): boolean => code >= 0x2900 && code <= 0x2904;
const isOfReset = (code: number): boolean => code >> 8 === 0x29;

/**
 * Unit attention conditions of one I_T nexus and logical unit, in order of arrival. One of each code, so the number of
 * codes bounds it. A reset clears the rest; an I_T nexus loss goes to the front; 2F/00 is told last.
 */
export class UnitAttentionQueue {
  readonly #codes: number[] = [];
  readonly #max: number;

  /** `max`: one more drops the oldest. */
  constructor(max = Infinity) {
    this.#max = max;
  }

  get isEmpty(): boolean {
    return this.#codes.length === 0;
  }

  /** Codes in the order in which they will be told. */
  get pending(): readonly number[] {
    return this.#codes;
  }

  /** False where the condition was there already, or a stronger one stands for it. */
  establish(code: number): boolean {
    if (this.#codes.includes(code)) return false;
    const [first] = this.#codes;
    if (isResetOrPowerOn(code)) {
      // A power on or a stronger reset that was not told yet stands for this one too; the rest goes all the same.
      const stronger = first !== undefined && isResetOrPowerOn(first) && first < code;
      this.#codes.splice(0, this.#codes.length, stronger ? first : code);
      return !stronger;
    }
    if (code === ATTENTION.nexusLoss) {
      if (first !== undefined && isOfReset(first)) return false;
      this.#codes.unshift(code);
      return true;
    }
    const last = this.#codes.at(-1) === ATTENTION.commandsClearedByAnotherInitiator;
    this.#codes.splice(last ? this.#codes.length - 1 : this.#codes.length, 0, code);
    if (this.#codes.length > this.#max) this.#codes.shift();
    return true;
  }

  remove(code: number): void {
    const at = this.#codes.indexOf(code);
    if (at >= 0) this.#codes.splice(at, 1);
  }

  /** The first condition, which is then gone. */
  take(): number | undefined {
    return this.#codes.shift();
  }
}

/** Sense data of a unit attention condition. */
export const senseOfAttention = (code: number): Sense => unitAttention(code >> 8, code & 0xff);
