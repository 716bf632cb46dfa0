/** Unit attention conditions about reservations, ASC * 256 + ASCQ (SPC-4 annex D). */
export const ATTENTION = {
  reservationsPreempted: 0x2a03,
  reservationsReleased: 0x2a04,
  registrationsPreempted: 0x2a05,
} as const;
