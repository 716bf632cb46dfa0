import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTgt } from '../../harness/bench/tgt.js';
import type { Tgt } from '../../harness/bench/tgt.js';
import { LogicalUnit, openDevice } from '../../initiator/index.js';
import { decodeReadKeys, PR_IN_SERVICE_ACTION } from '../../protocol/index.js';
import { fencelab } from '../harness/cli/run-program.js';
import { describeWithPeers } from './peer.js';

const NODE1 = 'iqn.2026-11.org.fencelab:node1';
const NODE2 = 'iqn.2026-11.org.fencelab:node2';
/** tgt 1.0.85 refuses READ FULL STATUS. */
const BY_KEYS =
  'it has no READ FULL STATUS: asked by READ KEYS, which does not show ports; use the same target port for both\n';

describeWithPeers(
  "fencelab probe asks Debian's tgt",
  [
    { command: 'tgtd', debianPackage: 'tgt' },
    { command: 'tgtadm', debianPackage: 'tgt' },
  ],
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'fencelab-probe-'));
    let tgt: Tgt;

    beforeAll(async () => {
      const image = join(directory, 'disk');
      writeFileSync(image, '');
      truncateSync(image, 1 << 20);
      tgt = await startTgt(image, directory);
    });

    afterAll(async () => {
      await tgt.stop();
      rmSync(directory, { recursive: true });
    });

    const probe = (initiatorA: string, initiatorB: string) =>
      fencelab('probe', '--initiator-a', initiatorA, '--initiator-b', initiatorB, tgt.url, tgt.url);

    async function keys(): Promise<readonly bigint[] | undefined> {
      const path = await openDevice(tgt.url, {
        readOnly: true,
        environment: { FENCELAB_INITIATOR: NODE1 },
      });
      const { value } = await new LogicalUnit(path).persistentReserveIn(PR_IN_SERVICE_ACTION.readKeys);
      await path.close();
      return value && decodeReadKeys(value)?.keys;
    }

    it('two initiators are two', async () => {
      const { exitStatus, stdout, stderr } = await probe(NODE1, NODE2);
      expect([exitStatus, stderr]).toEqual([0, '']);
      expect(stdout).toBe(`the array can tell them apart: each keeps a key of its own\n${BY_KEYS}`);
      expect(await keys()).toEqual([]);
    });

    it('one is one', async () => {
      const { exitStatus, stdout, stderr } = await probe(NODE1, NODE1);
      expect([exitStatus, stderr]).toEqual([1, '']);
      expect(stdout).toBe(`it cannot: B's key took the place of A's\n${BY_KEYS}`);
      expect(await keys()).toEqual([]);
    });
  },
);
