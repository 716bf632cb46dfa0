import { bits, layout, reserved, u16be, u64be } from '../../protocol/index.js';

// TransportIDs that sg_persist builds or prints and nothing else here understands (SPC-4 7.6.4).

const formatAndProtocol = { formatCode: 2, reserved5: 2, protocolIdentifier: 4 } as const;

/** TransportID of a parallel SCSI initiator port. */
export const parallelScsiTransportIdLayout = layout(
  'Parallel SCSI TransportID',
  bits(formatAndProtocol),
  reserved(1),
  u16be('scsiAddress'),
  reserved(2),
  u16be('relativeTargetPortId'),
  reserved(16),
);

/** TransportID of an IEEE 1394 (SBP) initiator port. */
export const ieee1394TransportIdLayout = layout(
  'IEEE 1394 TransportID',
  bits(formatAndProtocol),
  reserved(7),
  u64be('eui64Name'),
  reserved(8),
);

/** TransportID of a SCSI over PCIe (SOP) initiator port. */
export const sopTransportIdLayout = layout(
  'SOP TransportID',
  bits(formatAndProtocol),
  reserved(1),
  u16be('routingId'),
  reserved(20),
);
