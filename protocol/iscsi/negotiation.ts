import {
  DEFAULT_PARAMETERS,
  KEY_RULES,
  keyRule,
  type DigestAlgorithm,
  type KeyRule,
  type OperationalParameters,
} from './text-keys.js';
import type { TextPair } from './text.js';

/** What one side wants: numbers and booleans as it would offer or cap them, lists in order of preference. */
export interface NegotiationValues {
  readonly headerDigest: readonly DigestAlgorithm[];
  readonly dataDigest: readonly DigestAlgorithm[];
  readonly maxConnections: number;
  readonly initialR2t: boolean;
  readonly immediateData: boolean;
  /** Longest data segment we take; declared, not negotiated. */
  readonly maxRecvDataSegmentLengthBytes: number;
  readonly maxBurstLengthBytes: number;
  readonly firstBurstLengthBytes: number;
  readonly defaultTime2WaitSeconds: number;
  readonly defaultTime2RetainSeconds: number;
  readonly maxOutstandingR2t: number;
  readonly dataPduInOrder: boolean;
  readonly dataSequenceInOrder: boolean;
  readonly errorRecoveryLevel: number;
  readonly taskReporting: readonly string[];
  readonly iscsiProtocolLevel: number;
}

export interface NegotiationContext {
  /** Whose offers are judged: the side that sent them. */
  readonly from: 'initiator' | 'target';
  readonly stage: 'security' | 'operational' | 'fullFeature';
  readonly sessionType: 'normal' | 'discovery';
  /** What is in force so far. */
  readonly parameters: OperationalParameters;
  /** Keys that were negotiated or declared before in this login: a second time is a protocol error. */
  readonly settled: ReadonlySet<string>;
}

export type NegotiationOutcome =
  | {
      readonly ok: true;
      /** In the order of the offers. */
      readonly answers: readonly TextPair[];
      readonly parameters: OperationalParameters;
      readonly settled: ReadonlySet<string>;
      /** Declarations and special keys (authentication, SendTargets): the caller's. */
      readonly others: ReadonlyMap<string, string>;
    }
  | { readonly ok: false; readonly error: string };

/** Numbers are decimal or `0x` hexadecimal (RFC 7143 6.1). */
export function parseTextNumber(text: string): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(text)) return undefined;
  return Number(text);
}

/**
 * The responder of text negotiation: a pure function of what was offered and what we want (RFC 7143 6.2). Unknown
 * keys get NotUnderstood, keys out of place or with a value that is none Reject, and what has no meaning in a
 * discovery session Irrelevant.
 */
export function answerOffers(
  offers: readonly TextPair[],
  ours: NegotiationValues,
  context: NegotiationContext,
): NegotiationOutcome {
  const settled = new Set(context.settled);
  const others = new Map<string, string>();
  const answerOf = new Map<string, string>();
  let parameters = context.parameters;
  for (const [key, offered] of burstLengthsLast(offers)) {
    // In full feature phase a declaration may be renewed, but not twice in one exchange (RFC 7143 6.2).
    if (answerOf.has(key) || others.has(key) || (settled.has(key) && context.stage !== 'fullFeature')) {
      return { ok: false, error: `${key} was negotiated twice` };
    }
    const rule = keyRule(key);
    if (rule === undefined) {
      answerOf.set(key, 'NotUnderstood');
      continue;
    }
    if (isAnswer(rule, offered) && context.from === 'initiator') {
      return { ok: false, error: `${key}=${offered} is no offer` };
    }
    if (!mayBeSent(rule, context)) {
      answerOf.set(key, 'Reject');
      continue;
    }
    if (rule.type === 'special' || rule.type === 'declaration') {
      others.set(key, offered);
      if (rule.type === 'declaration') settled.add(key);
      continue;
    }
    settled.add(key);
    if (rule.irrelevantInDiscovery && context.sessionType === 'discovery') {
      answerOf.set(key, 'Irrelevant');
      continue;
    }
    const { answer, change } = judge(rule, offered, ours, parameters);
    parameters = { ...parameters, ...change };
    if (rule.type === 'declaredNumber') {
      if (answer === 'Reject') return { ok: false, error: `${key}=${offered} is out of range` };
      others.set(key, offered);
    } else {
      answerOf.set(key, answer);
    }
  }
  const answers = offers.flatMap(([key]): TextPair[] => {
    const answer = answerOf.get(key);
    return answer === undefined ? [] : [[key, answer]];
  });
  return { ok: true, answers, parameters: withinMaxBurst(parameters), settled, others };
}

/** Values that only an answer may have (RFC 7143 6.2). The obsolete keys are answered whatever they say. */
function isAnswer(rule: KeyRule, offered: string): boolean {
  if (rule.type === 'special' || rule.type === 'obsolete') return false;
  return offered === 'Reject' || offered === 'Irrelevant' || offered === 'NotUnderstood';
}

/** FirstBurstLength is judged when MaxBurstLength is known, whatever their order (RFC 7143 13.14). */
function burstLengthsLast(offers: readonly TextPair[]): readonly TextPair[] {
  const isFirstBurst = ([key]: TextPair) => key === 'FirstBurstLength';
  return [...offers.filter((offer) => !isFirstBurst(offer)), ...offers.filter(isFirstBurst)];
}

function withinMaxBurst(parameters: OperationalParameters): OperationalParameters {
  const { firstBurstLengthBytes, maxBurstLengthBytes } = parameters;
  if (firstBurstLengthBytes <= maxBurstLengthBytes) return parameters;
  return { ...parameters, firstBurstLengthBytes: maxBurstLengthBytes };
}

function mayBeSent(rule: KeyRule, context: NegotiationContext): boolean {
  if (rule.sender !== 'both' && rule.sender !== context.from) return false;
  switch (context.stage) {
    case 'security':
      // RFC 7143 6.3.2: here only authentication and who is who.
      return rule.use === 'security' || rule.type === 'declaration';
    case 'operational':
      return rule.use !== 'security' && rule.use !== 'fullFeature';
    case 'fullFeature':
      return rule.use === 'fullFeature' || rule.use === 'all';
  }
}

type NegotiatedRule = Exclude<KeyRule, { type: 'declaration' | 'special' }>;
interface Judgement {
  readonly answer: string;
  readonly change?: Partial<OperationalParameters>;
}
const REJECT: Judgement = { answer: 'Reject' };

function judge(
  rule: NegotiatedRule,
  offered: string,
  ours: NegotiationValues,
  parameters: OperationalParameters,
): Judgement {
  switch (rule.type) {
    case 'obsolete':
      return { answer: rule.answer };
    case 'and':
    case 'or': {
      if (offered !== 'Yes' && offered !== 'No') return REJECT;
      const want = ours[rule.parameter];
      const result = rule.type === 'and' ? want && offered === 'Yes' : want || offered === 'Yes';
      return { answer: yesNo(result), change: { [rule.parameter]: result } };
    }
    case 'minimum':
    case 'maximum':
    case 'declaredNumber': {
      const number = parseTextNumber(offered);
      if (number === undefined || number < rule.min || number > rule.max) return REJECT;
      const result = settleNumber(rule, number, ours, parameters);
      return { answer: String(result), change: { [rule.parameter]: result } };
    }
    case 'list': {
      const acceptable: readonly string[] = ours[rule.parameter];
      const result = offered.split(',').find((value) => acceptable.includes(value));
      return result === undefined ? REJECT : { answer: result, change: { [rule.parameter]: result } };
    }
  }
}

function settleNumber(
  rule: NegotiatedRule & { type: 'minimum' | 'maximum' | 'declaredNumber' },
  offered: number,
  ours: NegotiationValues,
  parameters: OperationalParameters,
): number {
  if (rule.type === 'declaredNumber') return offered;
  const want = wantedNumber(rule.parameter, ours);
  if (rule.type === 'maximum') return Math.max(offered, want);
  const cap = rule.parameter === 'firstBurstLengthBytes' ? parameters.maxBurstLengthBytes : rule.max;
  return Math.min(offered, want, cap);
}

type NumberRule = KeyRule & { type: 'minimum' | 'maximum' | 'declaredNumber' };

function wantedNumber(parameter: NumberRule['parameter'], ours: NegotiationValues): number {
  return parameter === 'peerMaxRecvDataSegmentLengthBytes'
    ? ours.maxRecvDataSegmentLengthBytes
    : ours[parameter];
}

const yesNo = (value: boolean): string => (value ? 'Yes' : 'No');

/** What an initiator offers and declares in the operational stage; what has no meaning there is left out. */
export function operationalOffers(
  ours: NegotiationValues,
  sessionType: NegotiationContext['sessionType'],
): readonly TextPair[] {
  return KEY_RULES.flatMap((rule): TextPair[] => {
    if (rule.irrelevantInDiscovery && sessionType === 'discovery') return [];
    switch (rule.type) {
      case 'and':
      case 'or':
        return [[rule.key, yesNo(ours[rule.parameter])]];
      case 'minimum':
      case 'maximum':
      case 'declaredNumber':
        return [[rule.key, String(wantedNumber(rule.parameter, ours))]];
      case 'list':
        return [[rule.key, ours[rule.parameter].join(',')]];
      default:
        return [];
    }
  });
}

/**
 * The initiator's reading of a target's answers to `offers`. Keys of `answers` that were not offered are the target's
 * own offers and declarations: they are answered by `answerOffers`, and `answers` of the outcome go back to it.
 */
export function interpretAnswers(
  offers: readonly TextPair[],
  answers: readonly TextPair[],
  ours: NegotiationValues,
  context: Omit<NegotiationContext, 'from'>,
): NegotiationOutcome {
  const offered = new Map(offers);
  const newOffers: TextPair[] = [];
  let parameters = context.parameters;
  for (const [key, answer] of answers) {
    const rule = keyRule(key);
    const offer = offered.get(key);
    // A number that each side declares answers nothing.
    if (offer === undefined || rule === undefined || rule.type === 'declaredNumber') {
      newOffers.push([key, answer]);
      continue;
    }
    if (answer === 'NotUnderstood' || answer === 'Irrelevant') continue;
    const result = readAnswer(rule, offer, answer);
    if (result === undefined) {
      return { ok: false, error: `the target answered ${key}=${answer} to ${key}=${offer}` };
    }
    parameters = { ...parameters, ...result };
  }
  return answerOffers(newOffers, ours, { ...context, from: 'target', parameters });
}

/** What an answer settles; undefined if it is none that may be given to the offer. */
function readAnswer(
  rule: KeyRule,
  offer: string,
  answer: string,
): Partial<OperationalParameters> | undefined {
  switch (rule.type) {
    case 'and':
    case 'or': {
      if (answer !== 'Yes' && answer !== 'No') return undefined;
      const deciding = rule.type === 'and' ? 'No' : 'Yes';
      return offer === deciding && answer !== deciding ? undefined : { [rule.parameter]: answer === 'Yes' };
    }
    case 'minimum':
    case 'maximum': {
      const number = parseTextNumber(answer);
      if (number === undefined || number < rule.min || number > rule.max) return undefined;
      const wanted = Number(offer);
      const allowed = rule.type === 'minimum' ? number <= wanted : number >= wanted;
      return allowed ? { [rule.parameter]: number } : undefined;
    }
    case 'list':
      if (offer.split(',').includes(answer)) return { [rule.parameter]: answer };
      // Reject of an offer that the default would satisfy leaves the default in force.
      return answer === 'Reject' && offer.split(',').includes(DEFAULT_PARAMETERS[rule.parameter])
        ? {}
        : undefined;
    default:
      return {};
  }
}
