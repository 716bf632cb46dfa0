import { readFileSync } from 'node:fs';
import {
  CHAP_ALGORITHMS_EXPECTED,
  parseChapAlgorithms,
  secretOfFile,
  whyNoChapAccount,
  type ChapAccount,
  type DigestAlgorithm,
} from '../../protocol/index.js';
import type { ChapOptions } from '../iscsi/options.js';
import type { UrlChap } from '../url.js';
import { DeviceOpenError, messageOf } from './errors.js';

/** How a login is made beside where and as whom: what a URL, a device map and the environment say of it. */
export interface LoginSettings {
  readonly chap?: ChapOptions;
  readonly headerDigest?: readonly DigestAlgorithm[];
  readonly dataDigest?: readonly DigestAlgorithm[];
}

/** The accounts of a device map's entry; the secrets are in files. */
export interface ChapFiles {
  readonly user: string;
  readonly secretFile: string;
  /** What the target must prove to know in turn. */
  readonly target?: { readonly user: string; readonly secretFile: string };
}

/**
 * The settings of a login. `given` comes from the device itself, by its URL or its entry in the device map, and stands
 * before the environment: FENCELAB_CHAP_USER with FENCELAB_CHAP_SECRET or FENCELAB_CHAP_SECRET_FILE, the same with
 * FENCELAB_CHAP_TARGET_ for what the target must prove, FENCELAB_CHAP_ALGORITHMS (`sha256,md5`), and FENCELAB_DIGESTS
 * (`header`, `data` or `header,data`), without which a login is not made. Throws DeviceOpenError, without any secret in it.
 */
export function loginSettings(
  given: UrlChap | ChapFiles | undefined,
  environment: NodeJS.ProcessEnv,
): LoginSettings {
  const chap = chapOptions(given, environment);
  return { ...(chap === undefined ? {} : { chap }), ...digests(environment) };
}

function chapOptions(
  given: UrlChap | ChapFiles | undefined,
  environment: NodeJS.ProcessEnv,
): ChapOptions | undefined {
  const account = ownAccount(given, environment);
  if (account === undefined) return undefined;
  const mutual = targetAccount(given, environment);
  const names = environment['FENCELAB_CHAP_ALGORITHMS'] ?? '';
  const algorithms = names === '' ? undefined : parseChapAlgorithms(names);
  if (names !== '' && algorithms === undefined) {
    throw bad(`FENCELAB_CHAP_ALGORITHMS=${names}: expected ${CHAP_ALGORITHMS_EXPECTED}`);
  }
  return { ...account, mutual, algorithms };
}

function ownAccount(
  given: UrlChap | ChapFiles | undefined,
  environment: NodeJS.ProcessEnv,
): ChapAccount | undefined {
  if (given !== undefined && 'secretFile' in given) return accountInFile(given);
  const user = given?.user ?? environment['FENCELAB_CHAP_USER'] ?? '';
  if (user === '') {
    refuseStrayFile('FENCELAB_CHAP', environment, ', or a user in the URL');
    return undefined;
  }
  return given?.password === undefined
    ? accountOf('FENCELAB_CHAP', user, environment)
    : { user, password: given.password };
}

function targetAccount(
  given: UrlChap | ChapFiles | undefined,
  environment: NodeJS.ProcessEnv,
): ChapAccount | undefined {
  if (given !== undefined && 'secretFile' in given && given.target !== undefined) {
    return accountInFile(given.target);
  }
  const user = environment['FENCELAB_CHAP_TARGET_USER'] ?? '';
  if (user !== '') return accountOf('FENCELAB_CHAP_TARGET', user, environment);
  refuseStrayFile('FENCELAB_CHAP_TARGET', environment);
  return undefined;
}

/** Nobody is left to think that a file that is named had been used. */
function refuseStrayFile(prefix: string, environment: NodeJS.ProcessEnv, orElse = ''): void {
  if ((environment[`${prefix}_SECRET_FILE`] ?? '') === '') return;
  throw bad(`${prefix}_SECRET_FILE: expected ${prefix}_USER too${orElse}`);
}

function accountInFile({ user, secretFile }: Pick<ChapFiles, 'user' | 'secretFile'>): ChapAccount {
  return checked({ user, password: readSecret(secretFile) }, `secret file ${secretFile}`);
}

function accountOf(prefix: string, user: string, environment: NodeJS.ProcessEnv): ChapAccount {
  const secret = environment[`${prefix}_SECRET`] ?? '';
  const file = environment[`${prefix}_SECRET_FILE`] ?? '';
  if ((secret === '') === (file === '')) {
    throw bad(
      `${prefix}_USER: expected its secret, by ${prefix}_SECRET_FILE or ${prefix}_SECRET, one of them`,
    );
  }
  if (file !== '') return accountInFile({ user, secretFile: file });
  return checked({ user, password: secret }, `${prefix}_SECRET`);
}

/** `place`: where the secret was. */
function checked(account: ChapAccount, place: string): ChapAccount {
  const wrong = whyNoChapAccount(account);
  if (wrong !== undefined) throw bad(`${place}: ${wrong}`);
  return account;
}

function readSecret(file: string): string {
  try {
    return secretOfFile(readFileSync(file, 'utf8'));
  } catch (error) {
    throw bad(`secret file ${file}: ${messageOf(error)}`);
  }
}

/** A digest that is wanted is all that is offered: a target that does not have it is not logged in to. */
function digests(environment: NodeJS.ProcessEnv): Omit<LoginSettings, 'chap'> {
  const text = environment['FENCELAB_DIGESTS'] ?? '';
  const wanted = text === '' ? [] : text.split(',').map((name) => name.trim());
  const stray = wanted.find((name) => name !== 'header' && name !== 'data');
  if (stray !== undefined) throw bad(`FENCELAB_DIGESTS=${text}: expected header, data or header,data`);
  return {
    ...(wanted.includes('header') ? { headerDigest: ['CRC32C'] } : {}),
    ...(wanted.includes('data') ? { dataDigest: ['CRC32C'] } : {}),
  };
}

const bad = (message: string): DeviceOpenError => new DeviceOpenError('EINVAL', message);
