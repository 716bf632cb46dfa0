import {
  acknowledgedWriteLost,
  issuedAfterFence,
  landedLate,
  notExclusive,
  refusedWriteLanded,
  sharedBlockOverwritten,
  tornBlock,
  type Check,
} from './checks.js';
import { gatherEvidence, type Evidence } from './evidence.js';
import { noEvidence } from './no-evidence.js';
import { longestWithoutWriter, timeWithoutWriter } from './time-without-writer.js';
import type { Finding, Judge, PackageVerdict, VerdictWord, WriteCounts } from './types.js';

/** In the order in which findings are told: what destroys data first, what cannot be said last. */
const CHECKS: readonly Check[] = [
  landedLate,
  sharedBlockOverwritten,
  issuedAfterFence,
  notExclusive,
  acknowledgedWriteLost,
  refusedWriteLanded,
  tornBlock,
  noEvidence,
];

/**
 * Judges a history from the data alone: what the applications were told, and what was read back. It is a pure function
 * and asks no target; the event stream plays no part.
 */
export const judge: Judge = (judgedPackages, history) => {
  const packages = judgedPackages.map((judged) => judgePackage(gatherEvidence(judged, history)));
  return {
    verdict: wordOf(packages.flatMap(({ findings }) => findings)),
    findings: packages.flatMap(({ findings }) => findings),
    counts: sumOf(packages.map(({ counts }) => counts)),
    ...longestWithoutWriter(packages),
    packages,
  };
};

function judgePackage(evidence: Evidence): PackageVerdict {
  const findings = CHECKS.flatMap((check) => check(evidence));
  return {
    packageName: evidence.judged.name,
    verdict: wordOf(findings),
    findings,
    counts: countsOf(evidence, findings),
    ...timeWithoutWriter(evidence),
  };
}

function wordOf(findings: readonly Finding[]): VerdictWord {
  if (findings.some(({ kind }) => kind !== 'noEvidence')) return 'UNSAFE';
  return findings.length === 0 ? 'SAFE' : 'INCONCLUSIVE';
}

function countsOf({ fates }: Evidence, findings: readonly Finding[]): WriteCounts {
  const count = (outcome: string): number => fates.filter((fate) => fate.outcome === outcome).length;
  const late = findings.filter(({ kind }) => kind === 'landedLate' || kind === 'sharedBlockOverwritten');
  return {
    issued: fates.length,
    acknowledged: count('acknowledged'),
    refused: count('refused'),
    failed: count('failed'),
    landedLate: late.length,
  };
}

function sumOf(counts: readonly WriteCounts[]): WriteCounts {
  const sum = (of: (one: WriteCounts) => number): number => counts.reduce((all, one) => all + of(one), 0);
  return {
    issued: sum(({ issued }) => issued),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    refused: sum(({ refused }) => refused),
    failed: sum(({ failed }) => failed),
    landedLate: sum((one) => one.landedLate),
  };
}
