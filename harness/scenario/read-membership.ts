import { heartbeatDefaults } from '../clients/serviceguard/heartbeat.js';
import type { MembershipModel } from '../cluster/membership-model.js';
import type { ScenarioFile } from './schema/scenario-file.js';
import { durationMs, whyTooLong } from './schema/words.js';
import type { ScenarioSource } from './source.js';

/** Heartbeats that are sent more often make a long wait last. */
const INTERVAL_MS_MIN = 10;

type ClusterFile = ScenarioFile['clusters'][number];

/** What a cluster's file says of its membership, and the product's values for what it leaves out. */
export function membershipOf(cluster: ClusterFile): MembershipModel {
  const { lockLun = null, quorum = 'majority' } = cluster;
  if (cluster.membership === undefined) return { heartbeat: null, lockLun, quorum };
  const given = (time: string | undefined): number | undefined =>
    time === undefined ? undefined : durationMs(time);
  const heartbeat = heartbeatDefaults(cluster.release, {
    intervalMs: given(cluster.heartbeatInterval),
    memberTimeoutMs: given(cluster.memberTimeout),
  });
  return { heartbeat, lockLun, quorum };
}

/** What a cluster says of its membership must go together, and its lock LUN must be nobody else's. */
export function checkMemberships(source: ScenarioSource, read: ScenarioFile): void {
  for (const [index, cluster] of read.clusters.entries()) {
    checkTimes(source, cluster, index);
    checkLock(source, read, cluster, index);
    checkMasters(source, read, cluster);
  }
}

function checkTimes(source: ScenarioSource, cluster: ClusterFile, index: number): void {
  const wrong = (key: keyof ClusterFile, problem: string): Error =>
    source.error(['clusters', index, key], problem, true);
  for (const key of ['reformationWait', 'heartbeatInterval', 'memberTimeout'] as const) {
    const problem = whyTooLong(cluster[key] ?? '');
    if (problem !== undefined) throw wrong(key, problem);
  }
  if (cluster.membership === undefined) {
    const without = (['heartbeatInterval', 'memberTimeout', 'lockLun', 'quorum'] as const).find(
      (key) => cluster[key] !== undefined,
    );
    if (without !== undefined) {
      throw wrong(without, `${without} without heartbeats, expected membership: heartbeat beside it`);
    }
    return;
  }
  if (cluster.release !== 'A.11.18.02' && cluster.heartbeatInterval !== undefined) {
    throw wrong(
      'heartbeatInterval',
      `Serviceguard ${cluster.release} computes the interval, expected memberTimeout alone`,
    );
  }
  const { heartbeat } = membershipOf(cluster);
  if (heartbeat === null) return;
  const { intervalMs, memberTimeoutMs } = heartbeat;
  const key = cluster.memberTimeout === undefined ? 'heartbeatInterval' : 'memberTimeout';
  if (intervalMs < INTERVAL_MS_MIN) {
    const computed = cluster.release === 'A.11.18.02' ? '' : ', a fourth of the time-out';
    throw wrong(
      key,
      `a heartbeat interval of ${intervalMs} ms${computed}, expected at least ${INTERVAL_MS_MIN} ms`,
    );
  }
  if (memberTimeoutMs < 2 * intervalMs) {
    throw wrong(
      key,
      `a time-out of ${memberTimeoutMs} ms, expected at least two intervals of ${intervalMs} ms`,
    );
  }
}

/** Which of two masters would fence the other's instances out is not told by any document. */
function checkMasters(source: ScenarioSource, read: ScenarioFile, cluster: ClusterFile): void {
  if (cluster.quorum !== 'none') return;
  const item = read.packages.findIndex((each) => each.cluster === cluster.name && each.type === 'multi-node');
  if (item < 0) return;
  throw source.error(
    ['packages', item, 'type'],
    `a multi-node package where no quorum is asked for, expected failover or vm`,
  );
}

function checkLock(source: ScenarioSource, read: ScenarioFile, cluster: ClusterFile, index: number): void {
  const { lockLun } = cluster;
  if (lockLun === undefined) return;
  const path = ['clusters', index, 'lockLun'];
  if (read.array.luns.every(({ name }) => name !== lockLun)) {
    const names = read.array.luns.map(({ name }) => name).join(', ');
    throw source.error(path, `there is no LUN '${lockLun}', expected one of ${names}`);
  }
  if (cluster.quorum === 'none') {
    throw source.error(path, 'a cluster lock where no quorum is asked for, expected one of the two');
  }
  const item = read.packages.findIndex(({ luns }) => luns.includes(lockLun));
  if (item >= 0) {
    throw source.error(
      ['packages', item, 'luns'],
      `'${lockLun}' is the lock LUN of ${cluster.name}, which no package may use or reserve; expected another LUN`,
    );
  }
  const other = read.clusters.findIndex((each) => each !== cluster && each.lockLun === lockLun);
  if (other > index) {
    throw source.error(
      ['clusters', other, 'lockLun'],
      `'${lockLun}' is the lock LUN of ${cluster.name}, expected one of its own`,
    );
  }
}
