export { checkConfiguration, countFindings, type RuleFinding } from './check-configuration.js';
export type { LunObservation, Refusal, ReservationCapabilities } from './observation.js';
export { SECTIONS, type FindingStatus, type Found, type Rule, type RuleKind, type Section } from './rule.js';
export { RULES } from './rules.js';
