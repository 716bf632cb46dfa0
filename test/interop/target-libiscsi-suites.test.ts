import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTarget } from '../../target/index.js';
import type { LogicalUnitOptions, Target } from '../../target/index.js';
import { describeWithPeers, runPeer } from './peer.js';
import type { PeerRun } from './peer.js';

const MIB = 1024 * 1024;
/** The suite of SANITIZE waits for each operation, and a minute for the last. */
const SUITE_TIMEOUT_MS = 300_000;

type UnitOptions = Omit<LogicalUnitOptions, 'lun' | 'medium'>;

/** The logical units of the matrix, by the words of a LUN SPEC; each has the LUN of its place. */
const UNITS = {
  plain: {},
  'thin,physical=4096': { thin: true, physicalBlockLengthBytes: 4096 },
  'readonly,thin': { readonly: true, thin: true },
  'removable,thin': { removable: true, thin: true },
  'sanitize=8,thin': { sanitizeSeconds: 8, thin: true },
} as const satisfies Record<string, UnitOptions>;

type Kind = keyof typeof UNITS;
const KINDS = Object.keys(UNITS) as Kind[];

/** A suite on every kind of logical unit that can have it, with the cases that are skipped there. */
interface Suite {
  readonly name: string;
  readonly on: Partial<Record<Kind, readonly string[]>>;
}

const onPlain = (name: string): Suite => ({ name, on: { plain: [] } });
const onWritable = (name: string, skippedOnPlain: readonly string[] = []): Suite => ({
  name,
  on: { plain: skippedOnPlain, 'thin,physical=4096': [] },
});
const everywhere = (name: string, skippedOnPlain: readonly string[] = []): Suite => ({
  name,
  on: { plain: skippedOnPlain, 'thin,physical=4096': [], 'readonly,thin': [] },
});

const onRemovable = (name: string): Suite => ({ name, on: { 'removable,thin': [] } });

const UNMAPPING = ['InvalidDataOutSize', 'Unmap', 'UnmapUnaligned', 'UnmapUntilEnd'];

const SUITES: readonly Suite[] = [
  onWritable('CompareAndWrite', ['InvalidDataOutSize']),
  onPlain('ExtendedCopy'),
  onWritable('GetLBAStatus', ['UnmapSingle']),
  everywhere('Inquiry', ['BlockLimits']),
  everywhere('Mandatory'),
  everywhere('ModeSense6'),
  onRemovable('NoMedia'),
  onWritable('OrWrite'),
  everywhere('Prefetch10'),
  everywhere('Prefetch16'),
  onRemovable('PreventAllow'),
  onPlain('PrinReadKeys'),
  onPlain('PrinReportCapabilities'),
  onPlain('PrinServiceactionRange'),
  onPlain('ProutClear'),
  onPlain('ProutPreempt'),
  onPlain('ProutRegister'),
  onPlain('ProutReserve'),
  everywhere('Read6'),
  everywhere('Read10'),
  everywhere('Read12'),
  everywhere('Read16'),
  everywhere('ReadCapacity10'),
  everywhere('ReadCapacity16'),
  everywhere('ReadDefectData10'),
  everywhere('ReadDefectData12'),
  onPlain('ReceiveCopyResults'),
  onPlain('ReportSupportedOpcodes'),
  { name: 'Sanitize', on: { 'sanitize=8,thin': [] } },
  onRemovable('StartStopUnit'),
  onPlain('TestUnitReady'),
  { name: 'ReadOnly', on: { 'readonly,thin': [] } },
  onPlain('Reserve6'),
  onWritable('Unmap', ['Simple', 'VPD', 'ZeroBlocks']),
  everywhere('Verify10'),
  everywhere('Verify12'),
  everywhere('Verify16'),
  onWritable('Write10'),
  onWritable('Write12'),
  onWritable('Write16'),
  onWritable('WriteAtomic16'),
  onWritable('WriteSame10', UNMAPPING),
  onWritable('WriteSame16', UNMAPPING),
  onWritable('WriteVerify10'),
  onWritable('WriteVerify12'),
  onWritable('WriteVerify16'),
  onPlain('iSCSIcmdsn'),
  onPlain('iSCSIdatasn'),
  onWritable('iSCSIResiduals'),
  onPlain('iSCSITMF'),
];

it('no case of a suite is skipped on every logical unit', () => {
  for (const { name, on } of SUITES) {
    const [first = [], ...others] = Object.values(on);
    const everywhereSkipped = first.filter((one) => others.every((skipped) => skipped.includes(one)));
    expect([name, everywhereSkipped]).toEqual([name, []]);
  }
});

describeWithPeers(
  'the target passes the suites of iscsi-test-cu',
  [{ command: 'iscsi-test-cu', debianPackage: 'libiscsi-bin' }],
  (pathOf) => {
    let target: Target;
    beforeAll(async () => {
      target = await createTarget({
        iqn: 'iqn.2026-11.org.fencelab:suites',
        portals: [{ host: '127.0.0.1', port: 0 }],
        logicalUnits: KINDS.map((kind, lun) => ({
          lun,
          medium: { kind: 'memory', sizeBytes: 64 * MIB },
          ...UNITS[kind],
        })),
      });
    });
    afterAll(async () => {
      await target.close();
    });

    describe.each(KINDS)('on a LUN that is %s', (kind) => {
      const here = SUITES.flatMap(({ name, on }) => {
        const skipped = on[kind];
        return skipped === undefined ? [] : [{ name, skipped: [...skipped].sort() }];
      });
      it.each(here)(
        '$name: none failed, and none skipped but what the table says',
        async ({ name, skipped }) => {
          const url = target.urlOf(KINDS.indexOf(kind));
          const run = await runPeer(
            pathOf('iscsi-test-cu'),
            ['-d', '-n', '-v', '--allow-sanitize', '-t', `ALL.${name}`, url],
            {
              timeoutMs: SUITE_TIMEOUT_MS,
            },
          );
          expect(verdictOf(run)).toEqual({ status: 0, skipped, failed: 0, someRan: true });
        },
        SUITE_TIMEOUT_MS + 10_000,
      );
    });
  },
);

/** CUnit counts what was skipped as passed: the output says which. */
function verdictOf(run: PeerRun): object {
  const printed = run.stdout + run.stderr;
  // `tests  total  ran  passed  failed  inactive`, where tests are the cases of the suite.
  const counts = /^\s*tests\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(printed);
  return {
    status: run.status,
    skipped: skippedCases(printed),
    failed: counts === null ? printed.slice(-2000) : Number(counts[4]),
    someRan: Number(counts?.[2] ?? 0) > 0,
  };
}

/** Names of the cases whose output has the word, in alphabetical order. */
function skippedCases(printed: string): string[] {
  const [, ...cases] = printed.split(/^ *Test: /m);
  return cases
    .filter((one) => one.includes('[SKIPPED]'))
    .map((one) => one.slice(0, one.indexOf(' ')))
    .sort();
}
