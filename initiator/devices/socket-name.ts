/** A device of a running host: `socket:PATH#DEVICE`. */
export interface SocketName {
  readonly socketPath: string;
  readonly device: string;
}

const SCHEME = 'socket:';

/** Is this text meant as a device of a host, rather than as a name in the device map? */
export function looksLikeSocketName(text: string): boolean {
  return text.startsWith(SCHEME);
}

/** Reads `socket:PATH#DEVICE`; undefined where a part is missing. */
export function parseSocketName(text: string): SocketName | undefined {
  const hash = text.lastIndexOf('#');
  if (hash <= SCHEME.length || hash === text.length - 1) return undefined;
  return { socketPath: text.slice(SCHEME.length, hash), device: text.slice(hash + 1) };
}
