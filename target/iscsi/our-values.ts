import type { NegotiationValues } from '../../protocol/index.js';
import { TARGET_LIMITS } from './limits.js';

/** What this target wants in text negotiation: error recovery level 0, one connection for each session. */
export const OUR_VALUES: NegotiationValues = {
  headerDigest: ['None', 'CRC32C'],
  dataDigest: ['None', 'CRC32C'],
  maxConnections: 1,
  initialR2t: false,
  immediateData: true,
  maxRecvDataSegmentLengthBytes: TARGET_LIMITS.receiveDataSegmentBytesMax,
  maxBurstLengthBytes: TARGET_LIMITS.maxBurstBytes,
  firstBurstLengthBytes: TARGET_LIMITS.firstBurstBytes,
  defaultTime2WaitSeconds: 0,
  defaultTime2RetainSeconds: 0,
  maxOutstandingR2t: TARGET_LIMITS.outstandingR2tMax,
  dataPduInOrder: true,
  dataSequenceInOrder: true,
  errorRecoveryLevel: 0,
  taskReporting: ['RFC3720'],
  iscsiProtocolLevel: 1,
};
