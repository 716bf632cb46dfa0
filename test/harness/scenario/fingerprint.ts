import { createHash } from 'node:crypto';
import { runScenario, type Scenario } from '../../../harness/index.js';

/** Everything that a run in memory wrote down, told and made the array tell, to the byte, as one digest. */
export async function fingerprint(scenario: Scenario, seed: number): Promise<string> {
  const digest = createHash('sha256');
  const add = (what: string, value: unknown): void => {
    digest.update(`${what} ${JSON.stringify(value, inFull)}\n`);
  };
  const result = await runScenario(scenario, {
    runtime: 'memory',
    seed,
    onEvent: (event) => {
      add('event', event);
    },
    onTarget: (target) =>
      target.onEvent((event) => {
        add('array', event);
      }),
  });
  add('result', result);
  return digest.digest('hex');
}

function inFull(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)];
  return value instanceof Set ? [...(value as ReadonlySet<unknown>)] : value;
}
