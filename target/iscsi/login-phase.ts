import {
  DEFAULT_PARAMETERS,
  ISCSI_OPCODE,
  LOGIN_STAGE,
  LOGIN_STATUS,
  OPCODE_MASK,
  PDU_FLAG,
  answerOffers,
  decodeText,
  encodeText,
  loginRequestLayout,
} from '../../protocol/index.js';
import type {
  ItNexus,
  LayoutValue,
  LoginStatus,
  OperationalParameters,
  TextPair,
} from '../../protocol/index.js';
import { CommandWindow } from './command-window.js';
import type { IscsiTarget, TargetPort } from './iscsi-target.js';
import { TARGET_LIMITS } from './limits.js';
import { LoginAuthentication } from './login-authentication.js';
import { OUR_VALUES } from './our-values.js';
import type { ReceivedPdu } from './pdu-receiver.js';
import type { PduWriter } from './pdu-writer.js';

/** What a login settled. */
export interface LoggedIn {
  readonly sessionKind: 'discovery' | 'normal';
  /** In lower case, as names compare (RFC 7143 4.2.7.2). */
  readonly initiatorName: string;
  readonly isid: bigint;
  readonly tsih: number;
  readonly connectionId: number;
  /** Null in a discovery session. */
  readonly nexus: ItNexus | null;
  readonly authMethod: 'None' | 'CHAP';
  /** A session of the same initiator port was ended by this login. */
  readonly reinstated: boolean;
  readonly agreed: OperationalParameters;
  readonly window: CommandWindow;
}

/** `close`: the login failed and was answered. */
export type LoginOutcome = 'continue' | 'close' | LoggedIn;

type Request = LayoutValue<typeof loginRequestLayout>;

interface Names {
  readonly initiatorName: string;
  readonly sessionKind: 'discovery' | 'normal';
}

/** `initiatorName`: empty where it was not said. */
type Refused = (initiatorName: string, reason: string) => void;

/** A refusal on its way out of the steps of one request. */
class Refusal {
  readonly status: LoginStatus;
  readonly reason: string;

  constructor(status: LoginStatus, reason: string) {
    this.status = status;
    this.reason = reason;
  }
}

/** The login phase of one connection (RFC 7143 6.3, 11.12, 11.13): security and operational negotiation. */
export class LoginPhase {
  readonly #writer: PduWriter;
  readonly #target: IscsiTarget;
  readonly #port: TargetPort;
  readonly #refused: Refused;
  #first: Request | null = null;
  #window = new CommandWindow(0, TARGET_LIMITS.commandWindow);
  #stage: number = LOGIN_STAGE.securityNegotiation;
  #requests = 0;
  #text: Buffer = Buffer.alloc(0);
  /** The rest of an answer that is too long for one PDU, and the flags of its last part. */
  #pending: { text: Buffer; readonly flags: number } | null = null;
  #names: Names | null = null;
  /** The keys that name both ends and the session, as the first request gave them. */
  #identity: ReadonlyMap<string, string> = new Map();
  #authentication: LoginAuthentication | null = null;
  #declared = false;
  #agreed: OperationalParameters = DEFAULT_PARAMETERS;
  #settled: ReadonlySet<string> = new Set();

  /** `refused`: told why, before the answer leaves. */
  constructor(writer: PduWriter, target: IscsiTarget, port: TargetPort, refused: Refused) {
    this.#writer = writer;
    this.#target = target;
    this.#port = port;
    this.#refused = refused;
  }

  /** The CHAP challenge that the initiator was given, if it was. */
  get chapChallenge(): Uint8Array | undefined {
    return this.#authentication?.challenge;
  }

  /** It will not be finished. Every request was answered, so that nothing is left to say to its initiator. */
  givenUp(reason: string): void {
    if (this.#first !== null) this.#refused(this.#names?.initiatorName ?? '', reason);
  }

  receive(pdu: ReceivedPdu): LoginOutcome {
    if (((pdu.bytes[pdu.headerStart] as number) & OPCODE_MASK) !== ISCSI_OPCODE.loginRequest) {
      // RFC 7143 6.3: nothing is said to a stranger; once login began, it is refused.
      if (this.#first === null) return 'close';
      return this.#refuse(this.#first, new Refusal(LOGIN_STATUS.invalidDuringLogin, 'not a Login Request'));
    }
    const request = loginRequestLayout.decode(pdu.bytes, pdu.headerStart);
    const outcome = this.#step(request, pdu);
    return outcome instanceof Refusal ? this.#refuse(request, outcome) : outcome;
  }

  #step(request: Request, pdu: ReceivedPdu): Refusal | LoginOutcome {
    const flaw = this.#headerFlaw(request);
    if (flaw !== undefined) return flaw;
    if (this.#pending !== null) return this.#sendPending(request, this.#pending);
    const end = pdu.dataStart + pdu.dataLengthBytes;
    this.#text = Buffer.concat([this.#text, pdu.bytes.subarray(pdu.dataStart, end)]);
    if (this.#text.length > TARGET_LIMITS.textBytesMax) {
      return new Refusal(LOGIN_STATUS.outOfResources, 'too much text');
    }
    if (request.continue === 1) {
      // RFC 7143 11.12.2: the text goes on; an empty answer asks for the rest.
      this.#respond(request, 0, Buffer.alloc(0));
      return 'continue';
    }
    const decoded = decodeText(this.#text);
    this.#text = Buffer.alloc(0);
    if (!decoded.ok) return new Refusal(LOGIN_STATUS.initiatorError, decoded.error);
    return this.#negotiate(request, decoded.pairs);
  }

  /** What is wrong with the header of a request, beside its text. */
  #headerFlaw(request: Request): Refusal | undefined {
    const { currentStage, nextStage, transit } = request;
    const first = this.#first;
    if (first === null) {
      this.#first = request;
      this.#stage = currentStage;
      this.#window = new CommandWindow(request.cmdSn, TARGET_LIMITS.commandWindow);
      this.#writer.window = this.#window;
      this.#writer.statSn = request.expStatSn;
      if (request.versionMin > 0) return new Refusal(LOGIN_STATUS.unsupportedVersion, 'unsupported version');
    } else if (request.isid !== first.isid || request.tsih !== first.tsih || request.cid !== first.cid) {
      return new Refusal(LOGIN_STATUS.initiatorError, 'ISID, TSIH or CID changed within the login');
    }
    if (++this.#requests > TARGET_LIMITS.loginRequestsMax) {
      return new Refusal(LOGIN_STATUS.initiatorError, 'too many Login Requests');
    }
    const { securityNegotiation, operationalNegotiation, fullFeaturePhase } = LOGIN_STAGE;
    const isStage = currentStage === securityNegotiation || currentStage === operationalNegotiation;
    const mayFollow =
      nextStage > currentStage && (nextStage === operationalNegotiation || nextStage === fullFeaturePhase);
    if (!isStage || currentStage !== this.#stage || (transit === 1 && !mayFollow)) {
      return new Refusal(LOGIN_STATUS.initiatorError, 'wrong login stage');
    }
    if (transit === 1 && request.continue === 1) {
      return new Refusal(LOGIN_STATUS.initiatorError, 'T and C in one Login Request');
    }
    return undefined;
  }

  #negotiate(request: Request, given: readonly TextPair[]): Refusal | LoginOutcome {
    const isLeading = this.#names === null;
    // Boot ROMs repeat who they are with each request; only the same again is let pass.
    const offers = given.filter(([key, value]) => this.#identity.get(key) !== value);
    if (this.#names === null) {
      const names = this.#identify(new Map(offers));
      if (names instanceof Refusal) return names;
      this.#names = names;
      this.#identity = new Map(offers.filter(([key]) => IDENTITY_KEYS.has(key)));
      const { access } = this.#target;
      this.#authentication = new LoginAuthentication({
        ...access.demandOf(names.sessionKind, names.initiatorName),
        algorithms: access.algorithms,
        isOurs: (challenge) => this.#target.isChallengeOfOurs(challenge),
      });
    }
    const security = this.#stage === LOGIN_STAGE.securityNegotiation;
    const outcome = answerOffers(offers, OUR_VALUES, {
      from: 'initiator',
      stage: security ? 'security' : 'operational',
      sessionType: this.#names.sessionKind,
      parameters: this.#agreed,
      settled: this.#settled,
    });
    if (!outcome.ok) return new Refusal(LOGIN_STATUS.initiatorError, outcome.error);
    this.#agreed = outcome.parameters;
    this.#settled = outcome.settled;
    const answers: TextPair[] = [];
    if (isLeading && this.#names.sessionKind === 'normal') {
      // RFC 7143 13.9: with the first Login Response.
      answers.push(['TargetPortalGroupTag', String(this.#port.portalGroupTag)]);
    }
    answers.push(...outcome.answers);
    const authentication = this.#authentication?.step(security, request.transit === 1, outcome.others);
    if (authentication?.failure !== undefined) {
      return new Refusal(LOGIN_STATUS.authenticationFailure, authentication.failure);
    }
    const sessionFlaw = authentication?.done === false ? undefined : this.#sessionFlaw(request, this.#names);
    if (sessionFlaw !== undefined) return sessionFlaw;
    answers.push(...(authentication?.answers ?? []));
    if (!security && !this.#declared) {
      this.#declared = true;
      answers.push(['MaxRecvDataSegmentLength', String(OUR_VALUES.maxRecvDataSegmentLengthBytes)]);
    }
    return this.#answer(request, answers, authentication?.done ?? true);
  }

  /** Who logs in to what (RFC 7143 6.3.1), judged with the first whole text. */
  #identify(keys: ReadonlyMap<string, string>): Names | Refusal {
    const initiatorName = keys.get('InitiatorName')?.toLowerCase();
    if (initiatorName === undefined) return new Refusal(LOGIN_STATUS.missingParameter, 'no InitiatorName');
    const sessionType = keys.get('SessionType') ?? 'Normal';
    if (!isIscsiName(initiatorName)) return new Refusal(LOGIN_STATUS.initiatorError, 'not an iSCSI name');
    // Whom it is about, for the event of a refusal.
    const names: Names = {
      initiatorName,
      sessionKind: sessionType === 'Discovery' ? 'discovery' : 'normal',
    };
    this.#names = names;
    return this.#addressFlaw(names, sessionType, keys.get('TargetName')) ?? names;
  }

  #addressFlaw(names: Names, sessionType: string, targetName: string | undefined): Refusal | undefined {
    if (sessionType !== 'Discovery' && sessionType !== 'Normal') {
      return new Refusal(LOGIN_STATUS.sessionTypeNotSupported, `session type ${sessionType}`);
    }
    if (sessionType === 'Normal' && targetName === undefined) {
      return new Refusal(LOGIN_STATUS.missingParameter, 'no TargetName');
    }
    if (targetName !== undefined && targetName.toLowerCase() !== this.#target.iqn.toLowerCase()) {
      return new Refusal(LOGIN_STATUS.notFound, `no target ${targetName}`);
    }
    if (sessionType === 'Normal' && !this.#target.access.mayLogIn(names.initiatorName)) {
      return new Refusal(LOGIN_STATUS.authorizationFailure, 'the initiator is not on the list');
    }
    return undefined;
  }

  /** Judged once the initiator has proved who it is: which sessions there are is nobody else's business. */
  #sessionFlaw(request: Request, names: Names): Refusal | undefined {
    if (request.tsih === 0) return undefined;
    // One connection for each session: a second one, or another in its place, cannot be had.
    return this.#target.hasSession(request.tsih, names.initiatorName, request.isid, this.#port)
      ? new Refusal(LOGIN_STATUS.tooManyConnections, 'the session has its one connection')
      : new Refusal(LOGIN_STATUS.sessionDoesNotExist, `no session with TSIH ${request.tsih}`);
  }

  /** Answers, and goes on to the stage that was asked for unless authentication is not done. */
  #answer(request: Request, answers: readonly TextPair[], mayTransit: boolean): LoginOutcome {
    const transit = request.transit === 1 && mayTransit;
    const flags = transit ? PDU_FLAG.transit | request.nextStage : 0;
    const text = encodeText(answers);
    if (text.length > TARGET_LIMITS.loginDataSegmentBytesMax) {
      this.#pending = { text, flags };
      return this.#sendPending(request, this.#pending);
    }
    return this.#lastPart(request, flags, text);
  }

  #sendPending(request: Request, pending: { text: Buffer; readonly flags: number }): LoginOutcome {
    const part = pending.text.subarray(0, TARGET_LIMITS.loginDataSegmentBytesMax);
    pending.text = pending.text.subarray(part.length);
    if (pending.text.length > 0) {
      this.#respond(request, PDU_FLAG.continue, part);
      return 'continue';
    }
    this.#pending = null;
    return this.#lastPart(request, pending.flags, part);
  }

  #lastPart(request: Request, flags: number, text: Buffer): LoginOutcome {
    if ((flags & PDU_FLAG.transit) === 0) {
      this.#respond(request, flags, text);
      return 'continue';
    }
    const nextStage = flags & STAGE_MASK;
    if (nextStage !== LOGIN_STAGE.fullFeaturePhase || this.#names === null) {
      this.#respond(request, flags, text);
      this.#stage = nextStage;
      return 'continue';
    }
    const loggedIn = this.#complete(request, this.#names);
    this.#respond(request, flags, text, loggedIn.tsih);
    return loggedIn;
  }

  #complete(request: Request, names: Names): LoggedIn {
    const { isid, cid } = request;
    const isNormal = names.sessionKind === 'normal';
    const reinstated = isNormal && this.#target.reinstate(names.initiatorName, isid, this.#port);
    return {
      ...names,
      isid,
      tsih: this.#target.allocateTsih(),
      connectionId: cid,
      nexus: isNormal
        ? {
            initiatorPort: { protocol: 'iscsi', iscsiName: names.initiatorName, isid },
            relativeTargetPortId: this.#port.relativeTargetPortId,
          }
        : null,
      authMethod: this.#authentication?.method ?? 'None',
      reinstated,
      agreed: this.#agreed,
      window: this.#window,
    };
  }

  #respond(request: Request, flags: number, text: Buffer, tsih = 0): void {
    const { isid, initiatorTaskTag } = request;
    this.#writer.loginResponse(
      { isid, tsih, initiatorTaskTag },
      flags | (this.#stage << CURRENT_STAGE_SHIFT),
      text,
    );
  }

  #refuse(request: Request, refusal: Refusal): 'close' {
    const { statusClass, statusDetail, name } = refusal.status;
    const { isid, tsih, initiatorTaskTag } = request;
    this.#writer.loginResponse(
      { isid, tsih, initiatorTaskTag, statusClass, statusDetail },
      (this.#stage & STAGE_MASK) << CURRENT_STAGE_SHIFT,
      Buffer.alloc(0),
    );
    this.#refused(this.#names?.initiatorName ?? '', `${name}: ${refusal.reason}`);
    return 'close';
  }
}

const IDENTITY_KEYS: ReadonlySet<string> = new Set(['InitiatorName', 'SessionType', 'TargetName']);

/** NSG, and how far CSG lies left of it, in byte 1 of Login PDUs (RFC 7143 11.12). */
const STAGE_MASK = 0x03;
const CURRENT_STAGE_SHIFT = 2;

/**
 * RFC 7143 4.2.7: `iqn.`, `eui.` or `naa.`, at most 223 bytes. What no eye sees (control and format characters, which
 * RFC 3722 prohibits) is refused, since names are shown; what follows the prefix is not judged otherwise.
 */
const isIscsiName = (name: string): boolean =>
  /^(iqn|eui|naa)\.[^\s,;\p{C}]+$/u.test(name) && Buffer.byteLength(name) <= 223;
