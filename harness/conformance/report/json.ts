import type { Exchange } from '../exchange.js';
import { expectedInWords, receivedInWords } from '../expectation.js';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { choicesOf, countsOf } from './counts.js';
import { hex, reasonOf } from './details.js';

/** A suite for programs: every case; of those that did not pass also what was sent and what came, bytes in hex. */
export function conformanceJson(
  suite: SuiteResult,
  { version, startedAt }: { readonly version: string; readonly startedAt: Date },
): object {
  const { target, level, results, facts, notRun } = suite;
  return {
    fencelab: version,
    startedAt: startedAt.toISOString(),
    target,
    level,
    inquiry: {
      vendor: facts.inquiry.vendor,
      product: facts.inquiry.product,
      revision: facts.inquiry.revision,
    },
    counts: { ...countsOf(results), notRun },
    choices: choicesOf(results),
    cases: results.map(caseJson),
  };
}

function caseJson(result: CaseResult): object {
  const { case: one, outcome, exchanges } = result;
  const told = outcome.kind === 'passed' ? {} : { reason: reasonOf(result) };
  const data = outcome.kind === 'failed' ? outcome.finding.data : undefined;
  const shown = outcome.kind === 'failed' || outcome.kind === 'targetDied' ? exchanges : [];
  return {
    id: one.id,
    title: one.title,
    clause: one.clause,
    outcome: outcome.kind,
    ...told,
    ...(data === undefined
      ? {}
      : { data: { expected: data.expected && hex(data.expected), received: hex(data.received) } }),
    ...(shown.length === 0 ? {} : { exchanges: shown.map(exchangeJson) }),
  };
}

function exchangeJson({ actor, command, expected, received }: Exchange): object {
  const bytes =
    'result' in received ? { sense: hex(received.result.sense), dataIn: hex(received.result.dataIn) } : {};
  return {
    initiator: actor,
    command: command.name,
    cdb: hex(command.cdb),
    ...(command.dataOut === undefined ? {} : { dataOut: hex(command.dataOut) }),
    expected: expected.map(expectedInWords),
    received: receivedInWords(received),
    ...bytes,
  };
}
