import { randomBytes } from 'node:crypto';
import { BlockDevice, LogicalUnit } from '../../../initiator/index.js';
import type { ArrayModel } from '../../cluster/model.js';
import { RECORD_LENGTH_BYTES } from '../../oracle/types.js';
import { pastAttentions } from '../application.js';
import type { PlayedArray } from '../processes/socket-array.js';
import type { ArrayDescription } from './array-description.js';
import { TargetRefusedError, type ExternalLun } from './external-lun.js';
import { findWhatIsLacking } from './reservations.js';

/** An array that nobody here wrote, found fit to play scenarios on. */
export interface ArrayThatIsThere {
  readonly description: ArrayDescription;
  /** Makes the LUNs of a scenario blank for it; the array leaves them without registrations when it is closed. */
  arrayFor(array: ArrayModel): Promise<PlayedArray>;
}

/**
 * Looks at every LUN before it changes the first: a disk, long enough, free or, with `force`, cleared. Then sees by a
 * block that each LUN is one of its own and the same by every way. Throws DeviceOpenError or TargetRefusedError.
 */
export async function examine(
  luns: readonly ExternalLun[],
  force: boolean,
): Promise<Pick<ArrayDescription, 'vendor' | 'product' | 'revision' | 'lacks'>> {
  for (const lun of luns) {
    await lun.use(async (path) => {
      await lun.checkMedium(path);
      if (!force) await lun.checkFree(path, false);
    });
  }
  if (force) await clearAll(luns);
  await checkTheyAreOneEach(luns);
  return describe(luns);
}

/** Zeroes the blocks of free LUNs. Throws TargetRefusedError where somebody has registered meanwhile. */
export async function makeBlank(luns: readonly ExternalLun[]): Promise<void> {
  for (const lun of luns) {
    await lun.use(async (path) => {
      await lun.checkFree(path, false);
      await lun.zero(path);
    });
  }
}

/** Clears what is registered or reserved. */
export async function clearAll(luns: readonly ExternalLun[]): Promise<void> {
  for (const lun of luns) await lun.use((path) => lun.checkFree(path, true));
}

/** Each LUN gets a block of its own by its first way, which every way must then show. */
async function checkTheyAreOneEach(luns: readonly ExternalLun[]): Promise<void> {
  const marks = luns.map((lun) => ({ lun, mark: randomBytes(RECORD_LENGTH_BYTES) }));
  for (const { lun, mark } of marks) await lun.use((path) => new BlockDevice(path).write(0n, mark));
  for (const { lun, mark } of marks) {
    for (const way of lun.ways) {
      const seen = await lun.use((path) => new BlockDevice(path).read(0n, 1), way);
      if (seen.equals(mark)) continue;
      throw new TargetRefusedError(
        `${lun.name}: through ${way.name} another medium is seen, expected a LUN of its own, the same through every way`,
      );
    }
  }
}

async function describe(
  luns: readonly ExternalLun[],
): Promise<Pick<ArrayDescription, 'vendor' | 'product' | 'revision' | 'lacks'>> {
  const [first] = luns;
  if (first === undefined) throw new Error('no LUN is given');
  return first.use(async (path) => {
    const { value } = await pastAttentions(() => new LogicalUnit(path).inquiry());
    const word = (text = ''): string => text.trim();
    return {
      vendor: word(value?.vendor),
      product: word(value?.product),
      revision: word(value?.revision),
      lacks: await findWhatIsLacking(path),
    };
  });
}
