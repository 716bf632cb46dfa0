import { describe, expect, it } from 'vitest';
import { judge } from '../../../harness/oracle/judge.js';
import { encodeRecord, slotLba } from '../../../harness/oracle/record.js';
import type { FindingKind, JudgedPackage, Verdict, VerdictWord } from '../../../harness/oracle/types.js';
import { World } from './world.js';

const FAILOVER: JudgedPackage = { name: 'pkg1', exclusive: true, luns: [0] };

function judged(world: World, packages: readonly JudgedPackage[] = [FAILOVER]): Verdict {
  return judge(packages, world.history);
}

function kindsOf(verdict: Verdict): FindingKind[] {
  return verdict.findings.map(({ kind }) => kind);
}

/** Incarnation 1 writes, 2 fences it, recovers and writes: the history that every case bends. */
function failover(between: (world: World) => void = () => undefined, after = between): World {
  const world = new World();
  world.start(1);
  world.write(1, 'slot', 0);
  world.write(1, 'shared', 0);
  world.start(2);
  if (between !== after) between(world);
  world.fence(2, [1]);
  world.recover(2);
  world.write(2, 'shared', 0);
  world.write(2, 'slot', 0);
  after(world);
  world.finish();
  return world;
}

interface Case {
  readonly name: string;
  readonly world: () => World;
  readonly packages?: readonly JudgedPackage[];
  readonly verdict: VerdictWord;
  readonly kinds: readonly FindingKind[];
}

const none = (): void => undefined;

/** As `failover`, with what incarnation 1 does between the fence point and the recovery read. */
function zombieBeforeRecovery(zombie: (world: World) => void): World {
  const world = new World();
  world.write(1, 'slot', 0);
  world.fence(2, [1]);
  zombie(world);
  world.recover(2);
  world.write(2, 'slot', 0);
  world.finish();
  return world;
}

/** Incarnation 1 ends, and 2 goes on without having fenced anybody. */
function handedOver(why: 'halted' | 'killed'): World {
  const world = new World();
  world.write(1, 'slot', 0);
  world.tell({ type: 'incarnationEnded', incarnation: 1, why });
  world.fence(2, []);
  world.recover(2);
  world.write(2, 'slot', 0);
  world.finish();
  return world;
}

const GOOD: readonly Case[] = [
  {
    name: 'a write that was issued before the fence, lands behind it and is seen by recovery',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      const write = world.issue(1, 'slot', 1);
      world.fence(2, [1]);
      world.land(write);
      world.acknowledge(write);
      world.recover(2);
      world.write(2, 'slot', 0);
      world.finish();
      return world;
    },
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a takeover that fenced nobody, for the earlier incarnation was halted',
    world: () => handedOver('halted'),
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a zombie that is refused between the fence and recovery',
    world: () =>
      zombieBeforeRecovery((world) => {
        world.refuse(world.issue(1, 'slot', 1));
      }),
    verdict: 'SAFE',
    kinds: [],
  },
  { name: 'an orderly failover', world: () => failover(), verdict: 'SAFE', kinds: [] },
  {
    name: 'one incarnation that never moves',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.finish();
      return world;
    },
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a zombie whose writes are refused',
    world: () =>
      failover(none, (world) => {
        world.refuse(world.issue(1, 'slot', 1));
        world.refuse(world.issue(1, 'shared', 0));
      }),
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a write that is pending for ever and never lands',
    world: () => failover(none, (world) => void world.issue(1, 'slot', 1)),
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a write that landed before recovery read, and whose acknowledgement a zombie reads when it wakes',
    world: () => {
      const world = new World();
      world.write(1, 'shared', 0);
      const slot = world.issue(1, 'slot', 0);
      const shared = world.issue(1, 'shared', 1);
      world.land(slot);
      world.land(shared);
      world.fence(2, [1]);
      world.recover(2);
      world.write(2, 'shared', 1);
      world.acknowledge(slot);
      world.acknowledge(shared);
      world.finish();
      return world;
    },
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a failed write that landed before the fence',
    world: () =>
      failover((world) => {
        const write = world.issue(1, 'slot', 1);
        world.land(write);
        world.tell({ type: 'writeFailed', write, reason: 'connection lost' });
      }, none),
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a start that fenced one LUN, could not reserve the next and wrote nothing',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.fence(2, [1]);
      world.finish();
      return world;
    },
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'three incarnations, one after another',
    world: () =>
      failover(none, (world) => {
        world.fence(3, [1, 2]);
        world.recover(3);
        world.write(3, 'shared', 0);
        world.write(3, 'slot', 0);
      }),
    verdict: 'SAFE',
    kinds: [],
  },
  {
    name: 'a multi-node package whose instances write side by side, one of them fenced',
    packages: [{ ...FAILOVER, exclusive: false }],
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.write(2, 'slot', 0);
      world.write(1, 'slot', 1);
      world.fence(2, [1]);
      world.recover(2);
      world.write(2, 'slot', 1);
      world.finish();
      return world;
    },
    verdict: 'SAFE',
    kinds: [],
  },
];

const BAD: readonly Case[] = [
  ...(['slot', 'shared'] as const).map((kind) => ({
    name: `a fenced incarnation is acknowledged a ${kind} write that it issued before recovery read`,
    world: () => zombieBeforeRecovery((world) => void world.write(1, kind, 1)),
    verdict: 'UNSAFE' as const,
    kinds: ['landedLate' as const],
  })),
  {
    name: 'a fenced incarnation issues a write before recovery reads, which shows it without an answer',
    world: () =>
      zombieBeforeRecovery((world) => {
        world.land(world.issue(1, 'slot', 1));
      }),
    verdict: 'UNSAFE',
    kinds: ['landedLate'],
  },
  {
    name: 'a fenced incarnation goes on where the next one never recovers',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.fence(2, [1]);
      world.write(1, 'slot', 1);
      world.finish();
      return world;
    },
    verdict: 'UNSAFE',
    kinds: ['landedLate', 'noEvidence'],
  },
  {
    name: 'a pending write lands after recovery',
    world: () =>
      failover(none, (world) => {
        world.land(world.issue(1, 'slot', 1));
      }),
    verdict: 'UNSAFE',
    kinds: ['landedLate'],
  },
  {
    name: 'the first incarnation, which took the LUN from nobody, writes a slot after it was fenced',
    world: () => {
      const world = new World();
      world.start(1);
      world.fence(1, []);
      world.recover(1);
      world.write(1, 'slot', 1);
      world.start(2);
      world.fence(2, [1]);
      world.recover(2);
      world.write(2, 'slot', 0);
      world.land(world.issue(1, 'slot', 0));
      world.finish();
      return world;
    },
    verdict: 'UNSAFE',
    kinds: ['landedLate'],
  },
  {
    name: 'a slot that recovery read is wiped',
    world: () => failover(none, (world) => world.medium.delete(`0/${slotLba(1, 0)}`)),
    verdict: 'UNSAFE',
    kinds: ['landedLate', 'acknowledgedWriteLost'],
  },
  {
    name: 'a zombie overwrites a shared block',
    world: () =>
      failover(none, (world) => {
        world.land(world.issue(1, 'shared', 0));
      }),
    verdict: 'UNSAFE',
    kinds: ['sharedBlockOverwritten', 'acknowledgedWriteLost'],
  },
  {
    name: 'a zombie is acknowledged a shared write that the next incarnation overwrites again',
    world: () =>
      failover(none, (world) => {
        world.write(1, 'shared', 0);
        world.write(2, 'shared', 0);
      }),
    verdict: 'UNSAFE',
    kinds: ['landedLate', 'notExclusive'],
  },
  {
    name: 'a write acknowledged before the fence is not there for recovery',
    world: () =>
      failover((world) => {
        world.acknowledge(world.issue(1, 'slot', 1));
      }, none),
    verdict: 'UNSAFE',
    kinds: ['acknowledgedWriteLost'],
  },
  {
    name: 'a shared write acknowledged before the fence is not there for recovery',
    world: () =>
      failover((world) => {
        world.acknowledge(world.issue(1, 'shared', 0));
      }, none),
    verdict: 'UNSAFE',
    kinds: ['acknowledgedWriteLost'],
  },
  {
    name: 'a write of the last incarnation was acknowledged and is not there at the end',
    world: () =>
      failover(none, (world) => {
        world.acknowledge(world.issue(2, 'slot', 2));
      }),
    verdict: 'UNSAFE',
    kinds: ['acknowledgedWriteLost'],
  },
  {
    name: 'an old write of the same slot lands over an acknowledged one',
    world: () =>
      failover(none, (world) => {
        const old = world.issue(2, 'slot', 1);
        world.write(2, 'slot', 1);
        world.land(old);
      }),
    verdict: 'UNSAFE',
    kinds: ['acknowledgedWriteLost'],
  },
  {
    name: 'a write answered RESERVATION CONFLICT is on the medium',
    world: () =>
      failover((world) => {
        const write = world.issue(1, 'slot', 1);
        world.land(write);
        world.refuse(write);
      }, none),
    verdict: 'UNSAFE',
    kinds: ['refusedWriteLanded'],
  },
  {
    name: 'half a record',
    world: () =>
      failover(none, (world) => {
        const write = world.issue(2, 'slot', 2);
        world.land(write, encodeRecord(write).fill(0, 256));
      }),
    verdict: 'UNSAFE',
    kinds: ['tornBlock'],
  },
  {
    name: 'a record in the place of another',
    world: () =>
      failover(none, (world) => {
        const write = world.issue(2, 'slot', 2);
        world.land(write);
        world.medium.set(`0/${slotLba(2, 3)}`, encodeRecord(write));
      }),
    verdict: 'UNSAFE',
    kinds: ['tornBlock'],
  },
  {
    name: 'a late write that the second takeover finds, told once',
    world: () =>
      failover(none, (world) => {
        world.land(world.issue(1, 'slot', 1));
        world.fence(3, [1, 2]);
        world.recover(3);
        world.write(3, 'shared', 0);
      }),
    verdict: 'UNSAFE',
    kinds: ['landedLate'],
  },
  {
    name: 'a multi-node instance that was fenced and wrote on',
    packages: [{ ...FAILOVER, exclusive: false }],
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.write(2, 'slot', 0);
      world.fence(2, [1]);
      world.recover(2);
      world.write(1, 'slot', 1);
      world.finish();
      return world;
    },
    verdict: 'UNSAFE',
    kinds: ['landedLate'],
  },
  {
    name: 'nothing was acknowledged',
    world: () => {
      const world = new World();
      world.refuse(world.issue(1, 'slot', 0));
      world.finish();
      return world;
    },
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'nobody read at the end',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      return world;
    },
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'an incarnation that wrote without reading what it took over',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.fence(2, [1]);
      world.write(2, 'slot', 0);
      world.finish();
      return world;
    },
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'a recovery that read nothing',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.fence(2, [1]);
      world.tell({ type: 'recoveryRead', lun: 0, by: 2, blocks: [] });
      world.write(2, 'slot', 0);
      world.finish();
      return world;
    },
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'a recovery that left out a slot in which a write was pending',
    world: () => {
      const world = new World();
      const first = world.write(1, 'slot', 0);
      world.issue(1, 'slot', 1);
      world.fence(2, [1]);
      const blocks = [{ lba: first.lba, bytes: encodeRecord(first) }];
      world.tell({ type: 'recoveryRead', lun: 0, by: 2, blocks });
      world.write(2, 'slot', 0);
      world.finish();
      return world;
    },
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'a takeover that fenced nobody while the earlier incarnation writes on',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      world.fence(2, []);
      world.recover(2);
      world.write(2, 'slot', 0);
      world.write(1, 'slot', 1);
      world.finish();
      return world;
    },
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'a takeover that fenced nobody where the earlier application was only killed',
    world: () => handedOver('killed'),
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'a fence amid a write, and nobody read',
    world: () => {
      const world = new World();
      world.write(1, 'slot', 0);
      const write = world.issue(1, 'slot', 1);
      world.fence(2, [1]);
      world.land(write);
      world.acknowledge(write);
      world.finish();
      return world;
    },
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
  {
    name: 'a slot that the final reading left out',
    world: () =>
      failover(none, (world) => {
        world.write(2, 'slot', 5);
      }),
    verdict: 'INCONCLUSIVE',
    kinds: ['noEvidence'],
  },
];

describe('good histories are SAFE', () => {
  it.each(GOOD)('$name', ({ world, packages, verdict, kinds }) => {
    const result = judged(world(), packages);
    expect({
      verdict: result.verdict,
      kinds: kindsOf(result),
      texts: result.findings.map(({ text }) => text),
    }).toEqual({ verdict, kinds, texts: [] });
  });
});

describe('bad histories are told from good ones', () => {
  it.each(BAD)('$name', ({ world, packages, verdict, kinds }) => {
    const result = judged(world(), packages);
    expect({ verdict: result.verdict, kinds: kindsOf(result) }).toEqual({ verdict, kinds });
  });
});

describe('a finding', () => {
  it('shows the landed write, how it ended for its writer, and the block before and after', () => {
    const world = failover(none, (it) => {
      it.write(1, 'slot', 1);
    });
    const result = judged(world);
    const write = {
      packageName: 'pkg1',
      node: 'node1',
      incarnation: 1,
      sequence: 3,
      kind: 'slot',
      lun: 0,
      lba: 17,
    };
    expect(result.findings).toEqual([
      {
        kind: 'landedLate',
        packageName: 'pkg1',
        lun: 0,
        lba: 17,
        write,
        outcome: 'acknowledged',
        text:
          'LUN 0 LBA 17: write 3 of incarnation 1 (node1, acknowledged) landed after incarnation 2 had fenced it ' +
          'and read the block',
        before: new Uint8Array(512),
        after: encodeRecord({ ...write, kind: 'slot' }),
      },
    ]);
  });
});

describe('counts and times', () => {
  it('counts how writes ended, and those that landed late', () => {
    const world = failover(none, (it) => {
      it.land(it.issue(1, 'slot', 1));
      it.refuse(it.issue(1, 'slot', 2));
      it.tell({ type: 'writeFailed', write: it.issue(1, 'slot', 3), reason: 'time-out' });
    });
    expect(judged(world).counts).toEqual({
      issued: 7,
      acknowledged: 4,
      refused: 1,
      failed: 1,
      landedLate: 1,
    });
  });

  it('takes the time without a writer from the last acknowledged write to the first of the next incarnation', () => {
    const world = new World();
    world.write(1, 'slot', 0); // acknowledged at 20
    world.refuse(world.issue(1, 'slot', 1));
    world.fence(2, [1]);
    world.recover(2);
    world.pass(1000);
    world.write(2, 'slot', 0); // acknowledged at 1080
    world.finish();
    expect(judged(world).timeWithoutWriterMs).toBe(1060);
  });

  it('measures to the last write before the takeover where a zombie is acknowledged one afterwards', () => {
    const quiet = failover();
    const zombie = failover(none, (world) => {
      world.write(1, 'slot', 1);
    });
    expect(judged(zombie).timeWithoutWriterMs).toBe(judged(quiet).timeWithoutWriterMs);
  });

  it('tells the same findings in the same order whichever of two writers was first', () => {
    const lost = (...writers: readonly number[]): string[] => {
      const world = failover(none, (it) => {
        for (const writer of writers) it.acknowledge(it.issue(writer, 'slot', 1));
      });
      return judged(world).findings.map(({ kind, write }) => `${kind} ${String(write?.incarnation)}`);
    };
    expect(lost(1, 2)).toHaveLength(3);
    expect(lost(2, 1)).toEqual(lost(1, 2));
  });

  it('is null where the package never changed hands', () => {
    const world = new World();
    world.write(1, 'slot', 0);
    world.finish();
    expect(judged(world).timeWithoutWriterMs).toBeNull();
  });
});

describe('several packages', () => {
  const other: JudgedPackage = { name: 'pkg2', exclusive: true, luns: [1] };

  it('judges each by its own history, and all by the worst', () => {
    const bad = failover(none, (world) => {
      world.land(world.issue(1, 'slot', 1));
    });
    const good = new World('pkg2');
    good.write(1, 'slot', 0, 1);
    good.finish(1);
    const result = judge([FAILOVER, other], [...good.history, ...bad.history]);
    expect(result.packages.map(({ packageName, verdict }) => [packageName, verdict])).toEqual([
      ['pkg1', 'UNSAFE'],
      ['pkg2', 'SAFE'],
    ]);
    expect(result.verdict).toBe('UNSAFE');
    expect(result.counts.issued).toBe(6);
  });

  it('finds a record of one package in the blocks of another', () => {
    const world = failover(none, (it) => {
      const write = { ...it.issue(2, 'slot', 2), packageName: 'pkg2' };
      it.land(write);
    });
    expect(kindsOf(judged(world))).toEqual(['tornBlock']);
  });
});
