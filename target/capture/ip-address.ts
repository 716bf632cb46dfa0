import { isIPv6 } from 'node:net';

/** The 4 or 16 bytes of an address as a socket shows it; an IPv6 zone (`%eth0`) is no part of them. */
export function ipAddressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [plain = ''] = address.split('%');
  const [front = '', back] = plain.split('::');
  const head = groups(front);
  const tail = groups(back ?? '');
  return Buffer.concat([head, Buffer.alloc(16 - head.length - tail.length), tail]);
}

/** `2001:db8` or `ffff:192.0.2.1` as bytes. */
function groups(text: string): Buffer {
  if (text === '') return Buffer.alloc(0);
  return Buffer.concat(
    text.split(':').map((group) => {
      if (group.includes('.')) return ipAddressBytes(group);
      const bytes = Buffer.alloc(2);
      bytes.writeUInt16BE(Number.parseInt(group, 16));
      return bytes;
    }),
  );
}
