import { loginStatusName } from '../../protocol/index.js';

/** The login was refused or failed; the message says by whom and why. */
export class IscsiLoginError extends Error {
  override readonly name = 'IscsiLoginError';
  /** Status-Class and Status-Detail of the target's answer (RFC 7143 11.13.5); undefined: it gave none. */
  readonly status: { readonly statusClass: number; readonly statusDetail: number } | undefined;

  constructor(message: string, status?: { readonly statusClass: number; readonly statusDetail: number }) {
    super(status === undefined ? message : `${message}: ${describeStatus(status)}`);
    this.status = status;
  }
}

function describeStatus(status: { readonly statusClass: number; readonly statusDetail: number }): string {
  const codes = [status.statusClass, status.statusDetail].map((code) => code.toString(16).padStart(2, '0'));
  return `${loginStatusName(status.statusClass, status.statusDetail)} (${codes.join('/')})`;
}

/** The connection is gone: a command's outcome is unknown, or the session does not come back. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/** The peer broke RFC 7143; the connection is dropped. */
export class IscsiProtocolError extends Error {
  override readonly name = 'IscsiProtocolError';
}

/** The command took longer than allowed and was aborted. */
export class CommandTimeoutError extends Error {
  override readonly name = 'CommandTimeoutError';
}

/** Task management or a Reject ended the command without a status. */
export class CommandAbortedError extends Error {
  override readonly name = 'CommandAbortedError';
}
