import { parseScenario, runScenario } from '../../../../harness/index.js';

/** What a text of a cluster with heartbeats says; the rest is the same in all. */
export interface Given {
  readonly cluster?: string;
  readonly packages?: string;
  /** How many there are, or what the file says of them. */
  readonly nodes?: number | string;
  readonly hosts?: string;
  readonly release?: string;
  readonly steps: readonly string[];
}

export function textOf({
  cluster = '',
  packages,
  nodes = 2,
  hosts,
  release = 'A.11.19',
  steps,
}: Given): string {
  const names = Array.from(
    { length: typeof nodes === 'number' ? nodes : 2 },
    (_, index) => `node${index + 1}`,
  );
  const lines = [
    'scenario: a cluster with heartbeats',
    'paper: nowhere',
    'expect: SAFE',
    'array: { portals: 2, luns: [{ name: data }, { name: lock }] }',
    `clusters: [{ name: cluster1, release: ${release}, membership: heartbeat${cluster} }]`,
    `nodes: [${typeof nodes === 'string' ? nodes : names.map((name) => `{ name: ${name}, cluster: cluster1 }`).join(', ')}]`,
    `packages: [${packages ?? `{ name: pkg1, cluster: cluster1, luns: [data], nodes: [${names.join(', ')}] }`}]`,
    ...(hosts === undefined ? [] : [`hosts: [${hosts}]`]),
    'steps:',
    ...steps.map((step) => `  - ${step}`),
  ];
  return lines.join('\n');
}

/** What its checks came to: those that failed. */
export async function failedChecks(given: Given): Promise<readonly string[]> {
  const scenario = parseScenario(textOf(given), 'membership.yaml');
  const { checks } = await runScenario(scenario, { runtime: 'memory' });
  return checks.filter(({ passed }) => !passed).map(({ text }) => text);
}

/** Why the text is refused. */
export const messageOf = (given: Given): string => {
  try {
    parseScenario(textOf(given), 'membership.yaml');
    return 'sound';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
