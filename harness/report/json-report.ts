import type { Finding, PackageVerdict } from '../oracle/types.js';
import { isAsExpected, type NotPlayedScenario, type RunReports } from './collect.js';

/** Goes up when a reader of the report would have to change. */
const SCHEMA_VERSION = 1;

/** The whole report as JSON, for programs. Blocks are hex digits. */
export function jsonReport(
  { reports, skipped }: RunReports,
  notPlayed: readonly NotPlayedScenario[] = [],
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    allAsExpected: reports.length > 0 && notPlayed.length === 0 && reports.every(isAsExpected),
    skipped,
    notPlayed,
    scenarios: reports.map((report) => ({
      ...report,
      asExpected: isAsExpected(report),
      observed: report.verdict.verdict,
      verdict: {
        ...report.verdict,
        findings: report.verdict.findings.map(findingJson),
        packages: report.verdict.packages.map(packageJson),
      },
    })),
  };
}

function packageJson(verdict: PackageVerdict): object {
  return { ...verdict, findings: verdict.findings.map(findingJson) };
}

function findingJson(finding: Finding): object {
  const hex = (bytes: Uint8Array | undefined): string | undefined =>
    bytes && Buffer.from(bytes).toString('hex');
  return { ...finding, before: hex(finding.before), after: hex(finding.after) };
}
