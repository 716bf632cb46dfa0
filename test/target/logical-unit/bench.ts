import {
  decodeSense,
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_CODE,
  SCSI_STATUS,
  persistentReserveOutCdb,
  read10Cdb,
  testUnitReadyCdb,
  transportIdName,
  write10Cdb,
  type ItNexus,
  type LogicalUnitPath,
  type PrOutServiceAction,
  type ReservationType,
  type ScsiResult,
  type TransportId,
} from '../../../protocol/index.js';
import type { EventSink, TargetHappening } from '../../../target/events.js';
import {
  createDeviceServer,
  type DeviceServerOptions,
  type LogicalUnitDefinition,
  type ManagedDeviceServer,
} from '../../../target/logical-unit/device-server.js';
import { InMemoryTransport } from '../../../target/logical-unit/in-memory-path.js';
import type { OperationClock } from '../../../target/logical-unit/sanitization.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import type { LogicalUnitOptions, LunMap } from '../../../target/options.js';

export const IQN = 'iqn.2026-11.org.fencelab:array';
export const MEDIUM_BYTES = 1024 * 1024;

export function nexusOf(name: string, port = 1): ItNexus {
  return {
    initiatorPort: {
      protocol: 'iscsi',
      iscsiName: `iqn.2026-11.org.fencelab:${name}`,
      isid: 0x8000_0000_0001n,
    },
    relativeTargetPortId: port,
  };
}

export interface Bench {
  readonly server: ManagedDeviceServer;
  readonly transport: InMemoryTransport;
  readonly happenings: TargetHappening[];
  /** A path whose power-on attention was taken already. */
  node(name: string, lun?: number): Promise<LogicalUnitPath>;
}

export function unit(
  options: Partial<LogicalUnitOptions> = {},
  more: Partial<LogicalUnitDefinition> = {},
): LogicalUnitDefinition {
  const medium = { kind: 'memory', sizeBytes: MEDIUM_BYTES } as const;
  return { options: { lun: 0, medium, ...options }, medium: new MemoryMedium(MEDIUM_BYTES), ...more };
}

const ONE_GROUP = [{ targetPortGroup: 1, relativeTargetPortIds: [1, 2] }];

/** A clock that moves at once to whatever is waited for. */
const IMPATIENT: OperationClock = {
  now: () => 0,
  schedule: (_delayMs, callback) => {
    setImmediate(callback);
    return () => undefined;
  },
};

/** `lunMaps`: by the last part of the initiator's name; who has none sees everything. */
export function bench(
  logicalUnits: readonly LogicalUnitDefinition[] = [unit()],
  targetPortGroups: DeviceServerOptions['targetPortGroups'] = ONE_GROUP,
  lunMaps: ReadonlyMap<string, LunMap> = new Map(),
  clock: OperationClock = IMPATIENT,
): Bench {
  const happenings: TargetHappening[] = [];
  const events: EventSink = { active: true, emit: (happening) => happenings.push(happening) };
  const lunMapOf = (port: TransportId) => lunMaps.get(transportIdName(port).split(/[:,]/)[1] ?? '');
  const server = createDeviceServer({ iqn: IQN, targetPortGroups, logicalUnits, events, lunMapOf, clock });
  const transport = new InMemoryTransport(server);
  return {
    server,
    transport,
    happenings,
    node: async (name, lun = 0) => {
      const path = transport.connect(nexusOf(name), lun);
      await path.execute(testUnitReadyCdb());
      return path;
    },
  };
}

/** A result in words: `GOOD`, `CONFLICT`, `ABORTED`, or key/ASC/ASCQ and the field pointer. */
export function told(result: Pick<ScsiResult, 'status' | 'sense'>): string {
  if (result.status === SCSI_STATUS.good) return 'GOOD';
  if (result.status === SCSI_STATUS.reservationConflict) return 'CONFLICT';
  if (result.status === SCSI_STATUS.taskAborted) return 'ABORTED';
  const sense = decodeSense(result.sense);
  if (sense === undefined) return `status ${result.status}`;
  const hex = [sense.key, sense.asc, sense.ascq].map((code) => code.toString(16).padStart(2, '0')).join('/');
  const pointer = sense.fieldPointer;
  if (pointer === undefined) return hex;
  return `${hex} ${pointer.in} ${pointer.byte}${pointer.bit === undefined ? '' : `.${pointer.bit}`}`;
}

export async function ask(path: LogicalUnitPath, cdb: Uint8Array, dataInLength?: number): Promise<string> {
  return told(await path.execute(cdb, { dataInLength }));
}

export interface PrOut {
  readonly key?: bigint;
  readonly newKey?: bigint;
  readonly type?: ReservationType;
  readonly aptpl?: boolean;
}

export async function prOut(
  path: LogicalUnitPath,
  action: PrOutServiceAction,
  values: PrOut = {},
): Promise<string> {
  const list = Buffer.alloc(24);
  list.writeBigUInt64BE(values.key ?? 0n, 0);
  list.writeBigUInt64BE(values.newKey ?? 0n, 8);
  list.writeUInt8(values.aptpl === true ? 1 : 0, 20);
  const cdb = persistentReserveOutCdb({
    serviceAction: PR_OUT_SERVICE_ACTION[action],
    type: values.type === undefined ? 0 : RESERVATION_TYPE_CODE[values.type],
    parameterListLength: list.length,
  });
  return told(await path.execute(cdb, { dataOut: list }));
}

export function write(path: LogicalUnitPath, lba: number, fill: number, blocks = 1): Promise<ScsiResult> {
  const cdb = write10Cdb({ logicalBlockAddress: lba, transferLength: blocks });
  return path.execute(cdb, { dataOut: Buffer.alloc(512 * blocks, fill) });
}

export async function firstByteAt(path: LogicalUnitPath, lba: number): Promise<number | undefined> {
  const cdb = read10Cdb({ logicalBlockAddress: lba, transferLength: 1 });
  return (await path.execute(cdb, { dataInLength: 512 })).dataIn[0];
}
