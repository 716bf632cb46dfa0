import {
  invalidFieldInCdb,
  MODE_PAGE,
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
const SUBPAGE = { none: 0x00, all: 0xff } as const;

function descriptorsAndPages(cdb: ModeSenseCdb, unit: CommandUnit): [Uint8Array, Uint8Array] | Sense {
  if (cdb.pageControl === PAGE_CONTROL.saved) return savingParametersNotSupported();
  const all = cdb.pageCode === MODE_PAGE.all;
  if (cdb.subpageCode !== SUBPAGE.none && !(all && cdb.subpageCode === SUBPAGE.all)) {
    return invalidFieldInCdb({ byte: modeSense6CdbLayout.offsetOf('subpageCode') });
  }
  const pages: Uint8Array[] = [];
  for (const pageCode of all ? unit.modePages.pageCodes : [cdb.pageCode]) {
    const page = pageOf(unit, pageCode, cdb.pageControl);
    if (page === undefined) return invalidFieldInCdb(modeSense6CdbLayout.placeOf('pageCode'));
    pages.push(page);
  }
  const descriptors =
    cdb.disableBlockDescriptors === 1 ? new Uint8Array(0) : blockDescriptor(unit.description);
  return [descriptors, Buffer.concat(pages)];
}

function pageOf({ modePages }: CommandUnit, pageCode: number, pageControl: number): Uint8Array | undefined {
  if (pageControl === PAGE_CONTROL.changeable) return modePages.changeable(pageCode);
  if (pageControl === PAGE_CONTROL.default) return modePages.defaults(pageCode);
  return modePages.current(pageCode);
}
