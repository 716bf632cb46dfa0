import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems hand out (32768 and up on Linux, 49152 on others), above what services are known by. */
const FIRST = 20_000;
const COUNT = 12_000;

/**
 * A port that was free a moment ago, for a program that cannot be told to take any, or must take it twice. The system
 * gives it to nobody who asks for any port, so that tests beside this one do not get it in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(FIRST + Math.floor(Math.random() * COUNT), '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') continue;
      throw error;
    }
    const address = server.address();
    server.close();
    await once(server, 'close');
    if (address !== null && typeof address === 'object') return address.port;
  }
}
