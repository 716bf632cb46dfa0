import { hexDump } from '../oracle/hex-dump.js';
import { decodeRecord } from '../oracle/record.js';
import { RECORD_LAYOUT, type Finding, type Verdict } from '../oracle/types.js';
import { visibleText } from '../source/shown.js';
import type { Style } from './style.js';

/** A whole record tells itself by the bytes before its fill; a torn block is shown whole. */
const RECORD_BYTES_SHOWN = RECORD_LAYOUT.offsetOf('fill');

/** Findings of one kind beyond this many are only counted: the first ones show what happens. */
const DUMPS_MAX_OF_A_KIND = 2;

/** Every finding in a sentence, the first ones of each kind with the block as a hex dump and what it says. */
export function findingLines(verdict: Verdict, style: Style): string[] {
  const seen = new Map<Finding['kind'], number>();
  return verdict.findings.flatMap((finding) => {
    const count = (seen.get(finding.kind) ?? 0) + 1;
    seen.set(finding.kind, count);
    const paint = finding.kind === 'noEvidence' ? style.doubtful : style.bad;
    const sentence = `${paint(finding.kind)}: ${visibleText(finding.text)}`;
    return count > DUMPS_MAX_OF_A_KIND ? [sentence] : [sentence, ...dumpLines(finding)];
  });
}

function dumpLines({ after, before, outcome }: Finding): string[] {
  if (after === undefined) return [];
  const record = decodeRecord(after);
  const meaning =
    typeof record === 'string'
      ? `    the block is ${record}`
      : `    writer ${record.node} of package ${record.packageName}, incarnation ${record.incarnation}, ` +
        `sequence ${record.sequence}, ${record.kind}, ${outcome ?? 'outcome unknown'}`;
  const shown = typeof record === 'string' ? after.length : RECORD_BYTES_SHOWN;
  const dump = hexDump(after.subarray(0, shown), before?.subarray(0, shown)).map((line) => `    ${line}`);
  const fill = shown < after.length ? [`      ${after.length - shown} bytes of fill follow`] : [];
  return [meaning, ...dump, ...fill];
}
