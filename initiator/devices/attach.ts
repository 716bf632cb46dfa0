import {
  decodeSense,
  OPERATION_CODE,
  SCSI_STATUS,
  SENSE_KEY,
  testUnitReadyCdb,
} from '../../protocol/index.js';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult, Sense } from '../../protocol/index.js';
import { ATTACH_ATTENTIONS_MAX } from '../limits.js';
import { DeviceOpenError } from './errors.js';

/** The unit attention a result reports, undefined if it reports none. */
export function unitAttentionOf(result: ScsiResult): Sense | undefined {
  if (result.status !== SCSI_STATUS.checkCondition) return undefined;
  const sense = decodeSense(result.sense);
  return sense?.key === SENSE_KEY.unitAttention ? sense : undefined;
}

/**
 * Attaches to a LU as a kernel does when it meets a disk: 29/xx (reset, power on, nexus loss) and 3F/xx (inquiry data,
 * reported LUNs changed) are consumed. Any other attention, 2A/xx above all, is somebody's to see: TEST UNIT READY has
 * taken it from the device server, so it is kept and becomes the answer to the first command that would have met it.
 */
export async function attachLogicalUnit(path: LogicalUnitPath): Promise<AttachedPath> {
  for (let count = 0; count < ATTACH_ATTENTIONS_MAX; count++) {
    const result = await path.execute(testUnitReadyCdb({}));
    const attention = unitAttentionOf(result);
    if (attention === undefined) return new AttachedPath(path, result, undefined);
    if (attention.asc !== 0x29 && attention.asc !== 0x3f) return new AttachedPath(path, result, result);
  }
  return new AttachedPath(path, undefined, undefined);
}

/** Throws DeviceOpenError with ENXIO if attaching met no logical unit: 05/25/00. */
export function requireLogicalUnit(attached: AttachedPath, name: string): void {
  const readiness = attached.readiness;
  if (readiness?.status !== SCSI_STATUS.checkCondition) return;
  const sense = decodeSense(readiness.sense);
  if (sense?.key === SENSE_KEY.illegalRequest && sense.asc === 0x25) {
    throw new DeviceOpenError('ENXIO', `${name}: the target has no such logical unit`);
  }
}

/** A path after attaching; it may still owe its user an attention. */
export class AttachedPath implements LogicalUnitPath {
  readonly name: string;
  /** What the last TEST UNIT READY of attaching answered. */
  readonly readiness: ScsiResult | undefined;
  readonly #path: LogicalUnitPath;
  #owed: ScsiResult | undefined;

  constructor(path: LogicalUnitPath, readiness: ScsiResult | undefined, owed: ScsiResult | undefined) {
    this.name = path.name;
    this.readiness = readiness;
    this.#path = path;
    this.#owed = owed;
  }

  /** True where a command would be answered here, by the attention that is owed. */
  answers(cdb: Uint8Array): boolean {
    // INQUIRY and REPORT LUNS neither report nor clear an attention (SAM-5 5.14).
    return (
      this.#owed !== undefined && cdb[0] !== OPERATION_CODE.inquiry && cdb[0] !== OPERATION_CODE.reportLuns
    );
  }

  execute(cdb: Uint8Array, options: ExecuteOptions = {}): Promise<ScsiResult> {
    const owed = this.#owed;
    if (owed === undefined || !this.answers(cdb)) return this.#path.execute(cdb, options);
    this.#owed = undefined;
    return Promise.resolve(
      cdb[0] === OPERATION_CODE.requestSense
        ? asRequestSenseData(owed, cdb, options.dataInLength ?? 0)
        : { ...owed, residual: options.dataOut?.length ?? options.dataInLength ?? 0 },
    );
  }

  close(): Promise<void> {
    return this.#path.close();
  }
}

/** REQUEST SENSE returns the attention as parameter data with GOOD and so clears it (SAM-5 5.14). */
function asRequestSenseData(owed: ScsiResult, cdb: Uint8Array, dataInLength: number): ScsiResult {
  const allocationLength = cdb[4] ?? 0;
  const dataIn = owed.sense.slice(0, Math.min(allocationLength, dataInLength));
  return {
    status: SCSI_STATUS.good,
    sense: new Uint8Array(0),
    dataIn,
    residual: dataInLength - dataIn.length,
  };
}
