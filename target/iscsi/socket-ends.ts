import type { Socket } from 'node:net';
import type { SocketEnd } from './connection-tap.js';

/** The initiator's end of a socket, and ours. */
export function endsOf(socket: Socket): [initiator: SocketEnd, target: SocketEnd] {
  return [
    { address: remoteAddress(socket), port: socket.remotePort ?? 0 },
    { address: localAddress(socket), port: socket.localPort ?? 0 },
  ];
}

/** The address of an initiator. */
export const remoteAddress = (socket: Socket): string => plainAddress(socket.remoteAddress ?? '');

/** The address an initiator reached us at. */
export const localAddress = (socket: Socket): string => plainAddress(socket.localAddress ?? '');

/** An IPv4 address that a dual-stack socket shows as IPv6, as what it is. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
