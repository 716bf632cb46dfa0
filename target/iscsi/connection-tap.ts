import type { ItNexus } from '../../protocol/index.js';

/** One end of a TCP connection, as its socket tells it. */
export interface SocketEnd {
  readonly address: string;
  readonly port: number;
}

/** Who ended a connection first; `reset`: the target, as a cut path does. */
export type TapEnd = 'initiator' | 'target' | 'reset';

/** Sees what goes over a connection; nothing depends on it. Bytes are valid during the call only. */
export interface ConnectionTap {
  /** Full feature phase begins. Null: a discovery session, which has no nexus. */
  loggedIn(nexus: ItNexus | null, digests: { readonly header: boolean; readonly data: boolean }): void;
  /** Told before the Login Response that says so is sent; where every Login Request was answered, none is. */
  loginRefused(initiatorName: string, reason: string): void;
  /** A whole PDU, before it is judged. */
  received(bytes: Buffer, start: number, end: number): void;
  /** Whole PDUs on their way to the socket. */
  sent(bytes: Buffer): void;
  /** Nothing follows; only the first call counts. `unfinished`: what came and was no whole PDU. */
  ended(by: TapEnd, unfinished: Buffer): void;
}

/** Makes a tap for each connection. */
export interface ConnectionTaps {
  connected(initiator: SocketEnd, target: SocketEnd): ConnectionTap;
}
