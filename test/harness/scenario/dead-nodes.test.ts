import { describe, expect, it } from 'vitest';
import { playSteps } from './small-site.js';

const START = 'cmrunpkg: { package: pkg1, node: guest1 }';

describe('a node that is dead', () => {
  it('answers no command, and so nobody reserves where it was to be asked', async () => {
    const { failed, events } = await playSteps([
      'crash: { node: guest2 }',
      "sgPersist: { node: guest2, lun: data, options: '--no-inquiry --in --read-keys', exit: 56 }",
      START,
    ]);
    expect(failed).toEqual([]);
    const asked = events.flatMap((event) => (event.type === 'command' ? [event.commandLine] : []));
    expect(asked.filter((line) => line.includes('--out'))).toEqual([]);
  });

  it('does not hang, and is no member again when it is to wake', async () => {
    const { failed } = await playSteps([
      'crash: { node: guest2 }',
      'hang: { node: guest2 }',
      'wake: { node: guest2 }',
      'expectMembers: { cluster: c1, nodes: [guest1, npiv, server] }',
      START,
    ]);
    expect(failed).toEqual(['guest2 is not dead and can hang']);
  });
});

describe('a hold', () => {
  it.each(['array', 'host'])('in the %s takes a write on whatever path it comes', async (where) => {
    const { failed, events } = await playSteps(
      [
        START,
        'losePath: { node: guest1, path: 1 }',
        `hold: { where: ${where}, node: guest1, lun: data }`,
        'writes: { package: pkg1, node: guest1, count: 1, wait: false }',
        `awaitHeld: { where: ${where}, node: guest1 }`,
      ],
      { portals: 2 },
    );
    expect(failed).toEqual([]);
    const holds = events.flatMap((event) => (event.type === 'hold' ? [event.state] : []));
    expect(holds).toEqual(['armed', 'held', 'released']);
  });

  it.each(['array', 'host'])('in the %s that has held nothing is told', async (where) => {
    const hold = `hold: { where: ${where}, node: guest2, lun: data }`;
    const { failed } = await playSteps([START, hold, 'writes: { package: pkg1, count: 1 }']);
    expect(failed).toEqual([`the hold in the ${where} has held a write of guest2`]);
  });
});
