import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { fencelab } from '../system/cli.js';
import { describeWithPeers } from './peer.js';
import { startTgt, TGT_PEERS } from './tgt.js';

const logsOf = (name: string): string[] =>
  ['node1', 'node2'].map((node) =>
    fileURLToPath(new URL(`../../fixtures/logs/${name}/${node}.log`, import.meta.url)),
  );

describeWithPeers("logs replayed on Debian's tgt", TGT_PEERS, (pathOf) => {
  it('tells that PREEMPT AND ABORT ended otherwise than recorded, and judges one that tgt knows', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fencelab-tgt-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true, force: true });
    });
    const tgt = await startTgt(pathOf, directory);
    onTestFinished(() => tgt.stop());
    const [url = ''] = await tgt.makeTarget(1, 'iqn.2026-11.org.fencelab:tgt', 1, 1 << 20);

    const replayed = await fencelab('run', '--from-log', ...logsOf('failover'), '--target', url, '--write');
    expect([replayed.exitStatus, replayed.stderr]).toEqual([1, '']);
    expect(replayed.stdout).toMatch(
      /\n {2}not as expected: node2\.log:3: exit status (?:5|9), recorded was 0\n/,
    );
    // So node2 never had the disk, and nobody was fenced.
    expect(replayed.stdout).toContain('Nobody who writes on LUN 0 is fenced');

    const cleared = await fencelab('run', '--from-log', ...logsOf('one-box'), '--target', url, '--write');
    expect([cleared.exitStatus, cleared.stderr]).toEqual([0, '']);
    expect(cleared.stdout).toMatch(/\nnode1, node2 \(processes\) +SAFE +SAFE +\d+ +2 +0 /);
  });
});
