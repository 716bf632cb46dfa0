import type { ItNexusId } from '../../protocol/index.js';
import type { TargetEvent } from '../events.js';
import type { ConnectionTap, ConnectionTaps, SocketEnd } from '../iscsi/connection-tap.js';
import type { CaptureOptions } from '../options.js';
import { warnOnStandardError } from '../warn.js';
import { CaptureFiles } from './capture-files.js';
import type { CaptureFileSystem } from './capture-files.js';
import type { ReservationsOf } from './comments.js';
import { ConnectionCapture } from './connection-capture.js';
import { packetBlock, sectionBegin } from './pcapng.js';
import { TcpConversation } from './tcp-conversation.js';

/** What a capture needs beside its files. */
export interface CaptureContext {
  readonly iqn: string;
  readonly reservationsOf: ReservationsOf;
  /** Microseconds since 1970, UTC; the machine's unless given. */
  readonly nowUs?: () => number;
  readonly warn?: (line: string) => void;
  readonly files?: CaptureFileSystem;
}

/** Everything that goes over the connections of a target, in pcapng files. */
export class Capture implements ConnectionTaps {
  readonly #files: CaptureFiles;
  readonly #reservationsOf: ReservationsOf;
  readonly #nowUs: () => number;
  readonly #connections = new Set<ConnectionCapture>();
  #connectionsSeen = 0;

  /** Throws an Error with one line for the user where the first file cannot be written. */
  constructor({ path, sizeBytesMax, filesMax }: CaptureOptions, context: CaptureContext) {
    const { iqn, reservationsOf, nowUs = systemTimeUs, warn = warnOnStandardError, files } = context;
    this.#reservationsOf = reservationsOf;
    this.#nowUs = nowUs;
    const begin = sectionBegin('fencelab', iqn);
    this.#files = new CaptureFiles({ path, sizeBytesMax, filesMax, begin, warn, ...(files && { files }) });
  }

  connected(initiator: SocketEnd, target: SocketEnd): ConnectionTap {
    const connection = new ConnectionCapture({
      conversation: new TcpConversation(initiator, target, this.#connectionsSeen++),
      reservationsOf: this.#reservationsOf,
      emit: ({ from, bytes }, comments) => {
        if (!this.#files.isOpen) return;
        const direction = from === 'initiator' ? 'inbound' : 'outbound';
        this.#files.append(packetBlock({ timeUs: this.#nowUs(), direction, bytes, comments }));
      },
      ended: () => {
        this.#connections.delete(connection);
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  /** What happens in the target, for the comments. */
  happened(event: TargetEvent): void {
    if (event.type !== 'persistentReserveOut' || event.before === event.after) return;
    this.#connectionOf(event.nexusId)?.reservationsChanged(event.tag, event.after);
  }

  #connectionOf(nexusId: ItNexusId): ConnectionCapture | undefined {
    for (const connection of this.#connections) if (connection.nexusId === nexusId) return connection;
    return undefined;
  }

  close(): void {
    this.#files.close();
  }
}

/** The wall clock as it was at the start, and from there on a clock that never goes back. */
const systemTimeUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
