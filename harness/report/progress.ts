/** Where progress is shown; standard error, so that it does not mix with the report. */
export type ProgressStream = Pick<NodeJS.WritableStream, 'write'> & {
  readonly isTTY?: boolean;
  /** How wide the terminal is. */
  readonly columns?: number;
};

const BAR_WIDTH = 30;
const BAR_WIDTH_MIN = 10;
/** Of a terminal that does not say. */
const COLUMNS = 80;
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
    const text = this.#text(nowMs);
    // A line that is wider than the terminal would go on in the next one, and only that one is erased.
    const columns = this.#stream.columns ?? COLUMNS;
    const width = Math.min(BAR_WIDTH, columns - text.length - '[] '.length - 1);
    if (width < BAR_WIDTH_MIN) return text.slice(0, columns - 1);
    const filled = Math.floor((this.#done / this.#total) * width);
    return `[${'#'.repeat(filled).padEnd(width, '.')}] ${text}`;
  }

  #text(nowMs: number): string {
    const seconds = (nowMs - this.#startedMs) / 1_000;
    const left = Math.ceil((seconds / this.#done) * (this.#total - this.#done));
    return `${this.#done} of ${this.#total} ${this.#what}, about ${left} s to go`;
  }
}
