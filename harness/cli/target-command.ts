import type { LogicalUnitOptions, SecurityOptions } from '../../target/index.js';
import {
  createTarget,
  parseLunSpec,
  parsePortal,
  parseTargetPortal,
  profileNamed,
  PROFILES,
  quirkNamed,
  QUIRKS,
  readConfigurationFile,
  startAdmin,
  type TargetConfiguration,
} from '../../target/index.js';
import { captureOf, type CaptureArguments } from './capture-options.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { securityOf, type SecurityArguments } from './security-options.js';
import { untilAborted } from './signals.js';

/** The options of `fencelab target` as they were typed. */
export interface TargetArguments extends CaptureArguments, SecurityArguments {
  readonly config?: string;
  readonly iqn?: string;
  readonly portal?: readonly string[];
  readonly lun?: readonly string[];
  readonly state?: string;
  readonly admin?: string;
  readonly quirk?: readonly string[];
  readonly profile?: string;
  readonly listQuirks?: true;
}

export const DEFAULT_IQN = 'iqn.2026-11.org.fencelab:array';
export const DEFAULT_PORTAL = '127.0.0.1:3260';

/** So long a target that is stopped waits for its initiators to log out. */
const LOGOUT_WITHIN_SECONDS = 2;

/** Runs a target until it is stopped. Prints one line when it listens: the URL of each LUN at the first portal. */
export async function runTarget(typed: TargetArguments, context: CliContext): Promise<number> {
  if (typed.listQuirks === true) {
    for (const line of quirkLines()) context.stdout.write(`${line}\n`);
    return EXIT.asExpected;
  }
  const stop = context.stop();
  const configuration = await configurationOf(typed, context.environment);
  const { iqn = DEFAULT_IQN, portals = [parsePortal(DEFAULT_PORTAL)], logicalUnits = [] } = configuration;
  if (logicalUnits.length === 0) {
    throw new UsageError('no LUN: expected --lun SPEC, for example --lun 0,size=64MiB');
  }
  const target = await createTarget({
    ...configuration,
    iqn,
    portals,
    logicalUnits,
    quirks: [
      ...(configuration.profile === undefined ? [] : profileNamed(configuration.profile).deviations),
      ...(configuration.quirks ?? []),
    ],
  });
  try {
    const admin = configuration.admin && (await startAdmin(target, configuration.admin));
    try {
      if (admin !== undefined) context.stderr.write(`fencelab target: admin API on ${admin.url}\n`);
      context.stdout.write(`${target.luns.map((lun) => target.urlOf(lun)).join(' ')}\n`);
      await untilAborted(stop);
    } finally {
      await admin?.close();
    }
  } finally {
    await target.close({ logoutWithinSeconds: LOGOUT_WITHIN_SECONDS });
  }
  return EXIT.asExpected;
}

/** What the file says, and over it what the command line says. */
async function configurationOf(
  typed: TargetArguments,
  environment: NodeJS.ProcessEnv,
): Promise<TargetConfiguration & SecurityOptions> {
  if (typed.state === '') throw new UsageError("--state '': expected a directory");
  const file = typed.config === undefined ? {} : await readConfigurationFile(typed.config, environment);
  const capture = captureOf(typed);
  const given: TargetConfiguration = {
    ...(capture === undefined ? {} : { capture }),
    ...(typed.iqn === undefined ? {} : { iqn: typed.iqn }),
    ...(typed.portal === undefined ? {} : { portals: typed.portal.map(parseTargetPortal) }),
    ...(typed.lun === undefined ? {} : { logicalUnits: lunsOf(typed.lun) }),
    ...(typed.state === undefined ? {} : { stateDirectory: typed.state }),
    ...(typed.admin === undefined ? {} : { admin: parsePortal(typed.admin) }),
    ...(typed.quirk === undefined ? {} : { quirks: typed.quirk.map((name) => quirkNamed(name).name) }),
    ...(typed.profile === undefined ? {} : { profile: profileNamed(typed.profile).name }),
  };
  return { ...file, ...given, ...securityOf(typed, environment) };
}

function lunsOf(specs: readonly string[]): LogicalUnitOptions[] {
  const units = specs.map(parseLunSpec);
  const twice = units.find(({ lun }, index) => units.findIndex((other) => other.lun === lun) !== index);
  if (twice !== undefined) throw new UsageError(`--lun: LUN ${twice.lun} is given twice`);
  return units;
}

/** Profiles, then quirks, a line each: name and what it is. */
function quirkLines(): string[] {
  return [
    ...PROFILES.map(({ name, describes }) => `profile ${name}: ${describes}`),
    ...QUIRKS.map(({ name, deviation }) => `${name}: ${deviation}`),
  ];
}
