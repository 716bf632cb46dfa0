/** Reason of a Reject (RFC 7143 11.17.1). */
export const REJECT_REASON = {
  dataDigestError: 0x02,
  snackReject: 0x03,
  protocolError: 0x04,
  commandNotSupported: 0x05,
  tooManyImmediateCommands: 0x06,
  taskInProgress: 0x07,
  invalidDataAck: 0x08,
  invalidPduField: 0x09,
  outOfResources: 0x0a,
  waitingForLogout: 0x0c,
} as const;
export type RejectReason = (typeof REJECT_REASON)[keyof typeof REJECT_REASON];

const REJECT_REASON_NAMES = new Map<number, string>([
  [REJECT_REASON.dataDigestError, 'data digest error'],
  [REJECT_REASON.snackReject, 'SNACK reject'],
  [REJECT_REASON.protocolError, 'protocol error'],
  [REJECT_REASON.commandNotSupported, 'command not supported'],
  [REJECT_REASON.tooManyImmediateCommands, 'too many immediate commands'],
  [REJECT_REASON.taskInProgress, 'task in progress'],
  [REJECT_REASON.invalidDataAck, 'invalid data acknowledgement'],
  [REJECT_REASON.invalidPduField, 'invalid PDU field'],
  [REJECT_REASON.outOfResources, 'out of resources'],
  [REJECT_REASON.waitingForLogout, 'waiting for logout'],
]);

export function rejectReasonName(reason: number): string {
  return REJECT_REASON_NAMES.get(reason) ?? `reason ${hexByte(reason)}`;
}

export interface LoginStatus {
  readonly statusClass: number;
  readonly statusDetail: number;
  readonly name: string;
}

const loginStatus = (statusClass: number, statusDetail: number, name: string): LoginStatus => ({
  statusClass,
  statusDetail,
  name,
});

/** Status-Class and Status-Detail of a Login Response (RFC 7143 11.13.5). */
export const LOGIN_STATUS = {
  success: loginStatus(0x00, 0x00, 'success'),
  targetMovedTemporarily: loginStatus(0x01, 0x01, 'target moved temporarily'),
  targetMovedPermanently: loginStatus(0x01, 0x02, 'target moved permanently'),
  initiatorError: loginStatus(0x02, 0x00, 'initiator error'),
  authenticationFailure: loginStatus(0x02, 0x01, 'authentication failure'),
  authorizationFailure: loginStatus(0x02, 0x02, 'authorization failure'),
  notFound: loginStatus(0x02, 0x03, 'target not found'),
  targetRemoved: loginStatus(0x02, 0x04, 'target removed'),
  unsupportedVersion: loginStatus(0x02, 0x05, 'unsupported version'),
  tooManyConnections: loginStatus(0x02, 0x06, 'too many connections'),
  missingParameter: loginStatus(0x02, 0x07, 'missing parameter'),
  cannotIncludeInSession: loginStatus(0x02, 0x08, 'cannot include in session'),
  sessionTypeNotSupported: loginStatus(0x02, 0x09, 'session type not supported'),
  sessionDoesNotExist: loginStatus(0x02, 0x0a, 'session does not exist'),
  invalidDuringLogin: loginStatus(0x02, 0x0b, 'invalid during login'),
  targetError: loginStatus(0x03, 0x00, 'target error'),
  serviceUnavailable: loginStatus(0x03, 0x01, 'service unavailable'),
  outOfResources: loginStatus(0x03, 0x02, 'out of resources'),
} as const;

/** The standard's words for a login status, or its two bytes. */
export function loginStatusName(statusClass: number, statusDetail: number): string {
  const known = Object.values(LOGIN_STATUS).find(
    (status) => status.statusClass === statusClass && status.statusDetail === statusDetail,
  );
  return known?.name ?? `login status ${hexByte(statusClass)} ${hexByte(statusDetail)}`;
}

/** Reason of a Logout Request (RFC 7143 11.14.1). */
export const LOGOUT_REASON = { closeSession: 0, closeConnection: 1, removeConnectionForRecovery: 2 } as const;

/** Response of a Logout Response (RFC 7143 11.15.1). */
export const LOGOUT_RESPONSE = {
  closed: 0,
  connectionNotFound: 1,
  recoveryNotSupported: 2,
  cleanupFailed: 3,
} as const;

/** Function of a Task Management Function Request (RFC 7143 11.5.1). */
export const TASK_MANAGEMENT_FUNCTION = {
  abortTask: 1,
  abortTaskSet: 2,
  clearAca: 3,
  clearTaskSet: 4,
  logicalUnitReset: 5,
  targetWarmReset: 6,
  targetColdReset: 7,
  taskReassign: 8,
} as const;

/** Response of a Task Management Function Response (RFC 7143 11.6.1). */
export const TASK_MANAGEMENT_RESPONSE = {
  functionComplete: 0,
  taskDoesNotExist: 1,
  lunDoesNotExist: 2,
  taskStillAllegiant: 3,
  reassignmentNotSupported: 4,
  functionNotSupported: 5,
  functionAuthorizationFailed: 6,
  functionRejected: 255,
} as const;

const TASK_MANAGEMENT_RESPONSE_NAMES = new Map<number, string>([
  [TASK_MANAGEMENT_RESPONSE.functionComplete, 'function complete'],
  [TASK_MANAGEMENT_RESPONSE.taskDoesNotExist, 'task does not exist'],
  [TASK_MANAGEMENT_RESPONSE.lunDoesNotExist, 'LUN does not exist'],
  [TASK_MANAGEMENT_RESPONSE.taskStillAllegiant, 'task still allegiant'],
  [TASK_MANAGEMENT_RESPONSE.reassignmentNotSupported, 'task allegiance reassignment not supported'],
  [TASK_MANAGEMENT_RESPONSE.functionNotSupported, 'task management function not supported'],
  [TASK_MANAGEMENT_RESPONSE.functionAuthorizationFailed, 'function authorization failed'],
  [TASK_MANAGEMENT_RESPONSE.functionRejected, 'function rejected'],
]);

export function taskManagementResponseName(response: number): string {
  return TASK_MANAGEMENT_RESPONSE_NAMES.get(response) ?? `response ${hexByte(response)}`;
}

/** Response of a SCSI Response (RFC 7143 11.4.3). */
export const ISCSI_RESPONSE = { completedAtTarget: 0x00, targetFailure: 0x01 } as const;

/** AsyncEvent of an Asynchronous Message (RFC 7143 11.9.1). */
export const ASYNC_EVENT = {
  scsiEvent: 0,
  logoutRequested: 1,
  connectionDropped: 2,
  sessionDropped: 3,
  negotiationRequested: 4,
  tasksTerminated: 5,
  vendorSpecific: 255,
} as const;

function hexByte(value: number): string {
  return `${value.toString(16).padStart(2, '0').toUpperCase()}h`;
}
