import type { ClusterModel, PackageModel } from '../../cluster/model.js';
import { sgPersistStep, type SequenceStep, type Sequences } from '../sequence.js';

/** Where the order is documented; the lines themselves are in no document that could be found. */
const MANUAL = 'Managing HP Serviceguard for Linux, ninth edition, April 2009, pp. 85-87';
const RELEASE_NOTES_18 = 'HP Serviceguard for Linux A.11.18 Release Notes, March 2009, p. 35';
const HPUX_MANUAL = 'Managing Serviceguard A.11.20, March 2013 (HP-UX), pp. 90-91, 333';
const PAPER = 'Using HP Serviceguard for Linux with VMware, May 2009, "Package parameter for a VM cluster"';
const SPC = 'SPC-4 5.13.11.2.6: what a fence needs to end writes that the array has already accepted';
const MIGRATION =
  'SPC-4 5.13.11.2.4 (PREEMPT by a registrant, of its own key); QEMU, Persistent reservation live migration';

const REGISTER = '--no-inquiry --out --register-ignore --param-sark={key}';
const RESERVE = '--no-inquiry --out --reserve --param-rk={key} --prout-type=5';
const CLEAR = '--no-inquiry --out --clear --param-rk={key}';
const RELEASE = '--no-inquiry --out --release --param-rk={key} --prout-type=5';
const UNREGISTER = '--no-inquiry --out --register --param-rk={key} --param-sark=0';
const PREEMPT_AND_ABORT =
  '--no-inquiry --out --preempt-abort --param-rk={key} --param-sark={foreignKey} --prout-type=5';
const PREEMPT_SELF = '--no-inquiry --out --preempt --param-rk={key} --param-sark={key} --prout-type=5';

const inferred = { inferred: true, source: MANUAL } as const;
const documentedStep = { inferred: false, source: MANUAL } as const;

/** A key must be registered before the others can be cleared. */
const registerToClear = sgPersistStep({
  ...inferred,
  id: 'register-to-clear',
  on: 'eachLun',
  options: REGISTER,
  instances: 'first',
});
const clear = sgPersistStep({ ...inferred, id: 'clear', on: 'eachLun', options: CLEAR, instances: 'first' });
const registerPaths = sgPersistStep({ ...inferred, id: 'register', on: 'eachPath', options: REGISTER });
const preemptAndAbort = sgPersistStep({
  inferred: true,
  source: SPC,
  id: 'preempt-and-abort',
  on: 'eachForeignKey',
  options: PREEMPT_AND_ABORT,
  instances: 'first',
});
const reserve = sgPersistStep({
  ...inferred,
  id: 'reserve',
  on: 'eachLun',
  options: RESERVE,
  fences: true,
  instances: 'first',
});
const startApplication: SequenceStep = {
  ...documentedStep,
  id: 'start-application',
  action: 'startApplication',
};
const stopApplication: SequenceStep = {
  ...documentedStep,
  id: 'stop-application',
  action: 'stopApplication',
};
const unregisterPaths = sgPersistStep({
  ...inferred,
  id: 'unregister',
  on: 'eachPath',
  options: UNREGISTER,
  mayFail: true,
});

/**
 * What Serviceguard has no procedure for: a node that moved registers by the nexus that it has now, and a PREEMPT of its
 * own key drops the old one and takes the reservation over. That drops what it registered on other paths too, so every
 * path is registered last.
 */
const REGISTER_AGAIN: readonly SequenceStep[] = [
  sgPersistStep({
    inferred: true,
    source: MIGRATION,
    id: 'register-to-preempt',
    on: 'eachLun',
    options: REGISTER,
  }),
  sgPersistStep({
    inferred: true,
    source: MIGRATION,
    id: 'preempt-old-nexus',
    on: 'eachLun',
    options: PREEMPT_SELF,
  }),
  registerPaths,
];

const reformationWait: SequenceStep = {
  id: 'reformation-wait',
  inferred: false,
  source: RELEASE_NOTES_18,
  action: 'wait',
  for: 'reformation',
};

/** A.11.18.02: `persist_reservation` and `persist_release` of the package, with the wait that drains a dead node's I/O. */
const RELEASE_AND_UNREGISTER: readonly SequenceStep[] = [
  stopApplication,
  sgPersistStep({
    inferred: true,
    source: PAPER,
    id: 'release',
    on: 'eachLun',
    options: RELEASE,
    mayFail: true,
  }),
  unregisterPaths,
];

/** A.11.19: all reservations and registrations are cleared at halt. */
const CLEAR_AT_HALT: readonly SequenceStep[] = [
  stopApplication,
  sgPersistStep({
    inferred: true,
    source: HPUX_MANUAL,
    id: 'clear-at-halt',
    on: 'eachLun',
    options: CLEAR,
    mayFail: true,
  }),
];

/** An instance of a multi-node package leaves; the others and the reservation stay. */
const LEAVE: readonly SequenceStep[] = [stopApplication, unregisterPaths];

const CLEAR_AND_RESERVE = [registerToClear, clear, registerPaths, reserve, startApplication] as const;
const PREEMPT_AND_RESERVE = [registerPaths, preemptAndAbort, reserve, startApplication] as const;

/** What Serviceguard for Linux does for a package, by release and by the fence that the cluster is set to. */
export function serviceguardSequences(
  cluster: Pick<ClusterModel, 'release' | 'fence'>,
  type: PackageModel['type'],
): Sequences {
  const start = cluster.fence === 'clear' ? CLEAR_AND_RESERVE : PREEMPT_AND_RESERVE;
  const haltFailover = cluster.release === 'A.11.18.02' ? RELEASE_AND_UNREGISTER : CLEAR_AT_HALT;
  return {
    reform: [reformationWait],
    start,
    undoStart: [unregisterPaths],
    halt: type === 'multi-node' ? LEAVE : haltFailover,
    fenceFailedNode: [{ ...preemptAndAbort, ...inferred, id: 'fence-failed-node', ...fencesAll }],
    registerAgain: REGISTER_AGAIN,
  };
}

const fencesAll = { fences: true, instances: 'all' } as const;

/**
 * The wait after re-formation by default: A.11.18.02 adds up to 70 s where a node is a virtual machine, A.11.19 has
 * dropped that addition for VMware (Release Notes A.11.19, April 2009, p. 27). What remains is computed by the product
 * and not documented: none here.
 */
export const REFORMATION_WAIT_MS: Readonly<Record<ClusterModel['release'], number>> = {
  'A.11.18.02': 70_000,
  'A.11.19': 0,
};
