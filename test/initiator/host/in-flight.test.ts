import { describe, expect, it } from 'vitest';
import { InFlight } from '../../../initiator/index.js';

/** Lets everything happen that needs no more than promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('commands in flight', () => {
  it('come to rest when the last one under way has ended, and who comes meanwhile waits', async () => {
    const inFlight = new InFlight();
    const told: string[] = [];
    let end = (): void => undefined;
    const first = inFlight.run(() => new Promise<void>((resolve) => (end = resolve)));
    const rest = inFlight.quiesce().then(() => told.push('at rest'));
    const second = inFlight.run(() => Promise.resolve(told.push('second')));
    await settled();
    expect([told, inFlight.atRest]).toEqual([[], false]);
    end();
    await Promise.all([first, rest]);
    await settled();
    expect([told, inFlight.atRest]).toEqual([['at rest'], true]);
    inFlight.resume();
    await second;
    expect(told).toEqual(['at rest', 'second']);
  });

  it('are at rest at once where nothing is under way, also after one that failed', async () => {
    const inFlight = new InFlight();
    await expect(inFlight.run(() => Promise.reject(new Error('no path')))).rejects.toThrow('no path');
    await inFlight.quiesce();
    expect(inFlight.atRest).toBe(true);
  });
});
