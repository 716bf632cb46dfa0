import { createHash } from 'node:crypto';
import {
  ASSOCIATION,
  naaDesignator,
  relativeTargetPortDesignator,
  scsiNameStringDesignator,
  t10VendorIdDesignator,
  targetPortGroupDesignator,
} from '../../protocol/index.js';
import type { ResizableDescription, TargetPortGroup } from '../commands/unit-description.js';
import { CAPACITY_BYTES_MAX } from '../medium/limits.js';
import type { Medium } from '../medium/medium.js';
import type { LogicalUnitOptions } from '../options.js';

const BLOCK_LENGTH_BYTES_DEFAULT = 512;

export interface TargetIdentity {
  readonly iqn: string;
  readonly targetPortGroups: readonly TargetPortGroup[];
}

/** What a logical unit tells of itself. Throws where the options contradict each other or the medium. */
export function describeUnit(
  options: LogicalUnitOptions,
  medium: Medium,
  target: TargetIdentity,
): ResizableDescription {
  const blockLengthBytes = options.blockLengthBytes ?? BLOCK_LENGTH_BYTES_DEFAULT;
  const physicalBlockExponent = Math.log2(
    (options.physicalBlockLengthBytes ?? blockLengthBytes) / blockLengthBytes,
  );
  if (!Number.isInteger(physicalBlockExponent) || physicalBlockExponent < 0) {
    throw new RangeError(
      `LUN ${options.lun}: physical block length ${options.physicalBlockLengthBytes ?? 0}: expected a power-of-two ` +
        `multiple of the block length ${blockLengthBytes}`,
    );
  }
  const capacityBlocks = Math.floor(medium.sizeBytes / blockLengthBytes);
  if (capacityBlocks === 0) {
    throw new RangeError(
      `LUN ${options.lun}: ${medium.sizeBytes} bytes: expected at least one block of ${blockLengthBytes}`,
    );
  }
  if (medium.sizeBytes > CAPACITY_BYTES_MAX) {
    throw new RangeError(
      `LUN ${options.lun}: ${medium.sizeBytes} bytes: expected at most ${CAPACITY_BYTES_MAX}`,
    );
  }
  const identity = identityOf(options, target.iqn);
  const vendor = options.vendor ?? 'FENCELAB';
  return {
    lun: options.lun,
    blockLengthBytes,
    capacityBlocks,
    physicalBlockExponent,
    thin: options.thin ?? false,
    removable: options.removable ?? false,
    persistentReservations: options.nopr !== true,
    sanitizeSeconds: options.sanitizeSeconds ?? null,
    volatileCache: medium.kind === 'asynchronous',
    // A write to a file can be torn.
    atomicWrites: medium.kind === 'synchronous',
    vendor,
    product: options.product ?? 'VIRTUAL DISK',
    revision: options.revision ?? '0001',
    serial: identity.serial,
    designators: [
      naaDesignator(Buffer.from(identity.naa, 'hex')),
      t10VendorIdDesignator(vendor, identity.serial),
      // SPC-4 4.4.1 with RFC 7143 4.2.7: an iSCSI name, `L` and the identifier of the logical unit.
      scsiNameStringDesignator(ASSOCIATION.logicalUnit, `${target.iqn},L,0x${identity.naa}`),
      scsiNameStringDesignator(ASSOCIATION.targetDevice, target.iqn),
    ],
    portDesignators: (port) => [
      relativeTargetPortDesignator(port),
      ...target.targetPortGroups
        .filter(({ relativeTargetPortIds }) => relativeTargetPortIds.includes(port))
        .map(({ targetPortGroup }) => targetPortGroupDesignator(targetPortGroup)),
      scsiNameStringDesignator(
        ASSOCIATION.targetPort,
        `${target.iqn},t,0x${port.toString(16).padStart(4, '0')}`,
      ),
    ],
    targetPortGroups: target.targetPortGroups,
  };
}

/** The same at every start: derived from the target's name and the LUN, unless configured. */
function identityOf(options: LogicalUnitOptions, iqn: string): { serial: string; naa: string } {
  const digest = createHash('sha256').update(`${iqn},${options.lun}`).digest('hex');
  return {
    serial: options.serial ?? digest.slice(0, 16),
    // NAA 3h, locally assigned: 60 bits of our own (SPC-4 7.8.6.6).
    naa: options.naa ?? `3${digest.slice(16, 31)}`,
  };
}
