import { randomBytes } from 'node:crypto';
import {
  attachLogicalUnit,
  BadCommandLineError,
  BadUrlError,
  ConnectionLostError,
  connectIscsi,
  formatIscsiUrl,
  loginSettings,
  IscsiLoginError,
  LogicalUnit,
  looksLikeCommandLine,
  openDevice,
  parseCommandLine,
  parseIscsiUrl,
  type CommandResult,
  type IscsiSession,
  type IscsiUrl,
} from '../../initiator/index.js';
import {
  additionalSenseName,
  ASSOCIATION,
  decodeDeviceIdentification,
  decodeReportCapabilities,
  decodeSense,
  DESIGNATOR_TYPE,
  PR_IN_SERVICE_ACTION,
  scsiStatusName,
  VPD_PAGE,
  whyNoIscsiName,
  type Designator,
} from '../../protocol/index.js';
import type {
  ClusterConfiguration,
  Fact,
  LunConfiguration,
  NodeConfiguration,
} from '../cluster/configuration/index.js';
import { wrongAt } from '../cluster/configuration/errors.js';
import { iscsiNameOf } from '../cluster/nexus.js';
import { lunsOfNode } from '../cluster/rules/disk-rules.js';
import type { LunObservation, Refusal } from '../cluster/rules/index.js';

/** An initiator port that reaches a LUN, and the nodes behind it. */
interface Owner {
  readonly name: string;
  readonly initiatorName: string;
  readonly nodes: readonly string[];
}

/** Stands for the name of each node in a command line. */
const NODE = '{node}';

/**
 * Asks the array about every LUN that has a URL, once for each initiator that must reach it: a physical node, or the
 * ESX host of guests. It logs in by the initiator's name with an ISID of its own, so that the session of a running node
 * is left alone, and sends INQUIRY and PERSISTENT RESERVE IN only. A LUN that a command line reaches is asked about on each
 * node by that node's own line.
 *
 * @throws ConnectionLostError or DeviceOpenError where an array could not be asked at all, ConfigurationError for a bad
 * URL, command line or name
 */
export async function askArray(configuration: ClusterConfiguration): Promise<LunObservation[]> {
  const observations: LunObservation[] = [];
  for (const lun of configuration.luns) {
    if (lun.url === undefined) continue;
    const address = addressAt(lun.url);
    if (typeof address === 'string') {
      for (const node of nodesThatReach(configuration, lun)) {
        observations.push(await observeByCommandLine(lun.name, address, node.name));
      }
      continue;
    }
    for (const owner of ownersOf(configuration, lun)) {
      observations.push(await observe(lun.name, address, owner));
    }
  }
  return observations;
}

/**
 * Reads what a LUN's `url` may be: `iscsi://`, or `exec:` with `{node}` for the name of each node. Throws BadUrlError or
 * BadCommandLineError.
 */
export function parseLunAddress(text: string): IscsiUrl | string {
  if (!looksLikeCommandLine(text)) return parseIscsiUrl(text);
  parseCommandLine(text);
  if (text.includes(NODE)) return text;
  throw new BadCommandLineError(`${text}: expected ${NODE} where the name of each node goes`);
}

/** A mistake is told with its place. */
function addressAt({ value, at }: Fact<string>): IscsiUrl | string {
  try {
    return parseLunAddress(value);
  } catch (error) {
    if (error instanceof BadUrlError || error instanceof BadCommandLineError)
      throw wrongAt(at, error.message);
    throw error;
  }
}

const nodesThatReach = (configuration: ClusterConfiguration, lun: LunConfiguration): NodeConfiguration[] =>
  configuration.nodes.filter((node) => lunsOfNode(configuration, node).includes(lun.name));

function ownersOf(configuration: ClusterConfiguration, lun: LunConfiguration): Owner[] {
  const owners = new Map<string, Owner>();
  for (const node of nodesThatReach(configuration, lun)) {
    const name = node.host?.value ?? node.name;
    owners.set(name, {
      name,
      initiatorName: initiatorNameOf(configuration, node, name),
      nodes: [...(owners.get(name)?.nodes ?? []), node.name],
    });
  }
  return [...owners.values()];
}

/** A guest has the initiator of its host. */
function initiatorNameOf(
  configuration: ClusterConfiguration,
  node: NodeConfiguration,
  owner: string,
): string {
  const host = configuration.hosts.find(({ name }) => name === node.host?.value);
  const { initiator } = host ?? node;
  if (initiator === undefined) return iscsiNameOf(owner);
  const wrong = whyNoIscsiName(initiator.value);
  if (wrong !== undefined) throw wrongAt(initiator.at, wrong);
  return initiator.value;
}

async function observe(lun: string, address: IscsiUrl, owner: Owner): Promise<LunObservation> {
  // The password of the URL is for the login alone.
  const url = formatIscsiUrl(address);
  const whole = { lun, url, owner: owner.name, nodes: owner.nodes, initiatorName: owner.initiatorName };
  let session: IscsiSession;
  try {
    session = await connectIscsi({
      host: address.host,
      port: address.port,
      targetName: address.targetName,
      ...loginSettings(address.chap, process.env),
      initiatorName: owner.initiatorName,
      isid: (0x80n << 40n) | BigInt(randomBytes(5).readUIntBE(0, 5)),
    });
  } catch (error) {
    if (!isUnwelcome(error)) throw couldNotAsk(url, error);
    const refusal = { refused: 'the target does not let it in' };
    return { ...whole, identity: refusal, reservations: refusal };
  }
  try {
    return { ...whole, ...(await answersThrough(session, address.lun)) };
  } catch (error) {
    throw couldNotAsk(url, error);
  } finally {
    await session.close();
  }
}

async function observeByCommandLine(lun: string, line: string, node: string): Promise<LunObservation> {
  const url = line.replaceAll(NODE, node);
  const path = await openDevice(url, { readOnly: true });
  try {
    return { lun, url, owner: node, nodes: [node], ...(await answersOf(new LogicalUnit(path))) };
  } finally {
    await path.close();
  }
}

/** The target knows its password, or asks for none, and lets this initiator not in: 02/02 (RFC 7143 11.13.5). */
const isUnwelcome = (error: unknown): boolean =>
  error instanceof IscsiLoginError && error.status?.statusClass === 2 && error.status.statusDetail === 2;

/** Which array it was is not in the error of a connection. */
function couldNotAsk(url: string, error: unknown): ConnectionLostError {
  const why = error instanceof Error ? error.message : String(error);
  return new ConnectionLostError(`${url} could not be asked: ${why}`, { cause: error });
}

type Answers = Pick<LunObservation, 'identity' | 'reservations'>;

async function answersThrough(session: IscsiSession, lun: number): Promise<Answers> {
  const attached = await attachLogicalUnit(session.path(lun));
  if (decodeSense(attached.readiness?.sense ?? new Uint8Array())?.asc === 0x25) {
    const refusal = { refused: 'the target has no such logical unit for it' };
    return { identity: refusal, reservations: refusal };
  }
  return answersOf(new LogicalUnit(attached));
}

async function answersOf(unit: LogicalUnit): Promise<Answers> {
  const page = await unit.vpdPage(VPD_PAGE.deviceIdentification);
  const capabilities = await unit.persistentReserveIn(PR_IN_SERVICE_ACTION.reportCapabilities);
  return { identity: identityOf(page), reservations: reservationsOf(capabilities) };
}

function identityOf(page: CommandResult<Uint8Array>): LunObservation['identity'] {
  const designators = (page.value === undefined ? undefined : decodeDeviceIdentification(page.value)) ?? [];
  const names = designators
    .filter(({ association }) => association === ASSOCIATION.logicalUnit)
    .map(designatorText)
    .sort();
  if (names.length > 0) return names;
  return page.good ? { refused: 'page 83h names no logical unit' } : refusalOf(page);
}

const DESIGNATOR_NAME = new Map<number, string>([
  [DESIGNATOR_TYPE.naa, 'naa'],
  [DESIGNATOR_TYPE.eui64, 'eui'],
  [DESIGNATOR_TYPE.t10VendorId, 't10'],
  [DESIGNATOR_TYPE.scsiNameString, 'name'],
]);

/** `naa.3...`, the other types by their number; in hexadecimal, so that none has a blank in it. */
function designatorText({ type, designator }: Designator): string {
  return `${DESIGNATOR_NAME.get(type) ?? type}.${Buffer.from(designator).toString('hex')}`;
}

function reservationsOf(answer: CommandResult<Uint8Array>): LunObservation['reservations'] {
  const capabilities = answer.value === undefined ? undefined : decodeReportCapabilities(answer.value);
  if (capabilities === undefined) {
    return answer.good ? { refused: 'it answered too few bytes' } : refusalOf(answer);
  }
  return {
    typeMaskValid: capabilities.typeMaskValid === 1,
    writeExclusiveRegistrantsOnly: capabilities.writeExclusiveRegistrantsOnly === 1,
  };
}

function refusalOf({ status, senseData }: CommandResult<unknown>): Refusal {
  if (senseData === undefined) return { refused: scsiStatusName(status) };
  const { asc, ascq } = senseData;
  const codes = [asc, ascq].map((code) => code.toString(16).padStart(2, '0')).join('/');
  return { refused: additionalSenseName(asc, ascq)?.toLowerCase() ?? `additional sense ${codes}` };
}
