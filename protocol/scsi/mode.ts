import { bits, layout, reserved, u16be, u32be, u8 } from '../layout.js';

/** Mode pages (SPC-4 and SBC-4). */
export const MODE_PAGE = {
  caching: 0x08,
  control: 0x0a,
  informationalExceptionsControl: 0x1c,
  all: 0x3f,
} as const;

/** PAGE CONTROL of MODE SENSE (SPC-4). */
export const PAGE_CONTROL = { current: 0, changeable: 1, default: 2, saved: 3 } as const;

/** DEVICE-SPECIFIC PARAMETER of direct access block devices (SBC-4). */
const deviceSpecific = { writeProtected: 1, reserved6: 2, dpoFuaSupported: 1, reserved3: 4 } as const;

/** Mode parameter header(6) (SPC-4 7.5.5). */
export const modeHeader6Layout = layout(
  'Mode parameter header(6)',
  u8('modeDataLength'),
  u8('mediumType'),
  bits(deviceSpecific),
  u8('blockDescriptorLength'),
);

/** Mode parameter header(10) (SPC-4 7.5.5). */
export const modeHeader10Layout = layout(
  'Mode parameter header(10)',
  u16be('modeDataLength'),
  u8('mediumType'),
  bits(deviceSpecific),
  bits({ reserved7: 7, longLba: 1 }),
  reserved(1),
  u16be('blockDescriptorLength'),
);

/** Short LBA mode parameter block descriptor (SBC-4). */
export const shortBlockDescriptorLayout = layout(
  'Short LBA mode parameter block descriptor',
  u32be('numberOfLogicalBlocks'),
  bits({ reserved31: 8, logicalBlockLengthBytes: 24 }),
);

/** SUBPAGE CODE of MODE SENSE and of pages in sub_page format (SPC-4 7.5.7). */
export const MODE_SUBPAGE = { none: 0x00, controlExtension: 0x01, all: 0xff } as const;

const pageHeader = { parametersSaveable: 1, subpageFormat: 1, pageCode: 6 } as const;

/** Caching mode page (SBC-4). */
export const cachingModePageLayout = layout(
  'Caching mode page',
  bits(pageHeader),
  u8('pageLength'),
  bits({
    initiatorControl: 1,
    abortPrefetch: 1,
    cachingAnalysisPermitted: 1,
    discontinuity: 1,
    sizeEnable: 1,
    writebackCacheEnable: 1,
    multiplicationFactor: 1,
    readCacheDisable: 1,
  }),
  reserved(17),
);

/** Control mode page (SPC-4 7.5.8). */
export const controlModePageLayout = layout(
  'Control mode page',
  bits(pageHeader),
  u8('pageLength'),
  bits({
    taskSetType: 3,
    taskManagementFunctionsOnly: 1,
    dpicz: 1,
    descriptorFormatSense: 1,
    globalLoggingTargetSaveDisable: 1,
    reportLogExceptionCondition: 1,
  }),
  bits({ queueAlgorithmModifier: 4, noUnitAttentionOnRelease: 1, queueErrorManagement: 2, reserved0: 1 }),
  bits({
    vendorSpecific: 1,
    reportACheck: 1,
    unitAttentionInterlocks: 2,
    softwareWriteProtect: 1,
    reserved2: 3,
  }),
  bits({
    applicationTagOwner: 1,
    taskAbortedStatus: 1,
    applicationTagModePageEnabled: 1,
    rejectWriteWithoutProtection: 1,
    reserved3: 1,
    autoloadMode: 3,
  }),
  reserved(2),
  u16be('busyTimeoutPeriod'),
  u16be('extendedSelfTestCompletionTime'),
);

/** Control Extension mode page, in sub_page format (SPC-4 7.5.9). */
export const controlExtensionModePageLayout = layout(
  'Control Extension mode page',
  bits(pageHeader),
  u8('subpageCode'),
  u16be('pageLength'),
  bits({
    reserved7: 5,
    timestampChangeableByMethodsOutside: 1,
    scsiPrecedence: 1,
    implicitAsymmetricLogicalUnitAccessEnabled: 1,
  }),
  bits({ reserved7b: 4, initialCommandPriority: 4 }),
  u8('maximumSenseDataLength'),
  reserved(25),
);

/** Informational Exceptions Control mode page (SBC-4). */
export const informationalExceptionsModePageLayout = layout(
  'Informational Exceptions Control mode page',
  bits(pageHeader),
  u8('pageLength'),
  bits({
    performance: 1,
    reserved6: 1,
    enableBackgroundFunction: 1,
    enableWarning: 1,
    disableExceptionControl: 1,
    test: 1,
    enableBackgroundError: 1,
    logErrors: 1,
  }),
  bits({ reserved7: 4, methodOfReporting: 4 }),
  u32be('intervalTimer'),
  u32be('reportCount'),
);

/** What a MODE SENSE answer holds: the pages in page_0 format by code, with their two header bytes. */
export interface ModeParameters {
  readonly writeProtected: boolean;
  readonly dpoFuaSupported: boolean;
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/** Reads mode parameter data, as far as it came; undefined where even the header is cut. */
export function decodeModeParameters(bytes: Uint8Array, header: 6 | 10): ModeParameters | undefined {
  const headerLayout = header === 6 ? modeHeader6Layout : modeHeader10Layout;
  if (bytes.length < headerLayout.lengthBytes) return undefined;
  const { writeProtected, dpoFuaSupported, blockDescriptorLength } = headerLayout.decode(bytes);
  const pages = new Map<number, Uint8Array>();
  let at = headerLayout.lengthBytes + blockDescriptorLength;
  while (at + 2 <= bytes.length) {
    const first = bytes[at] ?? 0;
    const isSubpage = (first & 0x40) !== 0;
    const length = isSubpage
      ? 4 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0)
      : 2 + (bytes[at + 1] ?? 0);
    if (at + length > bytes.length) break;
    if (!isSubpage) pages.set(first & 0x3f, bytes.slice(at, at + length));
    at += length;
  }
  return { writeProtected: writeProtected === 1, dpoFuaSupported: dpoFuaSupported === 1, pages };
}
