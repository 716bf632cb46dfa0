/** So much of a value is repeated in a message. */
const SHOWN_LENGTH_MAX = 60;

/** A text of somebody's file as a message repeats it: cut, and on one line. */
export function shownText(text: string, lengthMax = SHOWN_LENGTH_MAX): string {
  // What is not to be seen, as in a file that is no text at all, would garble a terminal.
  const visible = text.replace(
    /[\p{Cc}\ufeff\ufffd]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return visible.length <= lengthMax ? visible : `${visible.slice(0, lengthMax)}...`;
}

/** A value as JSON has it, cut. Where nothing stands there is no JSON for it but null. */
export const shownValue = (value: unknown): string => shownText(JSON.stringify(value ?? null));
