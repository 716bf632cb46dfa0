import {
  answerChapChallenge,
  CHAP_ALGORITHM,
  CHAP_ALGORITHMS,
  chapResponseError,
  decodeText,
  DEFAULT_PARAMETERS,
  interpretAnswers,
  LOGIN_STAGE,
  LOGIN_STATUS,
  operationalOffers,
  type ChapAlgorithm,
  type ChapChallenge,
  type NegotiationValues,
  type OperationalParameters,
  type TextPair,
} from '../../protocol/index.js';
import { IscsiLoginError } from './errors.js';
import type { ChapOptions } from './options.js';

/** What a Login Request says; the connection adds ISID, tags and serial numbers. */
export interface LoginStep {
  readonly currentStage: number;
  readonly nextStage: number;
  readonly transit: boolean;
  readonly pairs: readonly TextPair[];
}

/** A Login Response, as far as the exchange looks at it. */
export interface LoginAnswer {
  readonly transit: number;
  readonly continue: number;
  readonly currentStage: number;
  readonly nextStage: number;
  readonly statusClass: number;
  readonly statusDetail: number;
}

export interface LoginRequester {
  readonly initiatorName: string;
  /** Undefined: a discovery session. */
  readonly targetName: string | undefined;
  readonly values: NegotiationValues;
  readonly chap: ChapOptions | undefined;
  /** Our challenge of the target, for mutual CHAP. */
  readonly ownChallenge: { readonly identifier: number; readonly challenge: Uint8Array };
}

export type LoginProgress =
  | { readonly next: 'send'; readonly step: LoginStep }
  | { readonly next: 'fullFeaturePhase'; readonly parameters: OperationalParameters }
  /** Status class 1: log in there instead. */
  | { readonly next: 'redirect'; readonly address: string; readonly permanent: boolean };

/** Requests of one login at most; a target that never comes to an end is left. */
const STEPS_MAX = 16;

/** The initiator's side of the login phase (RFC 7143 6.3): holds no socket, takes answers and says what to send. */
export class LoginExchange {
  readonly #requester: LoginRequester;
  readonly #sessionType: 'normal' | 'discovery';
  #stage: 'authMethod' | 'challenge' | 'mutualResponse' | 'operational';
  #offers: readonly TextPair[] = [];
  #parameters: OperationalParameters;
  #settled: ReadonlySet<string> = new Set();
  #ownChallenge: ChapChallenge | undefined;
  /** The hash of our response to the target's challenge, once it is on its way. */
  #answeredBy: ChapAlgorithm | undefined;
  #text: Uint8Array = new Uint8Array(0);
  #steps = 0;

  constructor(requester: LoginRequester) {
    this.#requester = requester;
    this.#sessionType = requester.targetName === undefined ? 'discovery' : 'normal';
    this.#stage = requester.chap === undefined ? 'operational' : 'authMethod';
    // A target need not answer where the offer decides (RFC 7143 6.2.2); the other decisions are the defaults.
    this.#parameters = { ...DEFAULT_PARAMETERS, immediateData: requester.values.immediateData };
  }

  start(): LoginStep {
    const { initiatorName, targetName, chap } = this.#requester;
    const names: readonly TextPair[] = [
      ['InitiatorName', initiatorName],
      ['SessionType', targetName === undefined ? 'Discovery' : 'Normal'],
      ...(targetName === undefined ? [] : ([['TargetName', targetName]] as const)),
    ];
    if (chap === undefined) return this.#offerOperational(names);
    // A target that wants no authentication may have it so, unless it has to prove itself.
    const methods = chap.mutual === undefined ? 'CHAP,None' : 'CHAP';
    return this.#security(true, [...names, ['AuthMethod', methods]]);
  }

  /** Takes a Login Response. Throws IscsiLoginError where the login has failed. */
  receive(answer: LoginAnswer, text: Uint8Array): LoginProgress {
    if (++this.#steps > STEPS_MAX) throw new IscsiLoginError('the target does not bring the login to an end');
    if (answer.statusClass !== 0 && answer.statusClass !== 1) {
      throw new IscsiLoginError(`the target refused the login${this.#hintOn(answer)}`, answer);
    }
    this.#text = Buffer.concat([this.#text, text]);
    if (answer.continue === 1) {
      return { next: 'send', step: { ...this.#emptyStep(), transit: false } };
    }
    const decoded = decodeText(this.#text);
    this.#text = new Uint8Array(0);
    if (!decoded.ok) throw new IscsiLoginError(`the target sent a bad login text: ${decoded.error}`);
    if (answer.statusClass === 1) return this.#redirect(answer, decoded.pairs);
    switch (this.#stage) {
      case 'authMethod':
        return this.#authMethodChosen(answer, decoded.pairs);
      case 'challenge':
        return { next: 'send', step: this.#answerChallenge(new Map(decoded.pairs)) };
      case 'mutualResponse':
        return this.#authenticated(answer, decoded.pairs);
      case 'operational':
        return this.#operationalAnswers(answer, decoded.pairs);
    }
  }

  /**
   * Seen with tgt 1.0.85: where it has chosen 7 it takes a response hashed with SHA-1, and refuses one hashed with SHA-256
   * with 02/00; of 6 and 8 it knows nothing. Inferred: it has SHA-1 down under 7.
   */
  #hintOn({ statusClass, statusDetail }: LoginAnswer): string {
    const { initiatorError, authenticationFailure } = LOGIN_STATUS;
    const isOfTheResponse = [initiatorError, authenticationFailure].some(
      (status) => status.statusClass === statusClass && status.statusDetail === statusDetail,
    );
    return isOfTheResponse && this.#answeredBy === CHAP_ALGORITHM.sha256
      ? ' (tgt takes SHA-256 for SHA-1: FENCELAB_CHAP_ALGORITHMS=md5 helps there)'
      : '';
  }

  #redirect(answer: LoginAnswer, pairs: readonly TextPair[]): LoginProgress {
    const address = new Map(pairs).get('TargetAddress');
    if (address === undefined) {
      throw new IscsiLoginError('the target moved without saying where (no TargetAddress)', answer);
    }
    return { next: 'redirect', address, permanent: answer.statusDetail === 2 };
  }

  #authMethodChosen(answer: LoginAnswer, pairs: readonly TextPair[]): LoginProgress {
    const method = new Map(pairs).get('AuthMethod');
    if (method === 'CHAP') {
      this.#stage = 'challenge';
      return { next: 'send', step: this.#security(false, [['CHAP_A', this.#algorithms().join(',')]]) };
    }
    if (method !== 'None' || this.#requester.chap?.mutual !== undefined) {
      throw new IscsiLoginError(`the target answered AuthMethod=${method ?? '(nothing)'}, CHAP was offered`);
    }
    return this.#leaveSecurity(answer);
  }

  #algorithms(): readonly ChapAlgorithm[] {
    return this.#requester.chap?.algorithms ?? CHAP_ALGORITHMS;
  }

  #answerChallenge(received: ReadonlyMap<string, string>): LoginStep {
    const { chap, ownChallenge } = this.#requester;
    if (chap === undefined) throw new IscsiLoginError('the target wants CHAP, which was not offered');
    const mutual = chap.mutual === undefined ? undefined : ownChallenge;
    const step = answerChapChallenge(received, this.#algorithms(), chap, mutual);
    if (!step.ok) throw new IscsiLoginError(`CHAP failed: ${step.reason}`);
    this.#answeredBy = step.algorithm;
    if (mutual !== undefined) this.#ownChallenge = { algorithm: step.algorithm, ...mutual };
    this.#stage = 'mutualResponse';
    return this.#security(true, step.answers);
  }

  #authenticated(answer: LoginAnswer, pairs: readonly TextPair[]): LoginProgress {
    const mutual = this.#requester.chap?.mutual;
    if (mutual !== undefined && this.#ownChallenge !== undefined) {
      const error = chapResponseError(new Map(pairs), this.#ownChallenge, mutual);
      if (error !== undefined) throw new IscsiLoginError(`the target did not prove itself: ${error}`);
    }
    return this.#leaveSecurity(answer);
  }

  #leaveSecurity(answer: LoginAnswer): LoginProgress {
    if (answer.transit !== 1) return { next: 'send', step: this.#security(true, []) };
    if (answer.nextStage !== LOGIN_STAGE.operationalNegotiation) {
      throw new IscsiLoginError(`the target went to login stage ${answer.nextStage}, 1 was asked for`);
    }
    this.#stage = 'operational';
    return { next: 'send', step: this.#offerOperational([]) };
  }

  #operationalAnswers(answer: LoginAnswer, pairs: readonly TextPair[]): LoginProgress {
    const outcome = interpretAnswers(this.#offers, pairs, this.#requester.values, {
      stage: 'operational',
      sessionType: this.#sessionType,
      parameters: this.#parameters,
      settled: this.#settled,
    });
    if (!outcome.ok) throw new IscsiLoginError(`negotiation failed: ${outcome.error}`);
    this.#parameters = outcome.parameters;
    this.#settled = outcome.settled;
    if (answer.transit === 1 && answer.nextStage === LOGIN_STAGE.fullFeaturePhase) {
      return { next: 'fullFeaturePhase', parameters: this.#parameters };
    }
    return { next: 'send', step: { ...this.#emptyStep(), pairs: outcome.answers } };
  }

  #offerOperational(names: readonly TextPair[]): LoginStep {
    this.#offers = operationalOffers(this.#requester.values, this.#sessionType);
    return { ...this.#emptyStep(), pairs: [...names, ...this.#offers] };
  }

  #security(transit: boolean, pairs: readonly TextPair[]): LoginStep {
    return {
      currentStage: LOGIN_STAGE.securityNegotiation,
      nextStage: transit ? LOGIN_STAGE.operationalNegotiation : 0,
      transit,
      pairs,
    };
  }

  #emptyStep(): LoginStep {
    if (this.#stage !== 'operational') return this.#security(true, []);
    return {
      currentStage: LOGIN_STAGE.operationalNegotiation,
      nextStage: LOGIN_STAGE.fullFeaturePhase,
      transit: true,
      pairs: [],
    };
  }
}
