/** Letters, digits and what udev lets stand in a value besides them; all else of a designator is written as `\x2f`. */
const NOT_SAFE = /[^0-9A-Za-z#+\-.:=@_]/g;

const hexEscape = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

/**
 * Text of a device, a character a byte, as one word: blanks and control characters ahead of it and blanks behind it are
 * left out, those within become one underscore, NULs vanish, and what cannot be printed becomes a dot.
 */
export function exportedWord(text: string): string {
  return (
    text
      .replaceAll('\0', '')
      .replace(/[ \t]+$/, '')
      .replace(/^[^!-\xff]+/, '')
      // An underscore that stands there already is the one.
      .replace(/_[ \t]+|[ \t]+/g, '_')
      .replace(/[^ -~]/g, '.')
  );
}

/** A word in which the characters that a shell or udev could stumble over are written in hex. */
export function safeWord(text: string): string {
  return exportedWord(text).replace(NOT_SAFE, hexEscape);
}

/** Every byte, blanks and what cannot be printed as `\x20`. */
export function encodedBytes(text: string): string {
  return text.replace(/[^!-~]/g, hexEscape);
}
