import { join } from 'node:path';
import { packageRoot } from '../runtime/package-root.js';
import { loadScenario } from './load.js';
import type { Scenario } from './scenario.js';

/** The main job: physical node -> VM -> physical node, VM -> VM in one box, and the same on two hosts. */
const DEMO = ['physical-to-vm', 'vm-to-physical', 'vm-to-vm-two-hosts-pending', 'vm-to-vm-one-box-pending'];

/** The folder of the scenarios that come with the package. */
export function scenarioFolder(): string {
  return join(packageRoot(), 'fixtures', 'scenarios');
}

/** What `fencelab demo` plays, in this order. */
export function demoScenarios(): Promise<readonly Scenario[]> {
  return Promise.all(DEMO.map((id) => loadScenario(join(scenarioFolder(), `${id}.yaml`))));
}
