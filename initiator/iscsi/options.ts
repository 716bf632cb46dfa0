import type { ChapAccount, ChapAlgorithm, NegotiationValues } from '../../protocol/index.js';
import { whyNoChapAccount } from '../../protocol/index.js';

export interface ChapOptions extends ChapAccount {
  /** What the target must answer in turn; absent: it need not prove itself. Its secret must differ from ours. */
  readonly mutual?: ChapAccount | undefined;
  /** What CHAP_A offers, preferred first. Default: all, the strongest first. */
  readonly algorithms?: readonly ChapAlgorithm[] | undefined;
}

/**
 * Throws RangeError where a secret is too short, or is the same both ways: who challenges us could then have our answer from
 * the target, or the target's from us (RFC 7143 9.2.1). No secret is in the message.
 */
export function checkChap(chap: ChapOptions): void {
  const { mutual } = chap;
  const wrong = whyNoChapAccount(chap);
  if (wrong !== undefined) throw new RangeError(`CHAP: ${wrong}`);
  if (mutual === undefined) return;
  const wrongOfTarget = whyNoChapAccount(mutual);
  if (wrongOfTarget !== undefined) throw new RangeError(`CHAP of the target: ${wrongOfTarget}`);
  if (mutual.password === chap.password) {
    throw new RangeError('CHAP of the target: expected another secret than our own');
  }
}

/** A target portal. */
export interface IscsiPortal {
  /** Name, IPv4 address, or IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Text keys that may be set; the defaults are below. */
type SettableKeys =
  | 'headerDigest'
  | 'dataDigest'
  | 'initialR2t'
  | 'immediateData'
  | 'maxRecvDataSegmentLengthBytes'
  | 'maxBurstLengthBytes'
  | 'firstBurstLengthBytes'
  | 'maxOutstandingR2t';

/** What every login needs. */
export interface IscsiLoginOptions extends IscsiPortal, Partial<Pick<NegotiationValues, SettableKeys>> {
  readonly initiatorName: string;
  /** 48 bits; with the initiator name it is the initiator port: the same ISID is the same nexus. */
  readonly isid: bigint;
  readonly chap?: ChapOptions | undefined;
  /** Time for connecting and logging in. Default 15 s. */
  readonly loginTimeoutMs?: number | undefined;
}

export interface IscsiConnectOptions extends IscsiLoginOptions {
  readonly targetName: string;
  /** Commands under way at most; the target's window may allow fewer. Default 32. */
  readonly queueDepth?: number | undefined;
  /** Log in again when the connection is lost, with the same ISID. Default false: the session is closed then. */
  readonly reconnect?: boolean | undefined;
  /** New commands wait this long for a lost session to come back, then fail. Default 120 s. */
  readonly replacementTimeoutMs?: number | undefined;
  /** Send a NOP-Out each time this long; one that is unanswered when the next is due drops the connection. */
  readonly keepAliveMs?: number | undefined;
}

/** What our initiator offers unless told otherwise. */
export const INITIATOR_NEGOTIATION_DEFAULTS: NegotiationValues = {
  headerDigest: ['None', 'CRC32C'],
  dataDigest: ['None', 'CRC32C'],
  maxConnections: 1,
  initialR2t: false,
  immediateData: true,
  maxRecvDataSegmentLengthBytes: 262_144,
  maxBurstLengthBytes: 1_048_576,
  firstBurstLengthBytes: 262_144,
  defaultTime2WaitSeconds: 2,
  defaultTime2RetainSeconds: 0,
  maxOutstandingR2t: 1,
  // Yes decides: whatever the target says, data come in order, and a task keeps no list of holes.
  dataPduInOrder: true,
  dataSequenceInOrder: true,
  errorRecoveryLevel: 0,
  taskReporting: ['RFC3720'],
  iscsiProtocolLevel: 1,
};

/** The values that a login offers. One connection, data in order and error recovery level 0 are all we do. */
export function negotiationValues(options: IscsiLoginOptions): NegotiationValues {
  const defaults = INITIATOR_NEGOTIATION_DEFAULTS;
  return {
    ...defaults,
    headerDigest: options.headerDigest ?? defaults.headerDigest,
    dataDigest: options.dataDigest ?? defaults.dataDigest,
    initialR2t: options.initialR2t ?? defaults.initialR2t,
    immediateData: options.immediateData ?? defaults.immediateData,
    maxRecvDataSegmentLengthBytes:
      options.maxRecvDataSegmentLengthBytes ?? defaults.maxRecvDataSegmentLengthBytes,
    maxBurstLengthBytes: options.maxBurstLengthBytes ?? defaults.maxBurstLengthBytes,
    firstBurstLengthBytes: Math.min(
      options.firstBurstLengthBytes ?? defaults.firstBurstLengthBytes,
      options.maxBurstLengthBytes ?? defaults.maxBurstLengthBytes,
    ),
    maxOutstandingR2t: options.maxOutstandingR2t ?? defaults.maxOutstandingR2t,
  };
}
