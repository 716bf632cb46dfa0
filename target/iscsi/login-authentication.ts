import { randomBytes } from 'node:crypto';
import {
  chapChallengeLengthBytes,
  chapChallengePairs,
  chooseChapAlgorithm,
  verifyChapResponse,
} from '../../protocol/index.js';
import type { ChapAlgorithm, ChapChallenge, TextPair } from '../../protocol/index.js';
import type { AuthenticationDemand } from '../access/index.js';

export interface AuthenticationStep {
  readonly answers: readonly TextPair[];
  /** Nothing stands in the way of the next stage. */
  readonly done: boolean;
  readonly failure?: string;
}

export interface AuthenticationRules extends AuthenticationDemand {
  /** Hash algorithms that are allowed. */
  readonly algorithms: readonly ChapAlgorithm[];
  /** Whether a challenge is one that this target has sent, on whatever connection. */
  readonly isOurs: (challenge: Uint8Array) => boolean;
}

type State = 'open' | 'chapChosen' | 'challenged' | 'passed';

/** The keys of each step; one that comes in another is out of order (RFC 7143 12.1.3). */
const KEYS_OF_STEP: { readonly [S in State]: readonly string[] } = {
  open: ['AuthMethod'],
  chapChosen: ['CHAP_A'],
  challenged: ['CHAP_N', 'CHAP_R', 'CHAP_I', 'CHAP_C'],
  passed: [],
};

const isAuthenticationKey = (key: string): boolean => key === 'AuthMethod' || key.startsWith('CHAP_');

/** The target's side of authentication in one login (RFC 7143 12.1): CHAP, or none. */
export class LoginAuthentication {
  readonly #rules: AuthenticationRules;
  #state: State = 'open';
  #sent: ChapChallenge | null = null;

  constructor(rules: AuthenticationRules) {
    this.#rules = rules;
  }

  /** The challenge that the initiator was given. */
  get challenge(): Uint8Array | undefined {
    return this.#sent?.challenge;
  }

  /** How the initiator has been authenticated. */
  get method(): 'None' | 'CHAP' {
    return this.#state === 'passed' && this.#sent !== null ? 'CHAP' : 'None';
  }

  /** One request: `security` is its stage, `leaves` whether it asks for the next, `keys` what it carried. */
  step(security: boolean, leaves: boolean, keys: ReadonlyMap<string, string>): AuthenticationStep {
    if (!security) return this.#isDone ? PASSED : failed('authentication is required');
    const expected = KEYS_OF_STEP[this.#state];
    const stray = [...keys.keys()].find((key) => isAuthenticationKey(key) && !expected.includes(key));
    if (stray !== undefined) return failed(`${stray} is out of order`);
    switch (this.#state) {
      case 'open':
        return this.#chooseMethod(keys.get('AuthMethod'), leaves);
      case 'chapChosen':
        return this.#issueChallenge(keys.get('CHAP_A'));
      case 'challenged':
        return this.#judgeResponse(keys);
      case 'passed':
        return PASSED;
    }
  }

  get #isDone(): boolean {
    return this.#state === 'passed' || (this.#state === 'open' && !this.#rules.required);
  }

  #chooseMethod(offered: string | undefined, leaves: boolean): AuthenticationStep {
    const { required, chap } = this.#rules;
    if (offered === undefined) {
      // The offer may still come, as long as the initiator does not want to be done without.
      if (required && leaves) return failed('authentication is required');
      return { answers: [], done: !required };
    }
    // The first in the initiator's order that can be had here (RFC 7143 6.2.1).
    const method = offered
      .split(',')
      .find((one) => (one === 'None' && !required) || (one === 'CHAP' && chap !== undefined));
    if (method === undefined) return failed(`no authentication method in common with ${offered}`);
    const isNone = method === 'None';
    this.#state = isNone ? 'passed' : 'chapChosen';
    return { answers: [['AuthMethod', method]], done: isNone };
  }

  #issueChallenge(algorithms: string | undefined): AuthenticationStep {
    const algorithm = chooseChapAlgorithm(algorithms ?? '', this.#rules.algorithms);
    if (algorithm === undefined) return failed(`no CHAP algorithm in common with ${algorithms ?? 'none'}`);
    this.#sent = {
      algorithm,
      identifier: randomBytes(1)[0] as number,
      challenge: randomBytes(chapChallengeLengthBytes(algorithm)),
    };
    this.#state = 'challenged';
    return { answers: chapChallengePairs(this.#sent), done: false };
  }

  #judgeResponse(keys: ReadonlyMap<string, string>): AuthenticationStep {
    const { chap: account, isOurs } = this.#rules;
    if (this.#sent === null || account === undefined) return failed('no challenge was sent');
    const verdict = verifyChapResponse(keys, this.#sent, { account, mutual: account.mutual, isOurs });
    if (!verdict.ok) return failed(verdict.reason);
    this.#state = 'passed';
    return { answers: verdict.answers, done: true };
  }
}

const PASSED: AuthenticationStep = { answers: [], done: true };
const failed = (failure: string): AuthenticationStep => ({ answers: [], done: false, failure });
