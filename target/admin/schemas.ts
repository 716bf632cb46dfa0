import { Type, type Static } from 'typebox';

// One schema each for the type of a view, and for what the server may put into an answer.

/** A 64-bit reservation key, `0x` and hex digits: JSON numbers cannot hold it. */
const Key = Type.String({ pattern: '^0x[0-9a-f]+$' });
const Count = Type.Integer({ minimum: 0 });

export const ReservationSchema = Type.Object({
  /** Name as sg_persist prints it. */
  type: Type.String(),
  typeCode: Type.Integer(),
  scope: Type.Literal('LU_SCOPE'),
  /** The nexus that holds it; null under an all-registrants type, where every registered nexus does. */
  holder: Type.Union([Type.String(), Type.Null()]),
});

export const RegistrationSchema = Type.Object({
  nexus: Type.String(),
  initiatorPort: Type.String(),
  relativeTargetPortId: Type.Integer(),
  key: Key,
  reservationHolder: Type.Boolean(),
});

export const ReservationStateSchema = Type.Object({
  prGeneration: Count,
  persistThroughPowerLoss: Type.Boolean(),
  reservationInformationLost: Type.Boolean(),
  /** Holder of an SPC-2 reservation made by RESERVE(6) or RESERVE(10). */
  spc2Holder: Type.Union([Type.String(), Type.Null()]),
  reservation: Type.Union([ReservationSchema, Type.Null()]),
  registrations: Type.Array(RegistrationSchema),
});
export type ReservationStateView = Static<typeof ReservationStateSchema>;

export const TargetSchema = Type.Object({
  iqn: Type.String(),
  portals: Type.Array(
    Type.Object({ address: Type.String(), port: Type.Integer(), relativeTargetPortId: Type.Integer() }),
  ),
  luns: Type.Array(Type.Integer()),
  sessions: Count,
});
export type TargetView = Static<typeof TargetSchema>;

export const LunSchema = Type.Object({
  lun: Type.Integer(),
  /** One for each portal. */
  urls: Type.Array(Type.String()),
  sizeBytes: Count,
  registrations: Count,
  reservation: Type.Union([ReservationSchema, Type.Null()]),
});
export type LunView = Static<typeof LunSchema>;

const Digest = Type.Union([Type.Literal('None'), Type.Literal('CRC32C')]);

export const SessionSchema = Type.Object({
  kind: Type.Union([Type.Literal('discovery'), Type.Literal('normal')]),
  initiatorName: Type.String(),
  isid: Type.String({ pattern: '^0x[0-9a-f]{12}$' }),
  tsih: Type.Integer(),
  relativeTargetPortId: Type.Integer(),
  remoteAddress: Type.String(),
  loggedInAt: Type.String(),
  authMethod: Type.Union([Type.Literal('None'), Type.Literal('CHAP')]),
  headerDigest: Digest,
  dataDigest: Digest,
});
export type SessionJson = Static<typeof SessionSchema>;

const AccessState = Type.Enum([
  'activeOptimized',
  'activeNonOptimized',
  'standby',
  'unavailable',
  'offline',
  'transitioning',
]);

export const TargetPortGroupsSchema = Type.Object({
  lun: Type.Integer(),
  groups: Type.Array(
    Type.Object({
      targetPortGroup: Type.Integer(),
      state: AccessState,
      relativeTargetPortIds: Type.Array(Type.Integer()),
    }),
  ),
});
export type TargetPortGroupsView = Static<typeof TargetPortGroupsSchema>;

/** Puts a group into another state, on every logical unit unless one is named. */
export const AccessStateChangeSchema = Type.Object(
  { state: AccessState, lun: Type.Optional(Type.Integer({ minimum: 0 })) },
  { additionalProperties: false },
);
export type AccessStateChange = Static<typeof AccessStateChangeSchema>;

/** A logical unit to be added: what a LUN SPEC has behind the number. */
export const NewLunSchema = Type.Object({ spec: Type.String() }, { additionalProperties: false });
export type NewLun = Static<typeof NewLunSchema>;

/** A logical unit is to have so many bytes: what `size=` of a LUN SPEC takes. */
export const ResizeSchema = Type.Object({ size: Type.String() }, { additionalProperties: false });
export type Resize = Static<typeof ResizeSchema>;

export const ProblemSchema = Type.Object({ error: Type.String() });
