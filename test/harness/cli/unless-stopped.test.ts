import { describe, expect, it } from 'vitest';
import { unlessStopped } from '../../../harness/scenario/unless-stopped.js';

describe('work that can be stopped', () => {
  it('settles as the work does while nobody stops it', async () => {
    const { signal } = new AbortController();
    expect(await unlessStopped(Promise.resolve(1), signal)).toBe(1);
    await expect(unlessStopped(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
    expect(await unlessStopped(Promise.resolve(2), undefined)).toBe(2);
  });

  it('rejects at once when it is stopped, though the work never ends', async () => {
    const controller = new AbortController();
    const work = unlessStopped(new Promise(() => undefined), controller.signal);
    controller.abort('SIGINT');
    await expect(work).rejects.toThrow('stopped by SIGINT');
    await expect(unlessStopped(new Promise(() => undefined), controller.signal)).rejects.toThrow(
      'stopped by SIGINT',
    );
  });
});
