import { looksLikeUrl, withoutPassword } from '../../initiator/index.js';
import {
  askArray,
  findingsJson,
  findingsTable,
  loadConfiguration,
  parseLunAddress,
} from '../check-config/index.js';
import type { ClusterConfiguration, LunConfiguration } from '../cluster/configuration/index.js';
import { checkConfiguration } from '../cluster/rules/index.js';
import { styleFor } from '../report/style.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { checkPlaceOf, writeJson } from './output-file.js';

/** The arguments of `fencelab check-config` as they were typed. */
export interface CheckConfigArguments {
  readonly cluster: string;
  /** `.vmx` and `.vmdk` files, package configuration files, control scripts. */
  readonly files: readonly string[];
  /** `URL`, for the LUNs in their order, or `NAME=URL`; a URL may be a command line. */
  readonly target?: readonly string[];
  readonly json?: string;
}

/** Holds a cluster configuration to the paper, rule by rule. */
export async function checkConfig(typed: CheckConfigArguments, context: CliContext): Promise<number> {
  const read = loadConfiguration(typed.cluster, typed.files);
  const configuration = withTargets(read, typed.target ?? []);
  if (typed.json !== undefined) await checkPlaceOf('--json', typed.json);
  const observations = await askArray(configuration);
  const findings = checkConfiguration(configuration, observations);
  const style = styleFor(context.stdout, context.environment);
  context.stdout.write(`${findingsTable(configuration, findings, style).join('\n')}\n`);
  if (typed.json !== undefined) {
    const report = findingsJson(configuration, findings, observations);
    await writeJson('--json', typed.json, report);
  }
  return findings.some(({ status }) => status === 'fail') ? EXIT.notAsExpected : EXIT.asExpected;
}

/** Gives each LUN the URL of its `--target`; a URL in CLUSTER.yaml yields to it. */
function withTargets(configuration: ClusterConfiguration, targets: readonly string[]): ClusterConfiguration {
  const urls = new Map<string, string>();
  for (const [index, target] of targets.entries()) {
    const { name, url } = splitTarget(target);
    const lun = configuration.luns.find((each, place) =>
      name === undefined ? place === index : each.name === name,
    );
    if (lun === undefined)
      throw new UsageError(`--target ${withoutPassword(target)}: ${whichLun(configuration.luns)}`);
    if (urls.has(lun.name))
      throw new UsageError(`--target ${withoutPassword(target)}: ${lun.name} has one already`);
    parseLunAddress(url);
    urls.set(lun.name, url);
  }
  const luns = configuration.luns.map((lun) => {
    const url = urls.get(lun.name);
    return url === undefined ? lun : { ...lun, url: { value: url, at: lun.at } };
  });
  return { ...configuration, luns };
}

function splitTarget(target: string): { readonly name?: string; readonly url: string } {
  const [, name, url] = /^([A-Za-z][A-Za-z0-9_.-]*)=(.*)$/.exec(target) ?? [];
  if (looksLikeUrl(target) || name === undefined || url === undefined) return { url: target };
  return { name, url };
}

const whichLun = (luns: readonly LunConfiguration[]): string =>
  luns.length === 0
    ? 'there is no LUN in the file, expected luns'
    : `there is no such LUN, expected at most one for each of ${luns.map(({ name }) => name).join(', ')}`;
