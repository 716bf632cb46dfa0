import { describe, expect, it } from 'vitest';
import { playSteps } from '../harness/scenario/small-site.js';

describe('over sockets', () => {
  it('a dead node answers no command, and a hold takes a write on whatever path it comes', async () => {
    const { failed, events } = await playSteps(
      [
        'cmrunpkg: { package: pkg1, node: guest1 }',
        'crash: { node: guest2 }',
        "sgPersist: { node: guest2, lun: data, options: '--no-inquiry --in --read-keys', exit: 56 }",
        'losePath: { node: guest1, path: 1 }',
        ...['array', 'host'].flatMap((where) => [
          `hold: { where: ${where}, node: guest1, lun: data }`,
          'writes: { package: pkg1, node: guest1, count: 1, wait: false }',
          `awaitHeld: { where: ${where}, node: guest1 }`,
          `release: { where: ${where}, node: guest1 }`,
        ]),
        'hold: { where: host, node: npiv, lun: data }',
      ],
      { runtime: 'processes', portals: 2 },
    );
    expect(failed).toEqual(['the hold in the host has held a write of npiv']);
    const holds = events.flatMap((event) => (event.type === 'hold' ? [event.state] : []));
    expect(holds).toEqual(['armed', 'held', 'released', 'armed', 'held', 'released', 'armed', 'released']);
  }, 60_000);
});
