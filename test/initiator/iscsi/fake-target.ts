import { createServer, type Server, type Socket } from 'node:net';
import { readPdu, targetPdu, type TargetPdu } from './bytes.js';

export type InitiatorPdu = ReturnType<typeof readPdu>;

/** One connection to the fake target. */
export interface FakeConnection {
  readonly socket: Socket;
  /** StatSN of the next answer that carries status. */
  statSn: number;
  send(pdu: TargetPdu): void;
}

export interface FakeTarget {
  readonly port: number;
  readonly connections: readonly FakeConnection[];
  /** Every PDU that came, with the number of its connection. */
  readonly seen: readonly (InitiatorPdu & { readonly connection: number })[];
  close(): Promise<void>;
}

/** A target that does what the script says for each PDU, on a loopback port of the system's choice. */
export function startFakeTarget(
  script: (pdu: InitiatorPdu, connection: FakeConnection, number: number) => void,
): Promise<FakeTarget> {
  const connections: FakeConnection[] = [];
  const seen: (InitiatorPdu & { connection: number })[] = [];
  const server: Server = createServer((socket) => {
    const connection: FakeConnection = {
      socket,
      statSn: 0,
      send: (pdu) => {
        const bytes = targetPdu(pdu);
        bytes.writeUInt32BE(connection.statSn, 24);
        bytes.writeUInt32BE(0, 28);
        bytes.writeUInt32BE(64, 32);
        if (pdu.opcode !== 0x31) connection.statSn++;
        socket.write(bytes);
      },
    };
    const number = connections.push(connection) - 1;
    let held = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 48) {
        const length = 48 + Math.ceil(held.readUIntBE(5, 3) / 4) * 4;
        if (held.length < length) return;
        const pdu = readPdu(held.subarray(0, length));
        held = held.subarray(length);
        seen.push({ ...pdu, connection: number });
        script(pdu, connection, number);
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      resolve({
        port,
        connections,
        seen,
        close: () =>
          new Promise((done) => {
            for (const { socket } of connections) socket.destroy();
            server.close(() => {
              done();
            });
          }),
      });
    });
  });
}

/** Login Response that goes straight to full feature phase. */
export const LOGGED_IN: TargetPdu = { opcode: 0x23, flags: 0x87, tag: 0, data: 'ImmediateData=Yes\0' };
