import { bracketed } from '../../protocol/index.js';
import { visibleText } from '../source/shown.js';

/** Wrong use of the command line. The message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What went wrong in one line, for people; never a stack trace, and nothing that garbles a terminal. */
export function oneLine(thrown: unknown): string {
  return visibleText(messageOf(thrown))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ');
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return [...new Set(thrown.errors.map(messageOf))].join('; ');
  }
  if (!(thrown instanceof Error)) return String(thrown);
  const { code, address, port, path } = thrown as NodeJS.ErrnoException & { address?: string; port?: number };
  const place = address === undefined ? (path ?? '') : `${bracketed(address)}:${port ?? ''}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${place} is in use already`;
    case 'EADDRNOTAVAIL':
      return `${place} is not an address of this machine`;
    case 'ECONNREFUSED':
      return `nothing listens on ${place}`;
    case 'ENOENT':
      return path === undefined ? thrown.message : `${path}: there is no such file`;
    default:
      return thrown.message === '' ? thrown.name : thrown.message;
  }
}
