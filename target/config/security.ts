import { dirname, resolve } from 'node:path';
import { isScalar, type Node } from 'yaml';
import {
  CHAP_ALGORITHMS_EXPECTED,
  parseChapAlgorithms,
  whyNoChapAccount,
  type ChapAccount,
} from '../../protocol/index.js';
import type { InitiatorAccess, SecurityOptions, TargetChap } from '../options.js';
import { ConfigurationError } from './config-error.js';
import { lunMapOf, parseInitiatorAccess } from './initiator-access.js';
import { readSecretFile } from './secret.js';
import { optional, type Source } from './source.js';

/** The names of a configuration file that say who may log in. */
export const SECURITY_NAMES = ['chap', 'chap-algorithms', 'discovery-chap', 'initiators'] as const;

/** What a configuration file may say of who may log in; `insecure` is for the command line alone. */
export type SecurityConfiguration = Omit<SecurityOptions, 'insecure'>;

/** `environment`: where `secret-env` is looked up. */
export function readSecurity(
  source: Source,
  entries: ReadonlyMap<string, Node>,
  environment: NodeJS.ProcessEnv,
): SecurityConfiguration {
  const reader = new SecurityReader(source, environment);
  return {
    chap: optional(entries.get('chap'), (node) => reader.chap(node, 'chap')),
    discoveryChap: optional(entries.get('discovery-chap'), (node) => reader.chap(node, 'discovery-chap')),
    chapAlgorithms: optional(entries.get('chap-algorithms'), (node) => {
      const names = source.list(node, 'chap-algorithms').map((item) => source.text(item, 'chap-algorithms'));
      const algorithms = parseChapAlgorithms(names.join(','));
      if (algorithms !== undefined) return algorithms;
      throw source.errorOf(node, `chap-algorithms: expected ${CHAP_ALGORITHMS_EXPECTED}`);
    }),
    initiators: optional(entries.get('initiators'), (node) =>
      source.list(node, 'initiators').map((item) => reader.initiator(item)),
    ),
  };
}

const SECRET_NAMES = ['password', 'secret-file', 'secret-env'] as const;

class SecurityReader {
  readonly #source: Source;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(source: Source, environment: NodeJS.ProcessEnv) {
    this.#source = source;
    this.#environment = environment;
  }

  chap(node: Node, name: string): TargetChap {
    const entries = this.#source.map(node, name, ['user', ...SECRET_NAMES, 'mutual']);
    const account = this.#account(node, entries, name);
    const mutual = entries.get('mutual');
    if (mutual === undefined) return account;
    const members = this.#source.map(mutual, `${name}.mutual`, ['user', ...SECRET_NAMES]);
    const own = this.#account(mutual, members, `${name}.mutual`);
    // RFC 7143 9.2.1: what proves one side must not prove the other.
    if (own.password === account.password) {
      throw this.#source.errorOf(mutual, `${name}.mutual: expected another secret than that of ${name}`);
    }
    return { ...account, mutual: own };
  }

  initiator(node: Node): InitiatorAccess {
    const source = this.#source;
    if (isScalar(node)) return source.parsed(node, 'initiators', parseInitiatorAccess);
    const entries = source.map(node, 'an initiator', ['name', 'luns', 'chap']);
    const name = entries.get('name');
    if (name === undefined) throw source.errorOf(node, 'initiators: expected name');
    const chap = entries.get('chap');
    const luns = entries.get('luns');
    return {
      ...source.parsed(name, 'name', parseInitiatorAccess),
      ...(chap === undefined ? {} : { chap: this.chap(chap, 'chap') }),
      ...(luns === undefined ? {} : { luns: this.#luns(luns) }),
    };
  }

  #luns(node: Node): ReadonlyMap<number, number> {
    const items = this.#source.list(node, 'luns').map((item) => this.#source.text(item, 'luns'));
    try {
      return lunMapOf(items);
    } catch (error) {
      if (error instanceof ConfigurationError) throw this.#source.errorOf(node, error.message);
      throw error;
    }
  }

  /** Nothing of a secret is in what is wrong with it. */
  #account(node: Node, entries: ReadonlyMap<string, Node>, name: string): ChapAccount {
    const user = entries.get('user');
    if (user === undefined) throw this.#source.errorOf(node, `${name}: expected user`);
    const account = {
      user: this.#source.text(user, `${name}.user`),
      password: this.#secret(node, entries, name),
    };
    const wrong = whyNoChapAccount(account);
    if (wrong !== undefined) throw this.#source.errorOf(node, `${name}: ${wrong}`);
    return account;
  }

  #secret(node: Node, entries: ReadonlyMap<string, Node>, name: string): string {
    const source = this.#source;
    const given = SECRET_NAMES.flatMap((key) => {
      const entry = entries.get(key);
      return entry === undefined ? [] : [{ key, entry, text: source.text(entry, `${name}.${key}`) }];
    });
    const [one, ...more] = given;
    if (one === undefined || more.length > 0) {
      throw source.errorOf(node, `${name}: expected one of ${SECRET_NAMES.join(', ')}`);
    }
    switch (one.key) {
      case 'password':
        return one.text;
      case 'secret-file':
        return source.parsed(one.entry, name, (file) => readSecretFile(resolve(dirname(source.path), file)));
      case 'secret-env': {
        const secret = this.#environment[one.text] ?? '';
        // Without its name, which may be a secret that stands in the wrong place.
        if (secret === '') throw source.errorOf(one.entry, `${name}.secret-env: there is no such variable`);
        return secret;
      }
    }
  }
}
