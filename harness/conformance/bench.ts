import {
  decodeReadFullStatus,
  decodeReadKeys,
  decodeReadReservation,
  decodeReportCapabilities,
  RESERVATION_TYPE_CODE,
  RESERVATION_TYPE_NAME,
  reservationTypeOfCode,
  SCSI_STATUS,
  type FullStatusDescriptor,
  type ReportCapabilitiesData,
  type ReservationType,
} from '../../protocol/index.js';
import { Actor } from './actor.js';
import type { Level } from './case.js';
import { read10, release6, reserveIn, reserveOut, type Command } from './command.js';
import { CaseFailure, CaseSkip, Transcript } from './exchange.js';
import { GOOD, type Received } from './expectation.js';
import { askFacts, claimedType, type Facts } from './facts.js';
import { requireOneUnit } from './one-unit.js';
import type { Nexus, PowerCycle, Reach } from './reach/reach.js';
import { untilThere } from './until-there.js';

/** "fenc" in ASCII and a letter: whoever finds one left behind can tell what it is. */
const keyOf = (index: number): bigint => 0x66656e6300000a00n + BigInt(index);
/** Every key of a suite begins so. */
const isOfSuite = (key: bigint): boolean => key >> 16n === 0x66656e630000n;
/** A key that no actor registers. */
export const UNKNOWN_KEY = 0x66656e6300000fffn;

/** Somebody who is not of the suite has registered since it began. */
export class StrangerError extends Error {
  override readonly name = 'StrangerError';
}

const LABELS = ['A', 'B', 'C'] as const;
/** RFC 7143 11.12.5, format 10b: bits that are ours to choose. */
const ISID = 0x80_66656e_0000n;
/** An ISID that no actor has at the beginning of a case. */
export const OTHER_ISID = 0x80_66656e_0100n;

export interface BenchOptions {
  readonly reach: Reach;
  readonly level: Level;
  /** For how many registrations the LU has room, if its user knows. */
  readonly registrationsMax?: number | undefined;
  /** Of A, B and C. */
  readonly initiatorNames: readonly [string, string, string];
}

/** The LU under test, with the initiators that a case may use. */
export class Bench {
  readonly level: Level;
  /** For how many registrations there is room; undefined: nobody knows. */
  readonly registrationsMax: number | undefined;
  readonly a: Actor;
  readonly b: Actor;
  readonly c: Actor;
  readonly #reach: Reach;
  readonly #actors: readonly Actor[];
  readonly #second: Actor | undefined;
  /** Who reads what is registered and reserved: one who has no attention pending. A at the beginning of a case. */
  reader: Actor;
  #facts: Facts | undefined;
  #transcript = new Transcript();

  constructor({ reach, level, registrationsMax, initiatorNames }: BenchOptions) {
    this.#reach = reach;
    this.level = level;
    this.registrationsMax = registrationsMax;
    const actor = (index: 0 | 1 | 2, targetPort: number): Actor =>
      new Actor(
        targetPort === 0 ? LABELS[index] : `${LABELS[index]}${targetPort + 1}`,
        keyOf(index + 3 * targetPort),
        { iscsiName: initiatorNames[index], isid: ISID },
        (port): Promise<Nexus> => reach.connect(port, targetPort),
        () => this.#transcript,
        () => this.#facts?.commands !== undefined,
      );
    this.a = actor(0, 0);
    this.b = actor(1, 0);
    this.c = actor(2, 0);
    this.reader = this.a;
    this.#second = reach.targetPorts > 1 ? actor(0, 1) : undefined;
    this.#actors = [this.a, this.b, this.c, ...(this.#second === undefined ? [] : [this.#second])];
  }

  /** A through the second target port; only for cases that need one. */
  get a2(): Actor {
    if (this.#second === undefined) throw new Error('there is no second target port');
    return this.#second;
  }

  get actors(): readonly Actor[] {
    return this.#actors;
  }

  get facts(): Facts {
    if (this.#facts === undefined) throw new Error('the target was not asked yet');
    return this.#facts;
  }

  get transcript(): Transcript {
    return this.#transcript;
  }

  // From case to case

  /** Logs every actor in. Rejects where the target is gone. */
  async connect(): Promise<void> {
    for (const actor of this.#actors) await actor.connect();
  }

  /** Asks the target what it is and has. */
  async ask(): Promise<void> {
    for (const actor of this.#actors) await actor.takeAttentions();
    await requireOneUnit(this.#actors);
    const ports = this.#second === undefined ? [this.a] : [this.a, this.#second];
    this.#facts = await askFacts(ports.map((actor) => actor.nexus));
    const [first, second] = this.#facts.relativeTargetPortIds;
    if (second !== undefined && first === second) {
      throw new Error(`both URLs lead to target port ${second}: expected two target ports`);
    }
  }

  /** A new transcript, for the next case. */
  begin(): void {
    this.reader = this.a;
    this.#transcript = new Transcript();
  }

  /**
   * Takes away whatever is registered or reserved, with attentions. Logs in again who has no session. Throws CaseFailure
   * where the LU cannot be cleaned, and StrangerError, having taken back only what is the suite's, where a key is registered
   * that is not, unless `whosever`.
   */
  async clean(whosever = false): Promise<void> {
    this.reader = this.a;
    for (const actor of this.#actors) await actor.restore();
    for (const actor of this.#actors) await actor.takeAttentions();
    if (statusOf(await this.a.send(reserveIn('readKeys'))) === SCSI_STATUS.reservationConflict) {
      for (const actor of this.#actors) await actor.send(release6());
    }
    const left = await this.keys();
    const strange = left.find((key) => !isOfSuite(key));
    if (strange !== undefined && !whosever) {
      await this.#withdraw();
      throw new StrangerError(`the suite did not register ${hexKey(strange)}, which is registered now`);
    }
    if (left.length > 0) {
      await this.#clear();
      if ((await this.keys()).length > 0)
        throw new CaseFailure({ message: 'the LU could not be cleaned after the case' });
    }
    for (const actor of this.#actors) await actor.takeAttentions();
  }

  async #clear(): Promise<void> {
    for (const actor of this.#actors) {
      const { key } = actor;
      // Where there is no room for another registration, one who has one already needs none.
      const taken = await actor.send(
        reserveOut('registerAndIgnoreExistingKey', { serviceActionReservationKey: key }),
      );
      if (statusOf(taken) !== SCSI_STATUS.good) continue;
      await actor.send(reserveOut('clear', { reservationKey: key }));
      break;
    }
    await this.#withdraw();
  }

  /** Every actor unregisters. */
  async #withdraw(): Promise<void> {
    for (const actor of this.#actors) {
      await actor.takeAttentions();
      await actor.send(reserveOut('registerAndIgnoreExistingKey'));
    }
  }

  /** Drops every session and logs in again. Rejects where the target is gone. */
  async reconnect(): Promise<void> {
    for (const actor of this.#actors) await actor.disconnect('connectionLoss').catch(() => undefined);
    await this.connect();
  }

  async close(): Promise<void> {
    for (const actor of this.#actors) await actor.disconnect().catch(() => undefined);
  }

  // What cases do again and again

  /** REGISTER of each actor's own key. */
  async register(...actors: readonly Actor[]): Promise<void> {
    for (const actor of actors) {
      await actor.expect(GOOD, reserveOut('register', { serviceActionReservationKey: actor.key }));
    }
  }

  /** RESERVE by an actor that is registered with its own key. */
  async reserve(actor: Actor, type: ReservationType): Promise<void> {
    await actor.expect(GOOD, reserveOut('reserve', { reservationKey: actor.key, type }));
  }

  /** Takes every actor's attentions, for cases that are about something else. */
  async settle(): Promise<void> {
    for (const actor of this.#actors) await actor.takeAttentions();
  }

  /** Power goes and comes back; every actor logs in again as soon as the target lets it and the LU is ready. */
  async powerCycle(what: PowerCycle = 'keep'): Promise<void> {
    if (this.#reach.powerCycle === undefined) throw new Error('the power cannot be cycled here');
    for (const actor of this.#actors) await actor.disconnect('connectionLoss');
    await this.#reach.powerCycle(what);
    await untilThere(async () => {
      await this.connect();
      await this.a.requireReady();
    });
  }

  /** Every key that is registered, as the reader reads them. */
  async keys(): Promise<readonly bigint[]> {
    const bytes = await this.reader.read(reserveIn('readKeys'));
    return decodeReadKeys(bytes)?.keys ?? this.#senseless('READ KEYS', bytes);
  }

  async generation(): Promise<number> {
    const bytes = await this.reader.read(reserveIn('readKeys'));
    return decodeReadKeys(bytes)?.prGeneration ?? this.#senseless('READ KEYS', bytes);
  }

  async capabilities(): Promise<ReportCapabilitiesData> {
    const bytes = await this.reader.read(reserveIn('reportCapabilities'));
    return decodeReportCapabilities(bytes) ?? this.#senseless('REPORT CAPABILITIES', bytes);
  }

  async fullStatus(): Promise<readonly FullStatusDescriptor[]> {
    const bytes = await this.reader.read(reserveIn('readFullStatus'));
    return decodeReadFullStatus(bytes)?.descriptors ?? this.#senseless('READ FULL STATUS', bytes);
  }

  /** Requires that exactly these keys are registered, in any order. */
  async expectKeys(...keys: readonly bigint[]): Promise<void> {
    const found = await this.keys();
    this.expectEqual('READ KEYS', inOrder(found).map(hexKey).join(' '), inOrder(keys).map(hexKey).join(' '));
  }

  /** Requires that the actors, and nobody else, are registered with their own keys. */
  async expectRegistered(...actors: readonly Actor[]): Promise<void> {
    await this.expectKeys(...actors.map(({ key }) => key));
  }

  /** Requires this reservation; `key` is 0 under an all-registrants type (SPC-4 6.15.3). Null: none. */
  async expectReservation(
    wanted: { readonly key: bigint; readonly type: ReservationType } | null,
  ): Promise<void> {
    const bytes = await this.reader.read(reserveIn('readReservation'));
    const data = decodeReadReservation(bytes);
    if (data === undefined) this.#senseless('READ RESERVATION', bytes);
    const words = (one: { readonly key: bigint; readonly type: number } | null): string =>
      one === null ? 'no reservation' : `${typeInWords(one.type)} held with ${hexKey(one.key)}`;
    const expected = wanted === null ? null : { ...wanted, type: RESERVATION_TYPE_CODE[wanted.type] };
    this.expectEqual('READ RESERVATION', words(data.reservation), words(expected));
  }

  /** Runs `work` and requires that PRGENERATION rises by so much (SPC-4 6.15.2), modulo 2 to the 32nd. */
  async expectGeneration(rise: number, work: () => Promise<unknown>): Promise<void> {
    const before = await this.generation();
    await work();
    const after = await this.generation();
    this.expectEqual('PRGENERATION rises by', (after - before) >>> 0, rise);
  }

  /** Requires that two values that can be shown are equal. Throws CaseFailure. */
  expectEqual(what: string, received: string | number | boolean, expected: string | number | boolean): void {
    if (received === expected) return;
    throw new CaseFailure({ message: `${what}: expected ${expected}, received ${received}` });
  }

  /** Requires that data are these bytes. Throws CaseFailure with both in hex. */
  expectBytes(what: string, received: Uint8Array, expected: Uint8Array): void {
    if (Buffer.compare(received, expected) === 0) return;
    throw new CaseFailure({ message: `${what}: the data differ`, data: { expected, received } });
  }

  /** Says which way the target went where the standard leaves it open. */
  choose(question: string, answer: string): void {
    this.#transcript.choices.push({ question, answer });
  }

  /** Ends the case: it has nothing to say about this target, for this reason. */
  skip(reason: string): never {
    throw new CaseSkip(reason);
  }

  /**
   * A type that the target claims and that one nexus holds, for cases to which any will do; `butNot`: another than this.
   * Ends the case where there is none.
   */
  anyType(butNot?: ReservationType): ReservationType {
    return (
      claimedType(this.facts, butNot) ??
      this.skip(`the target claims no${butNot === undefined ? '' : ' other'} type that one nexus holds`)
    );
  }

  // Medium: what is written is what was there, so that a suite leaves the data as they were

  /** READ(10) of the block that the suite uses: the first. */
  readBlock(): Command {
    return read10(0, this.facts.blockLengthBytes);
  }

  #senseless(what: string, received: Uint8Array): never {
    throw new CaseFailure({
      message: `${what}: the parameter data make no sense`,
      data: { expected: undefined, received },
    });
  }
}

const inOrder = (keys: readonly bigint[]): bigint[] => [...keys].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));

function typeInWords(code: number): string {
  const type = reservationTypeOfCode(code);
  return type === undefined ? `TYPE ${code.toString(16).toUpperCase()}h` : RESERVATION_TYPE_NAME[type];
}

export const hexKey = (key: bigint): string => `0x${key.toString(16)}`;

const statusOf = (received: Received): number | undefined =>
  'result' in received ? received.result.status : undefined;
