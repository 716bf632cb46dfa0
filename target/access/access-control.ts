import {
  CHAP_ALGORITHMS,
  LUN_MAX,
  whyNoChapAccount,
  whyNoIscsiName,
  type ChapAccount,
  type ChapAlgorithm,
  type TransportId,
} from '../../protocol/index.js';
import type { InitiatorAccess, LunMap, SecurityOptions, TargetChap } from '../options.js';

/** What a login must show. */
export interface AuthenticationDemand {
  /** Absent: CHAP cannot be had here. */
  readonly chap: TargetChap | undefined;
  readonly required: boolean;
}

const NO_LUNS: LunMap = new Map();

/**
 * Who may log in, what they must prove to know, and which logical units they see. Secrets stay inside: nothing that is
 * printed of a target shows them.
 */
export class AccessControl {
  /** Hash algorithms that CHAP may use here. */
  readonly algorithms: readonly ChapAlgorithm[];
  readonly #chap: TargetChap | undefined;
  readonly #discoveryChap: TargetChap | undefined;
  /** By name in lower case, as names compare (RFC 7143 4.2.7.2); undefined: everybody. */
  readonly #initiators: ReadonlyMap<string, InitiatorAccess> | undefined;

  /** Throws RangeError, in one line and without secrets, where the options are unsafe or contradict each other. */
  constructor({ chap, discoveryChap, chapAlgorithms, initiators }: SecurityOptions) {
    this.algorithms = chapAlgorithms ?? CHAP_ALGORITHMS;
    this.#chap = chap;
    this.#discoveryChap = discoveryChap;
    this.#initiators = initiators && new Map(initiators.map((entry) => [entry.name.toLowerCase(), entry]));
    if (this.algorithms.length === 0) throw new RangeError('CHAP algorithms: expected at least one');
    checkNames(initiators ?? []);
    checkAccounts([
      ['CHAP', chap],
      ['discovery CHAP', discoveryChap],
      ...(initiators ?? []).map((entry) => [`CHAP of ${entry.name}`, entry.chap] as const),
    ]);
  }

  /** Whether an initiator may have a normal session. `name` is in lower case. */
  mayLogIn(name: string): boolean {
    return this.#initiators === undefined || this.#initiators.has(name);
  }

  /** What a session of this kind must show; a discovery session is asked by its own account or not at all. */
  demandOf(sessionKind: 'discovery' | 'normal', name: string): AuthenticationDemand {
    const own = this.#accountOf(this.#initiators?.get(name));
    if (sessionKind === 'normal') return { chap: own, required: own !== undefined };
    return { chap: this.#discoveryChap ?? own, required: this.#discoveryChap !== undefined };
  }

  /** The account of an initiator itself, else the one for everybody; the target proves itself to both alike. */
  #accountOf(entry: InitiatorAccess | undefined): TargetChap | undefined {
    if (entry?.chap === undefined) return this.#chap;
    return { ...entry.chap, mutual: entry.chap.mutual ?? this.#chap?.mutual };
  }

  /** The LUNs that an initiator port sees; undefined: each as the target numbers it. */
  lunMapOf(port: TransportId): LunMap | undefined {
    if (this.#initiators === undefined) return undefined;
    const entry = port.protocol === 'iscsi' ? this.#initiators.get(port.iscsiName.toLowerCase()) : undefined;
    return entry === undefined ? NO_LUNS : entry.luns;
  }

  /** Throws RangeError where a map names a logical unit that is not there. */
  checkLuns(luns: readonly number[]): void {
    for (const { name, luns: map = NO_LUNS } of this.#initiators?.values() ?? []) {
      for (const [seenAs, lun] of map) {
        if (!luns.includes(lun)) {
          throw new RangeError(`LUNs of ${name}: LUN ${lun} is not there; there are ${luns.join(', ')}`);
        }
        if (!Number.isInteger(seenAs) || seenAs < 0 || seenAs > LUN_MAX) {
          throw new RangeError(`LUNs of ${name}: LUN ${seenAs}: expected 0 to ${LUN_MAX}`);
        }
      }
    }
  }

  /** Whether nobody has a normal session without CHAP. */
  get everybodyAuthenticates(): boolean {
    if (this.#chap !== undefined) return true;
    return (
      this.#initiators !== undefined && [...this.#initiators.values()].every(({ chap }) => chap !== undefined)
    );
  }
}

function checkNames(initiators: readonly InitiatorAccess[]): void {
  const names = new Set<string>();
  for (const { name } of initiators) {
    const wrong = whyNoIscsiName(name);
    if (wrong !== undefined) throw new RangeError(`initiator name: ${wrong}`);
    if (names.has(name.toLowerCase())) throw new RangeError(`initiator ${name} is given twice`);
    names.add(name.toLowerCase());
  }
}

/** Each secret is long enough, and none that proves the target proves an initiator too (RFC 7143 9.2.1). */
function checkAccounts(given: readonly (readonly [what: string, chap: TargetChap | undefined])[]): void {
  const initiatorSecrets = new Set<string>();
  const targetAccounts: (readonly [string, ChapAccount])[] = [];
  for (const [what, chap] of given) {
    if (chap === undefined) continue;
    checkAccount(what, chap);
    initiatorSecrets.add(chap.password);
    if (chap.mutual === undefined) continue;
    checkAccount(`${what}, mutual`, chap.mutual);
    targetAccounts.push([what, chap.mutual]);
  }
  const shared = targetAccounts.find(([, { password }]) => initiatorSecrets.has(password));
  if (shared !== undefined) {
    throw new RangeError(`${shared[0]}, mutual: expected another secret than any that an initiator has`);
  }
}

function checkAccount(what: string, account: ChapAccount): void {
  const wrong = whyNoChapAccount(account);
  if (wrong !== undefined) throw new RangeError(`${what}: ${wrong}`);
}
