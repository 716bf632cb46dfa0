import {
  decodeSense,
  inquiryCdb,
  modeSense6Cdb,
  persistentReserveInCdb,
  persistentReserveOutCdb,
  read10Cdb,
  read16Cdb,
  readCapacity10Cdb,
  readCapacity16Cdb,
  readLun,
  reportLunsCdb,
  requestSenseCdb,
  SCSI_STATUS,
  synchronizeCache10Cdb,
  synchronizeCache16Cdb,
  testUnitReadyCdb,
  write10Cdb,
  write16Cdb,
  type LogicalUnitPath,
  type PersistentReserveOutCdb,
  type ScsiResult,
  type Sense,
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

export interface StandardInquiry {
  readonly peripheralQualifier: number;
  readonly peripheralDeviceType: number;
  readonly removable: boolean;
  readonly version: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
}

const DATA_LENGTH_BYTES = 0xff;
const REPORT_LUNS_LENGTH_BYTES = 8 + 8 * 1024;
const READ_CAPACITY_10_LENGTH_BYTES = 8;
const READ_CAPACITY_16_LENGTH_BYTES = 32;
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
    return this.#send(cdb, { dataInLength: DATA_LENGTH_BYTES }, options, decodeStandardInquiry);
  }

  /** A VPD page as it came, header included; undefined where another page or a cut one came. */
  vpdPage(pageCode: number, options?: CommandOptions): Promise<CommandResult<Uint8Array>> {
    const allocationLength = 0xffff;
    const cdb = inquiryCdb({ enableVitalProductData: 1, pageCode, allocationLength });
    return this.#send(cdb, { dataInLength: allocationLength }, options, (data) => {
      if (data.length < 4 || data[1] !== pageCode) return undefined;
      const length = 4 + Buffer.from(data.buffer, data.byteOffset, 4).readUInt16BE(2);
      return length <= data.length ? data.subarray(0, length) : undefined;
    });
  }

  readCapacity10(options?: CommandOptions): Promise<CommandResult<Capacity>> {
    return this.#send(
      readCapacity10Cdb(),
      { dataInLength: READ_CAPACITY_10_LENGTH_BYTES },
      options,
      (data) => {
        if (data.length < READ_CAPACITY_10_LENGTH_BYTES) return undefined;
        const bytes = bufferOf(data);
        return { blocks: BigInt(bytes.readUInt32BE(0)) + 1n, blockLengthBytes: bytes.readUInt32BE(4) };
      },
    );
  }

  readCapacity16(options?: CommandOptions): Promise<CommandResult<Capacity>> {
    const allocationLength = READ_CAPACITY_16_LENGTH_BYTES;
    return this.#send(
      readCapacity16Cdb({ allocationLength }),
      { dataInLength: allocationLength },
      options,
      (data) => {
        if (data.length < 12) return undefined;
        const bytes = bufferOf(data);
        return { blocks: bytes.readBigUInt64BE(0) + 1n, blockLengthBytes: bytes.readUInt32BE(8) };
      },
    );
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
    return this.#send(cdb, { dataInLength: REPORT_LUNS_LENGTH_BYTES }, options, decodeReportLuns);
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

const bufferOf = (data: Uint8Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.length);

function decodeStandardInquiry(data: Uint8Array): StandardInquiry | undefined {
  if (data.length < 36) return undefined;
  const text = (from: number, to: number): string => bufferOf(data).toString('latin1', from, to).trimEnd();
  const [first = 0, second = 0, version = 0] = data;
  return {
    peripheralQualifier: first >> 5,
    peripheralDeviceType: first & 0x1f,
    removable: (second & 0x80) !== 0,
    version,
    vendor: text(8, 16),
    product: text(16, 32),
    revision: text(32, 36),
  };
}

function decodeReportLuns(data: Uint8Array): readonly number[] | undefined {
  if (data.length < 8) return undefined;
  const end = Math.min(data.length, 8 + bufferOf(data).readUInt32BE(0));
  const luns: number[] = [];
  for (let offset = 8; offset + 8 <= end; offset += 8) {
    const lun = readLun(data, offset);
    if (lun >= 0) luns.push(lun);
  }
  return luns;
}
