import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import { ask, bench as units, told, unit, write } from '../logical-unit/bench.js';
import { testUnitReadyCdb, read10Cdb } from '../../../protocol/index.js';
import { Bench, TEST_UNIT_READY, read10, scsiCommand } from './raw-initiator.js';

/** What the target said on standard error. */
let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

class FaultyMedium extends MemoryMedium {
  override write(): void {
    throw new Error('bad write');
  }
}

describe('A fault of the target itself in a logical unit', () => {
  it('ends the command with 04/44/00 and says so in one line; the next command is served', async () => {
    const node = await units([unit({}, { medium: new FaultyMedium(65_536) })]).node('node');
    expect(told(await write(node, 0, 7))).toBe('04/44/00');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^fencelab target: LUN 0, .*:node,i,.*, operation code 2ah failed: .*bad write.*\n$/,
    );
    expect(await ask(node, testUnitReadyCdb())).toBe('GOOD');
  });

  it('in Data-In rejects the command in memory', async () => {
    const medium = new MemoryMedium(65_536);
    medium.copyTo = () => {
      throw new Error('bad read');
    };
    const node = await units([unit({}, { medium })]).node('node');
    const cdb = read10Cdb({ logicalBlockAddress: 0, transferLength: 1 });
    await expect(node.execute(cdb, { dataInLength: 512 })).rejects.toThrow('bad read');
  });
});

describe('A fault of the target itself in a session', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(async () => {
    await bench.stop();
  });

  it.each<[string, () => void, readonly number[]]>([
    [
      'while a command is served',
      () => {
        bench.deviceServer.submit = () => {
          throw new Error('broken');
        };
      },
      TEST_UNIT_READY,
    ],
    [
      'while an answer is written',
      () => {
        bench.deviceServer.copyTo = () => {
          throw new Error('broken');
        };
      },
      read10(0, 1),
    ],
  ])('%s costs that connection alone', async (_title, breaks, cdb) => {
    const other = await bench.session({ isid: 0x800000000002n });
    const initiator = await bench.session();
    const whole = bench.deviceServer.submit.bind(bench.deviceServer);
    breaks();
    initiator.send(scsiCommand({ cdb, cmdSn: 100, tag: 1, read: true, length: 512 }));
    expect(await initiator.untilClosed()).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^fencelab target: connection of 127\.0\.0\.1 dropped: .*broken.*\n$/);
    bench.deviceServer.submit = whole;
    other.send(scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag: 1 }));
    expect((await other.expect(0x21)).header[3]).toBe(0);
    expect(bench.target.sessions()).toHaveLength(1);
  });

  it('in an answer that another session brings about costs the connection of the answer', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    initiator.send(scsiCommand({ cdb: read10(0, 1), cmdSn: 100, tag: 1, read: true, length: 512 }));
    await initiator.everythingHandled();
    bench.deviceServer.copyTo = () => {
      throw new Error('broken');
    };
    const [task] = bench.deviceServer.underWay;
    if (task === undefined) throw new Error('no command is under way');
    expect(() => {
      bench.deviceServer.finish(task);
    }).not.toThrow();
    expect(await initiator.untilClosed()).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it('while a session ends still ends it', async () => {
    const initiator = await bench.session();
    bench.deviceServer.nexusLost = () => {
      throw new Error('broken');
    };
    initiator.socket.resetAndDestroy();
    await vi.waitFor(() => {
      expect(lines).toHaveLength(1);
    });
    expect(bench.target.sessions()).toEqual([]);
  });
});
