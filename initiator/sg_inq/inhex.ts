import { EXIT_STATUS } from '../sg_persist/exit-status.js';
import { byteAt } from './bytes.js';
import { STANDARD_PAGE } from './page-argument.js';

/** Bytes of a file that `--inhex=` names, or what is wrong with it. */
export type ReadInhex =
  { readonly bytes: Uint8Array } | { readonly message: string; readonly status: number };

const ENOENT = 2;

/** Reads bytes in hex, one or two digits each, apart by blanks or commas; a hash begins a remark. */
export function parseHex(text: string): ReadInhex {
  const bytes: number[] = [];
  let lineNumber = 0;
  for (const line of text.split('\n')) {
    lineNumber += 1;
    const data = line.replace(/#.*$/, '');
    for (const word of data.matchAll(/[^\s,]+/g)) {
      const at = word.index;
      const digits = /^[0-9a-fA-F]*/.exec(word[0])?.[0] ?? '';
      const refuse = (what: string, position: number): ReadInhex => ({
        message: `sg_f2hex_arr: ${what} line ${lineNumber}, pos ${position}\n`,
        status: EXIT_STATUS.syntaxError,
      });
      if (digits.length < word[0].length) return refuse('syntax error at', at + digits.length + 1);
      const value = Number.parseInt(digits, 16);
      if (value > 0xff) return refuse('hex number larger than 0xff in', at + 1);
      bytes.push(value);
    }
  }
  return { bytes: Uint8Array.from(bytes) };
}

/** Reads what `--inhex=` names: text of bytes in hex, or with `raw` the bytes themselves. */
export function readInhex(
  name: string,
  raw: boolean,
  readBytes: (source: string) => Uint8Array | undefined,
): ReadInhex {
  const content = readBytes(name);
  if (content === undefined) {
    const message = raw ? `unable to open binary file ${name}` : `Unable to open ${name} for reading`;
    return { message: `${message}: No such file or directory\n`, status: EXIT_STATUS.systemError + ENOENT };
  }
  return raw ? { bytes: content } : parseHex(Buffer.from(content).toString('latin1'));
}

/** Which answer bytes are, where nobody said: a VPD page, or -1 for standard INQUIRY data. */
export function guessPage(bytes: Uint8Array): { readonly page: number; readonly message: string } {
  const page = byteAt(bytes, 1);
  if (looksStandard(bytes)) {
    return { page: STANDARD_PAGE, message: 'Guessing from --inhex= this is a standard INQUIRY\n' };
  }
  // VERSION, or the upper byte of PAGE LENGTH.
  if (byteAt(bytes, 2) <= 2) {
    return { page, message: `Guessing from --inhex= this is VPD page 0x${page.toString(16)}\n` };
  }
  return {
    page: STANDARD_PAGE,
    message: "page number unclear from --inhex, hope it's a standard INQUIRY\n",
  };
}

/** Version 3 and response data format 2, or the RMB bit of a removable medium where page 80h would have text. */
function looksStandard(bytes: Uint8Array): boolean {
  const isText = (at: number): boolean => byteAt(bytes, at) >= 0x20 && byteAt(bytes, at) <= 0x80;
  if (byteAt(bytes, 1) === 0x80 && byteAt(bytes, 2) <= 2) return ![5, 6, 7].every(isText);
  return (byteAt(bytes, 3) & 0x0f) === 2 && byteAt(bytes, 2) > 2;
}
