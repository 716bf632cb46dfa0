import { ScenarioSchema } from './schema/scenario-file.js';
import { isMapping } from './step-names.js';
import { STEP_SCHEMAS } from './steps/index.js';

const STEP = '#/$defs/step';

/**
 * The language of scenarios as JSON Schema (draft 2020-12), for editors that complete and check YAML by one. A schema
 * knows no names of other places: that a node is there, and that a release has a parameter, only reading tells.
 */
export function scenarioJsonSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Scenario of fencelab run',
    ...withSteps(plain(ScenarioSchema)),
    $defs: {
      step: {
        type: 'object',
        description: 'a step: one name and its value',
        minProperties: 1,
        maxProperties: 1,
        additionalProperties: false,
        properties: withSteps(plain(STEP_SCHEMAS)),
      },
    },
  };
}

const plain = (schema: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;

/** Where a schema takes a list of anything, reading takes a list of steps. */
function withSteps(schema: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (!isMapping(value)) return [key, value];
      return [key, key === 'items' && Object.keys(value).length === 0 ? { $ref: STEP } : withSteps(value)];
    }),
  );
}
