import { setTimeout as sleep } from 'node:timers/promises';
import { OPERATION_CODE, SENSE_KEY, type TransportId } from '../../protocol/index.js';
import { messageOf } from '../message-of.js';
import { ATTENTION } from './attention-codes.js';
import { inquiry, testUnitReady, type Command } from './command.js';
import { CaseFailure, CaseSkip, type Transcript } from './exchange.js';
import {
  attentionOf,
  check,
  expectedInWords,
  GOOD,
  matches,
  receivedInWords,
  senseInWords,
  senseOf,
  type Expected,
  type Received,
} from './expectation.js';
import {
  CommandEndedError,
  type InitiatorPort,
  type LogicalUnitFunction,
  type Nexus,
} from './reach/reach.js';

/** No target should need longer, and a suite must not hang. */
const COMMAND_TIMEOUT_MS = 10_000;
/** How long the status of an aborted command may come after the command that aborted it was answered. */
const STATUS_GRACE_MS = 500;
/** LOGICAL UNIT NOT READY (SPC-4 annex F), whatever the reason. */
const NOT_READY_YET = 0x04;
/** More attentions than any nexus can have pending. */
const ATTENTIONS_MAX = 16;

/** What cases ask for: conditions of reservations, and COMMANDS CLEARED BY ANOTHER INITIATOR. */
const OF_CASES: ReadonlySet<number> = new Set([...Object.values(ATTENTION), 0x2f00]);

/** Attentions that have nothing to do with what another initiator did: a real array has many to tell. */
const isOfNoCase = (code: number): boolean => !OF_CASES.has(code);

/** Of every device server that has PERSISTENT RESERVE IN at all. */
const NEVER_LEFT_OUT: ReadonlySet<number> = new Set([
  OPERATION_CODE.testUnitReady,
  OPERATION_CODE.requestSense,
  OPERATION_CODE.inquiry,
  OPERATION_CODE.persistentReserveIn,
  OPERATION_CODE.persistentReserveOut,
]);
const INVALID_OPERATION_CODE = check('illegalRequest', 0x2000);
const INSUFFICIENT_REGISTRATION_RESOURCES = check('illegalRequest', 0x5504);

/** One of the initiators of a suite, through one target port. */
export class Actor {
  /** `A`, `B`, `C`, or `A2` for A through the second target port. */
  readonly label: string;
  /** A key of its own, that a case may register. */
  readonly key: bigint;
  readonly #home: InitiatorPort;
  #port: InitiatorPort;
  readonly #connect: (port: InitiatorPort) => Promise<Nexus>;
  readonly #transcript: () => Transcript;
  readonly #listsCommands: () => boolean;
  #nexus: Nexus | undefined;

  constructor(
    label: string,
    key: bigint,
    port: InitiatorPort,
    connect: (port: InitiatorPort) => Promise<Nexus>,
    transcript: () => Transcript,
    /** Whether the target says which commands it has. */
    listsCommands: () => boolean,
  ) {
    this.label = label;
    this.key = key;
    this.#port = port;
    this.#home = port;
    this.#connect = connect;
    this.#transcript = transcript;
    this.#listsCommands = listsCommands;
  }

  get port(): InitiatorPort {
    return this.#port;
  }

  /** Throws where it is not logged in. */
  get nexus(): Nexus {
    if (this.#nexus === undefined) throw new Error(`${this.label} is not logged in`);
    return this.#nexus;
  }

  /** How a TransportID names this initiator port; undefined where only the array knows. */
  get transportId(): TransportId | undefined {
    return this.#nexus?.initiatorPort;
  }

  // Sessions

  async connect(): Promise<void> {
    this.#nexus ??= await this.#connect(this.#port);
  }

  /** Ends the session by logout, or without a word, and logs in again: the same nexus, or one with another ISID. */
  async relogin(
    how: { readonly isid?: bigint; readonly after?: 'logout' | 'connectionLoss' } = {},
  ): Promise<void> {
    await this.disconnect(how.after);
    if (how.isid !== undefined) this.#port = { ...this.#port, isid: how.isid };
    await this.connect();
    // The other nexus may have been cleared away after an earlier case, or an earlier run, and has not heard of it yet.
    if (how.isid !== undefined) await this.takeAttentions();
  }

  /** As at the beginning of a case: logged in with its first ISID. */
  async restore(): Promise<void> {
    if (this.#port.isid !== this.#home.isid) {
      await this.disconnect();
      this.#port = this.#home;
    }
    await this.connect();
  }

  async disconnect(by: 'logout' | 'connectionLoss' = 'logout'): Promise<void> {
    const nexus = this.#nexus;
    this.#nexus = undefined;
    if (by === 'logout') await nexus?.logout();
    else await nexus?.drop();
  }

  async manageTask(fn: LogicalUnitFunction): Promise<void> {
    if (!(await this.nexus.manageTask(fn))) {
      throw new CaseFailure({ message: `${this.label}: ${fn}: expected function complete` });
    }
  }

  // Commands

  /**
   * Sends a command and requires one of the outcomes. Attentions of a login or a reset are no answer to the question:
   * after one the command is sent again, unless it is what is expected. Throws CaseFailure, and CaseSkip where the target has
   * no such command and could not say so before, or no room for a registration.
   */
  async expect(expected: Expected | readonly Expected[], command: Command): Promise<Received> {
    const any = Array.isArray(expected) ? (expected as readonly Expected[]) : [expected as Expected];
    for (let attentions = 0; ; attentions++) {
      const received = await this.#send(command, any);
      if (any.some((one) => matches(one, received))) return received;
      const attention = attentionOf(received);
      if (attention !== undefined && isOfNoCase(attention) && attentions < ATTENTIONS_MAX) continue;
      if (matches(INVALID_OPERATION_CODE, received) && this.#mayLack(command)) {
        throw new CaseSkip(`the target has no ${command.name}`);
      }
      if (matches(INSUFFICIENT_REGISTRATION_RESOURCES, received)) {
        throw new CaseSkip('the target has no room for so many registrations (05/55/04)');
      }
      throw new CaseFailure({
        message:
          `${this.label}: ${command.name}: expected ${any.map(expectedInWords).join(' or ')}, ` +
          `received ${receivedInWords(received)}`,
      });
    }
  }

  /** The data of a command that must end with GOOD. */
  async read(command: Command): Promise<Uint8Array> {
    const received = await this.expect(GOOD, command);
    return 'result' in received ? received.result.dataIn : new Uint8Array(0);
  }

  /** Sends a command; whatever comes is an answer. */
  send(command: Command): Promise<Received> {
    return this.#send(command, []);
  }

  async #send(command: Command, expected: readonly Expected[]): Promise<Received> {
    const received = await this.#receive(command);
    this.#transcript().exchanges.push({ actor: this.label, command, expected, received });
    return received;
  }

  /** What comes of a command. Rejects where nothing does, after it was written down: it may be what the target died of. */
  async #receive(command: Command, whenDataOutIsAskedFor?: () => Promise<void>): Promise<Received> {
    const { cdb, dataOut, dataInLength } = command;
    try {
      const options = { dataOut, dataInLength, timeoutMs: COMMAND_TIMEOUT_MS, whenDataOutIsAskedFor };
      return { result: await this.nexus.execute(cdb, options) };
    } catch (error) {
      const received = { aborted: messageOf(error) };
      if (error instanceof CommandEndedError) return received;
      this.#transcript().exchanges.push({ actor: this.label, command, expected: [], received });
      throw error;
    }
  }

  /** It is one that may be left out, and nobody has said that it is there. */
  #mayLack({ cdb }: Command): boolean {
    return !this.#listsCommands() && !NEVER_LEFT_OUT.has(cdb[0] ?? 0);
  }

  // Commands that wait for their data

  /** Sends a command and withholds its Data-Out; resolves when the target has asked for it. Throws CaseFailure. */
  async withhold(command: Command): Promise<WithheldCommand> {
    let send: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      send = resolve;
    });
    let tell: () => void = () => undefined;
    const asked = new Promise<undefined>((resolve) => {
      tell = () => {
        resolve(undefined);
      };
    });
    const ended = this.#receive(command, () => {
      tell();
      return gate;
    });
    const first = await Promise.race([asked, ended]);
    if (first !== undefined) {
      this.#transcript().exchanges.push({ actor: this.label, command, expected: [], received: first });
      throw new CaseFailure({
        message: `${this.label}: ${command.name}: expected the target to ask for Data-Out, received ${receivedInWords(first)}`,
      });
    }
    return new WithheldCommand(this, command, send, ended, this.#transcript);
  }

  /** Rejects while the LU says that it is not ready yet (02/04, as after power on); attentions are taken meanwhile. */
  async requireReady(): Promise<void> {
    for (let attentions = 0; attentions < ATTENTIONS_MAX; attentions++) {
      const { cdb } = testUnitReady();
      const received = { result: await this.nexus.execute(cdb, { timeoutMs: COMMAND_TIMEOUT_MS }) };
      const sense = senseOf(received);
      if (sense?.key === SENSE_KEY.unitAttention) continue;
      if (sense?.key !== SENSE_KEY.notReady || sense.asc !== NOT_READY_YET) return;
      throw new Error(`${this.label}: TEST UNIT READY: received ${receivedInWords(received)}`);
    }
  }

  // Unit attentions

  /** The attentions that are pending, in order, as ASC * 256 + ASCQ; none is left. */
  async takeAttentions(): Promise<readonly number[]> {
    const codes: number[] = [];
    while (codes.length < ATTENTIONS_MAX) {
      const attention = attentionOf(await this.send(testUnitReady()));
      if (attention === undefined) break;
      codes.push(attention);
    }
    return codes;
  }

  /**
   * Takes what is pending and requires exactly these conditions about reservations and cleared commands, in order; an
   * empty list: none. Those of logins and resets do not count. Throws CaseFailure.
   */
  async expectAttentions(...codes: readonly number[]): Promise<void> {
    const taken = (await this.takeAttentions()).filter((code) => codes.includes(code) || !isOfNoCase(code));
    if (taken.length === codes.length && taken.every((code, index) => code === codes[index])) return;
    throw new CaseFailure({
      message: `${this.label}: expected ${attentionsInWords(codes)}, received ${attentionsInWords(taken)}`,
    });
  }
}

function attentionsInWords(codes: readonly number[]): string {
  if (codes.length === 0) return 'no unit attention';
  const words = codes.map((code) => senseInWords({ key: 0x6, asc: code >> 8, ascq: code & 0xff }));
  return `unit attention ${words.join(', then ')}`;
}

/** A command that the target has asked for the data of, and that does not get them yet. */
export class WithheldCommand {
  readonly #actor: Actor;
  readonly #command: Command;
  readonly #open: () => void;
  readonly #ended: Promise<Received>;
  readonly #transcript: () => Transcript;
  #sent = false;

  constructor(
    actor: Actor,
    command: Command,
    open: () => void,
    ended: Promise<Received>,
    transcript: () => Transcript,
  ) {
    this.#actor = actor;
    this.#command = command;
    this.#open = open;
    this.#ended = ended;
    this.#transcript = transcript;
    // Whether it fails with its nexus is for whoever asks how it ended.
    ended.catch(() => undefined);
  }

  /** Lets the data go. */
  send(): void {
    this.#sent = true;
    this.#open();
  }

  /** Requires that it has ended in one of these ways, or will when its data were sent. Throws CaseFailure. */
  async expect(...expected: readonly Expected[]): Promise<Received> {
    const received = this.#sent ? await this.#ended : await this.#withoutData(expected);
    this.judge(received, ...expected);
    return received;
  }

  /** How it ended, with its data. */
  received(): Promise<Received> {
    return this.#ended;
  }

  /** Requires that this is one of the ways in which it may end. Throws CaseFailure. */
  judge(received: Received, ...expected: readonly Expected[]): void {
    const command = this.#command;
    this.#transcript().exchanges.push({ actor: this.#actor.label, command, expected, received });
    if (expected.some((one) => matches(one, received))) return;
    throw new CaseFailure({
      message:
        `${this.#actor.label}: ${command.name}, whose data were withheld: expected ${expected.map(expectedInWords).join(' or ')}, ` +
        `received ${receivedInWords(received)}`,
    });
  }

  /**
   * Nobody tells an initiator that no status will come. What was aborted before another command of the nexus was answered
   * should have been answered by then; a status that is due has some time more.
   */
  async #withoutData(expected: readonly Expected[]): Promise<Received> {
    await this.#actor.send(inquiry());
    const silence = { aborted: 'none came before the answer to a later command' };
    const patience = sleep(expected.some(({ status }) => status === 'none') ? 0 : STATUS_GRACE_MS, silence);
    return Promise.race([this.#ended, patience]);
  }
}
