import {
  invalidFieldInCdb,
  invalidFieldInParameterList,
  parameterListLengthError,
  sanitizeCdbLayout,
  sanitizeOverwriteHeaderLayout,
  writeProtected,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, SanitizeMethod, SanitizeTerms, Verdict } from './command.js';

const HEADER_BYTES = sanitizeOverwriteHeaderLayout.lengthBytes;
const EXIT_BIT = sanitizeCdbLayout.placeOf('allowUnrestrictedExit');
const LENGTH_BYTE = sanitizeCdbLayout.offsetOf('parameterListLength');

const termsOf = (task: Task): SanitizeTerms => {
  const { immediate, allowUnrestrictedExit } = sanitizeCdbLayout.decode(task.cdb);
  return { immediate: immediate === 1, allowUnrestrictedExit: allowUnrestrictedExit === 1 };
};

/** What every operation asks first (SBC-4): after a restricted one failed, none that could be given up. */
function problemOf(
  task: Task,
  unit: CommandUnit,
  lengthBytesMin: number,
  lengthBytesMax: number,
): Sense | null {
  const cdb = sanitizeCdbLayout.decode(task.cdb);
  if (cdb.parameterListLength < lengthBytesMin || cdb.parameterListLength > lengthBytesMax) {
    return invalidFieldInCdb({ byte: LENGTH_BYTE });
  }
  if (cdb.allowUnrestrictedExit === 1 && unit.sanitization.isFailedRestricted)
    return invalidFieldInCdb(EXIT_BIT);
  return unit.writeProtected ? writeProtected() : null;
}

/** SANITIZE, OVERWRITE before its parameter list. */
export function admitOverwrite(task: Task, unit: CommandUnit): Sense | null {
  const problem = problemOf(task, unit, HEADER_BYTES + 1, HEADER_BYTES + unit.description.blockLengthBytes);
  if (problem === null) task.dataOutWantedBytes = sanitizeCdbLayout.decode(task.cdb).parameterListLength;
  return problem;
}

/** SANITIZE, OVERWRITE (SBC-4): the pattern is the last pass; INVERT=1 inverts every second one before it. */
export function overwrite(task: Task, unit: CommandUnit): Verdict {
  if (task.dataOut.length < task.dataOutWantedBytes) return parameterListLengthError();
  const list = task.dataOut.subarray(0, task.dataOutWantedBytes);
  const header = sanitizeOverwriteHeaderLayout.decode(list);
  if (header.test !== 0) return invalidFieldInParameterList(sanitizeOverwriteHeaderLayout.placeOf('test'));
  if (header.overwriteCount === 0)
    return invalidFieldInParameterList(sanitizeOverwriteHeaderLayout.placeOf('overwriteCount'));
  if (header.initializationPatternLength !== list.length - HEADER_BYTES) {
    const byte = sanitizeOverwriteHeaderLayout.offsetOf('initializationPatternLength');
    return invalidFieldInParameterList({ byte });
  }
  const block = Buffer.alloc(unit.description.blockLengthBytes, list.subarray(HEADER_BYTES));
  const inverse = block.map((byte) => ~byte);
  const passes = Array.from({ length: header.overwriteCount }, (_, pass) =>
    header.invert === 1 && (header.overwriteCount - 1 - pass) % 2 === 1 ? inverse : block,
  );
  return unit.sanitization.begin(task, { kind: 'overwrite', passes }, termsOf(task));
}

const ERASE: SanitizeMethod = { kind: 'erase' };

/** SANITIZE, BLOCK ERASE and CRYPTOGRAPHIC ERASE: no data that were there can be had again. */
export function erase(task: Task, unit: CommandUnit): Verdict {
  return problemOf(task, unit, 0, 0) ?? unit.sanitization.begin(task, ERASE, termsOf(task));
}

/** SANITIZE, EXIT FAILURE MODE; of nothing that failed it is GOOD. */
export function exitFailureMode(task: Task, { sanitization }: CommandUnit): Verdict {
  const { parameterListLength } = sanitizeCdbLayout.decode(task.cdb);
  if (parameterListLength !== 0) return invalidFieldInCdb({ byte: LENGTH_BYTE });
  if (sanitization.isFailedRestricted) return invalidFieldInCdb({ byte: 1, bit: 4 });
  sanitization.exitFailureMode();
  return 'good';
}
