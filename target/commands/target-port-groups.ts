import {
  asymmetricAccessState,
  encodeTargetPortGroups,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  parameterListLengthError,
  reportTargetPortGroupsCdbLayout,
  SET_TARGET_PORT_GROUPS_HEADER_BYTES,
  setTargetPortGroupDescriptorLayout,
  setTargetPortGroupsCdbLayout,
  type AsymmetricAccessState,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, Verdict } from './command.js';
import { answerWith } from './data-in.js';

const PARAMETER_DATA_FORMAT = { length: 0, extended: 1 } as const;

/** REPORT TARGET PORT GROUPS (SPC-4 6.37). */
export function reportTargetPortGroups(task: Task, { accessStates }: CommandUnit): Verdict {
  const cdb = reportTargetPortGroupsCdbLayout.decode(task.cdb);
  if (cdb.parameterDataFormat > PARAMETER_DATA_FORMAT.extended) return invalidFieldInCdb({ byte: 1, bit: 7 });
  const extended = cdb.parameterDataFormat === PARAMETER_DATA_FORMAT.extended;
  return answerWith(task, encodeTargetPortGroups(accessStates.groups, extended), cdb.allocationLength);
}

/** Far more descriptors than there can be groups. */
const PARAMETER_LIST_BYTES_MAX = SET_TARGET_PORT_GROUPS_HEADER_BYTES + 0xffff * 4;

export function admitSetTargetPortGroups(task: Task): Sense | null {
  const { parameterListLength } = setTargetPortGroupsCdbLayout.decode(task.cdb);
  if (parameterListLength > PARAMETER_LIST_BYTES_MAX) {
    return invalidFieldInCdb({ byte: setTargetPortGroupsCdbLayout.offsetOf('parameterListLength') });
  }
  task.dataOutWantedBytes = parameterListLength;
  return null;
}

/** SET TARGET PORT GROUPS (SPC-4 6.45): all of the list takes effect, or nothing does. */
export function setTargetPortGroups(task: Task, unit: CommandUnit): Verdict {
  const lengthBytes = task.dataOutWantedBytes;
  // SPC-4 6.45: a length of zero transfers nothing and is no error.
  if (lengthBytes === 0) return 'good';
  const descriptorBytes = setTargetPortGroupDescriptorLayout.lengthBytes;
  const isWhole =
    task.dataOut.length >= lengthBytes &&
    lengthBytes >= SET_TARGET_PORT_GROUPS_HEADER_BYTES &&
    (lengthBytes - SET_TARGET_PORT_GROUPS_HEADER_BYTES) % descriptorBytes === 0;
  if (!isWhole) return parameterListLengthError();
  const list = Buffer.from(task.dataOut.subarray(0, lengthBytes));
  const states = new Map<number, AsymmetricAccessState>();
  for (let at = SET_TARGET_PORT_GROUPS_HEADER_BYTES; at < lengthBytes; at += descriptorBytes) {
    const descriptor = setTargetPortGroupDescriptorLayout.decode(list, at);
    const state = asymmetricAccessState(descriptor.asymmetricAccessState);
    if (state === undefined || !CAN_BE_ASKED_FOR.has(state)) {
      return invalidFieldInParameterList({ byte: at, bit: 3 });
    }
    if (!unit.accessStates.has(descriptor.targetPortGroup)) {
      return invalidFieldInParameterList({
        byte: at + setTargetPortGroupDescriptorLayout.offsetOf('targetPortGroup'),
      });
    }
    states.set(descriptor.targetPortGroup, state);
  }
  unit.accessStates.setByCommand(task.attachment.nexusId, states);
  return 'good';
}

/** Transitioning is told, never asked for, and a group goes offline by its own (SPC-4 6.45). */
const CAN_BE_ASKED_FOR: ReadonlySet<AsymmetricAccessState> = new Set<AsymmetricAccessState>([
  'activeOptimized',
  'activeNonOptimized',
  'standby',
  'unavailable',
]);
