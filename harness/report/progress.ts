/** Where progress is shown; standard error, so that it does not mix with the report. */
export type ProgressStream = Pick<NodeJS.WritableStream, 'write'> & { readonly isTTY?: boolean };

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 10_000;
const ERASE_LINE = '\r\u001b[K';

/** How far something has come: a bar on a terminal, a plain line now and then elsewhere. No colours in either. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #bar: boolean;
  readonly #total: number;
  readonly #what: string;
  readonly #now: () => number;
  readonly #startedMs: number;
  #done = 0;
  #shownMs: number;

  /** `what` is counted: `runs`. `now`: milliseconds on a clock that never goes back. */
  constructor(
    stream: ProgressStream,
    environment: NodeJS.ProcessEnv,
    total: number,
    what: string,
    now: () => number,
  ) {
    this.#stream = stream;
    this.#bar = stream.isTTY === true && environment['TERM'] !== 'dumb';
    this.#total = total;
    this.#what = what;
    this.#now = now;
    this.#startedMs = now();
    this.#shownMs = this.#startedMs;
  }

  /** One more is done. */
  step(): void {
    this.#done += 1;
    const nowMs = this.#now();
    if (nowMs - this.#shownMs < (this.#bar ? REDRAW_MS : LINE_EVERY_MS)) return;
    this.#shownMs = nowMs;
    this.#stream.write(this.#bar ? `${ERASE_LINE}${this.#barText(nowMs)}` : `${this.#text(nowMs)}\n`);
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (this.#now() - this.#startedMs) / 1_000;
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#bar) this.#stream.write(ERASE_LINE);
  }

  #barText(nowMs: number): string {
    const filled = Math.floor((this.#done / this.#total) * BAR_WIDTH);
    return `[${'#'.repeat(filled).padEnd(BAR_WIDTH, '.')}] ${this.#text(nowMs)}`;
  }

  #text(nowMs: number): string {
    const seconds = (nowMs - this.#startedMs) / 1_000;
    const left = Math.ceil((seconds / this.#done) * (this.#total - this.#done));
    return `${this.#done} of ${this.#total} ${this.#what}, about ${left} s to go`;
  }
}
