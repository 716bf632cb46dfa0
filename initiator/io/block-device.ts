import { setTimeout as delay } from 'node:timers/promises';
import {
  blockLimitsLayout,
  inquiryCdb,
  read10Cdb,
  read16Cdb,
  readCapacity16Cdb,
  readCapacity16DataLayout,
  SCSI_STATUS,
  synchronizeCache16Cdb,
  vpdHeaderLayout,
  write10Cdb,
  write16Cdb,
} from '../../protocol/index.js';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { unitAttentionOf } from '../devices/attach.js';
import { BLOCK_BUSY_PAUSE_MS, BLOCK_RETRIES_MAX, BLOCK_TRANSFER_BYTES_MAX } from '../limits.js';
import { BlockIoError, describeResult, ReservationConflictError } from './errors.js';

export interface BlockCapacity {
  readonly blocks: bigint;
  readonly blockLengthBytes: number;
}

export interface BlockDeviceOptions {
  /** For each command. */
  readonly timeoutMs?: number;
  /** Waits before a command that met a busy device goes again. Default a timer. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * The block layer of a node: reads and writes by LBA, with a node's rules about what is sent again. RESERVATION
 * CONFLICT is final (ReservationConflictError). A command that meets 06/2A/xx goes once more, other unit attentions,
 * BUSY, TASK SET FULL and TASK ABORTED a few times, as under Linux's sd. Anything else is BlockIoError with EIO.
 */
export class BlockDevice {
  readonly #path: LogicalUnitPath;
  readonly #options: BlockDeviceOptions;
  #geometry: Promise<{ capacity: BlockCapacity; transferBlocksMax: number }> | undefined;

  constructor(path: LogicalUnitPath, options: BlockDeviceOptions = {}) {
    this.#path = path;
    this.#options = options;
  }

  /** READ CAPACITY(16); asked once. */
  async readCapacity(): Promise<BlockCapacity> {
    return (await this.#geometryOnce()).capacity;
  }

  /** Reads `blocks` blocks from `lba`. */
  async read(lba: bigint, blocks: number): Promise<Buffer> {
    const { capacity, transferBlocksMax } = await this.#geometryOnce();
    const pieces: Uint8Array[] = [];
    for (let done = 0; done < blocks; done += transferBlocksMax) {
      const count = Math.min(transferBlocksMax, blocks - done);
      const at = lba + BigInt(done);
      const dataInLength = count * capacity.blockLengthBytes;
      const result = await this.#execute(`read ${place(at, count)}`, readCdb(at, count), { dataInLength });
      if (result.dataIn.length !== dataInLength) {
        const short = `read ${place(at, count)}: ${result.dataIn.length} of ${dataInLength} bytes came`;
        throw new BlockIoError('EIO', short, result);
      }
      pieces.push(result.dataIn);
    }
    return Buffer.concat(pieces);
  }

  /** Writes whole blocks from `lba`; resolves when the device acknowledged all of them. */
  async write(lba: bigint, data: Uint8Array): Promise<void> {
    const { capacity, transferBlocksMax } = await this.#geometryOnce();
    const { blockLengthBytes } = capacity;
    if (data.length % blockLengthBytes !== 0) {
      throw new RangeError(`${data.length} bytes are no whole number of ${blockLengthBytes}-byte blocks`);
    }
    const blocks = data.length / blockLengthBytes;
    for (let done = 0; done < blocks; done += transferBlocksMax) {
      const count = Math.min(transferBlocksMax, blocks - done);
      const at = lba + BigInt(done);
      const dataOut = data.subarray(done * blockLengthBytes, (done + count) * blockLengthBytes);
      await this.#execute(`write ${place(at, count)}`, writeCdb(at, count), { dataOut });
    }
  }

  /** SYNCHRONIZE CACHE(16) over the whole medium. */
  async flush(): Promise<void> {
    await this.#execute('flush', synchronizeCache16Cdb({}), {});
  }

  close(): Promise<void> {
    return this.#path.close();
  }

  #geometryOnce(): Promise<{ capacity: BlockCapacity; transferBlocksMax: number }> {
    if (this.#geometry === undefined) {
      this.#geometry = this.#readGeometry();
      // A failure is not kept: the device may be ready at the next attempt.
      this.#geometry.catch(() => (this.#geometry = undefined));
    }
    return this.#geometry;
  }

  async #readGeometry(): Promise<{ capacity: BlockCapacity; transferBlocksMax: number }> {
    const length = readCapacity16DataLayout.lengthBytes;
    const cdb = readCapacity16Cdb({ allocationLength: length });
    const result = await this.#execute('read capacity', cdb, { dataInLength: length });
    if (result.dataIn.length < length) {
      throw new BlockIoError('EIO', `read capacity: ${result.dataIn.length} bytes came`, result);
    }
    const data = readCapacity16DataLayout.decode(result.dataIn);
    const capacity = {
      blocks: data.returnedLogicalBlockAddress + 1n,
      blockLengthBytes: data.logicalBlockLengthBytes,
    };
    const ours = Math.max(1, Math.floor(BLOCK_TRANSFER_BYTES_MAX / capacity.blockLengthBytes));
    const theirs = await this.#maximumTransferBlocks();
    return { capacity, transferBlocksMax: theirs === 0 ? ours : Math.min(ours, theirs) };
  }

  /** MAXIMUM TRANSFER LENGTH of the Block Limits page (SBC-4 6.6.4); 0: no limit is reported. */
  async #maximumTransferBlocks(): Promise<number> {
    const length = VPD_HEADER_BYTES + blockLimitsLayout.lengthBytes;
    const cdb = inquiryCdb({ enableVitalProductData: 1, pageCode: 0xb0, allocationLength: length });
    const { status, dataIn } = await this.#path.execute(cdb, { dataInLength: length });
    if (status !== SCSI_STATUS.good) return 0;
    const page = new Uint8Array(length);
    page.set(dataIn.subarray(0, length));
    return blockLimitsLayout.decode(page, VPD_HEADER_BYTES).maximumTransferLength;
  }

  async #execute(what: string, cdb: Uint8Array, options: ExecuteOptions): Promise<ScsiResult> {
    const { timeoutMs } = this.#options;
    const full = timeoutMs === undefined ? options : { ...options, timeoutMs };
    let reservationAttentions = 0;
    for (let attempt = 0; ; attempt++) {
      const result = await this.#path.execute(cdb, full);
      if (result.status === SCSI_STATUS.good || result.status === SCSI_STATUS.conditionMet) return result;
      if (result.status === SCSI_STATUS.reservationConflict) {
        throw new ReservationConflictError(what, result);
      }
      const attention = unitAttentionOf(result);
      if (attention?.asc === 0x2a) reservationAttentions += 1;
      if (attempt === BLOCK_RETRIES_MAX || reservationAttentions > 1 || !goesAgain(result)) {
        throw new BlockIoError('EIO', `${what}: ${describeResult(result)}`, result);
      }
      if (attention === undefined) await (this.#options.pause ?? delay)(BLOCK_BUSY_PAUSE_MS);
    }
  }
}

const VPD_HEADER_BYTES = vpdHeaderLayout.lengthBytes;

function goesAgain(result: ScsiResult): boolean {
  return (
    unitAttentionOf(result) !== undefined ||
    result.status === SCSI_STATUS.busy ||
    result.status === SCSI_STATUS.taskSetFull ||
    result.status === SCSI_STATUS.taskAborted
  );
}

/** Beyond it a (10) command cannot address; its TRANSFER LENGTH always suffices (BLOCK_TRANSFER_BYTES_MAX). */
const READ_WRITE_10_END = 0x1_0000_0000n;

function readCdb(lba: bigint, blocks: number): Uint8Array {
  return lba + BigInt(blocks) <= READ_WRITE_10_END
    ? read10Cdb({ logicalBlockAddress: Number(lba), transferLength: blocks })
    : read16Cdb({ logicalBlockAddress: lba, transferLength: blocks });
}

function writeCdb(lba: bigint, blocks: number): Uint8Array {
  return lba + BigInt(blocks) <= READ_WRITE_10_END
    ? write10Cdb({ logicalBlockAddress: Number(lba), transferLength: blocks })
    : write16Cdb({ logicalBlockAddress: lba, transferLength: blocks });
}

const place = (lba: bigint, blocks: number): string =>
  `${blocks} block${blocks === 1 ? '' : 's'} at LBA ${lba}`;
