import { describe, expect, it } from 'vitest';
import { judge } from '../../../harness/oracle/judge.js';
import { junitReport, type JunitCase, type ScenarioReport } from '../../../harness/report/index.js';
import { World } from '../oracle/world.js';

/** Incarnation 1 writes its slot after it was fenced. */
function unsafeReport(of: Partial<ScenarioReport> = {}): ScenarioReport {
  const world = new World();
  world.write(1, 'slot', 0);
  world.fence(2, [1]);
  world.recover(2);
  world.write(2, 'slot', 0);
  world.write(1, 'slot', 1);
  world.finish();
  return {
    scenario: 'one-box',
    paper: 'p. 9, "a <b> & c"',
    runtime: 'memory',
    expected: 'UNSAFE',
    verdict: judge([{ name: 'pkg1', exclusive: true, luns: [0] }], world.history),
    commands: [],
    failedChecks: [],
    ...of,
  };
}

function xmlOf(...cases: JunitCase[]): string {
  return junitReport({ version: '1.2.3', startedAt: new Date('2026-11-21T05:00:00.123Z'), cases });
}

const LATE =
  'landedLate: LUN 0 LBA 17: write 2 of incarnation 1 (node1, acknowledged) landed after incarnation 2 had fenced it ' +
  'and read the block';

describe('the JUnit report', () => {
  it('is one suite with a case for each scenario, its place and counts first', () => {
    const xml = xmlOf(
      { kind: 'judged', report: unsafeReport(), seconds: 0.25 },
      { kind: 'notPlayed', scenario: 'two', runtime: 'processes', seconds: 2.5, why: 'no "port"' },
      { kind: 'skipped', scenario: 'three', runtime: 'processes', why: 'one LUN' },
    );
    expect(xml.split('\n').slice(0, 9)).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="fencelab" tests="3" failures="0" errors="1" time="2.750">',
      '  <testsuite name="fencelab run" tests="3" failures="0" errors="1" time="2.750" skipped="1" timestamp="2026-11-21T05:00:00">',
      '    <properties>',
      '      <property name="fencelab.version" value="1.2.3"/>',
      '    </properties>',
      '    <testcase classname="fencelab.memory" name="one-box" time="0.250">',
      '      <system-out>UNSAFE, expected UNSAFE',
      'place in the paper: p. 9, &quot;a &lt;b&gt; &amp; c&quot;',
    ]);
    expect(xml.split('\n').slice(-10)).toEqual([
      '    </testcase>',
      '    <testcase classname="fencelab.processes" name="two" time="2.500">',
      '      <error message="no &quot;port&quot;" type="notPlayed"/>',
      '    </testcase>',
      '    <testcase classname="fencelab.processes" name="three" time="0.000">',
      '      <skipped message="one LUN"/>',
      '    </testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ]);
  });

  it('has findings with hex dumps in system-out, though all is as expected', () => {
    const xml = xmlOf({ kind: 'judged', report: unsafeReport(), seconds: 0 });
    expect(xml).not.toContain('<failure');
    expect(xml).toContain(`\n${LATE}\n`);
    expect(xml).toContain('&gt; 0000  46 45 4e 43 45 4c 41 42 70 6b 67 31');
  });

  it('fails a case whose verdict differs, and says what was found first', () => {
    const report = unsafeReport({ expected: 'SAFE', failedChecks: ['LUN 0 has no keys'] });
    const xml = xmlOf({ kind: 'judged', report, seconds: 0 });
    expect(xml).toContain('failures="1"');
    expect(xml).toContain(
      `<failure message="observed UNSAFE, expected SAFE; ${LATE}; not as expected: LUN 0 has no keys" type="verdict">`,
    );
    expect(xml.indexOf('<failure')).toBeLessThan(xml.indexOf('<system-out'));
  });

  it('fails a case where only a check of a step failed', () => {
    const xml = xmlOf({ kind: 'judged', report: unsafeReport({ failedChecks: ['keys [0x1]'] }), seconds: 0 });
    expect(xml).toContain('<failure message="UNSAFE as expected; not as expected: keys [0x1]" type="check">');
  });

  it('names the sg_persist lines that failed', () => {
    const command = {
      at: 1500,
      node: 'node1',
      packageName: 'pkg1',
      commandLine: 'sg_persist --out /dev/sdb',
      lun: 0,
      exitStatus: 24,
      inferred: true,
      source: 'p. 86',
    };
    const report = unsafeReport({ commands: [command, { ...command, exitStatus: 0, inferred: false }] });
    const xml = xmlOf({ kind: 'judged', report, seconds: 0 });
    expect(xml).toContain(
      '\nsg_persist lines: 2, 1 inferred\n1.500s node1: sg_persist --out /dev/sdb: exit status 24\n',
    );
  });
});
