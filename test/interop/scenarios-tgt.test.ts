import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExternalTarget, loadScenario, runScenario, scenarioFolder } from '../../harness/index.js';

import { parseIscsiUrl } from '../../initiator/index.js';
import { mechanismOf, MECHANISMS } from '../harness/scenario/mechanisms.js';
import { describeWithPeers } from './peer.js';
import { startTgt, TGT_PEERS, type Tgt } from './tgt.js';

const DISK_BYTES = 1024 * 1024;
const REFUSAL = 'bad field in cdb or parameter list (perhaps unsupported service action)';

describeWithPeers("scenarios on Debian's tgt", TGT_PEERS, (pathOf) => {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-tgt-'));
  let tgt: Tgt;
  let external: ExternalTarget;
  let urls: readonly string[] = [];

  beforeAll(async () => {
    tgt = await startTgt(pathOf, directory, 2);
    urls = await tgt.makeTarget(1, 'iqn.2026-11.org.fencelab:tgt', 2, DISK_BYTES);
    external = await openExternal();
  });

  afterAll(async () => {
    await tgt.stop();
    rmSync(directory, { recursive: true });
  });

  const openExternal = () =>
    ExternalTarget.open({
      luns: urls.map(parseIscsiUrl),
      furtherPortals: tgt.portals.slice(1),
      force: false,
    });

  async function play(id: string) {
    const scenario = await loadScenario(join(scenarioFolder(), `${id}.yaml`));
    const result = await runScenario(scenario, { runtime: 'processes', external });
    return {
      verdict: result.verdict.verdict,
      failed: result.checks.filter(({ passed }) => !passed).map(({ text }) => text),
      mechanism: mechanismOf(result),
    };
  }

  it('tells which array it is and that it lacks PREEMPT AND ABORT', () => {
    expect(external.description).toEqual({
      vendor: 'IET',
      product: 'VIRTUAL-DISK',
      revision: '0001',
      urls,
      portals: tgt.portals.map(({ host, port }) => `${host}:${port}`),
      lacks: ['PREEMPT AND ABORT: the target answered CHECK CONDITION 05/24/00, Invalid field in cdb'],
    });
  });

  it('refuses its LUN 0, which is no disk', async () => {
    const controller = parseIscsiUrl((urls[0] ?? '').replace(/1$/, '0'));
    await expect(
      ExternalTarget.open({ luns: [controller], furtherPortals: [], force: false }),
    ).rejects.toThrow('peripheral device type 0Ch, expected a disk (00h)');
  });

  it.each(['physical-to-vm', 'vm-to-vm-one-box-pending', 'vm-to-vm-two-hosts-pending'])(
    '%s comes out as on our own array, by the same mechanism',
    async (id) => {
      const verdict = id === 'vm-to-vm-one-box-pending' ? 'UNSAFE' : 'SAFE';
      expect(await play(id)).toEqual({ verdict, failed: [], mechanism: MECHANISMS[id] });
    },
  );

  it('multi-node-package is UNSAFE: the survivor cannot remove the failed node, whose writes land', async () => {
    const { verdict, failed, mechanism } = await play('multi-node-package');
    expect(failed).toEqual([
      expect.stringMatching(/^guest1 fences node1 out of pkg1 \(.*--preempt-abort.*\)$/),
    ]);
    expect(failed[0]).toContain(REFUSAL);
    expect([verdict, mechanism]).toEqual(['UNSAFE', ['landedLate by node1']]);
  });

  it('own-sequence fails closed: a package that is to preempt and abort does not start', async () => {
    const { verdict, failed } = await play('own-sequence');
    expect(verdict).toBe('SAFE');
    expect(failed).toEqual([
      expect.stringMatching(/^pkg1 on guest1 did not start \(sg_persist -n -o -A .*\), expected: starts$/),
      'an application of pkg1 is there to write',
    ]);
    expect(failed[0]).toContain(REFUSAL);
  });

  it('has no registration left, so that the next run is let in', async () => {
    await expect(openExternal()).resolves.toBeInstanceOf(ExternalTarget);
  });
});
