import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { judge } from '../../harness/oracle/judge.js';
import { junitReport, type ScenarioReport } from '../../harness/report/index.js';
import { World } from '../harness/oracle/world.js';
import { describeWithPeers, runPeer } from './peer.js';

const SCHEMA = fileURLToPath(new URL('../../fixtures/junit/junit.xsd', import.meta.url));

/** Every character that might break a document, in every place where text of others goes. */
const HOSTILE = `]]> <!-- & " ' </system-out> \u0000\u0007\u001b[31m\u007f\u0085\uffff\ud800 é \u{1f512}`;

function hostileReport(expected: 'SAFE' | 'UNSAFE'): ScenarioReport {
  const world = new World(HOSTILE.slice(0, 20));
  world.write(1, 'slot', 0);
  world.fence(2, [1]);
  world.recover(2);
  world.write(1, 'slot', 1);
  world.finish();
  const verdict = judge([{ name: HOSTILE.slice(0, 20), exclusive: true, luns: [0] }], world.history);
  return {
    scenario: HOSTILE,
    paper: HOSTILE,
    runtime: 'memory',
    expected,
    verdict,
    commands: [
      {
        at: 0,
        node: HOSTILE,
        packageName: 'pkg1',
        commandLine: HOSTILE,
        lun: 0,
        exitStatus: 1,
        inferred: false,
        source: HOSTILE,
      },
    ],
    failedChecks: [HOSTILE],
  };
}

describeWithPeers(
  'the JUnit report is read by xmllint',
  [{ command: 'xmllint', debianPackage: 'libxml2-utils' }],
  (pathOf) => {
    const lint = (xml: string, ...options: string[]): ReturnType<typeof runPeer> =>
      runPeer(pathOf('xmllint'), ['--nonet', ...options, '-'], { input: xml });
    const xml = junitReport({
      version: '1.0.0',
      startedAt: new Date(0),
      cases: [
        { kind: 'judged', report: hostileReport('SAFE'), seconds: 1.5 },
        { kind: 'judged', report: hostileReport('UNSAFE'), seconds: 0 },
        { kind: 'notPlayed', scenario: HOSTILE, runtime: 'processes', seconds: 2, why: HOSTILE },
        { kind: 'skipped', scenario: HOSTILE, runtime: 'processes', why: HOSTILE },
      ],
    });

    it('is well-formed and has the elements of the common schema in its order', async () => {
      const { status, stderr } = await lint(xml, '--noout', '--schema', SCHEMA);
      expect([status, stderr]).toEqual([0, '- validates\n']);
    });

    it('gives back the text that was put in, with U+FFFD for what XML cannot hold', async () => {
      const { stdout } = await lint(xml, '--xpath', 'string(//error/@message)');
      expect(stdout).toBe(
        `]]> <!-- & " ' </system-out> \ufffd\ufffd\ufffd[31m\ufffd\ufffd\ufffd\ufffd é \u{1f512}\n`,
      );
    });

    it('would not be valid in another order', async () => {
      const swapped = xml.replace(/(<failure[^]*?<\/failure>\s*)(<system-out>[^]*?<\/system-out>)/, '$2$1');
      expect(swapped).not.toBe(xml);
      expect((await lint(swapped, '--noout', '--schema', SCHEMA)).status).toBe(3);
    });
  },
);
