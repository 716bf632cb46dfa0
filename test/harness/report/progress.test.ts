import { describe, expect, it } from 'vitest';
import { Progress } from '../../../harness/report/index.js';

/** Everything that is written while 100 things are done, one each 200 ms. */
function shown(isTTY: boolean, environment: NodeJS.ProcessEnv, columns = 120): string[] {
  const written: string[] = [];
  let nowMs = 0;
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  const progress = new Progress(stream, environment, 100, 'runs', () => nowMs);
  for (let done = 0; done < 100; done++) {
    nowMs += 200;
    progress.step();
  }
  expect(progress.seconds).toBe(20);
  progress.end();
  return written;
}

describe('progress', () => {
  it('is a bar that is drawn in its place on a terminal, and taken away at the end', () => {
    const written = shown(true, { TERM: 'xterm', NO_COLOR: '1' });
    expect(written).toHaveLength(101);
    expect(written[49]).toBe('\r\u001b[K[###############...............] 50 of 100 runs, about 10 s to go');
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  it.each([
    [60, '[############............] 50 of 100 runs, about 10 s to go'],
    [48, '[######......] 50 of 100 runs, about 10 s to go'],
    [45, '50 of 100 runs, about 10 s to go'],
    [20, '50 of 100 runs, abo'],
  ])('keeps to one line of a terminal that is %i columns wide', (columns, line) => {
    expect(shown(true, { TERM: 'xterm' }, columns)[49]).toBe(`\r\u001b[K${line}`);
  });

  it.each([
    [false, { TERM: 'xterm' }],
    [true, { TERM: 'dumb' }],
  ])('is a plain line each 10 s elsewhere (terminal: %s, %j)', (isTTY, environment) => {
    expect(shown(isTTY, environment)).toEqual([
      '50 of 100 runs, about 10 s to go\n',
      '100 of 100 runs, about 0 s to go\n',
    ]);
  });

  it('is drawn no more often than ten times a second', () => {
    const written: string[] = [];
    let nowMs = 0;
    const stream = { isTTY: true, write: (text: string) => written.push(text) > 0 };
    const progress = new Progress(stream, {}, 1_000, 'runs', () => nowMs);
    for (let done = 0; done < 1_000; done++) {
      nowMs += 1;
      progress.step();
    }
    expect(written).toHaveLength(10);
  });
});
