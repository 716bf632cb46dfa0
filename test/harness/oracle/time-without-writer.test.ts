import { describe, expect, it } from 'vitest';
import { judge } from '../../../harness/oracle/judge.js';
import type { TimeWithoutWriter } from '../../../harness/oracle/types.js';
import { World } from './world.js';

/** Each event of a world takes 10 ms. */
function timeIn(act: (world: World) => void, exclusive = true): TimeWithoutWriter {
  const world = new World();
  act(world);
  world.finish();
  const { timeWithoutWriterMs, whyWithoutWriter } = judge(
    [{ name: 'pkg1', exclusive, luns: [0] }],
    world.history,
  );
  return { timeWithoutWriterMs, whyWithoutWriter };
}

const stop = (world: World, incarnation: number, why: string): void => {
  world.tell({ type: 'incarnationStopped', incarnation, why });
};
const goOn = (world: World, incarnation: number): void => {
  world.tell({ type: 'incarnationWentOn', incarnation });
};
const takeOver = (world: World): void => {
  world.fence(2, [1]);
  world.start(2);
  world.recover(2);
};
const NONE = { timeWithoutWriterMs: null, whyWithoutWriter: null };

describe('the time without a writer', () => {
  it('is told with who took over from whom', () => {
    const time = timeIn((world) => {
      world.start(1);
      world.write(1, 'slot', 0);
      world.pass(500);
      takeOver(world);
      world.write(2, 'slot', 0);
    });
    expect(time).toEqual({
      timeWithoutWriterMs: 550,
      whyWithoutWriter: 'pkg1 went from node1 (#1) to node2 (#2)',
    });
  });

  it('is the time in which the machine of the writer stood still, the longest of several', () => {
    const time = timeIn((world) => {
      world.start(1);
      world.write(1, 'slot', 0);
      world.pass(500);
      stop(world, 1, 'node1 hung');
      world.pass(1_000);
      goOn(world, 1);
      stop(world, 1, 'node1 moved');
      world.pass(2_000);
      goOn(world, 1);
      world.pass(5_000);
      world.write(1, 'slot', 1);
    });
    expect(time).toEqual({ timeWithoutWriterMs: 2_010, whyWithoutWriter: 'node1 moved' });
  });

  it('ends with the first write of whoever takes over while the writer stands still', () => {
    const time = timeIn((world) => {
      world.start(1);
      stop(world, 1, 'node1 moved');
      world.pass(1_000);
      takeOver(world);
      world.write(2, 'slot', 0);
      world.pass(9_000);
      goOn(world, 1);
    });
    expect(time).toEqual({ timeWithoutWriterMs: 1_050, whyWithoutWriter: 'node1 moved' });
  });

  it('has no end, and so is none, where the writer never goes on and nobody takes over', () => {
    const time = timeIn((world) => {
      world.start(1);
      world.write(1, 'slot', 0);
      stop(world, 1, 'node1 hung');
      world.pass(1_000);
    });
    expect(time).toEqual(NONE);
  });

  it('does not count a zombie that stands still', () => {
    const time = timeIn((world) => {
      world.start(1);
      world.write(1, 'slot', 0);
      takeOver(world);
      world.write(2, 'slot', 0);
      stop(world, 1, 'node1 hung');
      world.pass(7_000);
      goOn(world, 1);
    });
    expect(time.timeWithoutWriterMs).toBe(50);
  });

  it('is none of a multi-node package: others write meanwhile', () => {
    const time = timeIn((world) => {
      world.start(1);
      world.write(1, 'slot', 0);
      stop(world, 1, 'node1 hung');
      goOn(world, 1);
    }, false);
    expect(time).toEqual(NONE);
  });
});
