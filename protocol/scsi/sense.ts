import { bits, layout, reserved, u32be, u64be, u8 } from '../layout.js';

/** Sense keys (SPC-4 4.5.6). */
export const SENSE_KEY = {
  noSense: 0x0,
  recoveredError: 0x1,
  notReady: 0x2,
  mediumError: 0x3,
  hardwareError: 0x4,
  illegalRequest: 0x5,
  unitAttention: 0x6,
  dataProtect: 0x7,
  blankCheck: 0x8,
  copyAborted: 0xa,
  abortedCommand: 0xb,
  miscompare: 0xe,
} as const;

const SENSE_KEY_NAMES: readonly string[] = [
  'No Sense',
  'Recovered Error',
  'Not Ready',
  'Medium Error',
  'Hardware Error',
  'Illegal Request',
  'Unit Attention',
  'Data Protect',
  'Blank Check',
  'Vendor specific(9)',
  'Copy Aborted',
  'Aborted Command',
  'Equal',
  'Volume Overflow',
  'Miscompare',
  'Completed',
];

/** The name of a sense key, 0 to 15. */
export const senseKeyName = (key: number): string => SENSE_KEY_NAMES[key] ?? '';

/** Where in the CDB or the parameter list the offending field begins (SPC-4 4.5.2.4.2). */
export interface FieldPointer {
  readonly in: 'cdb' | 'parameterList';
  readonly byte: number;
  /** Most significant bit of the field, where the field is not whole bytes. */
  readonly bit?: number | undefined;
}

/** Sense data by meaning, apart from its fixed or descriptor format. */
export interface Sense {
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  readonly fieldPointer?: FieldPointer | undefined;
  /** INFORMATION field: for block commands the LBA concerned (SBC-4). */
  readonly information?: bigint | undefined;
  /** Progress indication, numerator over 65536 (SPC-4 4.5.2.4.4). */
  readonly progress?: number | undefined;
}

/** Fixed format sense data with 18 bytes (SPC-4 4.5.3). */
export const fixedSenseLayout = layout(
  'Fixed format sense data',
  bits({ valid: 1, responseCode: 7 }),
  reserved(1),
  bits({ filemark: 1, eom: 1, ili: 1, sdatOvfl: 1, senseKey: 4 }),
  u32be('information'),
  u8('additionalSenseLength'),
  u32be('commandSpecificInformation'),
  u8('additionalSenseCode'),
  u8('additionalSenseCodeQualifier'),
  u8('fieldReplaceableUnitCode'),
  bits({ sksv: 1, commandData: 1, reserved5: 2, bitPointerValid: 1, bitPointer: 3 }),
  bits({ senseKeySpecific: 16 }),
);

/** Header of descriptor format sense data (SPC-4 4.5.2.1). */
export const descriptorSenseHeaderLayout = layout(
  'Descriptor format sense data header',
  bits({ reserved7: 1, responseCode: 7 }),
  bits({ reserved7b: 4, senseKey: 4 }),
  u8('additionalSenseCode'),
  u8('additionalSenseCodeQualifier'),
  bits({ sdatOvfl: 1, reserved6: 7 }),
  reserved(2),
  u8('additionalSenseLength'),
);

const informationDescriptorLayout = layout(
  'Information sense data descriptor',
  u8('descriptorType'),
  u8('additionalLength'),
  bits({ valid: 1, reserved6: 7 }),
  reserved(1),
  u64be('information'),
);

const senseKeySpecificDescriptorLayout = layout(
  'Sense key specific sense data descriptor',
  u8('descriptorType'),
  u8('additionalLength'),
  reserved(2),
  bits({ sksv: 1, commandData: 1, reserved5: 2, bitPointerValid: 1, bitPointer: 3 }),
  bits({ senseKeySpecific: 16 }),
  reserved(1),
);

type SenseKeySpecific = {
  sksv: number;
  commandData: number;
  bitPointerValid: number;
  bitPointer: number;
  senseKeySpecific: number;
};

function senseKeySpecific(sense: Sense): SenseKeySpecific | undefined {
  const pointer = sense.fieldPointer;
  if (pointer !== undefined) {
    return {
      sksv: 1,
      commandData: pointer.in === 'cdb' ? 1 : 0,
      bitPointerValid: pointer.bit === undefined ? 0 : 1,
      bitPointer: pointer.bit ?? 0,
      senseKeySpecific: pointer.byte,
    };
  }
  if (sense.progress !== undefined) {
    return {
      sksv: 1,
      commandData: 0,
      bitPointerValid: 0,
      bitPointer: 0,
      senseKeySpecific: sense.progress,
    };
  }
  return undefined;
}

/** Sense data as bytes; `descriptor` is the D_SENSE bit of the Control mode page (SPC-4 7.5.8). */
export function encodeSense(sense: Sense, format: 'fixed' | 'descriptor' = 'fixed'): Uint8Array {
  const specific = senseKeySpecific(sense);
  if (format === 'fixed') {
    // A fixed format INFORMATION field holds 32 bits; a larger value is left out (SPC-4 4.5.3).
    const fits = sense.information !== undefined && sense.information <= 0xffff_ffffn;
    return fixedSenseLayout.toBytes({
      valid: fits ? 1 : 0,
      responseCode: 0x70,
      senseKey: sense.key,
      information: fits ? Number(sense.information) : 0,
      additionalSenseLength: fixedSenseLayout.lengthBytes - 8,
      additionalSenseCode: sense.asc,
      additionalSenseCodeQualifier: sense.ascq,
      ...specific,
    });
  }
  const parts: Uint8Array[] = [];
  if (sense.information !== undefined) {
    parts.push(
      informationDescriptorLayout.toBytes({
        descriptorType: 0x00,
        additionalLength: 0x0a,
        valid: 1,
        information: sense.information,
      }),
    );
  }
  if (specific !== undefined) {
    parts.push(
      senseKeySpecificDescriptorLayout.toBytes({ descriptorType: 0x02, additionalLength: 0x06, ...specific }),
    );
  }
  const header = descriptorSenseHeaderLayout.toBytes({
    responseCode: 0x72,
    senseKey: sense.key,
    additionalSenseCode: sense.asc,
    additionalSenseCodeQualifier: sense.ascq,
    additionalSenseLength: parts.reduce((sum, part) => sum + part.length, 0),
  });
  return Buffer.concat([header, ...parts]);
}

/** Reads fixed or descriptor format sense data; undefined if it is neither or too short to hold a sense key. */
export function decodeSense(bytes: Uint8Array): Sense | undefined {
  const responseCode = (bytes[0] ?? 0) & 0x7f;
  if (responseCode === 0x70 || responseCode === 0x71) return decodeFixedSense(bytes);
  if (responseCode === 0x72 || responseCode === 0x73) return decodeDescriptorSense(bytes);
  return undefined;
}

function decodeFixedSense(bytes: Uint8Array): Sense | undefined {
  if (bytes.length < 8) return undefined;
  const padded = new Uint8Array(fixedSenseLayout.lengthBytes);
  padded.set(bytes.subarray(0, padded.length));
  const value = fixedSenseLayout.decode(padded);
  return {
    key: value.senseKey,
    asc: value.additionalSenseCode,
    ascq: value.additionalSenseCodeQualifier,
    ...(value.valid === 1 ? { information: BigInt(value.information) } : {}),
    ...specificMeaning(value.senseKey, value),
  };
}

function decodeDescriptorSense(bytes: Uint8Array): Sense | undefined {
  if (bytes.length < descriptorSenseHeaderLayout.lengthBytes) return undefined;
  const header = descriptorSenseHeaderLayout.decode(bytes);
  let information: bigint | undefined;
  let specific = {};
  const end = Math.min(bytes.length, descriptorSenseHeaderLayout.lengthBytes + header.additionalSenseLength);
  let offset = descriptorSenseHeaderLayout.lengthBytes;
  while (offset + 2 <= end) {
    const length = 2 + (bytes[offset + 1] ?? 0);
    const type = bytes[offset];
    if (offset + length > end) break;
    if (type === 0x00 && length === informationDescriptorLayout.lengthBytes) {
      information = informationDescriptorLayout.decode(bytes, offset).information;
    }
    if (type === 0x02 && length === senseKeySpecificDescriptorLayout.lengthBytes) {
      specific = specificMeaning(header.senseKey, senseKeySpecificDescriptorLayout.decode(bytes, offset));
    }
    offset += length;
  }
  return {
    key: header.senseKey,
    asc: header.additionalSenseCode,
    ascq: header.additionalSenseCodeQualifier,
    ...(information === undefined ? {} : { information }),
    ...specific,
  };
}

function specificMeaning(key: number, value: SenseKeySpecific): Pick<Sense, 'fieldPointer' | 'progress'> {
  if (value.sksv === 0) return {};
  if (key === SENSE_KEY.illegalRequest) {
    return {
      fieldPointer: {
        in: value.commandData === 1 ? 'cdb' : 'parameterList',
        byte: value.senseKeySpecific,
        ...(value.bitPointerValid === 1 ? { bit: value.bitPointer } : {}),
      },
    };
  }
  return key === SENSE_KEY.notReady || key === SENSE_KEY.noSense ? { progress: value.senseKeySpecific } : {};
}

type Place = { readonly byte: number; readonly bit?: number | undefined };

const sense = (key: number, asc: number, ascq: number, more?: Partial<Sense>): Sense => ({
  key,
  asc,
  ascq,
  ...more,
});

/** 05/20/00: the operation code is not supported. */
export const invalidCommandOperationCode = (): Sense =>
  sense(SENSE_KEY.illegalRequest, 0x20, 0x00, { fieldPointer: { in: 'cdb', byte: 0 } });
/** 05/24/00, pointing at the field of the CDB. */
export const invalidFieldInCdb = (place: Place): Sense =>
  sense(SENSE_KEY.illegalRequest, 0x24, 0x00, { fieldPointer: { in: 'cdb', ...place } });
/** 05/26/00, pointing at the field of the parameter list. */
export const invalidFieldInParameterList = (place: Place): Sense =>
  sense(SENSE_KEY.illegalRequest, 0x26, 0x00, { fieldPointer: { in: 'parameterList', ...place } });
/** 05/26/04: RELEASE with a scope or type that is not the reservation's (SPC-4 5.13.11.2.2). */
export const invalidReleaseOfPersistentReservation = (): Sense => sense(SENSE_KEY.illegalRequest, 0x26, 0x04);
/** 05/1A/00: the parameter list is too short, or its length is not the one that is demanded. */
export const parameterListLengthError = (): Sense => sense(SENSE_KEY.illegalRequest, 0x1a, 0x00);
/** 05/21/00: the first LBA concerned in INFORMATION. */
export const logicalBlockAddressOutOfRange = (lba?: bigint): Sense =>
  sense(SENSE_KEY.illegalRequest, 0x21, 0x00, lba === undefined ? {} : { information: lba });
/** 05/25/00: no logical unit at that LUN. */
export const logicalUnitNotSupported = (): Sense => sense(SENSE_KEY.illegalRequest, 0x25, 0x00);
/** 05/55/04: no room for another registration. */
export const insufficientRegistrationResources = (): Sense => sense(SENSE_KEY.illegalRequest, 0x55, 0x04);
/** 07/27/00: the medium is write protected. */
export const writeProtected = (): Sense => sense(SENSE_KEY.dataProtect, 0x27, 0x00);
/** 05/53/02: a nexus has sent PREVENT ALLOW MEDIUM REMOVAL with PREVENT=01b. */
export const mediumRemovalPrevented = (): Sense => sense(SENSE_KEY.illegalRequest, 0x53, 0x02);
/** 06/xx/xx. */
export const unitAttention = (asc: number, ascq: number): Sense => sense(SENSE_KEY.unitAttention, asc, ascq);
/** 02/04/02: the medium is stopped; START STOP UNIT with START=1 is needed. */
export const initializingCommandRequired = (): Sense => sense(SENSE_KEY.notReady, 0x04, 0x02);
/** 02/3A/00: the medium was ejected. */
export const mediumNotPresent = (): Sense => sense(SENSE_KEY.notReady, 0x3a, 0x00);
/** 02/04/1B: with how far it is, of 65,536. */
export const sanitizeInProgress = (progress: number): Sense =>
  sense(SENSE_KEY.notReady, 0x04, 0x1b, { progress });
/** 03/31/03: the blocks hold neither the old data nor all of the new. */
export const sanitizeCommandFailed = (): Sense => sense(SENSE_KEY.mediumError, 0x31, 0x03);
/** 05/26/xx of EXTENDED COPY: too many descriptors, or of a type that is not supported. */
export const copyParameterProblem = (ascq: number): Sense => sense(SENSE_KEY.illegalRequest, 0x26, ascq);
/** 0A/xx/xx: a copy ended before all of it was done. */
export const copyAborted = (asc: number, ascq: number): Sense => sense(SENSE_KEY.copyAborted, asc, ascq);
/** 04/44/00: the emulator itself, or the file behind it, failed. */
export const internalTargetFailure = (): Sense => sense(SENSE_KEY.hardwareError, 0x44, 0x00);
/**
 * 0E/1D/00: the blocks are not what was sent. COMPARE AND WRITE tells where, as the offset of the first byte that differs
 * from the start of Data-Out, in INFORMATION (SBC-4).
 */
export const miscompareDuringVerify = (offsetBytes?: number): Sense =>
  sense(
    SENSE_KEY.miscompare,
    0x1d,
    0x00,
    offsetBytes === undefined ? {} : { information: BigInt(offsetBytes) },
  );
/** 0B/0C/0D: another amount of Data-Out than the CDB asks for (RFC 7143 11.4.7.2). */
export const incorrectAmountOfData = (): Sense => sense(SENSE_KEY.abortedCommand, 0x0c, 0x0d);
/** 00/00/00. */
export const noSense = (): Sense => sense(SENSE_KEY.noSense, 0x00, 0x00);
