import { parseScenario, runScenario, type ScenarioResult } from '../../../harness/index.js';
import type { RuntimeKind, ScenarioEvent } from '../../../harness/scenario/events.js';

export const FILE = 's.yaml';

/** Three guests on three hosts and a machine of its own; node1 reaches the array by a port of its own, as npiv does. */
export const siteWith = (steps: readonly string[], portals = 1): string =>
  `scenario: a test
paper: a test
expect: SAFE
array: { portals: ${portals}, luns: [{ name: data }] }
hosts: [{ name: esx1 }, { name: esx2 }, { name: esx3 }]
servers: [{ name: blade }]
clusters: [{ name: c1, release: A.11.19 }]
nodes:
  - { name: guest1, cluster: c1, host: esx1 }
  - { name: guest2, cluster: c1, host: esx2 }
  - { name: npiv, cluster: c1, host: esx3, access: npiv }
  - { name: server, cluster: c1 }
packages: [{ name: pkg1, cluster: c1, luns: [data], nodes: [guest1, guest2, npiv, server] }]
steps:
${steps.map((step) => `  - ${step}\n`).join('')}`;

/** The line in the file of the step at a place in the list, from 0. */
export const lineOf = (place: number): number => 15 + place;

export interface PlayedSteps {
  readonly result: ScenarioResult;
  readonly events: readonly ScenarioEvent[];
  /** The expectations that were not met. */
  readonly failed: readonly string[];
}

export async function playSteps(
  steps: readonly string[],
  { runtime = 'memory', portals = 1 }: { readonly runtime?: RuntimeKind; readonly portals?: number } = {},
): Promise<PlayedSteps> {
  const events: ScenarioEvent[] = [];
  const result = await runScenario(parseScenario(siteWith(steps, portals), FILE), {
    runtime,
    onEvent: (event) => events.push(event),
  });
  const failed = result.checks.filter(({ passed }) => !passed).map(({ text }) => text);
  return { result, events, failed };
}
