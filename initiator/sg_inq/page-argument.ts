import { scanHexadecimal } from '../sg_persist/c-numbers.js';
import { EXIT_STATUS } from '../sg_persist/exit-status.js';
import type { End } from './options.js';
import { abbreviationLines, PAGE_ABBREVIATIONS } from './page-names.js';

/** Stands for the standard INQUIRY data, which is no VPD page. */
export const STANDARD_PAGE = -1;

/** Pages and operation codes are one byte. */
export const OPCODE_MAX = 0xff;

const NO_PAGE = OPCODE_MAX + 1;

/** `--page=` read: a page, beyond 255 where it is none, or what to say of a name that nobody knows. */
export type ReadPage = { readonly page: number; readonly byName: boolean } | { readonly unknown: End };

/** Reads the argument of `--page=`: an abbreviation or a number, in the older interface a hexadecimal one. */
export function readPage(argument: string, old: boolean): ReadPage {
  if (/^[a-zA-Z]/.test(argument)) {
    const known = PAGE_ABBREVIATIONS.find(({ abbreviation }) => abbreviation === argument);
    if (known !== undefined) return { page: known.page, byName: true };
    return { unknown: unknownAbbreviation(argument, old) };
  }
  if (argument.startsWith('-')) return { page: STANDARD_PAGE, byName: false };
  return { page: old ? hexadecimal(argument) : decimal(argument), byName: false };
}

function unknownAbbreviation(argument: string, old: boolean): End {
  const option = old ? '-p=' : '--page=';
  return {
    status: EXIT_STATUS.syntaxError,
    stderr: `abbreviation ${argument} given to '${option}' not recognized\n>>> Available abbreviations:\n`,
    stdout: abbreviationLines(),
  };
}

function hexadecimal(argument: string): number {
  const value = scanHexadecimal(argument, 32);
  return value === undefined || value > OPCODE_MAX ? NO_PAGE : Number(value);
}

/** Decimal, `0x83` or `83h`; no multipliers. */
function decimal(argument: string): number {
  const word = /^[ \t]*([^ \t,#\n]*)/.exec(argument)?.[1] ?? '';
  const digits = /^0[xX]([0-9a-fA-F]+)$/.exec(word)?.[1] ?? /^([0-9a-fA-F]+)[hH]$/.exec(word)?.[1];
  if (digits !== undefined) return Math.min(NO_PAGE, Number.parseInt(digits, 16));
  return /^[0-9]+$/.test(word) ? Math.min(NO_PAGE, Number(word)) : NO_PAGE;
}
