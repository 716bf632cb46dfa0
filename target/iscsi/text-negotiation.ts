import {
  DEFAULT_PARAMETERS,
  PDU_FLAG,
  REJECT_REASON,
  RESERVED_TAG,
  answerOffers,
  decodeText,
  encodeText,
  textRequestLayout,
} from '../../protocol/index.js';
import type { RejectReason, TextPair } from '../../protocol/index.js';
import type { TransferTags } from './data-out.js';
import { TARGET_LIMITS } from './limits.js';
import { OUR_VALUES } from './our-values.js';
import type { ReceivedPdu } from './pdu-receiver.js';
import type { PduWriter } from './pdu-writer.js';
import { isOverdue } from './session-watch.js';

/** What text negotiation needs of its session. */
export interface TextSession {
  readonly writer: PduWriter;
  readonly transferTags: TransferTags;
  readonly sessionKind: 'discovery' | 'normal';
  readonly targetName: string;
  /** Whether the target is there for this initiator; it is not told of one that would refuse it. */
  readonly mayLogIn: boolean;
  /** Values of TargetAddress as this initiator should see them. */
  readonly addresses: () => readonly string[];
  reject(pdu: ReceivedPdu, reason: RejectReason): void;
}

/** A request or an answer that takes more than one PDU; an initiator has one at a time (RFC 7143 11.10). */
interface Exchange {
  readonly targetTransferTag: number;
  readonly received: Buffer[];
  receivedBytes: number;
  /** Requests that said something, or could have. */
  requests: number;
  /** The rest of the answer. */
  pending: Buffer;
  /** Declared by the initiator; in force once the negotiation ends. */
  dataSegmentBytesMax: number;
  /** Sweeps since its last request. */
  sweepsWaited: number;
}

/** Text requests in full feature phase: SendTargets and what may be declared anew (RFC 7143 11.10, 13). */
export class TextNegotiation {
  readonly #session: TextSession;
  #exchange: Exchange | null = null;

  constructor(session: TextSession) {
    this.#session = session;
  }

  request(pdu: ReceivedPdu): void {
    const request = textRequestLayout.decode(pdu.bytes, pdu.headerStart);
    const tag = { lun: request.lun, initiatorTaskTag: request.initiatorTaskTag };
    const continued = request.targetTransferTag === RESERVED_TAG ? null : this.#exchange;
    if (
      continued?.targetTransferTag !==
      (request.targetTransferTag === RESERVED_TAG ? undefined : request.targetTransferTag)
    ) {
      this.#session.reject(pdu, REJECT_REASON.invalidPduField);
      return;
    }
    const exchange: Exchange = continued ?? {
      targetTransferTag: this.#session.transferTags.next(),
      received: [],
      receivedBytes: 0,
      requests: 0,
      pending: Buffer.alloc(0),
      dataSegmentBytesMax: this.#session.writer.dataSegmentBytesMax,
      sweepsWaited: 0,
    };
    exchange.sweepsWaited = 0;
    this.#exchange = exchange;
    if (exchange.pending.length > 0) {
      this.#sendPart(exchange, tag, true);
      return;
    }
    exchange.received.push(
      Buffer.from(pdu.bytes.subarray(pdu.dataStart, pdu.dataStart + pdu.dataLengthBytes)),
    );
    exchange.receivedBytes += pdu.dataLengthBytes;
    exchange.requests++;
    if (
      exchange.requests > TARGET_LIMITS.textRequestsMax ||
      exchange.receivedBytes > TARGET_LIMITS.textBytesMax ||
      (request.final === 1 && request.continue === 1)
    ) {
      this.#exchange = null;
      this.#session.reject(pdu, REJECT_REASON.protocolError);
    } else if (request.continue === 1) {
      this.#sendPart(exchange, tag, false);
    } else {
      const answers = this.#answers(Buffer.concat(exchange.received), exchange);
      exchange.received.length = exchange.receivedBytes = 0;
      if (answers === undefined) {
        this.#exchange = null;
        this.#session.reject(pdu, REJECT_REASON.protocolError);
        return;
      }
      exchange.pending = encodeText(answers);
      this.#sendPart(exchange, tag, request.final === 1);
    }
  }

  /** As much of the answer as the initiator takes in one PDU; C and no F while there is more (RFC 7143 11.11). */
  #sendPart(exchange: Exchange, tag: { lun: bigint; initiatorTaskTag: number }, mayEnd: boolean): void {
    const { writer } = this.#session;
    const part = exchange.pending.subarray(0, writer.dataSegmentBytesMax);
    exchange.pending = exchange.pending.subarray(part.length);
    const more = exchange.pending.length > 0;
    const ends = mayEnd && !more;
    if (ends) this.#exchange = null;
    writer.textResponse(
      { ...tag, targetTransferTag: ends ? RESERVED_TAG : exchange.targetTransferTag },
      ends ? PDU_FLAG.final : more ? PDU_FLAG.continue : 0,
      part,
    );
    if (ends) writer.dataSegmentBytesMax = exchange.dataSegmentBytesMax;
  }

  /**
   * Once a sweep. A negotiation that has not gone on for the whole time-out has failed: what was agreed before it stays, and
   * its transfer tag is not known any more (RFC 7143 7.12).
   */
  sweep(): void {
    if (this.#exchange === null) return;
    this.#exchange.sweepsWaited++;
    if (isOverdue(this.#exchange.sweepsWaited)) this.#exchange = null;
  }

  #answers(text: Buffer, exchange: Exchange): TextPair[] | undefined {
    const decoded = decodeText(text);
    if (!decoded.ok) return undefined;
    const { sessionKind } = this.#session;
    const outcome = answerOffers(decoded.pairs, OUR_VALUES, {
      from: 'initiator',
      stage: 'fullFeature',
      sessionType: sessionKind,
      parameters: { ...DEFAULT_PARAMETERS, peerMaxRecvDataSegmentLengthBytes: exchange.dataSegmentBytesMax },
      settled: new Set(),
    });
    if (!outcome.ok) return undefined;
    exchange.dataSegmentBytesMax = outcome.parameters.peerMaxRecvDataSegmentLengthBytes;
    const wanted = outcome.others.get('SendTargets');
    const targets = wanted === undefined ? [] : this.#sendTargets(wanted);
    return targets === undefined ? undefined : [...outcome.answers, ...targets];
  }

  /** SendTargets (RFC 7143 appendix C). A name that is none of ours has no records; what is no name is an error. */
  #sendTargets(wanted: string): TextPair[] | undefined {
    const { targetName, sessionKind, addresses, mayLogIn } = this.#session;
    const isOurs =
      wanted === 'All' ||
      wanted.toLowerCase() === targetName.toLowerCase() ||
      (wanted === '' && sessionKind === 'normal');
    if (!isOurs) return /^(iqn|eui|naa)\./i.test(wanted) ? [] : undefined;
    if (!mayLogIn) return [];
    return [
      ['TargetName', targetName],
      ...addresses().map((address): TextPair => ['TargetAddress', address]),
    ];
  }
}
