import {
  invalidFieldInCdb,
  readCapacity10DataLayout,
  readCapacity16CdbLayout,
  readCapacity16DataLayout,
  returnedLogicalBlockAddress10,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, Verdict } from './command.js';
import { answerWith } from './data-in.js';

const LBA_BYTE = 2;

/** READ CAPACITY(10) (SBC-4). With PMI obsolete, the LBA must be zero. */
export function readCapacity10(task: Task, { description }: CommandUnit): Verdict {
  if (task.cdb.readUInt32BE(LBA_BYTE) !== 0) return invalidFieldInCdb({ byte: LBA_BYTE });
  const data = readCapacity10DataLayout.toBytes({
    returnedLogicalBlockAddress: returnedLogicalBlockAddress10(description.capacityBlocks - 1),
    logicalBlockLengthBytes: description.blockLengthBytes,
  });
  return answerWith(task, data, data.length);
}

/** READ CAPACITY(16) (SBC-4). */
export function readCapacity16(task: Task, { description }: CommandUnit): Verdict {
  const cdb = readCapacity16CdbLayout.decode(task.cdb);
  if (cdb.logicalBlockAddress !== 0n) return invalidFieldInCdb({ byte: LBA_BYTE });
  const thin = description.thin ? 1 : 0;
  const data = readCapacity16DataLayout.toBytes({
    returnedLogicalBlockAddress: BigInt(description.capacityBlocks - 1),
    logicalBlockLengthBytes: description.blockLengthBytes,
    logicalBlocksPerPhysicalBlockExponent: description.physicalBlockExponent,
    logicalBlockProvisioningManagementEnabled: thin,
    logicalBlockProvisioningReadZeros: thin,
  });
  return answerWith(task, data, cdb.allocationLength);
}
