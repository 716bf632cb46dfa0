export { hexDump } from './oracle/hex-dump.js';
export { judge } from './oracle/judge.js';
export * from './oracle/record.js';
export * from './oracle/types.js';
export { arrayName, type ArrayDescription } from './runtime/external/array-description.js';
export type { ArrayThatIsThere } from './runtime/external/array-that-is-there.js';
export {
  CommandLineTarget,
  type CommandLineTargetOptions,
  type MachinePath,
} from './runtime/external/command-line-target.js';
export { TargetRefusedError } from './runtime/external/external-lun.js';
export { ExternalTarget, type ExternalTargetOptions } from './runtime/external/external-target.js';
export type * from './scenario/events.js';
export { demoScenarios, scenarioFolder } from './scenario/demo.js';
export { whyNotByCommandLines, whyNotOnExternal } from './scenario/external-demands.js';
export { scenarioJsonSchema } from './scenario/json-schema.js';
export { loadScenario, parseScenario } from './scenario/load.js';
export { runScenario, type RunScenarioOptions, type ScenarioResult } from './scenario/runner.js';
export type { Scenario } from './scenario/scenario.js';
export { ScenarioError } from './scenario/source.js';
export { askArray, findingsJson, findingsTable, loadConfiguration } from './check-config/index.js';
export * from './cluster/configuration/index.js';
export * from './cluster/rules/index.js';
