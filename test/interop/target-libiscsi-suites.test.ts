import { expect, it } from 'vitest';
import { createTarget } from '../../target/index.js';
import type { LogicalUnitOptions } from '../../target/index.js';
import { describeWithPeers, runPeer } from './peer.js';
import type { PeerRun } from './peer.js';

const MIB = 1024 * 1024;
/** All suites over two paths take some half a minute, most of it waits of the tool; the suite of SANITIZE two. */
const RUN_TIMEOUT_MS = 300_000;

/** Cases that iscsi-test-cu skips, by why it does; with each reason there is a run in which it does not hold. */
const SKIPPED = {
  fullyProvisioned: [
    'CompareAndWrite.InvalidDataOutSize',
    'GetLBAStatus.UnmapSingle',
    'Inquiry.BlockLimits',
    'Unmap.Simple',
    'Unmap.VPD',
    'Unmap.ZeroBlocks',
    'WriteSame10.InvalidDataOutSize',
    'WriteSame10.Unmap',
    'WriteSame10.UnmapUnaligned',
    'WriteSame10.UnmapUntilEnd',
    'WriteSame16.InvalidDataOutSize',
    'WriteSame16.Unmap',
    'WriteSame16.UnmapUnaligned',
    'WriteSame16.UnmapUntilEnd',
  ],
  notRemovable: [
    'PreventAllow.2ITNexuses',
    'PreventAllow.ColdReset',
    'PreventAllow.Eject',
    'PreventAllow.ITNexusLoss',
    'PreventAllow.LUNReset',
    'PreventAllow.Logout',
    'PreventAllow.Simple',
    'PreventAllow.WarmReset',
    'StartStopUnit.Simple',
  ],
  notWriteProtected: ['ReadOnly.ReadOnlySBC'],
  oneLogicalBlockPerPhysical: [
    'CompareAndWrite.InvalidDataOutSize',
    'WriteSame10.InvalidDataOutSize',
    'WriteSame10.UnmapUnaligned',
    'WriteSame16.InvalidDataOutSize',
    'WriteSame16.UnmapUnaligned',
  ],
  sanitizeNotAllowed: [
    'Sanitize.BlockErase',
    'Sanitize.BlockEraseReserved',
    'Sanitize.CryptoErase',
    'Sanitize.CryptoEraseReserved',
    'Sanitize.ExitFailureMode',
    'Sanitize.InvalidServiceAction',
    'Sanitize.Overwrite',
    'Sanitize.OverwriteReserved',
    'Sanitize.Readonly',
    'Sanitize.Reservations',
    'Sanitize.Reset',
  ],
} as const;

type Reason = keyof typeof SKIPPED;

interface Run {
  /** The logical unit, in the words of a LUN SPEC. */
  readonly kind: string;
  readonly unit: Omit<LogicalUnitOptions, 'lun' | 'medium'>;
  /** Patterns of suites: each has a run of its own, since the tool takes one. */
  readonly suites: readonly string[];
  readonly paths: 1 | 2;
  readonly skipped: readonly Reason[];
  readonly options?: readonly string[];
  /** Mode pages can be saved. */
  readonly nonVolatileMemory?: boolean;
}

const RUNS: readonly Run[] = [
  {
    kind: 'plain',
    unit: {},
    suites: ['ALL'],
    paths: 2,
    skipped: ['fullyProvisioned', 'notRemovable', 'notWriteProtected', 'sanitizeNotAllowed'],
  },
  {
    kind: 'thin,physical=4096',
    unit: { thin: true, physicalBlockLengthBytes: 4096 },
    suites: ['ALL'],
    paths: 2,
    skipped: ['notRemovable', 'notWriteProtected', 'sanitizeNotAllowed'],
  },
  {
    kind: 'removable,thin',
    unit: { removable: true, thin: true },
    suites: ['ALL'],
    paths: 2,
    skipped: ['notWriteProtected', 'oneLogicalBlockPerPhysical', 'sanitizeNotAllowed'],
  },
  {
    kind: 'readonly,thin',
    unit: { readonly: true, thin: true },
    suites: ['ALL.ReadOnly', 'ALL.Read*', 'ALL.Inquiry', 'ALL.ModeSense6', 'ALL.Prin*', 'ALL.Verify*'],
    paths: 2,
    skipped: [],
  },
  {
    // One path: over two, Sanitize.Reservations leaves RESERVE(6) on the second, which the next case meets.
    kind: 'sanitize=8,thin',
    unit: { sanitizeSeconds: 8, thin: true },
    suites: ['ALL.Sanitize'],
    paths: 1,
    skipped: [],
    options: ['--allow-sanitize'],
  },
  {
    kind: 'plain, with saved pages',
    unit: {},
    suites: ['ALL.ModeSense6'],
    paths: 1,
    skipped: [],
    nonVolatileMemory: true,
  },
];

it.each(Object.keys(SKIPPED) as Reason[])(
  'what is skipped for the reason %s is not skipped in some run',
  (reason) => {
    for (const name of SKIPPED[reason]) {
      const [suite = ''] = name.split('.');
      const runsIt = ({ suites, skipped }: Run): boolean =>
        (suites.includes('ALL') || suites.includes(`ALL.${suite}`)) &&
        !skipped.some((other) => (SKIPPED[other] as readonly string[]).includes(name));
      expect([name, RUNS.some(runsIt)]).toEqual([name, true]);
    }
  },
);

// Side by side, since the tool waits most of the time; each with a target of its own, since it resets targets.
describeWithPeers(
  'the target passes the suites of iscsi-test-cu',
  [{ command: 'iscsi-test-cu', debianPackage: 'libiscsi-bin' }],
  (pathOf) => {
    it.concurrent.each(RUNS)(
      'on a LUN that is $kind, over $paths of its paths: none failed, and none skipped but what the table says',
      async ({ unit, suites, paths, skipped, options = [], nonVolatileMemory }) => {
        const portal = { host: '127.0.0.1', port: 0 };
        const target = await createTarget({
          iqn: 'iqn.2026-11.org.fencelab:suites',
          portals: [portal, portal],
          logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 64 * MIB }, ...unit }],
          nonVolatileMemory,
        });
        try {
          const urls = [0, 1].slice(0, paths).map((index) => target.urlOf(0, index));
          const expected = [...new Set(skipped.flatMap((reason) => SKIPPED[reason]))].sort();
          for (const suite of suites) {
            const args = ['-d', '-n', '-v', ...options, '-t', suite, ...urls];
            const run = await runPeer(pathOf('iscsi-test-cu'), args, { timeoutMs: RUN_TIMEOUT_MS });
            expect({ suite, ...verdictOf(run) }).toEqual({
              suite,
              status: 0,
              skipped: expected,
              failed: 0,
              someRan: true,
            });
          }
        } finally {
          await target.close();
        }
      },
      2 * RUN_TIMEOUT_MS,
    );
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

/** Names of the cases, with their suite, whose output has the word, in alphabetical order. */
function skippedCases(printed: string): string[] {
  const names: string[] = [];
  let suite = '';
  for (const part of printed.split(/^ *(?=(?:Suite|Test): )/m)) {
    const [, what, name = ''] = /^(Suite|Test): (\S+)/.exec(part) ?? [];
    if (what === 'Suite') suite = name;
    else if (part.includes('[SKIPPED]')) names.push(`${suite}.${name}`);
  }
  return names.sort();
}
