import { invalidFieldInCdb } from '../../../protocol/index.js';
import { ALL_TG_PT, refuse, refuseIn, REGISTERING, reserveIn, reserveOut, withFlags } from './deviate.js';
import type { Quirk } from './quirk.js';

const PR_HELPER = 'QEMU scsi/qemu-pr-helper.c 039d4e3d over libmpathpersist';

/** Deviations that stand in reports of users, of arrays and of what sits before them. */
export const REPORTED_QUIRKS: readonly Quirk[] = [
  {
    name: 'pr-helper-attentions-as-resets',
    deviation: 'Attentions of reservations come as 29/00, power on or reset; they should be 2A/03 to 2A/05',
    source: PR_HELPER,
    change: ({ attention }) => ({
      attention: (code, nexus) =>
        code >= 0x2a03 && code <= 0x2a05 ? attention(0x2900, nexus) : attention(code, nexus),
    }),
  },
  {
    name: 'pr-helper-no-full-status',
    deviation: 'READ FULL STATUS is refused (24/00), though REPORT SUPPORTED OPERATION CODES lists it',
    source: PR_HELPER,
    change: reserveIn(['readFullStatus'], () => refuseIn(invalidFieldInCdb({ byte: 1, bit: 4 }))),
  },
  {
    name: 'pr-helper-no-move',
    deviation: 'REGISTER AND MOVE is refused (24/00), though REPORT SUPPORTED OPERATION CODES lists it',
    source: PR_HELPER,
    change: reserveOut(['registerAndMove'], (asked) => refuse(asked, invalidFieldInCdb({ byte: 1, bit: 4 }))),
  },
  {
    name: 'array-registers-at-every-port',
    deviation: 'A registration counts for every target port without ALL_TG_PT; it should be for one nexus',
    source: 'github.com/opensvc/opensvc/pull/628',
    change: reserveOut(REGISTERING, (asked) =>
      asked.decide({ request: withFlags(asked, (flags) => flags | ALL_TG_PT) }),
    ),
  },
];
