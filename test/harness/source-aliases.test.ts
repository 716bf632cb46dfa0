import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../harness/index.js';

const read = (text: string) => () => parseConfiguration(text, 'c.yaml');

describe('a YAML file that cannot be used is refused in one short line', () => {
  it.each([
    ['packages: &a [*a]\n', 1],
    [
      `a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
`,
      2,
    ],
  ])('for its aliases: %j', (text, line) => {
    expect(read(text)).toThrow(
      new RegExp(`^c\\.yaml:${line}:\\d+: an alias leads back .* expected no such alias$`),
    );
  });

  it('for its text, of which a little is shown', () => {
    const text = '\ufffd\u0085' + 'x'.repeat(500);
    expect(read(text)).toThrow(/^c\.yaml:1:1: found "\\ufffd\\u0085x{30,50}\.\.\., expected/);
  });
});
