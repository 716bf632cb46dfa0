/** How a text is set off on a terminal; without colours every function gives its text back. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
}

const same = (text: string): string => text;

export const PLAIN: Style = { strong: same, faint: same, good: same, bad: same, doubtful: same };

/** Select Graphic Rendition (ECMA-48 8.3.117). */
const rendition =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

export const COLOURED: Style = {
  strong: rendition(1),
  faint: rendition(2),
  good: rendition(32),
  bad: rendition(31),
  doubtful: rendition(33),
};

/** Colours only on a terminal that has them, and not where NO_COLOR is set (no-color.org). */
export function styleFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Style {
  const unwanted = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return stream.isTTY === true && !unwanted ? COLOURED : PLAIN;
}
