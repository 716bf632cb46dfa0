import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findPeer, runPeer } from './peer.js';
import type { PeerRun } from './peer.js';

export const OPEN_ISCSI_PEERS = [
  { command: 'iscsiadm', debianPackage: 'open-iscsi' },
  { command: 'socat', debianPackage: 'socat' },
  { command: 'unshare', debianPackage: 'util-linux' },
] as const;

export const INITIATOR_NAME = 'iqn.2026-11.org.fencelab:open-iscsi';

/** Requests that iscsiadm has for its daemon before a discovery (open-iscsi, usr/mgmt_ipc.h), and what is answered. */
const ANSWERS: Readonly<Record<number, string>> = {
  8: INITIATOR_NAME,
  9: '', // the alias
  10: '/etc/iscsi/iscsid.conf',
};
/** More than any answer has: iscsiadm reads as much as it knows. */
const ANSWER_LENGTH = 8192;
const DAEMON_SOCKET = 'ISCSIADM_ABSTRACT_NAMESPACE';

/**
 * In a mount namespace of its own, so that nothing of this machine is read or changed: the kernel's TCP transport as it
 * shows itself in sysfs, which iscsiadm looks for and does not use in a discovery, and the configuration of the test.
 */
const DISCOVER = `
set -e
mount -t tmpfs none /sys
mkdir -p /sys/class/iscsi_transport/tcp /sys/class/iscsi_session /sys/class/iscsi_host /sys/class/iscsi_connection
echo 1 > /sys/class/iscsi_transport/tcp/handle
echo 0x39 > /sys/class/iscsi_transport/tcp/caps
mount -t tmpfs none /etc/iscsi
mkdir /etc/iscsi/nodes /etc/iscsi/send_targets /etc/iscsi/ifaces
mount -t tmpfs none /run/lock
printf '%s\\n' "$CONFIGURATION" > /etc/iscsi/iscsid.conf
exec "$ISCSIADM" --mode discovery --type sendtargets --portal "$PORTAL"
`;

/** Why iscsiadm cannot be run here though it is installed; undefined where it can. */
export function openIscsiHindrance(): string | undefined {
  const unshare = findPeer('unshare');
  if (unshare === undefined) return 'unshare is not installed';
  const made = spawnSync(unshare, ['--mount', 'mount', '-t', 'tmpfs', 'none', '/run/lock']);
  if (made.status !== 0) return 'a mount namespace needs root';
  // Every network namespace has one such name, and the target must be reached from the same.
  return readFileSync('/proc/net/unix', 'latin1').includes(`@${DAEMON_SOCKET}\n`)
    ? `an iscsid, or another run of this suite, has the socket @${DAEMON_SOCKET}`
    : undefined;
}

/**
 * The daemon, whose part in a discovery is to say the initiator's name; the real one needs the kernel's driver. socat has
 * the abstract socket, whose name Node 20 pads to its full length, where iscsiadm does not look.
 */
export async function startNameServer(
  pathOf: (command: string) => string,
  directory: string,
): Promise<{ close(): void }> {
  const path = join(directory, 'iscsid');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    // The rest of the request, a record of the node, is read and of no interest.
    socket.once('data', (request) => {
      const command = request.readInt32LE(0);
      const answer = Buffer.alloc(ANSWER_LENGTH);
      answer.writeInt32LE(command, 0);
      answer.write(ANSWERS[command] ?? '', 8, 'latin1');
      socket.write(answer);
      socket.resume();
    });
  }).listen(path);
  await once(server, 'listening');
  const bridge = spawn(
    pathOf('socat'),
    ['-d', '-d', `ABSTRACT-LISTEN:${DAEMON_SOCKET},fork`, `UNIX-CONNECT:${path}`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  for await (const chunk of bridge.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.includes('listening on')) break;
  }
  if (!said.includes('listening on')) throw new Error(`socat: ${said}`);
  bridge.stderr.resume();
  return {
    close: () => {
      bridge.kill();
      server.close();
    },
  };
}

/** SendTargets by iscsiadm at `portal` (host:port); `settings` are lines of iscsid.conf. */
export function discover(
  pathOf: (command: string) => string,
  portal: string,
  settings: Readonly<Record<string, string>>,
): Promise<PeerRun> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return runPeer(pathOf('unshare'), ['--mount', 'sh', '-c', DISCOVER], {
    env: {
      ...process.env,
      ISCSIADM: pathOf('iscsiadm'),
      PORTAL: portal,
      CONFIGURATION: lines.join('\n'),
    },
  });
}
