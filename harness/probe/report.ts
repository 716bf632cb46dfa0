import type { ProbeAnswer } from './probe.js';
import { isApart } from './verdict.js';
import type { ProbeVerdict, Registrant } from './verdict.js';

/** The answer as a line, and more lines where it needs them. */
export function answerLines({ verdict }: ProbeAnswer): readonly string[] {
  switch (verdict.kind) {
    case 'apart':
      return [
        `the array can tell them apart: A is ${named(verdict.a)}, B is ${named(verdict.b)}`,
        ...(verdict.a.iscsiName !== undefined && verdict.a.iscsiName === verdict.b.iscsiName
          ? ['both have one iSCSI name, which should be of one node only; only their ISIDs differ']
          : []),
      ];
    case 'oneNexus':
      return [`it cannot: both are ${named(verdict.both)}`];
    case 'oneInitiator':
      return [
        `it cannot: both are ${verdict.a.iscsiName ?? verdict.a.initiatorPort}, by two paths: ` +
          `A is ${named(verdict.a)}, B is ${named(verdict.b)}`,
      ];
    case 'apartByKeys':
      return ['the array can tell them apart: each keeps a key of its own', WITHOUT_FULL_STATUS];
    case 'oneNexusByKeys':
      return ["it cannot: B's key took the place of A's", WITHOUT_FULL_STATUS];
  }
}

const WITHOUT_FULL_STATUS =
  'it has no READ FULL STATUS: asked by READ KEYS, which does not show ports; use the same target port for both';

const named = ({ initiatorPort, targetPorts }: Registrant): string =>
  `${initiatorPort} at ${targetPorts.length === 0 ? 'all target ports' : `target port ${targetPorts.join(', ')}`}`;

/** The same for programs. */
export function answerJson(
  { logicalUnit, verdict }: ProbeAnswer,
  devices: { readonly a: string; readonly b: string },
): object {
  const { a, b } = registrantsOf(verdict);
  return {
    canTellApart: isApart(verdict),
    kind: verdict.kind,
    logicalUnit,
    a: { device: devices.a, ...a },
    b: { device: devices.b, ...b },
  };
}

function registrantsOf(verdict: ProbeVerdict): { readonly a?: Registrant; readonly b?: Registrant } {
  if (verdict.kind === 'apart' || verdict.kind === 'oneInitiator') return verdict;
  return verdict.kind === 'oneNexus' ? { a: verdict.both, b: verdict.both } : {};
}
