import {
  fibreChannelTransportIdLayout,
  iscsiTransportIdHeaderLayout,
  PROTOCOL_IDENTIFIER,
  sasTransportIdLayout,
  TRANSPORT_ID_LENGTH_BYTES_MIN,
} from '../../protocol/index.js';
import { scanHexadecimal } from './c-numbers.js';
import { ieee1394TransportIdLayout, parallelScsiTransportIdLayout } from './transport-id-layouts.js';

/** sg_persist takes no more TransportIDs than this from a file. */
const TRANSPORT_IDS_MAX = 31;
/** An iSCSI name with its terminator and padding; sg_persist takes none that needs more. */
const ISCSI_ADDITIONAL_LENGTH_BYTES_MAX = 241;
const ISCSI_ADDITIONAL_LENGTH_BYTES_MIN = 20;

/** What `--transport-id` was given, as bytes, and what is to be said about it on the way. */
export interface TransportIdArgument {
  /** Undefined where the argument is none. */
  readonly transportIds: readonly Uint8Array[] | undefined;
  readonly messages: readonly string[];
}

/** Reads a file by name, or standard input by `-`; undefined where it cannot be read. */
export type ReadText = (source: string) => string | undefined;

/**
 * The argument of `--transport-id`: a symbolic form (`iqn...,i,0x...`, `sas,`, `fcp,`, `sbp,`, `spi,`), a list of bytes
 * in hexadecimal, `file=NAME` with one of these a line, or `-` for the same from standard input.
 */
export function parseTransportIdArgument(argument: string, readText: ReadText): TransportIdArgument {
  if (argument.startsWith('-')) return parseLines(readText('-') ?? '');
  const fileName = /^(?:file|FILE)=(.*)$/s.exec(argument)?.[1];
  if (fileName !== undefined) {
    const text = readText(fileName);
    return text === undefined
      ? { transportIds: undefined, messages: [`decode_file_tids: unable to open ${fileName}`] }
      : parseLines(text);
  }
  const symbolic = parseSymbolic(argument);
  if (symbolic.bytes !== undefined) return { transportIds: [symbolic.bytes], messages: [] };
  const list = parseByteList(argument);
  if (Array.isArray(list)) return { transportIds: [fullLength(list)], messages: [symbolic.message] };
  const { position, tooLarge } = list;
  const message = tooLarge
    ? `build_transportid: hex number larger than 0xff at pos ${position}`
    : `build_transportid: error at pos ${position}`;
  return { transportIds: undefined, messages: [symbolic.message, message] };
}

type Symbolic = { readonly bytes: Uint8Array } | { readonly bytes: undefined; readonly message: string };

/** The symbolic forms; capitals are taken for the protocol, but not for `iqn.`. */
function parseSymbolic(text: string): Symbolic {
  if (text.startsWith('iqn.')) return iscsiTransportId(/^[^ \t]*/.exec(text)?.[0] ?? '');
  const [, protocol, rest] = /^(sas|SAS|spi|SPI|fcp|FCP|sbp|SBP|srp|SRP|sop|SOP),(.*)$/s.exec(text) ?? [];
  if (protocol === undefined || rest === undefined) {
    return { bytes: undefined, message: `unable to parse symbolic TransportID: ${text}` };
  }
  const bytes = SYMBOLIC[protocol.toUpperCase()]?.(rest);
  return bytes === undefined
    ? { bytes, message: `badly formed symbolic ${protocol.toUpperCase()} TransportID: ${rest}` }
    : { bytes };
}

/** What follows the protocol's name, into bytes. SRP and SOP are known by name, but no form of theirs is ever taken. */
const SYMBOLIC: Readonly<Partial<Record<string, (rest: string) => Uint8Array | undefined>>> = {
  SAS: (rest) =>
    ofName(rest, (sasAddress) =>
      sasTransportIdLayout.toBytes({ protocolIdentifier: PROTOCOL_IDENTIFIER.sas, sasAddress }),
    ),
  FCP: (rest) => ofName(rest, (nPortName) => fibreChannelTransportIdLayout.toBytes({ nPortName })),
  SBP: (rest) =>
    ofName(rest, (eui64Name) => ieee1394TransportIdLayout.toBytes({ protocolIdentifier: 0x3, eui64Name })),
  SPI: parallelScsiTransportId,
};

/** A name of 64 bits: exactly 16 digits, whatever comes after them. */
function ofName(rest: string, build: (name: bigint) => Uint8Array): Uint8Array | undefined {
  const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
  return digits.length === 16 ? build(BigInt(`0x${digits}`)) : undefined;
}

/** SCSI address and relative target port identifier, in decimal. */
function parallelScsiTransportId(rest: string): Uint8Array | undefined {
  const [, address, port] = /^\s*([+-]?[0-9]+),\s*([+-]?[0-9]+)/.exec(rest) ?? [];
  if (address === undefined || port === undefined) return undefined;
  return parallelScsiTransportIdLayout.toBytes({
    protocolIdentifier: 0x1,
    scsiAddress: Number(address) & 0xffff,
    relativeTargetPortId: Number(port) & 0xffff,
  });
}

/** SPC-4 7.6.4.6: format 01b if an ISID is there, else 00b. The text is not looked into. */
function iscsiTransportId(text: string): Symbolic {
  const textBytes = Buffer.from(text, 'utf8');
  const additionalLength = Math.max(
    ISCSI_ADDITIONAL_LENGTH_BYTES_MIN,
    Math.ceil((textBytes.length + 1) / 4) * 4,
  );
  if (additionalLength > ISCSI_ADDITIONAL_LENGTH_BYTES_MAX) {
    return { bytes: undefined, message: `iSCSI name too long, alen=${additionalLength}` };
  }
  const bytes = new Uint8Array(iscsiTransportIdHeaderLayout.lengthBytes + additionalLength);
  iscsiTransportIdHeaderLayout.encode(
    {
      formatCode: text.includes(',i,0x') ? 1 : 0,
      protocolIdentifier: PROTOCOL_IDENTIFIER.iscsi,
      additionalLength,
    },
    bytes,
  );
  bytes.set(textBytes, iscsiTransportIdHeaderLayout.lengthBytes);
  return { bytes };
}

/** Where a list of bytes goes wrong, counted from 1. */
interface ListFault {
  readonly position: number;
  readonly tooLarge: boolean;
}

/** Bytes in hexadecimal with a blank or a comma between them, as an argument. */
function parseByteList(text: string): number[] | ListFault {
  const clean = /^[0-9a-fA-F ,]*/.exec(text)?.[0].length ?? 0;
  if (clean < text.length) return { position: clean + 1, tooLarge: false };
  const bytes: number[] = [];
  let at = 0;
  for (;;) {
    const value = scanHexadecimal(text.slice(at), 32);
    if (value === undefined) return { position: at + 1, tooLarge: false };
    if (value > 0xffn) return { position: at + 1, tooLarge: true };
    bytes.push(Number(value));
    const separator = text.slice(at).search(/[ ,]/);
    if (separator < 0) return bytes;
    at += separator + 1;
  }
}

/** One TransportID a line; empty lines and those that begin with `#` are passed over. */
function parseLines(text: string): TransportIdArgument {
  const transportIds: Uint8Array[] = [];
  const messages: string[] = [];
  const refuse = (message: string): TransportIdArgument => ({
    transportIds: undefined,
    messages: [...messages, message],
  });
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.replace(/^[ \t]+/, '');
    if (content === '' || content.startsWith('#')) continue;
    const symbolic = parseSymbolic(content);
    if (symbolic.bytes !== undefined) {
      transportIds.push(symbolic.bytes);
    } else {
      messages.push(symbolic.message);
      const list = parseByteLine(content);
      if (!Array.isArray(list)) {
        const position = list.position + line.length - content.length;
        return refuse(
          list.tooLarge
            ? `decode_file_tids: hex number larger than 0xff in line ${index + 1}, pos ${position}`
            : `decode_file_tids: syntax error at line ${index + 1}, pos ${position}`,
        );
      }
      transportIds.push(fullLength(list));
    }
    if (transportIds.length > TRANSPORT_IDS_MAX) return refuse('decode_file_tids: array length exceeded');
  }
  return { transportIds, messages };
}

/** The same as a line of a file: tabs separate too, several separators count as one, `#` begins a comment. */
function parseByteLine(text: string): number[] | ListFault {
  const clean = /^[0-9a-fA-F ,\t]*/.exec(text)?.[0].length ?? 0;
  if (clean < text.length && text.charAt(clean) !== '#') return { position: clean + 1, tooLarge: false };
  const bytes: number[] = [];
  for (const { 0: word, index } of text.slice(0, clean).matchAll(/[^ ,\t]+/g)) {
    const value = scanHexadecimal(word, 32) ?? 0n;
    if (value > 0xffn) return { position: index + 1, tooLarge: true };
    bytes.push(Number(value));
  }
  return bytes;
}

/** Cut or filled up to the length a TransportID of that protocol has. */
function fullLength(list: readonly number[]): Uint8Array {
  const head = new Uint8Array(iscsiTransportIdHeaderLayout.lengthBytes);
  head.set(list.slice(0, head.length));
  const { protocolIdentifier, additionalLength } = iscsiTransportIdHeaderLayout.decode(head);
  const lengthBytes =
    protocolIdentifier === PROTOCOL_IDENTIFIER.iscsi
      ? Math.max(TRANSPORT_ID_LENGTH_BYTES_MIN, head.length + additionalLength)
      : TRANSPORT_ID_LENGTH_BYTES_MIN;
  const bytes = new Uint8Array(lengthBytes);
  bytes.set(list.slice(0, lengthBytes));
  return bytes;
}
