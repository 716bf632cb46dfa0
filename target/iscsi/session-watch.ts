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
  /** Set whenever bytes come, or bytes go that had to wait. The login was heard. */
  heard = true;
  readonly #clock: Clock;
  readonly #timeouts: Timeouts;
  readonly #session: WatchedSession;
  #cancelIdle: () => void = () => undefined;
  /** Null where no answer is awaited. */
  #cancelLost: (() => void) | null = null;
  #cancelSweep: () => void = () => undefined;

  constructor(clock: Clock, timeouts: Timeouts, session: WatchedSession) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#session = session;
    this.#idleLater();
    this.#sweepLater();
  }

  #idleLater(): void {
    this.#cancelIdle = this.#clock.schedule(this.#timeouts.idleMs, () => {
      this.#idleLater();
      if (this.heard) {
        this.heard = false;
        this.#cancelLost?.();
        this.#cancelLost = null;
      } else if (this.#cancelLost === null) {
        this.#ping();
      }
    });
  }

  #ping(): void {
    this.#cancelLost = this.#clock.schedule(this.#timeouts.pingMs, () => {
      // Where this process was stopped meanwhile, the answer may be there and not be read yet.
      this.#cancelLost = this.#clock.schedule(0, () => {
        this.#cancelLost = null;
        if (!this.heard) this.#session.lost();
      });
    });
    this.#session.ping();
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#clock.schedule(this.#timeouts.sequenceMs / SWEEPS_OF_TIMEOUT, () => {
      this.#sweepLater();
      this.#session.sweep();
    });
  }

  end(): void {
    this.#cancelIdle();
    this.#cancelLost?.();
    this.#cancelSweep();
  }
}
