import { describe, expect, it } from 'vitest';
import { inquiryCdb, VPD_PAGE, type LogicalUnitPath } from '../../../protocol/index.js';
import { bench, nexusOf, told, unit } from '../logical-unit/bench.js';

// Commands as their initiators send them, byte for byte; docs/initiators.md says where each was read.

/** What is asked, its CDB, and what must come: GOOD with so many bytes of data, or sense data. */
type Probe = readonly [asked: string, cdb: string, answer: number | string];

const cdbOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

async function answersOf(path: LogicalUnitPath, probes: readonly Probe[]): Promise<readonly Probe[]> {
  const answers: Probe[] = [];
  for (const [asked, cdb] of probes) {
    const result = await path.execute(cdbOf(cdb), { dataInLength: 4096 });
    const word = told(result);
    answers.push([asked, cdb, word === 'GOOD' ? result.dataIn.length : word]);
  }
  return answers;
}

/** Linux: scsi_probe_lun, scsi_attach_vpd, scsi_report_lun_scan, then sd_revalidate_disk. */
const LINUX: readonly Probe[] = [
  ['INQUIRY', '12 00 00 00 24 00', 36],
  ['INQUIRY, as long as the first said', '12 00 00 00 4A 00', 74],
  ['page 00h, at most 32 pages', '12 01 00 00 24 00', 14],
  ['page 80h, its header', '12 01 80 00 04 00', 4],
  ['page 80h', '12 01 80 00 14 00', 20],
  ['page 83h, its header', '12 01 83 00 04 00', 4],
  ['page 83h', '12 01 83 00 FF 00', 196],
  ['page B0h, its header', '12 01 B0 00 04 00', 4],
  ['page B0h', '12 01 B0 00 40 00', 64],
  ['page B1h', '12 01 B1 00 40 00', 64],
  ['page B2h', '12 01 B2 00 08 00', 8],
  ['REPORT LUNS', 'A0 00 00 00 00 00 00 00 10 00 00 00', 16],
  ['TEST UNIT READY, the first command that an attention disturbs', '00 00 00 00 00 00', '06/29/00'],
  ['TEST UNIT READY', '00 00 00 00 00 00', 0],
  ['READ CAPACITY(16)', '9E 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00', 32],
  ['MODE SENSE(6), whether writing is allowed', '1A 00 3F 00 04 00', 4],
  ['Caching page, its header', '1A 00 08 00 04 00', 4],
  ['Caching page', '1A 00 08 00 20 00', 32],
  ['IO Advice Hints Grouping page, which is not there', '5A 08 0A 05 00 00 00 02 00 00', '05/24/00 cdb 3'],
  ['whether there is INQUIRY', 'A3 0C 01 12 00 00 00 00 02 00 00 00', 10],
  ['whether there is WRITE SAME(16)', 'A3 0C 01 93 00 00 00 00 02 00 00 00', 20],
  ['whether there is WRITE SAME(10)', 'A3 0C 01 41 00 00 00 00 02 00 00 00', 14],
];

/** scsi_dh_alua of Linux, and the prioritizer and checkers of multipath-tools. */
const MULTIPATH: readonly Probe[] = [
  ['target port groups, extended header', 'A3 2A 00 00 00 00 00 00 00 80 00 00', 32],
  ['target port groups', 'A3 0A 00 00 00 00 00 00 00 80 00 00', 28],
  ['tur', '00 00 00 00 00 00', 0],
  ['readsector0', '28 00 00 00 00 00 00 00 01 00', 512],
  ['the serial number', '12 01 80 00 24 00', 20],
];

/** scsi-block and scsi-generic of QEMU before a guest runs. */
const QEMU_PASS_THROUGH: readonly Probe[] = [
  ['INQUIRY', '12 00 00 00 24 00', 36],
  ['page 83h', '12 01 83 00 FA 00', 196],
  ['page 00h', '12 01 00 00 FA 00', 14],
];

/** Thin Provisioning SCSI Compliance Test of the Windows hardware certification kit. */
const WINDOWS: readonly Probe[] = [
  ['page B0h', '12 01 B0 00 FF 00', 64],
  ['page B2h', '12 01 B2 00 FF 00', 8],
  ['LOG SENSE, which is not there', '4D 00 4C 00 00 00 00 00 FF 00', '05/20/00 cdb 0'],
  ['GET LBA STATUS', '9E 12 00 00 00 00 00 00 00 00 00 00 00 18 00 00', 24],
  ['READ CAPACITY(16)', '9E 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00', 32],
];

const TWO_GROUPS = [
  { targetPortGroup: 1, relativeTargetPortIds: [1] },
  { targetPortGroup: 2, relativeTargetPortIds: [2] },
];
const array = () => bench([unit({ thin: true, physicalBlockLengthBytes: 4096 })], TWO_GROUPS);

describe('what initiators ask first', () => {
  it('Linux: on a nexus that just logged in', async () => {
    const path = array().transport.connect(nexusOf('linux'), 0);
    expect(await answersOf(path, LINUX)).toEqual(LINUX);
  });

  it.each([
    ['multipath', MULTIPATH],
    ['scsi-block', QEMU_PASS_THROUGH],
    ['Windows', WINDOWS],
  ])('%s', async (name, probes) => {
    expect(await answersOf(await array().node(name), probes)).toEqual(probes);
  });

  it('four bytes of each page that page 00h lists tell how long it is, as Linux wants to know', async () => {
    const node = await array().node('linux');
    const page = async (pageCode: number, allocationLength: number): Promise<Buffer> => {
      const cdb = inquiryCdb({ enableVitalProductData: 1, pageCode, allocationLength });
      return Buffer.from((await node.execute(cdb, { dataInLength: allocationLength })).dataIn);
    };
    const pages = [...(await page(VPD_PAGE.supportedPages, 255)).subarray(4)];
    expect(pages).toEqual(Object.values(VPD_PAGE));
    for (const pageCode of pages) {
      const header = await page(pageCode, 4);
      expect([header[1], header.readUInt16BE(2) + 4]).toEqual([pageCode, (await page(pageCode, 255)).length]);
    }
  });

  it('pages that Linux asks for only where page 00h lists them are not there: B7h and B9h', async () => {
    const node = await array().node('linux');
    for (const page of ['B7', 'B9', '89']) {
      expect(told(await node.execute(cdbOf(`12 01 ${page} 00 40 00`)))).toBe('05/24/00 cdb 2');
    }
  });
});
