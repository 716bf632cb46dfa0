import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { HostDevice } from '../../../initiator/host/host-device.js';
import { UserConnection } from '../../../initiator/host/user-connection.js';
import type { LogicalUnitPath } from '../../../protocol/index.js';

/** A directory that is gone when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-host-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** A host's socket with one device, `data`, that leads to `path`; without sessions of its own. */
export async function serveDevice(path: LogicalUnitPath): Promise<string> {
  const socketPath = join(temporaryDirectory(), 'esx1.sock');
  const device = new HostDevice('data', path, 'physical');
  const users = new Set<UserConnection>();
  const server = createServer((socket) => {
    users.add(
      new UserConnection(socket, {
        device: (name) => (name === 'data' ? device : undefined),
        control: () => Promise.reject(new Error('no holds here')),
      }),
    );
  });
  server.listen(socketPath);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const user of users) user.end();
    server.close();
  });
  return socketPath;
}
