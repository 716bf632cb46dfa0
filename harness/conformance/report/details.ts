import type { Exchange } from '../exchange.js';
import { expectedInWords, receivedInWords } from '../expectation.js';
import type { CaseResult } from '../outcome.js';

/** How many commands before the one that was answered otherwise are shown: what led there. */
const EXCHANGES_SHOWN_MAX = 12;
/** Data-Out of blocks says nothing to anybody. */
const BYTES_SHOWN_MAX = 256;

/** Bytes as a vendor can paste them: two hex digits each, sixteen a line. */
function hexLines(bytes: Uint8Array): readonly string[] {
  const lines: string[] = [];
  const shown = bytes.subarray(0, BYTES_SHOWN_MAX);
  for (let at = 0; at < shown.length; at += 16) {
    lines.push(hex(shown.subarray(at, at + 16)));
  }
  if (bytes.length > BYTES_SHOWN_MAX) lines.push(`... ${bytes.length} bytes in all`);
  return lines;
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** One command as people read it: who, what, its bytes, what was due and what came. */
function exchangeLines({ actor, command, expected, received }: Exchange): readonly string[] {
  const due = expected.length === 0 ? [] : [`  expected  ${expected.map(expectedInWords).join(' or ')}`];
  const { sense = new Uint8Array(0), dataIn = new Uint8Array(0) } =
    'result' in received ? received.result : {};
  return [
    `${actor}: ${command.name}`,
    `  CDB       ${hex(command.cdb)}`,
    ...labelled('data-out', command.dataOut),
    ...due,
    `  received  ${receivedInWords(received)}`,
    ...labelled('sense', sense),
    ...labelled('data-in', dataIn),
  ];
}

function labelled(label: string, bytes: Uint8Array | undefined): readonly string[] {
  if (bytes === undefined || bytes.length === 0) return [];
  return hexLines(bytes).map((line, index) => `  ${(index === 0 ? label : '').padEnd(8)}  ${line}`);
}

/** Everything a vendor needs of a case that failed, or after which the target died. */
export function detailLines({ case: one, outcome, exchanges }: CaseResult): readonly string[] {
  const shown = exchanges.slice(-EXCHANGES_SHOWN_MAX);
  const left = exchanges.length - shown.length;
  const message =
    outcome.kind === 'failed' ? outcome.finding.message : 'reason' in outcome ? outcome.reason : '';
  const data = outcome.kind === 'failed' ? outcome.finding.data : undefined;
  return [
    `case:   ${one.title} (${one.clause})`,
    `found:  ${message}`,
    ...(data === undefined
      ? []
      : [...labelled('expected', data.expected), ...labelled('received', data.received)]),
    ...(left > 0 ? [`(${left} commands before)`] : []),
    ...shown.flatMap(exchangeLines),
  ];
}

/** What a case ended with, in one line. */
export function reasonOf({ outcome }: CaseResult): string {
  switch (outcome.kind) {
    case 'passed':
      return '';
    case 'failed':
      return outcome.finding.message;
    case 'skipped':
    case 'targetDied':
      return outcome.reason;
  }
}
