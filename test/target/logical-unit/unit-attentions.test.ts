import { describe, expect, it } from 'vitest';
import { decodeSense, itNexusId, requestSenseCdb, testUnitReadyCdb } from '../../../protocol/index.js';
import { NexusRegistry } from '../../../target/logical-unit/nexus-registry.js';
import { ATTENTION, UnitAttentionQueue } from '../../../target/logical-unit/unit-attentions.js';
import { ask, bench, nexusOf } from './bench.js';

const PREEMPTED = 0x2a05;
const NOTHING_SEEN = { units: new Map(), luns: [] };

function after(...codes: number[]): readonly number[] {
  const queue = new UnitAttentionQueue();
  for (const code of codes) queue.establish(code);
  return queue.pending;
}

describe('A queue of unit attention conditions', () => {
  it('keeps the order of arrival, and one of each code', () => {
    expect(after(0x2a01, PREEMPTED, 0x2a01)).toEqual([0x2a01, PREEMPTED]);
  });

  it('a reset clears the rest; a power on that was not told stands for the resets after it', () => {
    expect(after(PREEMPTED, ATTENTION.logicalUnitReset)).toEqual([ATTENTION.logicalUnitReset]);
    expect(after(ATTENTION.powerOnOrReset, PREEMPTED, ATTENTION.hardReset)).toEqual([
      ATTENTION.powerOnOrReset,
    ]);
    expect(after(ATTENTION.logicalUnitReset, ATTENTION.hardReset)).toEqual([ATTENTION.hardReset]);
  });

  it('2A/05 is told before 2F/00, whichever came first', () => {
    expect(after(ATTENTION.commandsClearedByAnotherInitiator, PREEMPTED)).toEqual([PREEMPTED, 0x2f00]);
  });

  it('an I_T nexus loss goes to the front and keeps 2A/xx', () => {
    expect(after(PREEMPTED, ATTENTION.nexusLoss, ATTENTION.nexusLoss)).toEqual([
      ATTENTION.nexusLoss,
      PREEMPTED,
    ]);
    expect(after(ATTENTION.powerOnOrReset, ATTENTION.nexusLoss)).toEqual([ATTENTION.powerOnOrReset]);
  });

  it('2F/00 alone goes last, behind all that waits', () => {
    expect(after(0x2a01, ATTENTION.commandsClearedByAnotherInitiator, PREEMPTED)).toEqual([
      0x2a01,
      PREEMPTED,
      ATTENTION.commandsClearedByAnotherInitiator,
    ]);
  });

  it('29/00 to 29/04 are power on and resets, 29/05 is not', () => {
    expect(after(PREEMPTED, 0x2904)).toEqual([0x2904]);
    expect(after(PREEMPTED, 0x2905)).toEqual([PREEMPTED, 0x2905]);
  });

  it('says whether a condition is new, or another stands for it', () => {
    const queue = new UnitAttentionQueue();
    const established = [
      PREEMPTED,
      PREEMPTED,
      ATTENTION.nexusLoss,
      ATTENTION.hardReset,
      ATTENTION.nexusLoss,
      ATTENTION.logicalUnitReset,
    ].map((code) => queue.establish(code));
    expect(established).toEqual([true, false, true, true, false, false]);
    expect(queue.pending).toEqual([ATTENTION.hardReset]);
  });

  it('drops the oldest where one more comes than are kept', () => {
    const queue = new UnitAttentionQueue(1);
    queue.establish(0x2a04);
    queue.establish(0x2a03);
    expect(queue.pending).toEqual([0x2a03]);
  });
});

describe('Unit attention conditions of a nexus', () => {
  it('a new nexus meets 29/00 once for each logical unit; REQUEST SENSE tells and clears it', async () => {
    const on = bench();
    const path = on.transport.connect(nexusOf('new'), 0);
    const sense = await path.execute(requestSenseCdb({ allocationLength: 18 }), { dataInLength: 18 });
    expect(decodeSense(sense.dataIn)).toEqual({ key: 6, asc: 0x29, ascq: 0 });
    expect(await ask(path, testUnitReadyCdb())).toBe('GOOD');
    const again = on.transport.connect(nexusOf('other'), 0);
    expect([await ask(again, testUnitReadyCdb()), await ask(again, testUnitReadyCdb())]).toEqual([
      '06/29/00',
      'GOOD',
    ]);
  });

  it('the registry forgets the nexus that left first, never one with a session', () => {
    const registry = new NexusRegistry({ detachedMax: 1 });
    registry.addUnit();
    const [first, second, staying] = ['first', 'second', 'staying'].map((name) =>
      registry.attach(nexusOf(name), NOTHING_SEEN),
    );
    if (first === undefined || second === undefined || staying === undefined)
      throw new Error('three nexuses');
    for (const one of [first, second, staying]) one.record.attentions.get(0)?.take();
    registry.detach(second);
    registry.detach(first);
    const known = (name: string): boolean =>
      registry.recordOf(itNexusId(nexusOf(name))).attentions.get(0)?.isEmpty === true;
    expect(known('staying')).toBe(true);
    expect(known('first')).toBe(true);
    expect(registry.initiatorPortsOf('iqn.2026-11.org.fencelab:STAYING')).toEqual([0x8000_0000_0001n]);
    expect(registry.initiatorPortsOf('iqn.2026-11.org.fencelab:first')).toEqual([]);
    expect(known('second')).toBe(false);
  });

  it('the registry keeps nothing of a logical unit that was removed, for whichever nexus', () => {
    const registry = new NexusRegistry();
    const kept = registry.addUnit();
    const { record } = registry.attach(nexusOf('node'), NOTHING_SEEN);
    let last = kept;
    for (let round = 0; round < 3; round++) {
      const index = registry.addUnit();
      expect(index).toBeGreaterThan(last);
      last = index;
      expect([...record.attentions.keys()]).toEqual([kept, index]);
      registry.removeUnit(index);
    }
    expect([...record.attentions.keys()]).toEqual([kept]);
    expect([...registry.recordOf(itNexusId(nexusOf('new'))).attentions.keys()]).toEqual([kept]);
  });

  it('the registry knows an initiator port until its last nexus is left, at whichever target port', () => {
    const registry = new NexusRegistry();
    const name = 'iqn.2026-11.org.fencelab:node';
    const attachments = [1, 2].map((port) => registry.attach(nexusOf('node', port), NOTHING_SEEN));
    const known = attachments.map((attachment) => {
      registry.detach(attachment);
      return registry.initiatorPortsOf(name);
    });
    expect(known).toEqual([[0x8000_0000_0001n], []]);
  });
});
