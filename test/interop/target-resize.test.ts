import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTarget, startAdmin } from '../../target/index.js';
import type { Admin, Target } from '../../target/index.js';
import { describeWithPeers, runPeer } from './peer.js';

const MIB = 1024 * 1024;

let target: Target;
let admin: Admin;
beforeEach(async () => {
  target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:resize',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 16 * MIB } }],
  });
  admin = await startAdmin(target, { host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await admin.close();
  await target.close();
});

async function resize(size: string): Promise<void> {
  const answer = await fetch(`${admin.url}/api/luns/0/size`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ size }),
  });
  expect(answer.status).toBe(200);
}

describeWithPeers(
  'libiscsi reads the capacity that a resize by the admin API has left',
  [{ command: 'iscsi-readcapacity16', debianPackage: 'libiscsi-bin' }],
  (pathOf) => {
    it('iscsi-readcapacity16 before and after', async () => {
      const sizes: string[] = [];
      for (const size of ['16MiB', '24MiB', '1TiB']) {
        await resize(size);
        const { stdout } = await runPeer(pathOf('iscsi-readcapacity16'), [target.urlOf(0)]);
        sizes.push(/^Total size:(\d+)$/m.exec(stdout)?.[1] ?? stdout);
      }
      expect(sizes).toEqual([16 * MIB, 24 * MIB, 2 ** 40].map(String));
    });
  },
);

describeWithPeers(
  'QEMU uses what a resize has added while it is logged in',
  [{ command: 'qemu-io', debianPackage: 'qemu-utils and qemu-block-extra' }],
  (pathOf) => {
    it('qemu-io goes on after the unit attention, and writes behind the old end', async () => {
      const child = spawn(pathOf('qemu-io'), ['-f', 'raw', target.urlOf(0)]);
      const closed = once(child, 'close');
      const told = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
      /** What it prints up to its next prompt. */
      const answer = async (): Promise<string> => {
        let text = '';
        while (!text.endsWith('qemu-io> ')) {
          const part = await told.next();
          if (part.done === true) throw new Error(`qemu-io ended: ${text}`);
          text += part.value;
        }
        return text;
      };
      const ask = async (command: string): Promise<string> => {
        child.stdin.write(`${command}\n`);
        return answer();
      };
      await answer();
      expect(await ask('write -P 7 0 64k')).toContain('wrote 65536/65536');
      await resize('32MiB');
      expect(await ask('read -P 7 0 64k')).toContain('read 65536/65536');
      // Makes it ask for the capacity again, as block_resize does for a guest.
      await ask('truncate 32M');
      expect(await ask('length')).toContain('32 MiB');
      expect(await ask('write -P 9 31M 64k')).toContain('wrote 65536/65536');
      const read = await ask('read -P 9 31M 64k');
      expect(read).toContain('read 65536/65536');
      expect(read).not.toContain('verification failed');
      child.stdin.end('quit\n');
      expect((await closed)[0]).toBe(0);
    });
  },
);
