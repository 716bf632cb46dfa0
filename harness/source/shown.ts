/** So much of a value is repeated in a message. */
const SHOWN_LENGTH_MAX = 60;

/**
 * What is not to be seen, as in a file that is no text at all, would garble a terminal: controls, the byte order mark,
 * what turns the direction of writing (UAX #9 2.1-2.5) and the separators of lines and paragraphs.
 */
const INVISIBLE = /[\p{Cc}\ufeff\ufffd\u2028-\u202e\u2066-\u2069]/gu;

/** A text of somebody's file as a terminal may have it; it keeps its lines. */
export const visibleText = (text: string): string =>
  text.replace(INVISIBLE, (character) => (character === '\n' ? character : escapeOf(character)));

/** A text of somebody's file as a message repeats it: cut, and on one line. */
export function shownText(text: string, lengthMax = SHOWN_LENGTH_MAX): string {
  const shown = text.replace(INVISIBLE, escapeOf);
  return shown.length <= lengthMax ? shown : `${shown.slice(0, lengthMax)}...`;
}

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A value as JSON has it, cut. Where nothing stands there is no JSON for it but null. */
export const shownValue = (value: unknown): string => shownText(JSON.stringify(value ?? null));
