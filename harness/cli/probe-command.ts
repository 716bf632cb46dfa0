import { randomBytes } from 'node:crypto';
import {
  DeviceOpenError,
  formatIscsiUrl,
  localInitiatorName,
  looksLikeUrl,
  openDevice,
  parseIscsiUrl,
  sessionOfDevice,
} from '../../initiator/index.js';
import { whyNoIscsiName } from '../../protocol/index.js';
import { probe } from '../probe/probe.js';
import type { ProbeDevice } from '../probe/probed-device.js';
import { answerJson, answerLines } from '../probe/report.js';
import { isApart } from '../probe/verdict.js';
import type { ProbeKeys } from '../probe/verdict.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { checkPlaceOf, writeJson } from './output-file.js';

/** The arguments of `fencelab probe` as they were typed. */
export interface ProbeArguments {
  readonly a: string;
  readonly b: string;
  readonly initiatorA?: string;
  readonly initiatorB?: string;
  readonly json?: string;
}

/** Asks the array whether it can tell two devices apart: exit status 0 if it can, 1 if not. */
export async function runProbe(typed: ProbeArguments, context: CliContext): Promise<number> {
  const { environment } = context;
  if (typed.json !== undefined) await checkPlaceOf('--json', typed.json);
  const a = await deviceOf('A', typed.a, typed.initiatorA, environment);
  const b = await deviceOf('B', typed.b, typed.initiatorB, environment);
  requireTwoNames(typed, environment);
  const answer = await probe({ a, b, keys: newKeys(), stop: context.stop() });
  for (const line of answerLines(answer)) context.stdout.write(`${line}\n`);
  if (typed.json !== undefined) {
    const report = answerJson(answer, { a: a.name, b: b.name });
    await writeJson('--json', typed.json, report);
  }
  return isApart(answer.verdict) ? EXIT.asExpected : EXIT.notAsExpected;
}

async function deviceOf(
  label: 'A' | 'B',
  name: string,
  initiator: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<ProbeDevice> {
  const option = `--initiator-${label.toLowerCase()}`;
  // What is shown has no password in it.
  const shown = looksLikeUrl(name) ? formatIscsiUrl(parseIscsiUrl(name)) : name;
  const wrong = initiator === undefined ? undefined : whyNoIscsiName(initiator);
  if (wrong !== undefined) throw new UsageError(`${option}: ${wrong}`);
  if (initiator !== undefined && !looksLikeUrl(name)) {
    throw new UsageError(`${option} goes with an iscsi:// URL only: ${name} has an initiator of its own`);
  }
  const named = initiator === undefined ? environment : { ...environment, FENCELAB_INITIATOR: initiator };
  return {
    name: shown,
    open: () => openDevice(name, { readOnly: false, environment: named }),
    session: await sessionOf(label, name, named),
  };
}

async function sessionOf(
  label: 'A' | 'B',
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    return await sessionOfDevice(name, environment);
  } catch (cause) {
    if (!(cause instanceof DeviceOpenError)) throw cause;
    throw new UsageError(`${label}, ${name}: ${cause.message}`, { cause });
  }
}

/** Two bare URLs are one initiator, this host: the answer would tell nothing of two nodes. */
function requireTwoNames(
  { a, b, initiatorA, initiatorB }: ProbeArguments,
  environment: NodeJS.ProcessEnv,
): void {
  if (!looksLikeUrl(a) || !looksLikeUrl(b) || (initiatorA !== undefined && initiatorB !== undefined)) return;
  const local = localInitiatorName(environment);
  if ((initiatorA ?? local) !== (initiatorB ?? local)) return;
  throw new UsageError(
    `both URLs would log in as ${local}: expected --initiator-a and --initiator-b, or names of the device map`,
  );
}

/** "fenc" in ASCII and a random number: whoever finds one left behind can tell what it is. */
function newKeys(): ProbeKeys {
  const a = (0x66656e63n << 32n) | (BigInt(randomBytes(4).readUInt32BE()) & 0xffff_fffen);
  return { a, b: a | 1n };
}
