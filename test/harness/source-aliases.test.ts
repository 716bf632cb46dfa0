import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../harness/index.js';

const read = (text: string) => () => parseConfiguration(text, 'c.yaml');

describe('a YAML file that cannot be used is refused in one short line', () => {
  it.each([
    ['packages: &a [*a]\n', '1:15: an alias leads back to itself'],
    ['luns: &l []\nhosts: *l\nnodes: &n\n  - &m [*l, *n]\n', '4:13: an alias leads back to itself'],
    ['luns: &l []\nhosts: *l\nnodes: *none\n', '3:8: there is no anchor for *none'],
    [
      `x: &x [1]
y: *x
a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
`,
      '6:5: aliases of aliases stand for too many values',
    ],
  ])('for its aliases, at the one that it is about: %j', (text, problem) => {
    expect(read(text)).toThrow(`c.yaml:${problem}, expected`);
  });

  it('for its text, of which a little is shown', () => {
    const text = '\ufffd\u0085' + 'x'.repeat(500);
    expect(read(text)).toThrow(/^c\.yaml:1:1: found "\\ufffd\\u0085x{30,50}\.\.\., expected/);
  });
});
