/** Persistent reservation types by name (SPC-4 6.15.3.4). */
export const RESERVATION_TYPE_CODE = {
  writeExclusive: 0x1,
  exclusiveAccess: 0x3,
  writeExclusiveRegistrantsOnly: 0x5,
  exclusiveAccessRegistrantsOnly: 0x6,
  writeExclusiveAllRegistrants: 0x7,
  exclusiveAccessAllRegistrants: 0x8,
} as const;

export type ReservationType = keyof typeof RESERVATION_TYPE_CODE;

/** Names as people and sg_persist write them. */
export const RESERVATION_TYPE_NAME: Readonly<Record<ReservationType, string>> = {
  writeExclusive: 'Write Exclusive',
  exclusiveAccess: 'Exclusive Access',
  writeExclusiveRegistrantsOnly: 'Write Exclusive, registrants only',
  exclusiveAccessRegistrantsOnly: 'Exclusive Access, registrants only',
  writeExclusiveAllRegistrants: 'Write Exclusive, all registrants',
  exclusiveAccessAllRegistrants: 'Exclusive Access, all registrants',
};

/** The type of a TYPE code, undefined for an obsolete or reserved one. */
export function reservationTypeOfCode(code: number): ReservationType | undefined {
  return TYPE_OF_CODE.get(code);
}

const TYPE_OF_CODE = new Map<number, ReservationType>(
  (Object.keys(RESERVATION_TYPE_CODE) as ReservationType[]).map((type) => [
    RESERVATION_TYPE_CODE[type],
    type,
  ]),
);

/** PERSISTENT RESERVE OUT service actions (SPC-4 6.16.2, table 213). */
export const PR_OUT_SERVICE_ACTION = {
  register: 0x00,
  reserve: 0x01,
  release: 0x02,
  clear: 0x03,
  preempt: 0x04,
  preemptAndAbort: 0x05,
  registerAndIgnoreExistingKey: 0x06,
  registerAndMove: 0x07,
  replaceLostReservation: 0x08,
} as const;

export type PrOutServiceAction = keyof typeof PR_OUT_SERVICE_ACTION;

/** PERSISTENT RESERVE IN service actions (SPC-4 6.15.1, table 201). */
export const PR_IN_SERVICE_ACTION = {
  readKeys: 0x00,
  readReservation: 0x01,
  reportCapabilities: 0x02,
  readFullStatus: 0x03,
} as const;

export type PrInServiceAction = keyof typeof PR_IN_SERVICE_ACTION;
