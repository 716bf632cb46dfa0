import { describe, expect, it } from 'vitest';
import { LabClock } from '../../../harness/runtime/lab-clock.js';
import { Gate } from '../../../harness/runtime/memory/gate.js';
import { Scheduler } from '../../../harness/runtime/memory/scheduler.js';

describe('the clock of a run', () => {
  const clock = (): LabClock => new LabClock({ elapsedMs: () => 0, pass: () => Promise.resolve(0) });

  it('lets things happen within waits, in their order', async () => {
    const lab = clock();
    const seen: string[] = [];
    const note = (word: string) => (): Promise<void> => {
      seen.push(`${word} at ${lab.now()}`);
      return Promise.resolve();
    };
    lab.after(50_000, note('late'));
    lab.after(20_000, note('early'));
    await lab.wait(30_000);
    expect(seen).toEqual(['early at 20000']);
    await lab.wait(30_000);
    expect(seen).toEqual(['early at 20000', 'late at 50000']);
    expect(lab.now()).toBe(60_000);
  });

  it('lets everything happen that is due by the very end of a wait, and takes nothing for what is due at once', async () => {
    const passed: number[] = [];
    const lab = new LabClock({
      elapsedMs: () => 0,
      pass: (waitMs) => {
        passed.push(waitMs);
        return Promise.resolve(waitMs);
      },
    });
    const seen: string[] = [];
    const note = (word: string) => (): Promise<void> => {
      seen.push(word);
      return Promise.resolve();
    };
    lab.after(10_000, note('at the end'));
    lab.after(10_001, note('behind it'));
    lab.after(0, note('at once'));
    expect(await lab.wait(10_000)).toBe(10_000);
    expect([seen, passed]).toEqual([['at once', 'at the end'], [10_000]]);
    expect(await lab.wait(1)).toBe(1);
    expect([seen, passed]).toEqual([
      ['at once', 'at the end', 'behind it'],
      [10_000, 1],
    ]);
  });

  it('brings what is due nearer by waits alone, however long commands take', async () => {
    let real = 0;
    const lab = new LabClock({ elapsedMs: () => real, pass: () => Promise.resolve(0) });
    let happened = false;
    lab.after(50_000, () => {
      happened = true;
      return Promise.resolve();
    });
    real = 40_000;
    await lab.wait(30_000);
    expect(happened).toBe(false);
    expect(lab.now()).toBe(70_000);
    await lab.wait(20_000);
    expect(happened).toBe(true);
  });

  it('counts a wait at its full length, however fast it passed', async () => {
    let real = 0;
    const lab = new LabClock({
      elapsedMs: () => real,
      pass: (waitMs) => {
        real += waitMs / 100;
        return Promise.resolve(waitMs / 100);
      },
    });
    real = 5;
    expect(await lab.wait(70_000)).toBe(700);
    expect(lab.now()).toBe(70_005);
  });

  it('is one for waits side by side: they do not add up, and each ends in its turn', async () => {
    let real = 0;
    const lab = new LabClock({
      elapsedMs: () => real,
      pass: (waitMs) => {
        real += waitMs / 100;
        return Promise.resolve(waitMs / 100);
      },
    });
    const seen: string[] = [];
    const wait = async (name: string, ...waits: readonly number[]): Promise<void> => {
      for (const waitMs of waits) seen.push(`${name}: ${await lab.wait(waitMs)} by ${lab.now()}`);
    };
    lab.after(9_000, () => wait('due', 2_000));
    await Promise.all([wait('long', 10_000), wait('short', 4_000, 4_000, 4_000), wait('same', 10_000)]);
    expect(seen).toEqual([
      'short: 40 by 4000',
      'short: 40 by 8000',
      'due: 20 by 11000',
      'same: 110 by 11000',
      'long: 110 by 11000',
      'short: 40 by 12000',
    ]);
  });

  it('lets nothing happen beside what is due before it, whoever waits', async () => {
    const lab = clock();
    const seen: string[] = [];
    lab.after(1_000, async () => {
      seen.push('first begins');
      await new Promise((resolve) => setImmediate(resolve));
      seen.push('first ends');
    });
    lab.after(2_000, () => {
      seen.push('second');
      return Promise.resolve();
    });
    await Promise.all([lab.wait(3_000), lab.wait(5_000)]);
    expect(seen).toEqual(['first begins', 'first ends', 'second']);
    expect(lab.now()).toBe(5_000);
  });
});

describe('the scheduler', () => {
  const orderOf = async (seed: number): Promise<string> => {
    const scheduler = new Scheduler(seed, () => false);
    let order = '';
    const worker = async (name: string): Promise<void> => {
      for (let turn = 0; turn < 4; turn++) {
        await scheduler.turn();
        order += name;
      }
    };
    await Promise.all([worker('a'), worker('b'), worker('c')]);
    return order;
  };

  it('tells when nobody waits for a turn any more', async () => {
    const happened: string[] = [];
    const idle = new Promise<void>((resolve) => {
      const scheduler = new Scheduler(1, () => {
        happened.push('idle');
        resolve();
        return false;
      });
      void scheduler.turn().then(() => happened.push('turn'));
    });
    await idle;
    expect(happened).toEqual(['turn', 'idle']);
  });

  it('gives the same order for the same seed, and others for others', async () => {
    const orders = await Promise.all([1, 2, 3, 4, 5, 6].map(orderOf));
    expect(new Set(orders).size).toBeGreaterThan(1);
    expect(await orderOf(3)).toBe(orders[2]);
    expect(
      Array.from(orders[0] ?? '')
        .toSorted()
        .join(''),
    ).toBe('aaaabbbbcccc');
  });
});

describe('a gate', () => {
  it('lets nobody pass while it is shut, and never when it is dead', async () => {
    const gate = new Gate();
    const passed: string[] = [];
    const go = (name: string): void => {
      void gate.pass().then(() => passed.push(name));
    };
    gate.shut();
    go('shut');
    await Promise.resolve();
    expect(passed).toEqual([]);
    gate.open();
    await Promise.resolve();
    await Promise.resolve();
    expect(passed).toEqual(['shut']);
    gate.kill();
    go('dead');
    gate.open();
    await gate.dead;
    await Promise.resolve();
    expect(passed).toEqual(['shut']);
  });
});
