import { Option, type Command } from 'commander';
import {
  CHAP_ALGORITHMS_EXPECTED,
  parseChapAlgorithms,
  whyNoChapAccount,
  type ChapAccount,
} from '../../protocol/index.js';
import {
  parseInitiatorAccess,
  readSecretFile,
  type SecurityOptions,
  type TargetChap,
} from '../../target/index.js';
import { UsageError } from './one-line.js';
import { repeatable } from './repeatable.js';

/** How `fencelab target` is told who may log in, as it was typed. */
export interface SecurityArguments {
  readonly chapUser?: string;
  readonly chapSecretFile?: string;
  readonly chapTargetUser?: string;
  readonly chapTargetSecretFile?: string;
  readonly chapAlgorithms?: string;
  readonly discoveryChapUser?: string;
  readonly discoveryChapSecretFile?: string;
  readonly discoveryChapTargetUser?: string;
  readonly discoveryChapTargetSecretFile?: string;
  readonly allow?: readonly string[];
  readonly insecure?: true;
}

/** One account by its options, and by the variable of its secret. */
const ACCOUNTS = {
  initiator: ['chapUser', 'chapSecretFile', 'FENCELAB_CHAP_SECRET'],
  target: ['chapTargetUser', 'chapTargetSecretFile', 'FENCELAB_CHAP_TARGET_SECRET'],
  discovery: ['discoveryChapUser', 'discoveryChapSecretFile', 'FENCELAB_DISCOVERY_CHAP_SECRET'],
  discoveryTarget: [
    'discoveryChapTargetUser',
    'discoveryChapTargetSecretFile',
    'FENCELAB_DISCOVERY_CHAP_TARGET_SECRET',
  ],
} as const;

/** Adds the options to `fencelab target`. No option takes a secret: who lists processes sees command lines. */
export function addSecurityOptions(target: Command): Command {
  const options = [
    new Option('--chap-user <NAME>', 'initiators must log in by CHAP, as this user'),
    new Option(
      '--chap-secret-file <FILE>',
      'holds the secret of --chap-user, 12 bytes and more (default: what FENCELAB_CHAP_SECRET says)',
    ),
    new Option('--chap-target-user <NAME>', 'who the target is to initiators that want it to prove itself'),
    new Option(
      '--chap-target-secret-file <FILE>',
      'holds the secret of --chap-target-user, another one (default: what FENCELAB_CHAP_TARGET_SECRET says)',
    ),
    new Option(
      '--chap-algorithms <LIST>',
      'hashes that CHAP may use: some of sha3-256,sha256,sha1,md5 (default: all)',
    ),
    new Option('--discovery-chap-user <NAME>', 'discovery sessions must log in by CHAP, as this user'),
    new Option(
      '--discovery-chap-secret-file <FILE>',
      'holds the secret of --discovery-chap-user (default: what FENCELAB_DISCOVERY_CHAP_SECRET says)',
    ),
    new Option(
      '--discovery-chap-target-user <NAME>',
      'who the target is to discovery sessions that want it to prove itself',
    ),
    new Option(
      '--discovery-chap-target-secret-file <FILE>',
      'holds the secret of --discovery-chap-target-user (default: what FENCELAB_DISCOVERY_CHAP_TARGET_SECRET says)',
    ),
    new Option(
      '--allow <INITIATOR[=LUNS]>',
      'only initiators that are allowed may log in, may be repeated; LUNS: what it sees, 0,1 or 5:1 for LUN 1 as LUN 5',
    ).argParser(repeatable),
  ];
  for (const option of options) target.addOption(option.conflicts('config'));
  return target.option(
    '--insecure',
    'opens portals that other machines reach though nobody need authenticate',
  );
}

/** Reads the options. Throws UsageError, or ConfigurationError for a file; no message holds a secret. */
export function securityOf(typed: SecurityArguments, environment: NodeJS.ProcessEnv): SecurityOptions {
  const chapOf = (proves: keyof typeof ACCOUNTS, provedTo: keyof typeof ACCOUNTS): TargetChap | undefined => {
    const initiator = accountOf(typed, ACCOUNTS[proves], environment);
    const mutual = accountOf(typed, ACCOUNTS[provedTo], environment);
    if (mutual === undefined) return initiator;
    if (initiator !== undefined) return { ...initiator, mutual };
    const [expected, given] = [spelled(ACCOUNTS[proves][0]), spelled(ACCOUNTS[provedTo][0])];
    throw new UsageError(`${given}: expected ${expected} too: who proves itself first is the initiator`);
  };
  const chap = chapOf('initiator', 'target');
  const discoveryChap = chapOf('discovery', 'discoveryTarget');
  const chapAlgorithms =
    typed.chapAlgorithms === undefined ? undefined : parseChapAlgorithms(typed.chapAlgorithms);
  if (typed.chapAlgorithms !== undefined && chapAlgorithms === undefined) {
    throw new UsageError(`--chap-algorithms ${typed.chapAlgorithms}: expected ${CHAP_ALGORITHMS_EXPECTED}`);
  }
  return {
    ...(chap === undefined ? {} : { chap }),
    ...(discoveryChap === undefined ? {} : { discoveryChap }),
    ...(chapAlgorithms === undefined ? {} : { chapAlgorithms }),
    ...(typed.allow === undefined ? {} : { initiators: typed.allow.map(parseInitiatorAccess) }),
    ...(typed.insecure === undefined ? {} : { insecure: true }),
  };
}

function accountOf(
  typed: SecurityArguments,
  [userOption, fileOption, variable]: (typeof ACCOUNTS)[keyof typeof ACCOUNTS],
  environment: NodeJS.ProcessEnv,
): ChapAccount | undefined {
  const user = typed[userOption];
  const file = typed[fileOption];
  if (user === undefined) {
    if (file !== undefined)
      throw new UsageError(`${spelled(fileOption)}: expected ${spelled(userOption)} too`);
    return undefined;
  }
  const password = file === undefined ? (environment[variable] ?? '') : readSecretFile(file);
  if (file === undefined && password === '') {
    throw new UsageError(
      `${spelled(userOption)}: expected its secret, by ${spelled(fileOption)} or ${variable}`,
    );
  }
  const wrong = whyNoChapAccount({ user, password });
  if (wrong !== undefined) {
    const place = file === undefined ? variable : `secret file ${file}`;
    throw new UsageError(`${spelled(userOption)} with ${place}: ${wrong}`);
  }
  return { user, password };
}

/** `chapUser` as it is typed: `--chap-user`. */
const spelled = (option: string): string =>
  `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
