import { OPERATION_CODE, PR_OUT_SERVICE_ACTION } from '../../../protocol/index.js';
import { quirkNamed, QUIRKS } from './index.js';
import { reserveIn, withOtherData } from './deviate.js';
import type { Deviation } from './quirk.js';

/** What stands for one array, or for one edition of the standard. */
export interface Profile {
  /** As `--profile` takes it. */
  readonly name: string;
  readonly describes: string;
  readonly deviations: readonly Deviation[];
}

/** The quirks of an array but those `without`, which it has not any more or only as a pair, and those that it shares. */
function array(
  name: string,
  describes: string,
  {
    shared = [],
    without = [],
  }: { readonly shared?: readonly string[]; readonly without?: readonly string[] } = {},
): Profile {
  const own = QUIRKS.filter((quirk) => quirk.name.startsWith(`${name}-`) && !without.includes(quirk.name));
  return { name, describes, deviations: [...own, ...shared.map(quirkNamed)] };
}

/** ALLOW COMMANDS 2: MODE SENSE and REPORT SUPPORTED OPERATION CODES conflict under Write Exclusive (SPC-4 table 208). */
const ALLOW_COMMANDS_2 = 0x20;
const ALLOW_COMMANDS_BITS = 0x70;
/** RLR_C in byte 2 of REPORT CAPABILITIES. */
const REPLACE_LOST_CAPABLE = 0x80;

/** SPC-3 has no REPLACE LOST RESERVATION, and its table of commands lets less through. */
const SPC_3: Deviation = {
  change: (behaviour) => ({
    rows: behaviour.rows
      .filter(
        ({ operationCode, serviceAction }) =>
          operationCode !== OPERATION_CODE.persistentReserveOut ||
          serviceAction !== PR_OUT_SERVICE_ACTION.replaceLostReservation,
      )
      .map((row) =>
        row.operationCode === OPERATION_CODE.modeSense6 || row.operationCode === OPERATION_CODE.modeSense10
          ? { ...row, columns: 'CCACC' as const }
          : row,
      ),
    ...reserveIn(
      ['reportCapabilities'],
      withOtherData((data) => {
        data.writeUInt8(data.readUInt8(2) & ~REPLACE_LOST_CAPABLE, 2);
        data.writeUInt8((data.readUInt8(3) & ~ALLOW_COMMANDS_BITS) | ALLOW_COMMANDS_2, 3);
        return data;
      }),
    )(behaviour),
  }),
};

export const PROFILES: readonly Profile[] = [
  array('tgt', 'fujita/tgt 1.0.85', {
    shared: ['spdk-flags-in-cdb', 'lio-release-by-bystander-takes-any-key'],
  }),
  array('lio', 'the target of Linux 6.1', {
    shared: ['haruka-idle-register-not-counted', 'tgt-short-allocation-refused'],
    without: [
      'lio-all-registrants-end-with-first',
      'lio-aptpl-lost-at-power-loss',
      'lio-move-keeps-old-key',
      'lio-preempt-and-abort-spares-bystanders',
      'lio-preempt-of-zero-removes-nobody',
      'lio-transport-id-with-nul',
    ],
  }),
  array('scst', 'the SCST project, one node', {
    shared: ['lio-preempt-checks-type'],
    without: ['scst-dlm-attentions-stay-local', 'scst-dlm-preempt-and-abort-stays-local'],
  }),
  array('ctl', 'the CAM Target Layer of FreeBSD, one node', { without: ['ctl-ha-preempt-inverted'] }),
  array('spdk', 'the Storage Performance Development Kit', { shared: ['lio-not-ready-without-reservation'] }),
  array('istgt', 'istgt', {
    shared: [
      'spdk-no-attentions',
      'spdk-preempt-of-unknown-key-succeeds',
      'lio-preempt-and-abort-spares-bystanders',
    ],
  }),
  array('gotgt', 'gostor/gotgt', {
    shared: [
      'spdk-no-attentions',
      'spdk-flags-in-cdb',
      'ctl-preempt-and-abort-aborts-nothing',
      'tgt-reserve-ignores-key',
    ],
  }),
  array('haruka', 'nabiki-t/Haruka', { shared: ['tgt-mode-sense-conflicts'] }),
  array('comstar', 'COMSTAR of illumos', { shared: ['tgt-mode-sense-conflicts'] }),
  array('pr-helper', 'a disk behind qemu-pr-helper over multipath'),
  { name: 'spc3', describes: 'SPC-3 where SPC-4 differs', deviations: [SPC_3] },
  { name: 'spc4', describes: 'SPC-4, as without a profile', deviations: [] },
  { name: 'spc5', describes: 'SPC-5, which asks for nothing else than SPC-4', deviations: [] },
];

/** Throws RangeError, in one line, where there is none. */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.find((one) => one.name === name);
  if (profile !== undefined) return profile;
  const names = PROFILES.map((one) => one.name).join(', ');
  throw new RangeError(`no profile is called '${name}': expected one of ${names}`);
}
