import type { Happening, ReplayingOrder } from '../runtime/order.js';
import type { LogEntry } from './log.js';

interface Waiter {
  readonly happening: Happening;
  readonly go: () => void;
  readonly mayNotCome: () => boolean;
}

/** Brings the order of a log about: of those who wait, the one goes on whom the log has next. */
export class ReplayOrder implements ReplayingOrder {
  readonly #entries: readonly LogEntry[];
  readonly #logFile: string;
  readonly #waiting: Waiter[] = [];
  #next = 0;

  constructor(entries: readonly LogEntry[], logFile: string) {
    this.#entries = entries;
    this.#logFile = logFile;
  }

  turn(happening: Happening, mayNotCome = (): boolean => false): Promise<void> {
    return new Promise((go) => this.#waiting.push({ happening, go, mayNotCome }));
  }

  admitNext(): boolean {
    const wanted = this.#entries[this.#next];
    if (wanted === undefined) return false;
    const fitting = this.#waiting.filter(({ happening }) => fits(happening, wanted));
    const waiter = fitting.find(({ mayNotCome }) => !mayNotCome()) ?? fitting[0];
    if (waiter === undefined) return false;
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    this.#next += 1;
    waiter.go();
    return true;
  }

  problem(): string | undefined {
    const next = this.#entries[this.#next];
    const expected = this.#waiting.filter(({ mayNotCome }) => !mayNotCome());
    if (next === undefined && expected.length === 0) return undefined;
    const waiting = expected.map(({ happening }) => JSON.stringify(happening)).join(', ');
    const found = waiting === '' ? 'nobody waits for a turn' : `who waits is ${waiting}`;
    // The first line of the file is the scenario.
    return next === undefined
      ? `${this.#logFile}: the log ends here, and ${found}`
      : `${this.#logFile}:${this.#next + 2}: the run does not fit, expected ${JSON.stringify(next)}, and ${found}`;
  }
}

function fits(offered: Happening, wanted: LogEntry): boolean {
  if (offered.what !== 'command' || wanted.what !== 'command') {
    return offered.what === wanted.what && 'on' in offered && 'on' in wanted && offered.on === wanted.on;
  }
  return (
    offered.initiator === wanted.initiator &&
    offered.port === wanted.port &&
    offered.lun === wanted.lun &&
    // In a PDU every CDB has 16 bytes (RFC 7143 11.3.5).
    offered.cdb.padEnd(32, '0') === wanted.cdb.padEnd(32, '0') &&
    // A log has no Data-Out of a command that was refused before it came: any fits then.
    (wanted.data === undefined || offered.data === wanted.data)
  );
}
