/** A VPD page that `--page=` takes by an abbreviation. */
export interface PageAbbreviation {
  readonly abbreviation: string;
  /** -1 is no VPD page: the standard INQUIRY data. */
  readonly page: number;
  readonly name: string;
}

const entry = (abbreviation: string, page: number, name: string): PageAbbreviation => ({
  abbreviation,
  page,
  name,
});

/** Pages of the standards in alphabetical order, then those of vendors (SPC-5 7.7.1, SBC-4 6.6). */
export const PAGE_ABBREVIATIONS: readonly PageAbbreviation[] = [
  entry('ai', 0x89, 'ATA information (SAT)'),
  entry('bdc', 0xb1, 'Block device characteristics (SBC)'),
  entry('bdce', 0xb5, 'Block device characteristics extension (SBC)'),
  entry('bl', 0xb0, 'Block limits (SBC)'),
  entry('ble', 0xb7, 'Block limits extension (SBC)'),
  entry('cpr', 0xb9, 'Concurrent positioning ranges (SBC)'),
  entry('di', 0x83, 'Device identification'),
  entry('ei', 0x86, 'Extended inquiry data'),
  entry('fp', 0xb8, 'Format presets'),
  entry('lbpv', 0xb2, 'Logical block provisioning (SBC)'),
  entry('mna', 0x85, 'Management network addresses'),
  entry('mpp', 0x87, 'Mode page policy'),
  entry('po', 0x8a, 'Power condition'),
  entry('psm', 0x8d, 'Power consumption'),
  entry('pslu', 0x90, 'Protocol-specific logical unit information'),
  entry('pspo', 0x91, 'Protocol-specific port information'),
  entry('ref', 0xb3, 'Referrals (SBC)'),
  entry('sbl', 0xb4, 'Supported block lengths and protection types (SBC)'),
  entry('sfs', 0x92, 'SCSI Feature sets'),
  entry('sii', 0x84, 'Software interface identification'),
  entry('sinq', -1, 'Standard inquiry response'),
  entry('sn', 0x80, 'Unit serial number'),
  entry('sp', 0x88, 'SCSI ports'),
  entry('sv', 0x00, 'Supported VPD pages'),
  entry('tpc', 0x8f, 'Third party copy'),
  entry('zbdch', 0xb6, 'Zoned block device characteristics'),
  entry('nicr', 0xde, 'NVMe Identify Controller Response (sg3_utils)'),
  entry('rdac_vac', 0xc9, 'RDAC volume access control (RDAC)'),
  entry('rdac_vers', 0xc2, 'RDAC software version (RDAC)'),
  entry('upr', 0xc0, 'Unit path report (EMC)'),
];

/** The lines of `-hh`. */
export function abbreviationLines(): string {
  return PAGE_ABBREVIATIONS.map(({ abbreviation, page, name }) => {
    const code = page < 0 ? '  -1' : `0x${page.toString(16).padStart(2, '0')}`;
    return `  ${abbreviation.padEnd(10)} ${code}      ${name}\n`;
  }).join('');
}

/** Pages by the names that the list of supported ones shows. */
const SUPPORTED_PAGE_NAME: Readonly<Partial<Record<number, string>>> = {
  0x00: 'Supported VPD pages',
  0x80: 'Unit serial number',
  0x81: 'Implemented operating definitions (obsolete)',
  0x82: 'ASCII implemented operating definition (obsolete)',
  0x83: 'Device identification',
  0x84: 'Software interface identification',
  0x85: 'Management network addresses',
  0x86: 'Extended INQUIRY data',
  0x87: 'Mode page policy',
  0x88: 'SCSI ports',
  0x89: 'ATA information',
  0x8a: 'Power condition',
  0x8b: 'Device constituents',
  0x8c: 'CFA profile information',
  0x8d: 'Power consumption',
  0x8f: 'Third party copy',
  0x90: 'Protocol-specific logical unit information',
  0x91: 'Protocol-specific port information',
  0x92: 'SCSI Feature sets',
  0xb0: 'Block limits (sbc2)',
  0xb1: 'Block device characteristics (sbc3)',
  0xb2: 'Logical block provisioning (sbc3)',
  0xb3: 'Referrals (sbc3)',
  0xc0: 'vendor: Firmware numbers (seagate); Unit path report (EMC)',
  0xc1: 'vendor: Date code (seagate)',
  0xc2: 'vendor: Jumper settings (seagate); Software version (RDAC)',
  0xc3: 'vendor: Device behavior (seagate)',
  0xc9: 'Volume Access Control (RDAC)',
};

/** Pages that mean something else on tapes and object storage, by PERIPHERAL DEVICE TYPE. */
const NAME_BY_DEVICE_TYPE: Readonly<Partial<Record<number, Readonly<Partial<Record<number, string>>>>>> = {
  0x01: {
    0xb0: 'Sequential access device capabilities (ssc3)',
    0xb2: 'TapeAlert supported flags (ssc3)',
  },
  0x11: { 0xb0: 'OSD information (osd)', 0xb1: 'Security token (osd)' },
};

/** What the list of supported pages calls one; undefined where it shows the number alone. */
export function supportedPageName(page: number, peripheralDeviceType: number): string | undefined {
  return NAME_BY_DEVICE_TYPE[peripheralDeviceType]?.[page] ?? SUPPORTED_PAGE_NAME[page];
}
