import { beforeEach, describe, expect, it } from 'vitest';
import {
  controlExtensionModePageLayout,
  decodeModeParameters,
  MODE_PAGE,
  MODE_SUBPAGE,
  modeSelect6Cdb,
  modeSense6Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { ask, bench, told } from '../logical-unit/bench.js';

const HEADER_BYTES = 4;
let node: LogicalUnitPath;
beforeEach(async () => {
  node = await bench().node('node');
});

const sense = async (pageCode: number, subpageCode: number, pageControl = 0): Promise<Buffer> => {
  const cdb = modeSense6Cdb({
    pageCode,
    subpageCode,
    pageControl,
    disableBlockDescriptors: 1,
    allocationLength: 255,
  });
  return Buffer.from((await node.execute(cdb, { dataInLength: 255 })).dataIn);
};

const select = async (page: Uint8Array): Promise<string> => {
  const list = Buffer.concat([Buffer.alloc(HEADER_BYTES), page]);
  const cdb = modeSelect6Cdb({ pageFormat: 1, parameterListLength: list.length });
  return told(await node.execute(cdb, { dataOut: list }));
};

/** Page code and subpage code of each page that came. */
function pagesIn(bytes: Buffer): number[][] {
  const found: number[][] = [];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const first = bytes.readUInt8(at);
    const isSubpage = (first & 0x40) !== 0;
    found.push([first & 0x3f, isSubpage ? bytes.readUInt8(at + 1) : 0]);
    at += isSubpage ? 4 + bytes.readUInt16BE(at + 2) : 2 + bytes.readUInt8(at + 1);
  }
  return found;
}

describe('Mode pages in sub_page format (SPC-4 6.13, 7.5.7)', () => {
  it('the Control Extension page tells that implicit ALUA is on', async () => {
    const page = (await sense(MODE_PAGE.control, MODE_SUBPAGE.controlExtension)).subarray(HEADER_BYTES);
    expect(page.subarray(0, 5).toString('hex')).toBe('4a01001c01');
    expect(page.length).toBe(controlExtensionModePageLayout.lengthBytes);
    const changeable = await sense(MODE_PAGE.control, MODE_SUBPAGE.controlExtension, 1);
    expect(changeable.subarray(HEADER_BYTES + 4)).toEqual(Buffer.alloc(28));
  });

  it('3Fh is all pages, 3Fh/FFh with subpages, 0Ah/FFh all of one code', async () => {
    const { caching, control, informationalExceptionsControl: exceptions, all } = MODE_PAGE;
    const [extension, every] = [MODE_SUBPAGE.controlExtension, MODE_SUBPAGE.all];
    expect(pagesIn(await sense(all, 0))).toEqual([
      [caching, 0],
      [control, 0],
      [exceptions, 0],
    ]);
    const whole = [
      [caching, 0],
      [control, 0],
      [control, extension],
      [exceptions, 0],
    ];
    expect(pagesIn(await sense(all, every))).toEqual(whole);
    expect(pagesIn(await sense(control, every))).toEqual([
      [control, 0],
      [control, extension],
    ]);
    expect(pagesIn(await sense(caching, every))).toEqual([[caching, 0]]);
    const read = decodeModeParameters(await sense(all, every), 6);
    expect([...(read?.pages.keys() ?? [])]).toEqual([caching, control, exceptions]);
    expect(await ask(node, modeSense6Cdb({ pageCode: all, subpageCode: extension }))).toBe('05/24/00 cdb 3');
    expect(await ask(node, modeSense6Cdb({ pageCode: 0x02, subpageCode: every }))).toBe('05/24/00 cdb 2.5');
  });

  it('MODE SELECT takes the page as it is, and points at what may not change', async () => {
    const page = (await sense(MODE_PAGE.control, MODE_SUBPAGE.controlExtension)).subarray(HEADER_BYTES);
    expect(await select(page)).toBe('GOOD');
    const changed = Buffer.from(page);
    changed.writeUInt8(0, 4);
    expect(await select(changed)).toBe('05/26/00 parameterList 8.0');
    const short = Buffer.from(page);
    short.writeUInt16BE(0x1b, 2);
    expect(await select(short)).toBe('05/26/00 parameterList 6');
    expect(await select(page.subarray(0, 3))).toBe('05/1a/00');
    expect(await select(page.subarray(0, 31))).toBe('05/1a/00');
    // SPF=1 with a page that is in page_0 format, and a subpage that is not there.
    expect(await select(Buffer.from('4a00000a' + '00'.repeat(10), 'hex'))).toBe('05/26/00 parameterList 4.6');
    expect(await select(Buffer.from('4a02001c' + '00'.repeat(28), 'hex'))).toBe('05/26/00 parameterList 4.6');
  });
});
