import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fencelab } from '../harness/cli/run-program.js';
import { describeWithPeers } from './peer.js';
import { startTgt, TGT_PEERS, type Tgt } from './tgt.js';

interface ReportedCase {
  readonly id: string;
  readonly outcome: string;
  readonly reason?: string;
}

const casesOf = (json: string): readonly ReportedCase[] =>
  (JSON.parse(readFileSync(json, 'utf8')) as { readonly cases: readonly ReportedCase[] }).cases;

/** Deviations that tgt is known for, each with a case that finds it and what it finds. */
const KNOWN: readonly (readonly [string, RegExp])[] = [
  ['reserve.free.wrong-key', /RESERVE: expected RESERVATION CONFLICT, received GOOD/],
  ['release.free.wrong-key', /RELEASE: expected RESERVATION CONFLICT, received GOOD/],
  ['release.held-we-ro.holder', /expected unit attention 06\/2A\/04.*received no unit attention/],
  [
    'preempt.bystander.free.registered',
    /expected unit attention 06\/2A\/05.*received unit attention 06\/2A\/03/,
  ],
  ['preempt.own-key.free.registered', /READ KEYS: expected/],
  [
    'preempt.zero.held-we.registered',
    /expected CHECK CONDITION, 05\/26\/00.*received CHECK CONDITION, 05\/24\/00/,
  ],
  ['preempt.zero.free.registered', /received GOOD/],
];

describeWithPeers("fencelab conform on Debian's tgt", TGT_PEERS, (pathOf) => {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-conform-tgt-'));
  let tgt: Tgt;
  let cases: ReadonlyMap<string, ReportedCase>;

  beforeAll(async () => {
    tgt = await startTgt(pathOf, directory);
    const [url = ''] = await tgt.makeTarget(1, 'iqn.2026-11.org.fencelab:tgt', 1, 1 << 20);
    const json = join(directory, 'report.json');
    const run = await fencelab('conform', url, '--write', '--json', json);
    expect(run).toMatchObject({ exitStatus: 1 });
    cases = new Map(casesOf(json).map((one) => [one.id, one]));
  }, 120_000);

  afterAll(async () => {
    await tgt.stop();
    rmSync(directory, { recursive: true });
  });

  it.each(KNOWN)('finds %s', (id, found) => {
    expect(cases.get(id)?.reason ?? '').toMatch(found);
  });

  it('skips PREEMPT AND ABORT, which it does not list', () => {
    expect(cases.get('preempt-and-abort.zero.free.registered')).toMatchObject({
      outcome: 'skipped',
      reason: 'the target does not list the service action preemptAndAbort',
    });
  });

  it('tells that it died of a REGISTER AND MOVE without a reservation, after all other cases', () => {
    const died = [...cases.values()].filter(({ outcome }) => outcome === 'targetDied');
    expect(died.map(({ id }) => id)).toEqual(['register-and-move.free.registered']);
    const order = [...cases.keys()];
    const after = order.slice(order.indexOf('register-and-move.free.registered') + 1);
    expect(after.filter((id) => !id.startsWith('register-and-move.'))).toEqual([]);
  });
});

/** A shell command that has `restart` done, and ends when it is: with 0 if it was, else with 1. */
async function commandFor(restart: () => Promise<void>): Promise<{ command: string; server: Server }> {
  const server = createServer((socket) => {
    restart().then(
      () => socket.end(),
      () => socket.resetAndDestroy(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { command: `bash -c 'cat < /dev/tcp/127.0.0.1/${port}'`, server };
}

describeWithPeers("fencelab conform --restart with Debian's tgt", TGT_PEERS, (pathOf) => {
  it('goes on each time that a case has killed it, and tells of those cases alone', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fencelab-conform-tgt-'));
    const tgt = await startTgt(pathOf, directory);
    const { command, server } = await commandFor(() => tgt.restart());
    try {
      const [url = ''] = await tgt.makeTarget(1, 'iqn.2026-11.org.fencelab:tgt', 1, 1 << 20);
      const json = join(directory, 'report.json');
      const only = ['--only', 'reserve.free.registered', '--only', 'register-and-move.free.*'];
      const run = await fencelab('conform', url, ...only, '--restart', command, '--json', json);
      expect(run.stdout).toMatch(/ spc4: 1 passed, 1 failed, 0 skipped, the target died 2 times\n$/);
      expect(run.exitStatus).toBe(1);
      expect(casesOf(json).map(({ id, outcome }) => [id, outcome])).toEqual([
        ['reserve.free.registered', 'passed'],
        ['register-and-move.free.unregistered', 'failed'],
        ['register-and-move.free.registered', 'targetDied'],
        ['register-and-move.free.wrong-key', 'targetDied'],
      ]);
      const after = await fencelab('conform', url, '--only', 'reserve.free.registered');
      expect(after).toMatchObject({ exitStatus: 0 });
    } finally {
      server.close();
      await tgt.stop();
      rmSync(directory, { recursive: true });
    }
  });
});
