import { describe, expect, it } from 'vitest';
import { markup } from '../../../harness/report/markup.js';

describe('markup', () => {
  it('escapes every value, and leaves markup as it is', () => {
    const inner = markup`<b title="${'"<&>\''}">${3}</b>`;
    expect(markup`<p>${inner}${['<', inner, [undefined, '&']]}</p>`.text).toBe(
      '<p><b title="&quot;&lt;&amp;&gt;&#39;">3</b>&lt;<b title="&quot;&lt;&amp;&gt;&#39;">3</b>&amp;</p>',
    );
  });

  it('shows what XML 1.0 cannot hold as U+FFFD, and keeps line ends and characters beyond 16 bits', () => {
    expect(markup`${'a\u0000b\u001bc\u007fd\u0085e\uffffa\n\t\r\u{1f512}'}`.text).toBe(
      'a\ufffdb\ufffdc\ufffdd\ufffde\ufffda\n\t\r\u{1f512}',
    );
    expect(markup`${'half \ud83d of a pair'}`.text).toBe('half \ufffd of a pair');
  });
});
