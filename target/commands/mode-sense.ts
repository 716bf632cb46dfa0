import {
  invalidFieldInCdb,
  MODE_PAGE,
  MODE_SUBPAGE,
  modeHeader10Layout,
  modeHeader6Layout,
  modeSense10CdbLayout,
  modeSense6CdbLayout,
  PAGE_CONTROL,
  SENSE_KEY,
  shortBlockDescriptorLayout,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, Verdict } from './command.js';
import { answerWith } from './data-in.js';
import type { ModePageId, ModePages } from './mode-pages.js';
import type { UnitDescription } from './unit-description.js';

interface ModeSenseCdb {
  readonly disableBlockDescriptors: number;
  readonly pageControl: number;
  readonly pageCode: number;
  readonly subpageCode: number;
  readonly allocationLength: number;
}

/** MODE SENSE(6) (SPC-4 6.13). */
export function modeSense6(task: Task, unit: CommandUnit): Verdict {
  const cdb = modeSense6CdbLayout.decode(task.cdb);
  const body = descriptorsAndPages(cdb, unit);
  if (!Array.isArray(body)) return body;
  const [descriptors, pages] = body;
  const header = modeHeader6Layout.toBytes({
    ...deviceSpecific(unit),
    modeDataLength: modeHeader6Layout.lengthBytes - 1 + descriptors.length + pages.length,
    blockDescriptorLength: descriptors.length,
  });
  return answerWith(task, Buffer.concat([header, descriptors, pages]), cdb.allocationLength);
}

/** MODE SENSE(10) (SPC-4 6.14). LLBAA only permits long block descriptors: short ones are returned. */
export function modeSense10(task: Task, unit: CommandUnit): Verdict {
  const cdb = modeSense10CdbLayout.decode(task.cdb);
  const body = descriptorsAndPages(cdb, unit);
  if (!Array.isArray(body)) return body;
  const [descriptors, pages] = body;
  const header = modeHeader10Layout.toBytes({
    ...deviceSpecific(unit),
    modeDataLength: modeHeader10Layout.lengthBytes - 2 + descriptors.length + pages.length,
    blockDescriptorLength: descriptors.length,
  });
  return answerWith(task, Buffer.concat([header, descriptors, pages]), cdb.allocationLength);
}

function deviceSpecific(unit: CommandUnit): { writeProtected: number; dpoFuaSupported: number } {
  return { writeProtected: unit.writeProtected ? 1 : 0, dpoFuaSupported: 1 };
}

/** The short LBA block descriptor of a logical unit (SBC-4). */
export function blockDescriptor(description: UnitDescription): Uint8Array {
  return shortBlockDescriptorLayout.toBytes({
    numberOfLogicalBlocks: Math.min(description.capacityBlocks, 0xffff_ffff),
    logicalBlockLengthBytes: description.blockLengthBytes,
  });
}

/** 05/39/00: no mode page can be saved. */
const savingParametersNotSupported = (): Sense => ({ key: SENSE_KEY.illegalRequest, asc: 0x39, ascq: 0x00 });

function descriptorsAndPages(cdb: ModeSenseCdb, unit: CommandUnit): [Uint8Array, Uint8Array] | Sense {
  if (cdb.pageControl === PAGE_CONTROL.saved && !unit.modePages.saveable) {
    return savingParametersNotSupported();
  }
  const chosen = chosenPages(cdb, unit.modePages);
  if (chosen.length === 0) {
    const isPage = unit.modePages.ids.some(({ pageCode }) => pageCode === cdb.pageCode);
    return isPage || cdb.pageCode === MODE_PAGE.all
      ? invalidFieldInCdb({ byte: modeSense6CdbLayout.offsetOf('subpageCode') })
      : invalidFieldInCdb(modeSense6CdbLayout.placeOf('pageCode'));
  }
  const pages = chosen.map((id) => pageOf(unit.modePages, id, cdb.pageControl) ?? new Uint8Array(0));
  const descriptors =
    cdb.disableBlockDescriptors === 1 ? new Uint8Array(0) : blockDescriptor(unit.description);
  return [descriptors, Buffer.concat(pages)];
}

/** SPC-4 6.13: one page, all of one page code, all in page_0 format, or all. */
function chosenPages({ pageCode, subpageCode }: ModeSenseCdb, { ids }: ModePages): readonly ModePageId[] {
  return ids.filter(
    (id) =>
      (pageCode === MODE_PAGE.all || id.pageCode === pageCode) &&
      (subpageCode === MODE_SUBPAGE.all || id.subpageCode === subpageCode) &&
      (pageCode !== MODE_PAGE.all || subpageCode === MODE_SUBPAGE.none || subpageCode === MODE_SUBPAGE.all),
  );
}

function pageOf(modePages: ModePages, id: ModePageId, pageControl: number): Uint8Array | undefined {
  if (pageControl === PAGE_CONTROL.changeable) return modePages.changeable(id);
  if (pageControl === PAGE_CONTROL.default) return modePages.defaults(id);
  if (pageControl === PAGE_CONTROL.saved) return modePages.saved(id);
  return modePages.current(id);
}
