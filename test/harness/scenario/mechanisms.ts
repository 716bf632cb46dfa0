import type { ScenarioResult } from '../../../harness/index.js';

/** By what a scenario was decided: each kind of finding with the writer's node, and each writer that was refused. */
export function mechanismOf({ verdict, history }: ScenarioResult): readonly string[] {
  const findings = verdict.findings.map(({ kind, write }) => `${kind} by ${write?.node ?? 'nobody'}`);
  const refused = history.flatMap((event) =>
    event.type === 'writeRefused' ? `refused ${event.write.node} #${event.write.incarnation}` : [],
  );
  return [...new Set([...findings, ...refused])].sort();
}

/** Two zombies of one package are awake at once in these. */
const SEVERAL_ZOMBIES: ReadonlySet<string> = new Set([
  'all-in-one-cluster.unsafe-array-ignores',
  'all-in-one-cluster.unsafe-reservation-off',
  'random-failover.unsafe-array-ignores',
  'random-failover.unsafe-reservation-off',
]);

/**
 * Which of several zombies was the last on a shared block is the affair of the seed, or of the sockets; what landed late,
 * who wrote in whose span and who was refused is not. Where there is one zombie, the whole mechanism is compared.
 */
export function comparable(
  name: string,
  mechanism: readonly string[] | undefined,
): readonly string[] | undefined {
  if (!SEVERAL_ZOMBIES.has(name)) return mechanism;
  return mechanism?.filter((part) => !/^(acknowledgedWriteLost|sharedBlockOverwritten) /.test(part));
}

/** What each scenario must be decided by, so that none has the right verdict for another reason. */
export const MECHANISMS: Readonly<Record<string, readonly string[]>> = {
  'all-in-one-cluster.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'landedLate by node1',
    'notExclusive by guest1',
    'notExclusive by node1',
    'sharedBlockOverwritten by guest1',
    'sharedBlockOverwritten by node1',
  ],
  'all-in-one-cluster.unsafe-reservation-off': [
    'acknowledgedWriteLost by guest1',
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'landedLate by node1',
    'notExclusive by guest1',
    'notExclusive by node1',
    'sharedBlockOverwritten by guest1',
    'sharedBlockOverwritten by node1',
  ],
  'all-in-one-cluster': ['refused guest1 #2', 'refused node1 #1'],
  'array-loses-power.unsafe-no-aptpl': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'array-loses-power': ['refused node1 #1'],
  'path-that-comes-later.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'path-that-comes-later': ['refused guest1 #2', 'refused node1 #1'],
  'preempt-of-key-zero.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'preempt-of-key-zero': ['refused node1 #1'],
  'zombie-that-registers-again.unsafe-registrants-only': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'refused node1 #1',
    'sharedBlockOverwritten by node1',
  ],
  'zombie-that-registers-again': ['refused node1 #1'],
  'path-restored-to-a-zombie.unsafe-daemon-registers': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'path-restored-to-a-zombie': ['refused node1 #1'],
  'keys-read-while-it-runs.unsafe-cleanup': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'keys-read-while-it-runs': ['refused node1 #1'],
  'halt-that-leaves-the-reservation.unsafe-array-ignores': [
    'acknowledgedWriteLost by node1',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'halt-that-leaves-the-reservation': ['refused guest1 #2'],
  'key-used-twice.unsafe-array-ignores': ['landedLate by node1'],
  'key-used-twice': ['refused node1 #2', 'refused node3 #3'],
  'application-failure-in-guest.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'application-failure-in-guest.unsafe-reservation-off': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'application-failure-in-guest': ['refused node1 #1'],
  'clear-hazard-a1118-waits.unsafe-short-wait': ['landedLate by guest1'],
  'clear-hazard-a1118-waits': [],
  'clear-hazard-a1119': ['landedLate by guest1'],
  'halt-and-restart.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'halt-and-restart': ['refused node1 #2'],
  'legacy-package.unsafe-vm-off': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'legacy-package': ['refused node1 #1'],
  'lun-that-cannot-be-reserved.unsafe-array-ignores': [
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'lun-that-cannot-be-reserved': ['refused node1 #1'],
  'multi-node-package.unsafe-array-ignores': ['landedLate by node1'],
  'multi-node-package.unsafe-reservation-off': ['landedLate by node1'],
  'multi-node-package': ['refused node1 #1'],
  'own-sequence.unsafe-reservation-off': [
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'own-sequence': ['refused node1 #1'],
  'path-lost.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'path-lost': ['refused node1 #1'],
  'physical-to-vm.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'physical-to-vm.unsafe-reservation-off': [
    'acknowledgedWriteLost by guest1',
    'landedLate by node1',
    'notExclusive by node1',
    'sharedBlockOverwritten by node1',
  ],
  'physical-to-vm': ['refused node1 #1'],
  'preempt-and-abort-a1119.unsafe-clear': ['landedLate by guest1'],
  'preempt-and-abort-a1119': [],
  'random-failover.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest2',
    'acknowledgedWriteLost by node1',
    'landedLate by guest1',
    'landedLate by guest2',
    'landedLate by node1',
    'notExclusive by guest1',
    'notExclusive by guest2',
    'notExclusive by node1',
    'sharedBlockOverwritten by guest1',
    'sharedBlockOverwritten by node1',
  ],
  'random-failover.unsafe-reservation-off': [
    'acknowledgedWriteLost by guest2',
    'acknowledgedWriteLost by node1',
    'landedLate by guest1',
    'landedLate by guest2',
    'landedLate by node1',
    'notExclusive by guest1',
    'notExclusive by guest2',
    'notExclusive by node1',
    'sharedBlockOverwritten by guest1',
    'sharedBlockOverwritten by node1',
  ],
  'random-failover': ['refused guest1 #1', 'refused guest2 #3', 'refused node1 #2'],
  'standbys-on-one-host.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest1',
    'acknowledgedWriteLost by guest2',
    'landedLate by node1',
    'landedLate by node2',
    'notExclusive by node1',
    'notExclusive by node2',
    'sharedBlockOverwritten by node1',
    'sharedBlockOverwritten by node2',
  ],
  'standbys-on-one-host': ['refused node1 #1', 'refused node2 #1'],
  'vm-to-physical.unsafe-array-ignores': [
    'acknowledgedWriteLost by node1',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-physical.unsafe-reservation-off': [
    'acknowledgedWriteLost by node1',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-physical.unsafe-virtual-rdm': [
    'acknowledgedWriteLost by node1',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-physical': ['refused guest1 #1'],
  'vm-to-vm-one-box-pending': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-vm-two-hosts-pending.unsafe-reservation-off': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-vm-two-hosts-pending.unsafe-same-host': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-vm-two-hosts-pending': ['refused guest1 #1'],
  'vm-to-vm-two-hosts.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-vm-two-hosts.unsafe-reservation-off': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-vm-two-hosts.unsafe-same-host': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'vm-to-vm-two-hosts': ['refused guest1 #1'],
  'zombie-between-clear-and-reserve.unsafe-array-ignores': [
    'acknowledgedWriteLost by node1',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'zombie-between-clear-and-reserve': ['refused guest1 #1'],
  'zombie-between-reserve-and-recovery.unsafe-array-ignores': ['landedLate by guest1'],
  'zombie-between-reserve-and-recovery': ['refused guest1 #1'],
  'loaded-host-false-failover': ['refused guest1 #1'],
  'loaded-host-false-failover.unsafe-array-ignores': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'loaded-host-false-failover.unsafe-reservation-off': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'loaded-host-longer-interval': [],
  'loaded-host-longer-interval.unsafe-short-interval': [
    'acknowledgedWriteLost by guest2',
    'landedLate by guest1',
    'notExclusive by guest1',
    'sharedBlockOverwritten by guest1',
  ],
  'split-lock-lun': [],
  'split-lock-lun.unsafe-two-masters': [
    'acknowledgedWriteLost by node1',
    'acknowledgedWriteLost by node2',
    'landedLate by node1',
    'landedLate by node2',
    'notExclusive by node1',
    'notExclusive by node2',
    'sharedBlockOverwritten by node1',
    'sharedBlockOverwritten by node2',
  ],
  'network-team': [],
  'network-team.unsafe-reservation-off': ['landedLate by guest1'],
};
