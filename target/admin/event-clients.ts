import type { ServerResponse } from 'node:http';
import type { TargetEvent } from '../events.js';
import type { Target } from '../options.js';
import { DROPPED_CLIENT_GRACE_MS, EVENT_CLIENTS_MAX, EVENT_QUEUE_BYTES_MAX } from './limits.js';
import { eventView } from './views.js';

/**
 * Who listens to the event stream (`text/event-stream`, one JSON object an event). The target is listened to only while
 * somebody does. What waits for a client is bounded: a slow reader gets a last event `dropped` that says so.
 */
export class EventClients {
  readonly #target: Target;
  readonly #queueBytesMax: number;
  readonly #clients = new Set<ServerResponse>();
  /** Dropped clients that still have to take what waits for them. */
  readonly #leaving = new Map<ServerResponse, NodeJS.Timeout>();
  #eventId = 0;
  #stopListening: (() => void) | undefined;

  constructor(target: Target, queueBytesMax: number = EVENT_QUEUE_BYTES_MAX) {
    this.#target = target;
    this.#queueBytesMax = queueBytesMax;
  }

  get isFull(): boolean {
    return this.#clients.size + this.#leaving.size >= EVENT_CLIENTS_MAX;
  }

  add(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'keep-alive',
    });
    response.flushHeaders();
    response.on('error', () => {
      this.#forget(response);
    });
    response.on('close', () => {
      this.#forget(response);
    });
    this.#clients.add(response);
    this.#stopListening ??= this.#target.onEvent((event) => {
      this.#send(event);
    });
  }

  /** Ends every stream at once. */
  close(): void {
    for (const response of [...this.#clients, ...this.#leaving.keys()]) {
      this.#forget(response);
      response.destroy();
    }
  }

  #send(event: TargetEvent): void {
    this.#eventId++;
    const message = serverSentEvent(this.#eventId, event.type, eventView(event));
    for (const response of this.#clients) {
      const queuedBytes = response.writableLength;
      if (queuedBytes + Buffer.byteLength(message) > this.#queueBytesMax) this.#drop(response, queuedBytes);
      else response.write(message);
    }
  }

  #drop(response: ServerResponse, queuedBytes: number): void {
    this.#clients.delete(response);
    const grace = setTimeout(() => {
      this.#forget(response);
      response.destroy();
    }, DROPPED_CLIENT_GRACE_MS);
    grace.unref();
    this.#leaving.set(response, grace);
    const reason = `reads too slowly: ${queuedBytes} bytes wait, at most ${this.#queueBytesMax} may`;
    response.end(serverSentEvent(this.#eventId, 'dropped', { reason }));
    this.#stopIfAlone();
  }

  #forget(response: ServerResponse): void {
    this.#clients.delete(response);
    clearTimeout(this.#leaving.get(response));
    this.#leaving.delete(response);
    this.#stopIfAlone();
  }

  #stopIfAlone(): void {
    if (this.#clients.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}

function serverSentEvent(id: number, name: string, data: object): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
