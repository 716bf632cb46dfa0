import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import {
  BHS_LENGTH_BYTES,
  encodeText,
  ISCSI_OPCODE,
  iscsiOpcodeName,
  loginRequestLayout,
  loginResponseLayout,
  OPCODE_MASK,
  serialAdd,
  type OperationalParameters,
  formatPortal,
} from '../../protocol/index.js';
import { LOGIN_TIMEOUT_MS, REDIRECTS_MAX } from '../limits.js';
import { ConnectionLostError, IscsiLoginError, IscsiProtocolError } from './errors.js';
import { FullFeaturePhase, type AsynchronousMessage } from './full-feature-phase.js';
import { LoginExchange, type LoginStep } from './login-exchange.js';
import { checkChap, negotiationValues, type IscsiLoginOptions, type IscsiPortal } from './options.js';
import { SocketOutput } from './pdu-output.js';
import { PduStream } from './pdu-stream.js';
import { parseTargetAddress } from './target-address.js';

export interface ConnectionHandlers {
  /** A chunk was worked off: commands may have ended, the command window may have moved. */
  readonly received: () => void;
  readonly asynchronousMessage: (message: AsynchronousMessage) => void;
  /** Called once, before what waits for answers fails with the same error. */
  readonly closed: (connection: Connection, error: Error) => void;
}

/** CmdSN of the login and so of the first command; any value would do (RFC 7143 4.2.2.1). */
const FIRST_CMD_SN = 1;
const LOGIN_TASK_TAG = 0;
const VERSION = 0;
const CHAP_CHALLENGE_LENGTH_BYTES = 32;
/** The least that a login answer may be (RFC 7143 13.12: the default before a declaration). */
const LOGIN_SEGMENT_LENGTH_BYTES = 8192;

/**
 * Connects to a portal and logs in; follows the target where it says that it has moved.
 *
 * @param targetName - undefined: a discovery session
 * @returns the connection in full feature phase, and the portal of a permanent move
 * @throws IscsiLoginError, or ConnectionLostError where there is no connection
 */
export async function openConnection(
  options: IscsiLoginOptions,
  targetName: string | undefined,
  handlers: ConnectionHandlers,
): Promise<{ readonly connection: Connection; readonly movedTo: IscsiPortal | undefined }> {
  if (options.chap !== undefined) checkChap(options.chap);
  let portal: IscsiPortal = { host: options.host, port: options.port };
  let movedTo: IscsiPortal | undefined;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const connection = new Connection(options, portal, targetName, handlers);
    const outcome = await connection.login();
    if (outcome === 'loggedIn') return { connection, movedTo };
    const address = parseTargetAddress(outcome.address);
    if (address === undefined) {
      throw new IscsiLoginError(
        `the target moved to ${JSON.stringify(outcome.address)}, which is no address`,
      );
    }
    portal = { host: address.host, port: address.port };
    if (outcome.permanent) movedTo = portal;
  }
  throw new IscsiLoginError(`the target moved more than ${REDIRECTS_MAX} times`);
}

interface Redirect {
  readonly address: string;
  readonly permanent: boolean;
}

/** One TCP connection from SYN to its end: login, then full feature phase. */
export class Connection {
  readonly portal: IscsiPortal;
  readonly #options: IscsiLoginOptions;
  readonly #handlers: ConnectionHandlers;
  readonly #socket: Socket;
  readonly #stream: PduStream;
  readonly #output: SocketOutput;
  readonly #exchange: LoginExchange;
  #phase: FullFeaturePhase | undefined;
  #loginSettled: ((outcome: 'loggedIn' | Redirect | Error) => void) | undefined;
  #expStatSn = 0;
  #maxCmdSn = FIRST_CMD_SN;
  #closed = false;

  constructor(
    options: IscsiLoginOptions,
    portal: IscsiPortal,
    targetName: string | undefined,
    handlers: ConnectionHandlers,
  ) {
    this.#options = options;
    this.portal = portal;
    this.#handlers = handlers;
    const values = negotiationValues(options);
    this.#exchange = new LoginExchange({
      initiatorName: options.initiatorName,
      targetName,
      values,
      chap: options.chap,
      ownChallenge: {
        identifier: randomBytes(1).readUInt8(),
        challenge: randomBytes(CHAP_CHALLENGE_LENGTH_BYTES),
      },
    });
    this.#stream = new PduStream(Math.max(values.maxRecvDataSegmentLengthBytes, LOGIN_SEGMENT_LENGTH_BYTES));
    this.#socket = connect({ host: portal.host, port: portal.port, noDelay: true });
    this.#output = new SocketOutput(this.#socket);
  }

  /** Full feature phase; only after `login` said `loggedIn`. */
  get phase(): FullFeaturePhase {
    if (this.#phase === undefined) throw new Error('the connection is not logged in');
    return this.#phase;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Connects and logs in. Rejects where that fails; the connection is closed then. */
  login(): Promise<'loggedIn' | Redirect> {
    const timeoutMs = this.#options.loginTimeoutMs ?? LOGIN_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.drop(new IscsiLoginError(`${formatPortal(this.portal)} did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#loginSettled = (outcome) => {
        this.#loginSettled = undefined;
        clearTimeout(timer);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.#socket.once('connect', () => {
        this.#sendLogin(this.#exchange.start());
      });
      this.#socket.on('data', (chunk) => {
        this.#receive(chunk);
      });
      this.#socket.on('error', (error) => {
        this.drop(this.#lost(error.message, error));
      });
      this.#socket.once('close', () => {
        this.drop(this.#lost('the target closed it'));
      });
    });
  }

  #lost(why: string, cause?: Error): ConnectionLostError {
    const where = formatPortal(this.portal);
    const what = this.#phase === undefined ? `no login at ${where}` : `the connection to ${where} was lost`;
    return new ConnectionLostError(`${what}: ${why}`, { cause });
  }

  #sendLogin(step: LoginStep): void {
    const bhs = Buffer.alloc(BHS_LENGTH_BYTES);
    loginRequestLayout.encode(
      {
        immediate: 1,
        opcode: ISCSI_OPCODE.loginRequest,
        transit: step.transit ? 1 : 0,
        currentStage: step.currentStage,
        nextStage: step.nextStage,
        versionMax: VERSION,
        versionMin: VERSION,
        isid: this.#options.isid,
        initiatorTaskTag: LOGIN_TASK_TAG,
        cmdSn: FIRST_CMD_SN,
        expStatSn: this.#expStatSn,
      },
      bhs,
    );
    this.#output.send(bhs, encodeText(step.pairs));
  }

  #receive(chunk: Buffer): void {
    const stream = this.#stream;
    stream.push(chunk);
    try {
      while (!this.#closed && stream.next()) {
        if (this.#phase === undefined) this.#receiveLogin();
        else this.#phase.receive(stream);
      }
    } catch (error) {
      // A field where none can be read is the peer's fault too.
      this.drop(error instanceof Error ? error : new IscsiProtocolError(String(error)));
      return;
    }
    if (!this.#closed && this.#phase !== undefined) this.#handlers.received();
  }

  #receiveLogin(): void {
    const { bytes, bhs, dataStart, dataLengthBytes } = this.#stream;
    const opcode = (bytes[bhs] as number) & OPCODE_MASK;
    if (opcode !== ISCSI_OPCODE.loginResponse) {
      throw new IscsiLoginError(`the target answered the login with ${iscsiOpcodeName(opcode)}`);
    }
    const response = loginResponseLayout.decode(bytes, bhs);
    this.#expStatSn = serialAdd(response.statSn, 1);
    this.#maxCmdSn = response.maxCmdSn;
    const progress = this.#exchange.receive(response, bytes.subarray(dataStart, dataStart + dataLengthBytes));
    switch (progress.next) {
      case 'send':
        this.#sendLogin(progress.step);
        return;
      case 'redirect':
        this.#loginSettled?.(progress);
        this.drop(this.#lost('the target moved'));
        return;
      case 'fullFeaturePhase':
        this.#enterFullFeaturePhase(progress.parameters);
    }
  }

  #enterFullFeaturePhase(parameters: OperationalParameters): void {
    const headerDigest = parameters.headerDigest === 'CRC32C';
    const dataDigest = parameters.dataDigest === 'CRC32C';
    Object.assign(this.#stream, { headerDigest, dataDigest });
    Object.assign(this.#output, { headerDigest, dataDigest });
    this.#phase = new FullFeaturePhase(
      parameters,
      { cmdSn: FIRST_CMD_SN, expStatSn: this.#expStatSn, maxCmdSn: this.#maxCmdSn },
      this.#output,
      this.#handlers.asynchronousMessage,
    );
    this.#loginSettled?.('loggedIn');
  }

  /** Closes the connection without a word; whatever waits for an answer fails with `error`. */
  drop(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    if (this.#phase === undefined) {
      this.#loginSettled?.(error);
    } else {
      this.#handlers.closed(this, error);
      this.#phase.fail(error);
    }
  }
}
