import {
  fibreChannelTransportIdLayout,
  iscsiTransportIdHeaderLayout,
  PROTOCOL_IDENTIFIER,
  sasTransportIdLayout,
  srpTransportIdLayout,
  TRANSPORT_ID_LENGTH_BYTES_MIN,
} from '../../protocol/index.js';
import { dumpBytes, dumpWithCharacters } from './hex-dump.js';
import {
  ieee1394TransportIdLayout,
  parallelScsiTransportIdLayout,
  sopTransportIdLayout,
} from './transport-id-layouts.js';

const TEXT_INDENT = '        ';
const DUMP_INDENT = '      ';

const line = (text: string): string => `${TEXT_INDENT}${text}\n`;
const dump = (bytes: Uint8Array): string => dumpBytes(bytes, DUMP_INDENT);
const dumpName = (name: bigint): string => dump(Buffer.from(name.toString(16).padStart(16, '0'), 'hex'));
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** How a TransportID of a protocol is printed; `unexpected` is the line about a format code that means nothing. */
type Printer = (bytes: Uint8Array, format: number, unexpected: string) => string;

const PRINTERS: Readonly<Partial<Record<number, Printer>>> = {
  [PROTOCOL_IDENTIFIER.fibreChannel]: (bytes, _format, unexpected) =>
    line('FCP-2 World Wide Name:') +
    unexpected +
    dumpName(fibreChannelTransportIdLayout.decode(bytes).nPortName),
  0x1: (bytes, _format, unexpected) => {
    const { scsiAddress, relativeTargetPortId } = parallelScsiTransportIdLayout.decode(bytes);
    return (
      line(`Parallel SCSI initiator SCSI address: ${hex(scsiAddress)}`) +
      unexpected +
      line(`relative port number (of corresponding target): ${hex(relativeTargetPortId)}`)
    );
  },
  0x2: unread('SSA (transport id not defined)'),
  0x3: (bytes, _format, unexpected) =>
    line('IEEE 1394 EUI-64 name:') + unexpected + dumpName(ieee1394TransportIdLayout.decode(bytes).eui64Name),
  [PROTOCOL_IDENTIFIER.srp]: (bytes, _format, unexpected) =>
    line('RDMA initiator port identifier:') +
    unexpected +
    dump(srpTransportIdLayout.decode(bytes).initiatorPortIdentifier),
  [PROTOCOL_IDENTIFIER.iscsi]: iscsiText,
  [PROTOCOL_IDENTIFIER.sas]: (bytes, _format, unexpected) =>
    line(`SAS address: ${hex(sasTransportIdLayout.decode(bytes).sasAddress)}`) + unexpected,
  0x7: unread('ADT'),
  0x8: unread('ATAPI'),
  0x9: unread('UAS'),
  0xa: (bytes, format) =>
    format === 0
      ? line(`SOP Routing ID: ${hex(sopTransportIdLayout.decode(bytes).routingId)}`)
      : line(`SOP   [Unexpected TPID format: ${format}]`) + dump(bytes),
  0xb: unread('PCIE'),
  0xf: () => line('No specified protocol'),
};

function unread(name: string): Printer {
  return (bytes, format) =>
    line(`${name}:`) +
    line(`TPID format: ${format}`) +
    dump(bytes.subarray(0, TRANSPORT_ID_LENGTH_BYTES_MIN));
}

function iscsiText(bytes: Uint8Array, format: number): string {
  const headerBytes = iscsiTransportIdHeaderLayout.lengthBytes;
  const end = headerBytes + iscsiTransportIdHeaderLayout.decode(bytes).additionalLength;
  if (format > 1) {
    return (
      line(`iSCSI   [Unexpected TPID format: ${format}]`) +
      dumpWithCharacters(bytes.subarray(0, end), DUMP_INDENT)
    );
  }
  const name = bytes.subarray(headerBytes, end);
  const terminator = name.indexOf(0);
  const text = Buffer.from(terminator < 0 ? name : name.subarray(0, terminator)).toString('utf8');
  return line(`iSCSI ${format === 0 ? 'name' : 'world wide unique port id'}: ${text}`);
}

/** The lines that sg_persist prints for a TransportID; bytes that are missing read as zero. */
export function transportIdText(transportId: Uint8Array): string {
  const bytes = new Uint8Array(Math.max(transportId.length, TRANSPORT_ID_LENGTH_BYTES_MIN));
  bytes.set(transportId);
  const { formatCode, protocolIdentifier } = fibreChannelTransportIdLayout.decode(bytes);
  const printer = PRINTERS[protocolIdentifier];
  if (printer === undefined) {
    return (
      line(`unknown protocol id=${hex(protocolIdentifier)}  TPID format=${formatCode}`) +
      dump(bytes.subarray(0, TRANSPORT_ID_LENGTH_BYTES_MIN))
    );
  }
  const unexpected = formatCode === 0 ? '' : line(`[Unexpected TPID format: ${formatCode}]`);
  return printer(bytes, formatCode, unexpected);
}
