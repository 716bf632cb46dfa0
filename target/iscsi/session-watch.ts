import type { Clock } from './clock.js';
import type { Timeouts } from './timeouts.js';

/**
 * So many sweeps make the sequence time-out. What an initiator owes is not timed when it begins or goes on: it is counted in
 * sweeps, so that a command costs nothing, and a process that was stopped for a while blames nobody when it goes on.
 */
const SWEEPS_OF_TIMEOUT = 4;

/** Whether what was seen waiting in so many sweeps has waited for the whole time-out; a quarter more at most. */
export const isOverdue = (sweepsWaited: number): boolean => sweepsWaited > SWEEPS_OF_TIMEOUT;

/** What a watch does to its session. */
export interface WatchedSession {
  /** Asks the initiator whether it lives. */
  ping(): void;
  /** It did not answer. */
  lost(): void;
  /** Looks after what the initiator owes. */
  sweep(): void;
}

/** Watches one session: whether its initiator lives (RFC 7143 11.19), and sends what it owes (4.2.2.1, 11.8, 11.10). */
export class SessionWatch {
  /** Set whenever bytes come. The login was heard. */
  heard = true;
  readonly #clock: Clock;
  readonly #timeouts: Timeouts;
  readonly #session: WatchedSession;
  #pinged = false;
  #cancelIdle: () => void = () => undefined;
  #cancelSweep: () => void = () => undefined;

  constructor(clock: Clock, timeouts: Timeouts, session: WatchedSession) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#session = session;
    this.#listen(timeouts.idleMs);
    this.#sweepLater();
  }

  #listen(delayMs: number): void {
    this.#cancelIdle = this.#clock.schedule(delayMs, () => {
      if (this.heard) {
        this.heard = this.#pinged = false;
        this.#listen(this.#timeouts.idleMs);
      } else if (this.#pinged) {
        this.#session.lost();
      } else {
        this.#pinged = true;
        this.#listen(this.#timeouts.pingMs);
        this.#session.ping();
      }
    });
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#clock.schedule(this.#timeouts.sequenceMs / SWEEPS_OF_TIMEOUT, () => {
      this.#sweepLater();
      this.#session.sweep();
    });
  }

  end(): void {
    this.#cancelIdle();
    this.#cancelSweep();
  }
}
