import {
  decodeReportLuns,
  decodeSense,
  decodeStandardInquiry,
  inquiryCdb,
  modeSense6Cdb,
  persistentReserveInCdb,
  persistentReserveOutCdb,
  read10Cdb,
  read16Cdb,
  readCapacity10Cdb,
  readCapacity10DataLayout,
  readCapacity16Cdb,
  readCapacity16DataLayout,
  reportLunsCdb,
  requestSenseCdb,
  SCSI_STATUS,
  synchronizeCache10Cdb,
  synchronizeCache16Cdb,
  testUnitReadyCdb,
  vpdHeaderLayout,
  write10Cdb,
  write16Cdb,
  type LogicalUnitPath,
  type PersistentReserveOutCdb,
  type ScsiResult,
  type Sense,
  type StandardInquiry,
} from '../../protocol/index.js';

/** What a command ended with; `value` only where the status is GOOD and the data make sense. */
export interface CommandResult<T> extends ScsiResult {
  readonly good: boolean;
  /** `sense`, decoded. */
  readonly senseData: Sense | undefined;
  readonly value: T | undefined;
}

export interface CommandOptions {
  readonly timeoutMs?: number | undefined;
}

/** READ CAPACITY's answer. */
export interface Capacity {
  readonly blocks: bigint;
  readonly blockLengthBytes: number;
}

const DATA_LENGTH_BYTES = 0xff;
const REPORT_LUNS_LENGTH_BYTES = 8 + 8 * 1024;
/** Beyond these READ(10), WRITE(10) and SYNCHRONIZE CACHE(10) cannot point. */
const LBA_10_MAX = 0xffff_ffffn;
const BLOCKS_10_MAX = 0xffff;

/** Typed commands over any way to a LU. Every status is a result; only a lost path or a time-out rejects. */
export class LogicalUnit {
  readonly path: LogicalUnitPath;

  constructor(path: LogicalUnitPath) {
    this.path = path;
  }

  testUnitReady(options?: CommandOptions): Promise<CommandResult<true>> {
    return this.#send(testUnitReadyCdb(), {}, options, () => true);
  }

  /** REQUEST SENSE: the pending sense data as value. */
  requestSense(options?: CommandOptions): Promise<CommandResult<Sense>> {
    const cdb = requestSenseCdb({ allocationLength: DATA_LENGTH_BYTES });
    return this.#send(cdb, { dataInLength: DATA_LENGTH_BYTES }, options, (data) => decodeSense(data));
  }

  inquiry(options?: CommandOptions): Promise<CommandResult<StandardInquiry>> {
    const cdb = inquiryCdb({ allocationLength: DATA_LENGTH_BYTES });
    return this.#send(cdb, { dataInLength: DATA_LENGTH_BYTES }, options, (data) =>
      data.length < 36 ? undefined : decodeStandardInquiry(data),
    );
  }

  /** A VPD page as it came, header included; undefined where another page or a cut one came. */
  vpdPage(pageCode: number, options?: CommandOptions): Promise<CommandResult<Uint8Array>> {
    const allocationLength = 0xffff;
    const cdb = inquiryCdb({ enableVitalProductData: 1, pageCode, allocationLength });
    return this.#send(cdb, { dataInLength: allocationLength }, options, (data) => {
      if (data.length < vpdHeaderLayout.lengthBytes) return undefined;
      const header = vpdHeaderLayout.decode(data);
      if (header.pageCode !== pageCode) return undefined;
      const length = vpdHeaderLayout.lengthBytes + header.pageLength;
      return length <= data.length ? data.subarray(0, length) : undefined;
    });
  }

  readCapacity10(options?: CommandOptions): Promise<CommandResult<Capacity>> {
    const dataInLength = readCapacity10DataLayout.lengthBytes;
    return this.#send(readCapacity10Cdb(), { dataInLength }, options, (data) =>
      capacityOf(readCapacity10DataLayout, data),
    );
  }

  readCapacity16(options?: CommandOptions): Promise<CommandResult<Capacity>> {
    const dataInLength = readCapacity16DataLayout.lengthBytes;
    const cdb = readCapacity16Cdb({ allocationLength: dataInLength });
    return this.#send(cdb, { dataInLength }, options, (data) => capacityOf(readCapacity16DataLayout, data));
  }

  /** READ(10) where LBA and length fit it, else READ(16). `blockLengthBytes` is the LU's logical block length. */
  read(
    lba: bigint,
    blocks: number,
    blockLengthBytes: number,
    options?: CommandOptions,
  ): Promise<CommandResult<Uint8Array>> {
    const cdb = fitsTen(lba, blocks)
      ? read10Cdb({ logicalBlockAddress: Number(lba), transferLength: blocks })
      : read16Cdb({ logicalBlockAddress: lba, transferLength: blocks });
    return this.#send(cdb, { dataInLength: blocks * blockLengthBytes }, options, (data) => data);
  }

  /** WRITE(10) where LBA and length fit it, else WRITE(16). Throws RangeError where `data` is not whole blocks. */
  write(
    lba: bigint,
    data: Uint8Array,
    blockLengthBytes: number,
    options?: CommandOptions,
  ): Promise<CommandResult<true>> {
    const blocks = data.length / blockLengthBytes;
    if (!Number.isInteger(blocks)) {
      throw new RangeError(`${data.length} bytes are not whole blocks of ${blockLengthBytes}`);
    }
    const cdb = fitsTen(lba, blocks)
      ? write10Cdb({ logicalBlockAddress: Number(lba), transferLength: blocks })
      : write16Cdb({ logicalBlockAddress: lba, transferLength: blocks });
    return this.#send(cdb, { dataOut: data }, options, () => true);
  }

  /** SYNCHRONIZE CACHE of `blocks` from `lba`; 0 blocks: to the end of the medium. */
  synchronizeCache(lba = 0n, blocks = 0, options?: CommandOptions): Promise<CommandResult<true>> {
    const cdb = fitsTen(lba, blocks)
      ? synchronizeCache10Cdb({ logicalBlockAddress: Number(lba), numberOfBlocks: blocks })
      : synchronizeCache16Cdb({ logicalBlockAddress: lba, numberOfBlocks: blocks });
    return this.#send(cdb, {}, options, () => true);
  }

  /** Mode parameter header and pages as they came, without block descriptors. */
  modeSense6(pageCode: number, options?: CommandOptions): Promise<CommandResult<Uint8Array>> {
    const cdb = modeSense6Cdb({ disableBlockDescriptors: 1, pageCode, allocationLength: DATA_LENGTH_BYTES });
    return this.#send(cdb, { dataInLength: DATA_LENGTH_BYTES }, options, (data) => data);
  }

  /** The LUNs that single-level addressing reaches, in the order of the target. */
  reportLuns(options?: CommandOptions): Promise<CommandResult<readonly number[]>> {
    const cdb = reportLunsCdb({ allocationLength: REPORT_LUNS_LENGTH_BYTES });
    return this.#send(cdb, { dataInLength: REPORT_LUNS_LENGTH_BYTES }, options, (data) =>
      decodeReportLuns(data).filter((lun) => lun !== undefined),
    );
  }

  /** PERSISTENT RESERVE IN: the parameter data as they came, for the decoders of the service action. */
  persistentReserveIn(
    serviceAction: number,
    allocationLength = 8192,
    options?: CommandOptions,
  ): Promise<CommandResult<Uint8Array>> {
    const cdb = persistentReserveInCdb(serviceAction, allocationLength);
    return this.#send(cdb, { dataInLength: allocationLength }, options, (data) => data);
  }

  persistentReserveOut(
    command: Omit<PersistentReserveOutCdb, 'parameterListLength'>,
    parameterList: Uint8Array,
    options?: CommandOptions,
  ): Promise<CommandResult<true>> {
    const cdb = persistentReserveOutCdb({ ...command, parameterListLength: parameterList.length });
    return this.#send(cdb, { dataOut: parameterList }, options, () => true);
  }

  async #send<T>(
    cdb: Uint8Array,
    data: { readonly dataOut?: Uint8Array; readonly dataInLength?: number },
    options: CommandOptions | undefined,
    decode: (dataIn: Uint8Array) => T | undefined,
  ): Promise<CommandResult<T>> {
    const result = await this.path.execute(cdb, { ...data, ...options });
    const good = result.status === SCSI_STATUS.good;
    return {
      ...result,
      good,
      senseData: decodeSense(result.sense),
      value: good ? decode(result.dataIn) : undefined,
    };
  }
}

const fitsTen = (lba: bigint, blocks: number): boolean =>
  blocks <= BLOCKS_10_MAX && lba + BigInt(blocks) - 1n <= LBA_10_MAX;

function capacityOf(
  of: typeof readCapacity10DataLayout | typeof readCapacity16DataLayout,
  data: Uint8Array,
): Capacity | undefined {
  if (data.length < of.lengthBytes) return undefined;
  const { returnedLogicalBlockAddress, logicalBlockLengthBytes } = of.decode(data);
  return { blocks: BigInt(returnedLogicalBlockAddress) + 1n, blockLengthBytes: logicalBlockLengthBytes };
}
