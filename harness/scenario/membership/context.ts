import type { Runtime } from '../../runtime/runtime.js';
import type { Ledger } from '../ledger.js';
import type { NodeStates } from '../node-states.js';
import type { PackageSwitching } from '../package-switching.js';
import type { PackageManager } from '../packages.js';
import type { Scenario } from '../scenario.js';
import type { Step } from '../steps/index.js';

/** What the software of a cluster acts upon. */
export interface ClusterContext {
  readonly scenario: Scenario;
  readonly runtime: Runtime;
  readonly ledger: Ledger;
  readonly packages: PackageManager;
  readonly nodes: NodeStates;
  readonly switching: PackageSwitching;
  /** Plays steps one after another. */
  readonly play: (steps: readonly Step[]) => Promise<void>;
}
