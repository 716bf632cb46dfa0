import { randomBytes } from 'node:crypto';
import type { SecurityOptions } from '../../../target/index.js';

/** What every login of a run must come with; nothing unless it is said. */
export interface LoginDemands {
  /** Node and array prove themselves to each other, by secrets that are made up for the run. */
  readonly chap?: boolean | undefined;
  /** CRC32C over headers and data. */
  readonly digests?: boolean | undefined;
}

/** The two ends of what is demanded: options of the array, and environment of whoever logs in to it. */
export interface LoginTerms {
  readonly security: SecurityOptions;
  readonly environment: Readonly<Record<string, string>>;
}

const SECRET_BYTES = 16;
const secret = (): string => randomBytes(SECRET_BYTES).toString('hex');

/** Makes up what a run needs. Secrets go by the environment, which other users of the machine cannot read. */
export function loginTerms({ chap = false, digests = false }: LoginDemands): LoginTerms {
  const accounts = chap ? chapTerms() : { security: {}, environment: {} };
  return {
    security: accounts.security,
    environment: { ...accounts.environment, ...(digests ? { FENCELAB_DIGESTS: 'header,data' } : {}) },
  };
}

function chapTerms(): LoginTerms {
  const node = { user: 'node', password: secret() };
  const array = { user: 'array', password: secret() };
  return {
    security: { chap: { ...node, mutual: array } },
    environment: {
      FENCELAB_CHAP_USER: node.user,
      FENCELAB_CHAP_SECRET: node.password,
      FENCELAB_CHAP_TARGET_USER: array.user,
      FENCELAB_CHAP_TARGET_SECRET: array.password,
    },
  };
}
