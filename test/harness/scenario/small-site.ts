import { parseScenario, runScenario, type ScenarioResult } from '../../../harness/index.js';
import type { RuntimeKind, ScenarioEvent } from '../../../harness/scenario/events.js';

export const FILE = 's.yaml';

interface Options {
  readonly runtime?: RuntimeKind;
  readonly portals?: number;
  readonly heartbeat?: boolean;
  readonly onEvent?: (event: ScenarioEvent) => void;
}

/** Three guests on three hosts, one of them with a virtual port of its own, and a machine of its own. */
const siteWith = (steps: readonly string[], { portals = 1, heartbeat = false }: Options): string =>
  `scenario: a test
paper: a test
expect: SAFE
array: { portals: ${portals}, luns: [{ name: data }] }
hosts: [{ name: esx1 }, { name: esx2 }, { name: esx3 }]
servers: [{ name: blade }]
clusters: [{ name: c1, release: A.11.19${heartbeat ? ', membership: heartbeat' : ''} }]
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

export async function playSteps(steps: readonly string[], options: Options = {}): Promise<PlayedSteps> {
  const events: ScenarioEvent[] = [];
  const result = await runScenario(parseScenario(siteWith(steps, options), FILE), {
    runtime: options.runtime ?? 'memory',
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  const failed = result.checks.filter(({ passed }) => !passed).map(({ text }) => text);
  return { result, events, failed };
}
