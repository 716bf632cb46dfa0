import { describe, expect, it } from 'vitest';
import { Random } from '../../harness/random.js';

const draws = (random: Random, count: number, limit: number): number[] =>
  Array.from({ length: count }, () => random.below(limit));

describe('numbers that a seed decides', () => {
  it('are these, on every machine and with every Node', () => {
    expect(draws(new Random(1, 'steps'), 6, 1_000)).toEqual([848, 517, 529, 22, 395, 321]);
    expect(draws(new Random(0xffff_ffff, 'order of commands'), 3, 2 ** 32)).toEqual([
      1_654_178_957, 3_197_347_892, 1_626_462_554,
    ]);
  });

  it('differ by purpose and by seed', () => {
    const first = draws(new Random(1, 'steps'), 8, 2 ** 32);
    expect(draws(new Random(1, 'order of commands'), 8, 2 ** 32)).not.toEqual(first);
    expect(draws(new Random(2, 'steps'), 8, 2 ** 32)).not.toEqual(first);
  });

  it('are spread evenly over what is drawn first by the seeds 1 to 1000', () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 1; seed <= 1_000; seed++) {
      const drawn = new Random(seed, 'steps').below(4);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(60);
  });

  it('reach both ends of a range and never leave it', () => {
    const random = new Random(7, 'steps');
    const drawn = new Set(Array.from({ length: 200 }, () => random.between(3, 6)));
    expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
    expect(random.between(9, 9)).toBe(9);
  });
});
