import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type {
  FieldPointer,
  PrInServiceAction,
  PrOutServiceAction,
  ReservationType,
  Sense,
  SupportedCommand,
  TransportId,
} from '../protocol/index.js';

/** What is said of every entry of fixtures/golden/bytes; see fixtures/golden/README.md. */
export interface GoldenEntry {
  readonly name: string;
  /** Bytes that a real program sent or got: the file in fixtures/golden and the number of the record. */
  readonly recorded?: { readonly file: string; readonly n: number };
  /** Why our side never writes these bytes. */
  readonly decodeOnly?: string;
}

/** One thing in words and in bytes. */
export interface GoldenPart<Fields> {
  readonly fields: Fields;
  readonly bytes: Uint8Array;
}

/** A command that brings data; `fields` of the data is null where too little came to be read. */
export interface GoldenDataIn<Command, Data> extends GoldenEntry {
  readonly cdb: GoldenPart<Command>;
  readonly dataIn: GoldenPart<Data>;
  /** The entry whose data was cut by ALLOCATION LENGTH. */
  readonly cutOf?: string;
}

export interface InCommand {
  readonly serviceAction: PrInServiceAction;
  readonly allocationLength: number;
}
export interface GoldenKeys {
  readonly prGeneration: number;
  readonly additionalLength: number;
  readonly keys: readonly bigint[];
}
export interface GoldenReservation {
  readonly prGeneration: number;
  readonly additionalLength: number;
  readonly reservation: {
    readonly key: bigint;
    readonly scope: number;
    readonly type: ReservationType | number;
  } | null;
}
export interface GoldenCapabilities {
  readonly length: number;
  readonly allowCommands: number;
  /** The bits that are one. */
  readonly set: readonly string[];
}
export interface GoldenFullStatus {
  readonly prGeneration: number;
  readonly additionalLength: number;
  readonly descriptors: readonly {
    readonly key: bigint;
    readonly allTgPt: boolean;
    readonly rHolder: boolean;
    readonly scope: number;
    readonly type: ReservationType | number;
    readonly relativeTargetPortId: number;
    readonly transportId: TransportId | null;
  }[];
}

export interface GoldenDataOut<List> extends GoldenEntry {
  readonly cdb: GoldenPart<{
    readonly serviceAction: PrOutServiceAction;
    readonly scope: number;
    readonly type: ReservationType | number;
    readonly parameterListLength: number;
  }>;
  readonly dataOut: GoldenPart<List>;
}
export interface GoldenBasicList {
  readonly reservationKey: bigint;
  readonly serviceActionReservationKey: bigint;
  readonly allTgPt?: boolean;
  readonly aptpl?: boolean;
  readonly transportIds?: readonly TransportId[];
}
export interface GoldenMoveList {
  readonly reservationKey: bigint;
  readonly serviceActionReservationKey: bigint;
  readonly unreg?: boolean;
  readonly aptpl?: boolean;
  readonly relativeTargetPortId: number;
  readonly transportId: TransportId;
}

export interface GoldenSense extends GoldenEntry {
  /** The standard's name of ASC and ASCQ. */
  readonly condition: string;
  readonly fields: Pick<Sense, 'key' | 'asc' | 'ascq'> & { readonly fieldPointer?: FieldPointer };
  readonly fixed?: Uint8Array;
  readonly descriptor?: Uint8Array;
}

/** `fields` is null where the TransportID is of a transport that is not understood here. */
export type GoldenTransportId = GoldenEntry & GoldenPart<TransportId | null>;

export interface OperationCodesCommand {
  readonly reportingOptions: number;
  readonly returnCommandTimeoutsDescriptor: number;
  readonly requestedOperationCode: number;
  readonly requestedServiceAction: number;
  readonly allocationLength: number;
}
export interface GoldenOperationCodes {
  readonly timeouts?: boolean;
  /** The list of all commands. */
  readonly commands?: readonly SupportedCommand[];
  /** One command: whether it is supported, and its CDB usage data in hex. */
  readonly supported?: boolean;
  readonly usage?: string;
}

/** The files of PERSISTENT RESERVE OUT with the basic parameter list, one for each service action. */
export const BASIC_LIST_FILES = [
  'register',
  'reserve',
  'release',
  'clear',
  'preempt',
  'preempt-and-abort',
  'register-and-ignore-existing-key',
  'replace-lost-reservation',
] as const;

/** The entries of each file in fixtures/golden/bytes. */
export type GoldenFiles = {
  'read-keys': GoldenDataIn<InCommand, GoldenKeys | null>;
  'read-reservation': GoldenDataIn<InCommand, GoldenReservation | null>;
  'report-capabilities': GoldenDataIn<InCommand, GoldenCapabilities | null>;
  'read-full-status': GoldenDataIn<InCommand, GoldenFullStatus | null>;
  'register-and-move': GoldenDataOut<GoldenMoveList>;
  sense: GoldenSense;
  'transport-ids': GoldenTransportId;
  'report-supported-operation-codes': GoldenDataIn<OperationCodesCommand, GoldenOperationCodes>;
} & Record<(typeof BASIC_LIST_FILES)[number], GoldenDataOut<GoldenBasicList>>;

/** Keys under which the files hold bytes. */
const HOLDS_BYTES = new Set(['bytes', 'fixed', 'descriptor']);

/** Reads a file of fixtures/golden/bytes: hexadecimal text becomes bytes, "0x..." 64-bit numbers. */
export function readGoldenBytes<Name extends keyof GoldenFiles>(file: Name): readonly GoldenFiles[Name][] {
  const text = readFileSync(new URL(`../fixtures/golden/bytes/${file}.yaml`, import.meta.url), 'utf8');
  const document = parse(text, (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (HOLDS_BYTES.has(String(key))) return bytesOfLayout(value);
    return /^0x[0-9a-f]+$/.test(value) ? BigInt(value) : value;
  }) as { readonly entries: readonly GoldenFiles[Name][] };
  return document.entries;
}

/**
 * The bytes of a layout as it is printed there: a line is an offset, bytes, and what they are, with two spaces between.
 * Throws where an offset is not that of its bytes.
 */
function bytesOfLayout(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const found = /^(\d+) +((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  +\S.*)?$/.exec(line);
    if (found === null) throw new Error(`expected "offset  bytes  words", got "${line}"`);
    if (Number(found[1]) !== bytes.length) throw new Error(`byte ${bytes.length} is said to be at: ${line}`);
    bytes.push(...Buffer.from((found[2] ?? '').replaceAll(' ', ''), 'hex'));
  }
  return Uint8Array.from(bytes);
}
