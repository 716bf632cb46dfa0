import { describe, expect, it } from 'vitest';
import { simpleCommand } from '../../../harness/from-log/shell-words.js';

const NOT_CLOSED = (quote: string): object => ({ problem: `has a ${quote} that is not closed` });

describe('a simple command is taken apart as a shell would', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c'], ''],
    [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f'], ''],
    [`a'b'"c"d '' ""`, ['abcd', '', ''], ''],
    [String.raw`"\$x \" \\ \n"`, [String.raw`$x " \ \n`], ''],
    [String.raw`$'a\nb\'c\x41\101\\'`, ["a\nb'cAA\\"], ''],
    ['a$ $.', ['a$', '$.'], ''],
    ['a #b', ['a'], '#b'],
    ['a#b', ['a#b'], ''],
    ['a; b', ['a'], '; b'],
    ['a | b', ['a'], '| b'],
    ['a || b', ['a'], '|| b'],
    ['a && b', ['a'], '&& b'],
    ['a) b', ['a'], ') b'],
    ['a` b', ['a'], '` b'],
    ['a >/dev/null 2>&1 b', ['a', 'b'], ''],
    ['a 2>>x &>y <z b', ['a', 'b'], ''],
    ['a > x b 1', ['a', 'b', '1'], ''],
    ["a '2'>x", ['a', '2'], ''],
  ])('%s', (text, words, rest) => {
    expect(simpleCommand(text)).toEqual({ words, rest });
  });

  it.each([
    ['a $DEV', { problem: 'holds $DEV, which only the shell could have replaced' }],
    ['a ${DEV[0]} b', { problem: 'holds ${DEV[0]}, which only the shell could have replaced' }],
    ['a "$(b)"', { problem: 'holds $(, which only the shell could have replaced' }],
    ['a "`b`"', { problem: 'holds `b, which only the shell could have replaced' }],
    ["a 'b", NOT_CLOSED("'")],
    ['a "b', NOT_CLOSED('"')],
    ['a b \\', { problem: 'goes on in the next line' }],
    ['a b \\ ', { problem: 'goes on in the next line' }],
    ["a $'b", NOT_CLOSED("'")],
  ])('%s cannot be told without a shell', (text, problem) => {
    expect(simpleCommand(text)).toEqual(problem);
  });
});
