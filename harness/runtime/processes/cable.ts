import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Portal } from './socket-array.js';

const CABLE_HOST = '127.0.0.1';

/** A storage path that can be lost: whoever connects here is connected to a portal, until the cable is cut. */
export class Cable implements Portal {
  readonly host = CABLE_HOST;
  readonly port: number;
  readonly #server: Server;
  readonly #ends: Set<Socket>;

  private constructor(server: Server, ends: Set<Socket>) {
    this.#server = server;
    this.#ends = ends;
    this.port = (server.address() as AddressInfo).port;
  }

  static async lay(portal: Portal): Promise<Cable> {
    const ends = new Set<Socket>();
    const server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: portal.host, port: portal.port, noDelay: true });
      for (const [end, other] of [
        [near, far],
        [far, near],
      ] as const) {
        ends.add(end);
        end.on('error', () => end.destroy());
        end.on('close', () => {
          ends.delete(end);
          other.destroy();
        });
        end.pipe(other);
      }
    });
    server.listen(0, CABLE_HOST);
    await once(server, 'listening');
    return new Cable(server, ends);
  }

  get isCut(): boolean {
    return !this.#server.listening;
  }

  /** Whoever connects is connected again. */
  async mend(): Promise<void> {
    this.#server.listen(this.port, CABLE_HOST);
    await once(this.#server, 'listening');
  }

  /** Drops what is connected, and refuses who tries again. */
  cut(): void {
    this.#server.close();
    for (const end of this.#ends) end.resetAndDestroy();
  }
}
