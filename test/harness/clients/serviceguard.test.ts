import { describe, expect, it } from 'vitest';
import type { SequenceStep } from '../../../harness/clients/sequence.js';
import { serviceguardSequences } from '../../../harness/clients/serviceguard/sequences.js';

const linesOf = (steps: readonly SequenceStep[]): string[] =>
  steps.map((step) => (step.action === 'sgPersist' ? `${step.on}: ${step.options}` : step.action));

describe('Serviceguard sequences', () => {
  it('start by CLEAR: register, clear, register every path, reserve, then the application', () => {
    expect(linesOf(serviceguardSequences({ release: 'A.11.19', fence: 'clear' }, 'failover').start)).toEqual([
      'eachLun: --no-inquiry --out --register-ignore --param-sark={key}',
      'eachLun: --no-inquiry --out --clear --param-rk={key}',
      'eachPath: --no-inquiry --out --register-ignore --param-sark={key}',
      'eachLun: --no-inquiry --out --reserve --param-rk={key} --prout-type=5',
      'startApplication',
    ]);
  });

  it('start by PREEMPT AND ABORT of every other key instead', () => {
    const { start } = serviceguardSequences({ release: 'A.11.19', fence: 'preempt-and-abort' }, 'failover');
    expect(linesOf(start)[1]).toBe(
      'eachForeignKey: --no-inquiry --out --preempt-abort --param-rk={key} --param-sark={foreignKey} --prout-type=5',
    );
  });

  it('halt differently by release, and leave the others of a multi-node package alone', () => {
    const halt = (release: 'A.11.18.02' | 'A.11.19', type: 'failover' | 'multi-node'): string[] =>
      linesOf(serviceguardSequences({ release, fence: 'clear' }, type).halt);
    expect(halt('A.11.18.02', 'failover')).toEqual([
      'stopApplication',
      'eachLun: --no-inquiry --out --release --param-rk={key} --prout-type=5',
      'eachPath: --no-inquiry --out --register --param-rk={key} --param-sark=0',
    ]);
    expect(halt('A.11.19', 'failover')).toEqual([
      'stopApplication',
      'eachLun: --no-inquiry --out --clear --param-rk={key}',
    ]);
    expect(halt('A.11.19', 'multi-node')).toEqual([
      'stopApplication',
      'eachPath: --no-inquiry --out --register --param-rk={key} --param-sark=0',
    ]);
  });

  it('say of every line where it comes from, and that the sg_persist lines are inferred', () => {
    const sequences = Object.values(
      serviceguardSequences({ release: 'A.11.18.02', fence: 'clear' }, 'failover'),
    ) as readonly SequenceStep[][];
    for (const step of sequences.flat()) {
      expect(step.source).not.toBe('');
      expect(step.inferred, step.id).toBe(step.action === 'sgPersist');
    }
  });
});
