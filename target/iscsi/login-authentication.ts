import { randomBytes } from 'node:crypto';
import {
  chapChallengeLengthBytes,
  chapChallengePairs,
  chooseChapAlgorithm,
  verifyChapResponse,
} from '../../protocol/index.js';
import type { ChapChallenge, TextPair } from '../../protocol/index.js';
import type { TargetChap } from '../options.js';

export interface AuthenticationStep {
  readonly answers: readonly TextPair[];
  /** Nothing stands in the way of the next stage. */
  readonly done: boolean;
  readonly failure?: string;
}

/** The target's side of authentication in one login (RFC 7143 12.1): CHAP, or none. */
export class LoginAuthentication {
  readonly #chap: TargetChap | undefined;
  #state: 'open' | 'chapChosen' | 'challenged' | 'passed' = 'open';
  readonly #required: boolean;
  #challenge: ChapChallenge | null = null;

  constructor(chap: TargetChap | undefined, required: boolean) {
    this.#chap = chap;
    this.#required = required;
  }

  /** One request: `security` is its stage, `leaves` whether it asks for the next, `keys` what it carried. */
  step(security: boolean, leaves: boolean, keys: ReadonlyMap<string, string>): AuthenticationStep {
    if (!security) return this.#isDone ? { answers: [], done: true } : failed('authentication is required');
    switch (this.#state) {
      case 'open':
        return this.#chooseMethod(keys.get('AuthMethod'), leaves);
      case 'chapChosen':
        return this.#issueChallenge(keys.get('CHAP_A'));
      case 'challenged':
        return this.#judgeResponse(keys);
      case 'passed':
        return { answers: [], done: true };
    }
  }

  get #isDone(): boolean {
    return this.#state === 'passed' || (this.#state === 'open' && !this.#required);
  }

  #chooseMethod(offered: string | undefined, leaves: boolean): AuthenticationStep {
    if (offered === undefined) {
      // The offer may still come, as long as the initiator does not want to be done without.
      if (this.#required && leaves) return failed('authentication is required');
      return { answers: [], done: !this.#required };
    }
    const methods = offered.split(',');
    if (!this.#required && methods.includes('None')) {
      return { answers: [['AuthMethod', 'None']], done: true };
    }
    if (this.#chap === undefined || !methods.includes('CHAP')) {
      return failed(`no authentication method in common with ${offered}`);
    }
    this.#state = 'chapChosen';
    return { answers: [['AuthMethod', 'CHAP']], done: false };
  }

  #issueChallenge(algorithms: string | undefined): AuthenticationStep {
    const algorithm = chooseChapAlgorithm(algorithms ?? '');
    if (algorithm === undefined) return failed(`no CHAP algorithm in common with ${algorithms ?? 'none'}`);
    this.#challenge = {
      algorithm,
      identifier: randomBytes(1)[0] as number,
      challenge: randomBytes(chapChallengeLengthBytes(algorithm)),
    };
    this.#state = 'challenged';
    return { answers: chapChallengePairs(this.#challenge), done: false };
  }

  #judgeResponse(keys: ReadonlyMap<string, string>): AuthenticationStep {
    if (this.#challenge === null || this.#chap === undefined) return failed('no challenge was sent');
    const verdict = verifyChapResponse(keys, this.#challenge, this.#chap, this.#chap.mutual);
    if (!verdict.ok) return failed(verdict.reason);
    this.#state = 'passed';
    return { answers: verdict.answers, done: true };
  }
}

const failed = (failure: string): AuthenticationStep => ({ answers: [], done: false, failure });
