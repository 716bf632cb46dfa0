import {
  ASSOCIATION,
  COPY_DESCRIPTOR,
  COPY_TARGET_DESIGNATOR,
  copyListHeaderLayout,
  copyOperatingParametersLayout,
  copyParameterProblem,
  copySegmentLayout,
  copyStatusLayout,
  copyTargetLayout,
  copyTransferCount,
  extendedCopyCdbLayout,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  parameterListLengthError,
  receiveCopyResultsCdbLayout,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, CopyDevice, CopyPlan, CopySegment, Verdict } from './command.js';
import { answerWith } from './data-in.js';
import {
  COPY_DESCRIPTOR_LIST_BYTES_MAX,
  COPY_SEGMENT_BYTES_MAX,
  COPY_SEGMENTS_MAX,
  COPY_TARGETS_MAX,
} from './limits.js';

const HEADER_BYTES = copyListHeaderLayout.lengthBytes;
const TARGET_BYTES = copyTargetLayout.lengthBytes;
const SEGMENT_BYTES = copySegmentLayout.lengthBytes;
/** A list that is longer than any that is taken is not collected: its length alone is the error. */
const LIST_BYTES_MAX = HEADER_BYTES + COPY_DESCRIPTOR_LIST_BYTES_MAX;
const LIST_IDENTIFIER_USAGE = { none: 0b11 } as const;
/** ASCQ of 05/26/xx. */
const PROBLEM = {
  manyTargets: 0x06,
  targetType: 0x07,
  manySegments: 0x08,
  segmentType: 0x09,
  inlineData: 0x0b,
};

/** EXTENDED COPY(LID1) before its parameter list. */
export function admitExtendedCopy(task: Task): Sense | null {
  const { parameterListLength } = extendedCopyCdbLayout.decode(task.cdb);
  if (parameterListLength > LIST_BYTES_MAX) return parameterListLengthError();
  task.dataOutWantedBytes = parameterListLength;
  return null;
}

/** EXTENDED COPY(LID1) (SPC-4 6.4): what is wrong with the list is told before anything is copied. */
export function extendedCopy(task: Task, unit: CommandUnit): Verdict {
  if (task.dataOutWantedBytes === 0) return 'good';
  const list = Buffer.from(task.dataOut.subarray(0, task.dataOutWantedBytes));
  if (list.length < Math.max(HEADER_BYTES, task.dataOutWantedBytes)) return parameterListLengthError();
  const plan = planOf(list, unit.copyDevicesOf(task));
  return 'segments' in plan ? unit.copyManager.begin(task, plan) : plan;
}

function planOf(list: Buffer, devices: readonly CopyDevice[]): CopyPlan | Sense {
  const header = copyListHeaderLayout.decode(list);
  const targetsEnd = HEADER_BYTES + header.targetDescriptorListLength;
  const segmentsEnd = targetsEnd + header.segmentDescriptorListLength;
  if (segmentsEnd - HEADER_BYTES > COPY_DESCRIPTOR_LIST_BYTES_MAX || segmentsEnd > list.length)
    return parameterListLengthError();
  if (header.inlineDataLength !== 0) return copyParameterProblem(PROBLEM.inlineData);
  const targets = targetsIn(list, targetsEnd, devices);
  if (!Array.isArray(targets)) return targets;
  const segments = segmentsIn(list, targetsEnd, segmentsEnd, targets);
  if (!Array.isArray(segments)) return segments;
  const isListed = header.listIdentifierUsage !== LIST_IDENTIFIER_USAGE.none;
  return { listIdentifier: isListed ? header.listIdentifier : null, segments };
}

/** Undefined stands for a target that is not there: an error only where a segment names it. */
function targetsIn(
  list: Buffer,
  end: number,
  devices: readonly CopyDevice[],
): (CopyDevice | undefined)[] | Sense {
  const count = (end - HEADER_BYTES) / TARGET_BYTES;
  if (!Number.isInteger(count))
    return invalidFieldInParameterList({ byte: copyListHeaderLayout.offsetOf('targetDescriptorListLength') });
  if (count > COPY_TARGETS_MAX) return copyParameterProblem(PROBLEM.manyTargets);
  const targets: (CopyDevice | undefined)[] = [];
  for (let at = HEADER_BYTES; at < end; at += TARGET_BYTES) {
    const target = copyTargetLayout.decode(list, at);
    if (target.descriptorTypeCode !== COPY_DESCRIPTOR.identification)
      return copyParameterProblem(PROBLEM.targetType);
    if (target.designatorLength > COPY_TARGET_DESIGNATOR.lengthMax)
      return invalidFieldInParameterList({ byte: at + copyTargetLayout.offsetOf('designatorLength') });
    const from = at + COPY_TARGET_DESIGNATOR.offset;
    const designator = list.subarray(from, from + target.designatorLength);
    const device = devices.find(({ description }) =>
      description.designators.some(
        (one) =>
          one.association === ASSOCIATION.logicalUnit &&
          target.association === ASSOCIATION.logicalUnit &&
          one.type === target.designatorType &&
          designator.equals(one.designator),
      ),
    );
    if (device !== undefined && target.diskBlockLengthBytes !== device.description.blockLengthBytes)
      return invalidFieldInParameterList({ byte: at + copyTargetLayout.offsetOf('diskBlockLengthBytes') });
    targets.push(device);
  }
  return targets;
}

function segmentsIn(
  list: Buffer,
  start: number,
  end: number,
  targets: readonly (CopyDevice | undefined)[],
): CopySegment[] | Sense {
  if ((end - start) / SEGMENT_BYTES > COPY_SEGMENTS_MAX) return copyParameterProblem(PROBLEM.manySegments);
  const segments: CopySegment[] = [];
  for (let at = start; at < end; at += SEGMENT_BYTES) {
    if (list[at] !== COPY_DESCRIPTOR.blockToBlock) return copyParameterProblem(PROBLEM.segmentType);
    if (at + SEGMENT_BYTES > end) return parameterListLengthError();
    const segment = copySegmentLayout.decode(list, at);
    if (segment.descriptorLength !== SEGMENT_BYTES - 4)
      return invalidFieldInParameterList({ byte: at + copySegmentLayout.offsetOf('descriptorLength') });
    segments.push({
      source: deviceAt(targets, segment.sourceTargetDescriptorIndex),
      destination: deviceAt(targets, segment.destinationTargetDescriptorIndex),
      sourceLba: segment.sourceLogicalBlockAddress,
      destinationLba: segment.destinationLogicalBlockAddress,
      blocks: segment.numberOfBlocks,
      countsDestinationBlocks: segment.destinationCount === 1,
    });
  }
  return segments;
}

const deviceAt = (targets: readonly (CopyDevice | undefined)[], index: number): CopySegment['source'] =>
  index < targets.length ? (targets[index] ?? 'notReachable') : 'notThere';

/** RECEIVE COPY STATUS(LID1): of a copy that this nexus began. */
export function receiveCopyStatus(task: Task, { copyManager }: CommandUnit): Verdict {
  const cdb = receiveCopyResultsCdbLayout.decode(task.cdb);
  const status = copyManager.statusOf(task.attachment.nexusId, cdb.listIdentifier);
  if (status === undefined)
    return invalidFieldInCdb({ byte: receiveCopyResultsCdbLayout.offsetOf('listIdentifier') });
  const data = copyStatusLayout.toBytes({
    availableData: copyStatusLayout.lengthBytes - 4,
    copyCommandStatus: COPY_COMMAND_STATUS[status.state],
    segmentsProcessed: status.segmentsProcessed,
    ...copyTransferCount(status.copiedBytes),
  });
  return answerWith(task, data, cdb.allocationLength);
}

const COPY_COMMAND_STATUS = { running: 0x00, good: 0x01, failed: 0x02 } as const;

/** RECEIVE COPY OPERATING PARAMETERS (SPC-4). */
export function receiveCopyOperatingParameters(task: Task, { description }: CommandUnit): Verdict {
  const { allocationLength } = receiveCopyResultsCdbLayout.decode(task.cdb);
  const types = Uint8Array.from(Object.values(COPY_DESCRIPTOR));
  const fixed = copyOperatingParametersLayout.toBytes({
    availableData: copyOperatingParametersLayout.lengthBytes + types.length - 4,
    supportsNoListIdentifier: 1,
    maximumTargetDescriptorCount: COPY_TARGETS_MAX,
    maximumSegmentDescriptorCount: COPY_SEGMENTS_MAX,
    maximumDescriptorListLength: COPY_DESCRIPTOR_LIST_BYTES_MAX,
    maximumSegmentLength: COPY_SEGMENT_BYTES_MAX,
    totalConcurrentCopies: 0xff,
    maximumConcurrentCopies: 0xff,
    dataSegmentGranularityExponent: Math.log2(description.blockLengthBytes),
    implementedDescriptorListLength: types.length,
  });
  return answerWith(task, Buffer.concat([fixed, types]), allocationLength);
}
