import { LogicalUnit, type CommandResult } from '../../initiator/index.js';
import {
  ASSOCIATION,
  controlModePageLayout,
  decodeAllCommands,
  decodeDeviceIdentification,
  decodeModeParameters,
  decodeReportCapabilities,
  DESIGNATOR_TYPE,
  MODE_PAGE,
  PR_IN_SERVICE_ACTION,
  REPORTING_OPTIONS,
  reportSupportedOperationCodesCdb,
  SCSI_STATUS,
  VPD_PAGE,
  type ReportCapabilitiesData,
  type ReservationType,
  type StandardInquiry,
} from '../../protocol/index.js';
import { receivedInWords } from './expectation.js';
import type { Nexus } from './reach/reach.js';

/** What a target says of itself before the first case: what it claims is what it is held to. */
export interface Facts {
  readonly inquiry: StandardInquiry;
  readonly blocks: bigint;
  readonly blockLengthBytes: number;
  /** REPORT CAPABILITIES; undefined where the target has no such service action. */
  readonly capabilities: ReportCapabilitiesData | undefined;
  /** What REPORT SUPPORTED OPERATION CODES lists, `5E/03` or `28`; undefined: the target does not say. */
  readonly commands: ReadonlySet<string> | undefined;
  /** It has a Control mode page, which says what follows; without one both are as if 0. */
  readonly controlModePage: boolean;
  /** TAS of the Control mode page: aborted commands end with TASK ABORTED. */
  readonly taskAbortedStatus: boolean;
  /** NUAR of the Control mode page. */
  readonly noUnitAttentionOnRelease: boolean;
  /** RELATIVE TARGET PORT IDENTIFIER of each target port that the suite uses, as page 83h says through it. */
  readonly relativeTargetPortIds: readonly (number | undefined)[];
}

/** The name of a command in `Facts.commands`: operation code and service action in hex. */
export function commandCode(operationCode: number, serviceAction?: number): string {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
  return serviceAction === undefined ? hex(operationCode) : `${hex(operationCode)}/${hex(serviceAction)}`;
}

/** Whether a type stands in REPORT CAPABILITIES' mask; true where the target does not say. */
export function claimsType({ capabilities }: Facts, type: ReservationType): boolean {
  return capabilities?.typeMaskValid !== 1 || capabilities[type] === 1;
}

/** Types that one nexus holds: those first that let the others of a case do the most. */
const HELD_BY_ONE: readonly ReservationType[] = [
  'writeExclusiveRegistrantsOnly',
  'exclusiveAccessRegistrantsOnly',
  'writeExclusive',
  'exclusiveAccess',
];

/** A type that one nexus holds and that the target claims, but not this one; undefined: there is none. */
export function claimedType(facts: Facts, butNot?: ReservationType): ReservationType | undefined {
  return HELD_BY_ONE.find((type) => type !== butNot && claimsType(facts, type));
}

/** Asks the target through one nexus for each target port. Rejects with one line where it does not answer. */
export async function askFacts(nexuses: readonly Nexus[]): Promise<Facts> {
  const [first] = nexuses;
  if (first === undefined) throw new RangeError('no nexus to ask through');
  const unit = unitOf(first);
  const inquiry = await required('INQUIRY', unit.inquiry());
  const capacity =
    (await unit.readCapacity16()).value ?? (await required('READ CAPACITY(10)', unit.readCapacity10()));
  const control = await controlModePage(unit);
  const capabilities = await unit.persistentReserveIn(PR_IN_SERVICE_ACTION.reportCapabilities);
  return {
    inquiry,
    blocks: capacity.blocks,
    blockLengthBytes: capacity.blockLengthBytes,
    capabilities: capabilities.value === undefined ? undefined : decodeReportCapabilities(capabilities.value),
    commands: await supportedCommands(first),
    controlModePage: control !== undefined,
    taskAbortedStatus: control?.taskAbortedStatus === 1,
    noUnitAttentionOnRelease: control?.noUnitAttentionOnRelease === 1,
    relativeTargetPortIds: await Promise.all(nexuses.map((nexus) => relativeTargetPortId(unitOf(nexus)))),
  };
}

/** A nexus as the unit it leads to. */
export function unitOf(nexus: Nexus): LogicalUnit {
  return new LogicalUnit({
    name: '',
    execute: (cdb, options) => nexus.execute(cdb, options),
    close: () => Promise.resolve(),
  });
}

async function required<T>(what: string, asked: Promise<CommandResult<T>>): Promise<T> {
  const result = await asked;
  if (result.value === undefined)
    throw new Error(`${what}: the target answers ${receivedInWords({ result })}, expected GOOD`);
  return result.value;
}

async function controlModePage(
  unit: LogicalUnit,
): Promise<ReturnType<typeof controlModePageLayout.decode> | undefined> {
  const { value } = await unit.modeSense6(MODE_PAGE.control);
  const page = value === undefined ? undefined : decodeModeParameters(value, 6)?.pages.get(MODE_PAGE.control);
  return page === undefined || page.length < controlModePageLayout.lengthBytes
    ? undefined
    : controlModePageLayout.decode(page);
}

async function supportedCommands(nexus: Nexus): Promise<ReadonlySet<string> | undefined> {
  const allocationLength = 0x4000;
  const { status, dataIn } = await nexus.execute(
    reportSupportedOperationCodesCdb({ reportingOptions: REPORTING_OPTIONS.all, allocationLength }),
    { dataInLength: allocationLength },
  );
  if (status !== SCSI_STATUS.good) return undefined;
  const found = decodeAllCommands(dataIn);
  return new Set(found.map(({ operationCode, serviceAction }) => commandCode(operationCode, serviceAction)));
}

async function relativeTargetPortId(unit: LogicalUnit): Promise<number | undefined> {
  const { value } = await unit.vpdPage(VPD_PAGE.deviceIdentification);
  const designators = (value === undefined ? undefined : decodeDeviceIdentification(value)) ?? [];
  const port = designators.find(
    ({ association, type }) =>
      association === ASSOCIATION.targetPort && type === DESIGNATOR_TYPE.relativeTargetPort,
  );
  return port === undefined || port.designator.length < 4
    ? undefined
    : Buffer.from(port.designator).readUInt16BE(2);
}
