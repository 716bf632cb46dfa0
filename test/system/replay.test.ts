import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadScenario, runScenario, scenarioFolder, type ScenarioResult } from '../../harness/index.js';
import { parseRunLog, runLogText } from '../../harness/replay/log.js';
import { Recorder } from '../../harness/replay/recorder.js';
import { replayRun, runEnd } from '../../harness/replay/replay-run.js';
import { readScenarioText } from '../../harness/scenario/load.js';
import { mechanismOf } from '../harness/scenario/mechanisms.js';

const TIMEOUT_MS = 240_000;

/** What was read of every block at the end, and of whom. */
const blocksAtTheEnd = ({ history }: ScenarioResult): unknown =>
  history.flatMap((event) =>
    event.type === 'finalRead'
      ? event.blocks.map(
          ({ lba, bytes }) => `${event.lun} ${lba} ${Buffer.from(bytes).toString('hex', 0, 112)}`,
        )
      : [],
  );

describe('a run over sockets, recorded and repeated in memory', () => {
  it.each([
    'all-in-one-cluster.unsafe-array-ignores',
    'all-in-one-cluster.unsafe-reservation-off',
    'all-in-one-cluster',
    'path-lost',
    'vm-to-vm-one-box-pending',
    'clear-hazard-a1118-waits.unsafe-short-wait',
    'preempt-and-abort-a1119',
    'random-failover',
    'random-failover.unsafe-array-ignores',
    'vmotion-self-fence',
    'vmotion-npiv',
    'vmotion-initiator-in-guest.unsafe-raw-device-mapping',
    'migration-long-freeze',
    'hpvmsg-move.unsafe-failover-on',
    'ha-restart',
    'profile-move',
    'profile-move.unsafe-left-on',
    'logical-server-p2v',
    'logical-server-v2p',
    'host-crash',
    'path-restored-to-a-zombie',
    'path-that-comes-later',
    'array-loses-power',
    'relogin-another-isid',
    'relogin-another-isid.unsafe-clear',
  ])(
    '%s comes to the same',
    async (name) => {
      const file = join(scenarioFolder(), `${name}.yaml`);
      const record = new Recorder();
      const recorded = await runScenario(await loadScenario(file), { runtime: 'processes', record });
      const text = runLogText({
        file,
        scenario: await readScenarioText(file),
        seed: 1,
        entries: record.entries,
        end: runEnd(recorded),
      });
      const log = parseRunLog(text, 'run.jsonl');
      const replayed = await replayRun(log, 'run.jsonl');
      expect(runEnd(replayed)).toEqual(log.end);
      expect(mechanismOf(replayed)).toEqual(mechanismOf(recorded));
      expect(blocksAtTheEnd(replayed)).toEqual(blocksAtTheEnd(recorded));
    },
    TIMEOUT_MS,
  );
});
