import { invalidFieldInCdb } from '../../../protocol/index.js';
import {
  ALL_TG_PT,
  APTPL,
  counted,
  goodWith,
  PREEMPTING,
  refuse,
  REGISTERING,
  reserveIn,
  reserveOut,
  SPEC_I_PT,
  withOtherData,
  withOtherSense,
} from './deviate.js';
import { descriptorLengths, FULL_STATUS_HEADER_BYTES } from './full-status.js';
import type { Quirk } from './quirk.js';

const SOURCE = 'SPDK lib/scsi/scsi_pr.c 3230130e';
const UNSUPPORTED = SPEC_I_PT | ALL_TG_PT | APTPL;
/** SIP_C, ATP_C and PTPL_C in byte 2 of REPORT CAPABILITIES. */
const CAPABLE = 0x0d;

/** The Storage Performance Development Kit. */
export const SPDK_QUIRKS: readonly Quirk[] = [
  {
    name: 'spdk-exclusive-all-registrants-open',
    deviation:
      'Exclusive Access, all registrants, lets nexuses read and write that are not registered; they should conflict',
    source: 'github.com/spdk/spdk/issues/3409',
    change: ({ refusedBy }) => ({
      refusedBy: (state, row, task) =>
        state.reservation?.type === 'exclusiveAccessAllRegistrants' ? null : refusedBy(state, row, task),
    }),
  },
  {
    name: 'spdk-no-attentions',
    deviation:
      'Nobody is told of preempted, released or cleared reservations; those concerned should hear 2A/03 to 2A/05',
    source: `${SOURCE}; gotgt 7e7ebacd and istgt 2d570c91 likewise`,
    change: ({ attention }) => ({
      attention: (code, nexus) => (code >= 0x2a03 && code <= 0x2a05 ? null : attention(code, nexus)),
    }),
  },
  {
    name: 'spdk-release-of-other-type-in-cdb',
    deviation:
      'RELEASE by the holder with another TYPE is an invalid field in the CDB (24/00); it should be an invalid release (26/04)',
    source: SOURCE,
    change: reserveOut(
      ['release'],
      withOtherSense(0x2604, (asked) => refuse(asked, invalidFieldInCdb({ byte: 2 }))),
    ),
  },
  {
    name: 'spdk-preempt-of-unknown-key-succeeds',
    deviation: 'PREEMPT of a key that nobody has is GOOD; it should conflict',
    source: `${SOURCE}; istgt 2d570c91 likewise`,
    change: reserveOut(PREEMPTING, (asked) => {
      const { state, own, reservationKey, serviceActionReservationKey: key } = asked;
      const isKnown = [...state.registrations.values()].some((one) => one.key === key);
      return own?.key === reservationKey && key !== 0n && !isKnown
        ? goodWith(state, counted(state))
        : asked.decide();
    }),
  },
  {
    name: 'spdk-flags-in-cdb',
    deviation:
      'SPEC_I_PT, ALL_TG_PT and APTPL, which it does not have, are invalid fields in the CDB (24/00), not in the parameter list (26/00)',
    source: `${SOURCE}; tgt 1.0.85 and gotgt 7e7ebacd likewise`,
    change: (behaviour) => ({
      ...reserveOut(REGISTERING, (asked) =>
        (asked.flags & UNSUPPORTED) === 0 ? asked.decide() : refuse(asked, invalidFieldInCdb({ byte: 5 })),
      )(behaviour),
      ...reserveIn(
        ['reportCapabilities'],
        withOtherData((data) => {
          data.writeUInt8(data.readUInt8(2) & ~CAPABLE, 2);
          return data;
        }),
      )(behaviour),
    }),
  },
  {
    name: 'spdk-full-status-key-swapped',
    deviation:
      'READ FULL STATUS has the bytes of each key in the order of the machine; they should be big-endian',
    source: 'github.com/spdk/spdk/issues/3699',
    change: reserveIn(
      ['readFullStatus'],
      withOtherData((data) => {
        let at = FULL_STATUS_HEADER_BYTES;
        for (const length of descriptorLengths(data)) {
          data.subarray(at, at + 8).reverse();
          at += length;
        }
        return data;
      }),
    ),
  },
];
