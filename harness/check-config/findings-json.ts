import type { ClusterConfiguration } from '../cluster/configuration/index.js';
import { countFindings, RULES, type RuleFinding, type LunObservation } from '../cluster/rules/index.js';

/** The document of `--json`: every finding, the rules that do not apply, and what the array answered. */
export function findingsJson(
  configuration: ClusterConfiguration,
  findings: readonly RuleFinding[],
  observations: readonly LunObservation[],
) {
  return {
    schemaVersion: 1,
    file: configuration.file,
    configuration: configuration.title,
    counts: countFindings(findings),
    findings: findings.map(({ rule, status, found, at, expected = null }) => ({
      rule: rule.id,
      kind: rule.kind,
      status,
      found,
      expected,
      file: at.file,
      line: at.line,
      section: rule.section,
      also: rule.also ?? null,
    })),
    doNotApply: RULES.filter((rule) => !findings.some((finding) => finding.rule === rule)).map(
      ({ id }) => id,
    ),
    observations,
  };
}
