import {
  invalidFieldInCdb,
  invalidFieldInParameterList,
  MODE_SUBPAGE,
  modeHeader10Layout,
  modeHeader6Layout,
  modeSelect10CdbLayout,
  modeSelect6CdbLayout,
  parameterListLengthError,
  shortBlockDescriptorLayout,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, Verdict } from './command.js';
import { headerBytes, type ModePages, type ModePageValue } from './mode-pages.js';
import type { UnitDescription } from './unit-description.js';

type CdbLayout = typeof modeSelect6CdbLayout | typeof modeSelect10CdbLayout;
type HeaderLayout = typeof modeHeader6Layout | typeof modeHeader10Layout;

/** MODE SELECT before its parameter list: PF=0 is for pages of an unknown format. */
function admit(cdbLayout: CdbLayout): (task: Task, unit: CommandUnit) => Sense | null {
  return (task, { modePages }) => {
    const cdb = cdbLayout.decode(task.cdb);
    if (cdb.savePages === 1 && !modePages.saveable) return invalidFieldInCdb(cdbLayout.placeOf('savePages'));
    if (cdb.pageFormat === 0) return invalidFieldInCdb(cdbLayout.placeOf('pageFormat'));
    task.dataOutWantedBytes = cdb.parameterListLength;
    return null;
  };
}

export const admitModeSelect6 = admit(modeSelect6CdbLayout);
export const admitModeSelect10 = admit(modeSelect10CdbLayout);
export const modeSelect6 = modeSelect(modeSelect6CdbLayout, modeHeader6Layout);
export const modeSelect10 = modeSelect(modeSelect10CdbLayout, modeHeader10Layout);

/** All pages of the list take effect, or none does (SPC-4 6.11). */
function modeSelect(
  cdbLayout: CdbLayout,
  headerLayout: HeaderLayout,
): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const save = cdbLayout.decode(task.cdb).savePages === 1;
    // SPC-4 6.11: a length of zero transfers nothing and is no error.
    if (task.dataOutWantedBytes === 0) return unit.modeSelection.select(task, [], save);
    if (task.dataOut.length < task.dataOutWantedBytes) return parameterListLengthError();
    const list = Buffer.from(task.dataOut.subarray(0, task.dataOutWantedBytes));
    if (list.length < headerLayout.lengthBytes) return parameterListLengthError();
    const { blockDescriptorLength, mediumType } = headerLayout.decode(list);
    if (mediumType !== 0) return invalidFieldInParameterList({ byte: headerLayout.offsetOf('mediumType') });
    const pagesAt = headerLayout.lengthBytes + blockDescriptorLength;
    if (list.length < pagesAt) return parameterListLengthError();
    const problem = blockDescriptorProblem(list.subarray(0, pagesAt), headerLayout, unit.description);
    if (problem !== null) return problem;
    const pages = readPages(list, pagesAt, unit.modePages);
    return Array.isArray(pages) ? unit.modeSelection.select(task, pages, save) : pages;
  };
}

/** The block descriptor may only say what is so, or NUMBER OF LOGICAL BLOCKS 0 (SBC-4). */
function blockDescriptorProblem(
  list: Buffer,
  headerLayout: HeaderLayout,
  { capacityBlocks, blockLengthBytes }: UnitDescription,
): Sense | null {
  const at = headerLayout.lengthBytes;
  if (list.length === at) return null;
  if (list.length !== at + shortBlockDescriptorLayout.lengthBytes) {
    return invalidFieldInParameterList({ byte: headerLayout.offsetOf('blockDescriptorLength') });
  }
  const descriptor = shortBlockDescriptorLayout.decode(list, at);
  const blocks = descriptor.numberOfLogicalBlocks;
  if (blocks !== 0 && blocks !== Math.min(capacityBlocks, 0xffff_ffff)) {
    return invalidFieldInParameterList({ byte: at });
  }
  if (descriptor.logicalBlockLengthBytes !== blockLengthBytes)
    return invalidFieldInParameterList({ byte: at + 5 });
  return null;
}

/** The pages of the list, in its order; a later one of the same code wins. */
function readPages(list: Buffer, start: number, modePages: ModePages): ModePageValue[] | Sense {
  const pages: ModePageValue[] = [];
  let at = start;
  while (at < list.length) {
    if (at + 2 > list.length) return parameterListLengthError();
    const isSubpage = (list.readUInt8(at) & SUBPAGE_FORMAT) !== 0;
    const header = headerBytes(isSubpage);
    if (at + header > list.length) return parameterListLengthError();
    const id = {
      pageCode: list.readUInt8(at) & 0x3f,
      subpageCode: isSubpage ? list.readUInt8(at + 1) : MODE_SUBPAGE.none,
    };
    const before = modePages.current(id);
    const changeable = modePages.changeable(id);
    if (
      before === undefined ||
      changeable === undefined ||
      isSubpage !== (id.subpageCode !== MODE_SUBPAGE.none)
    )
      return invalidFieldInParameterList({ byte: at, bit: isSubpage ? 6 : 5 });
    const length = isSubpage ? list.readUInt16BE(at + 2) : list.readUInt8(at + 1);
    if (length !== before.length - header)
      return invalidFieldInParameterList({ byte: at + (isSubpage ? 2 : 1) });
    if (at + before.length > list.length) return parameterListLengthError();
    const page = list.subarray(at, at + before.length);
    const problem = unchangeableProblem(page, before, changeable, { at, header });
    if (problem !== null) return problem;
    const bytes = Uint8Array.from(page);
    // PS is reserved here (SPC-4 7.5.7): whatever came, the page can be saved or not.
    bytes.set(before.subarray(0, header));
    pages.push({ ...id, bytes });
    at += before.length;
  }
  return pages;
}

const SUBPAGE_FORMAT = 0x40;

/** Points at the first bit that differs and may not (SPC-4 6.11). */
function unchangeableProblem(
  page: Uint8Array,
  before: Uint8Array,
  changeable: Uint8Array,
  { at, header }: { readonly at: number; readonly header: number },
): Sense | null {
  for (let i = header; i < page.length; i++) {
    const wrong = ((page[i] ?? 0) ^ (before[i] ?? 0)) & ~(changeable[i] ?? 0) & 0xff;
    if (wrong !== 0) return invalidFieldInParameterList({ byte: at + i, bit: 31 - Math.clz32(wrong) });
  }
  return null;
}
