/** Digest algorithms of RFC 7143 13.1. */
export type DigestAlgorithm = 'None' | 'CRC32C';

/** What login negotiation settles for a session and its connection; before it, `DEFAULT_PARAMETERS`. */
export interface OperationalParameters {
  readonly headerDigest: DigestAlgorithm;
  readonly dataDigest: DigestAlgorithm;
  readonly maxConnections: number;
  readonly initialR2t: boolean;
  readonly immediateData: boolean;
  /** Longest data segment the peer takes: its declaration; ours binds the peer. */
  readonly peerMaxRecvDataSegmentLengthBytes: number;
  readonly maxBurstLengthBytes: number;
  /** Never more than `maxBurstLengthBytes` (RFC 7143 13.14). */
  readonly firstBurstLengthBytes: number;
  readonly defaultTime2WaitSeconds: number;
  readonly defaultTime2RetainSeconds: number;
  readonly maxOutstandingR2t: number;
  readonly dataPduInOrder: boolean;
  readonly dataSequenceInOrder: boolean;
  readonly errorRecoveryLevel: number;
  readonly taskReporting: string;
  readonly iscsiProtocolLevel: number;
}

/** The defaults of RFC 7143 clause 13, in force for every key that is not negotiated. */
export const DEFAULT_PARAMETERS: OperationalParameters = {
  headerDigest: 'None',
  dataDigest: 'None',
  maxConnections: 1,
  initialR2t: true,
  immediateData: true,
  peerMaxRecvDataSegmentLengthBytes: 8192,
  maxBurstLengthBytes: 262_144,
  firstBurstLengthBytes: 65_536,
  defaultTime2WaitSeconds: 2,
  defaultTime2RetainSeconds: 20,
  maxOutstandingR2t: 1,
  dataPduInOrder: true,
  dataSequenceInOrder: true,
  errorRecoveryLevel: 0,
  taskReporting: 'RFC3720',
  iscsiProtocolLevel: 1,
};

type Of<V> = {
  [K in keyof OperationalParameters]: OperationalParameters[K] extends V ? K : never;
}[keyof OperationalParameters];

/** When a key may be used: IO, LO, FFPO and ALL of RFC 7143 clause 13, and its security stage of clause 12. */
export type KeyUse = 'security' | 'initialLogin' | 'leadingLogin' | 'fullFeature' | 'all';

type KeyMeaning =
  /** Declared, never answered. */
  | { readonly type: 'declaration' }
  /** A declared number that becomes a parameter of the peer. */
  | {
      readonly type: 'declaredNumber';
      readonly parameter: Of<number>;
      readonly min: number;
      readonly max: number;
    }
  /** Yes if both say Yes. */
  | { readonly type: 'and'; readonly parameter: Of<boolean> }
  /** Yes if one says Yes. */
  | { readonly type: 'or'; readonly parameter: Of<boolean> }
  | { readonly type: 'minimum'; readonly parameter: Of<number>; readonly min: number; readonly max: number }
  | { readonly type: 'maximum'; readonly parameter: Of<number>; readonly min: number; readonly max: number }
  /** The first value of the offerer's list that the responder takes. */
  | { readonly type: 'list'; readonly parameter: Of<string> }
  /** A request or a step of authentication, handled apart from operational negotiation. */
  | { readonly type: 'special' }
  /** Obsolete: always the same answer (RFC 7143 13.25). */
  | { readonly type: 'obsolete'; readonly answer: 'No' | 'Reject' };

export type KeyRule = KeyMeaning & {
  readonly key: string;
  /** Clause of RFC 7143. */
  readonly clause: string;
  readonly use: KeyUse;
  readonly sender: 'initiator' | 'target' | 'both';
  readonly irrelevantInDiscovery: boolean;
};

type Row = readonly [
  key: string,
  clause: string,
  use: KeyUse,
  sender: KeyRule['sender'],
  discovery: 'discovery' | 'normal',
  meaning: KeyMeaning,
];

const LENGTH = { min: 512, max: 0xff_ffff } as const;
const COUNT = { min: 1, max: 65_535 } as const;
const SECONDS = { min: 0, max: 3600 } as const;

// prettier-ignore
const ROWS: readonly Row[] = [
  // key                       clause     use             sender       relevant in  meaning
  ['AuthMethod',               '12.1',    'security',     'both',      'discovery', { type: 'special' }],
  ['CHAP_A',                   '12.1.3',  'security',     'both',      'discovery', { type: 'special' }],
  ['CHAP_I',                   '12.1.3',  'security',     'both',      'discovery', { type: 'special' }],
  ['CHAP_C',                   '12.1.3',  'security',     'both',      'discovery', { type: 'special' }],
  ['CHAP_N',                   '12.1.3',  'security',     'both',      'discovery', { type: 'special' }],
  ['CHAP_R',                   '12.1.3',  'security',     'both',      'discovery', { type: 'special' }],
  ['HeaderDigest',             '13.1',    'initialLogin', 'both',      'discovery', { type: 'list', parameter: 'headerDigest' }],
  ['DataDigest',               '13.1',    'initialLogin', 'both',      'discovery', { type: 'list', parameter: 'dataDigest' }],
  ['MaxConnections',           '13.2',    'leadingLogin', 'both',      'normal',    { type: 'minimum', parameter: 'maxConnections', ...COUNT }],
  ['SendTargets',              '13.3',    'fullFeature',  'initiator', 'discovery', { type: 'special' }],
  ['TargetName',               '13.4',    'all',          'both',      'discovery', { type: 'declaration' }],
  ['InitiatorName',            '13.5',    'initialLogin', 'initiator', 'discovery', { type: 'declaration' }],
  ['TargetAlias',              '13.6',    'all',          'target',    'discovery', { type: 'declaration' }],
  ['InitiatorAlias',           '13.7',    'all',          'initiator', 'discovery', { type: 'declaration' }],
  ['TargetAddress',            '13.8',    'all',          'target',    'discovery', { type: 'declaration' }],
  ['TargetPortalGroupTag',     '13.9',    'initialLogin', 'target',    'discovery', { type: 'declaration' }],
  ['InitialR2T',               '13.10',   'leadingLogin', 'both',      'normal',    { type: 'or', parameter: 'initialR2t' }],
  ['ImmediateData',            '13.11',   'leadingLogin', 'both',      'normal',    { type: 'and', parameter: 'immediateData' }],
  ['MaxRecvDataSegmentLength', '13.12',   'all',          'both',      'discovery', { type: 'declaredNumber', parameter: 'peerMaxRecvDataSegmentLengthBytes', ...LENGTH }],
  ['MaxBurstLength',           '13.13',   'leadingLogin', 'both',      'normal',    { type: 'minimum', parameter: 'maxBurstLengthBytes', ...LENGTH }],
  ['FirstBurstLength',         '13.14',   'leadingLogin', 'both',      'normal',    { type: 'minimum', parameter: 'firstBurstLengthBytes', ...LENGTH }],
  ['DefaultTime2Wait',         '13.15',   'leadingLogin', 'both',      'discovery', { type: 'maximum', parameter: 'defaultTime2WaitSeconds', ...SECONDS }],
  ['DefaultTime2Retain',       '13.16',   'leadingLogin', 'both',      'discovery', { type: 'minimum', parameter: 'defaultTime2RetainSeconds', ...SECONDS }],
  ['MaxOutstandingR2T',        '13.17',   'leadingLogin', 'both',      'normal',    { type: 'minimum', parameter: 'maxOutstandingR2t', ...COUNT }],
  ['DataPDUInOrder',           '13.18',   'leadingLogin', 'both',      'normal',    { type: 'or', parameter: 'dataPduInOrder' }],
  ['DataSequenceInOrder',      '13.19',   'leadingLogin', 'both',      'normal',    { type: 'or', parameter: 'dataSequenceInOrder' }],
  ['ErrorRecoveryLevel',       '13.20',   'leadingLogin', 'both',      'discovery', { type: 'minimum', parameter: 'errorRecoveryLevel', min: 0, max: 2 }],
  ['SessionType',              '13.21',   'leadingLogin', 'initiator', 'discovery', { type: 'declaration' }],
  ['TaskReporting',            '13.23',   'leadingLogin', 'both',      'normal',    { type: 'list', parameter: 'taskReporting' }],
  ['iSCSIProtocolLevel',       '13.24',   'leadingLogin', 'both',      'normal',    { type: 'minimum', parameter: 'iscsiProtocolLevel', min: 0, max: 31 }],
  ['IFMarker',                 '13.25',   'initialLogin', 'both',      'discovery', { type: 'obsolete', answer: 'No' }],
  ['OFMarker',                 '13.25',   'initialLogin', 'both',      'discovery', { type: 'obsolete', answer: 'No' }],
  ['IFMarkInt',                '13.25',   'initialLogin', 'both',      'discovery', { type: 'obsolete', answer: 'Reject' }],
  ['OFMarkInt',                '13.25',   'initialLogin', 'both',      'discovery', { type: 'obsolete', answer: 'Reject' }],
];

/** Every text key, in the order of RFC 7143. */
export const KEY_RULES: readonly KeyRule[] = ROWS.map(([key, clause, use, sender, discovery, meaning]) => ({
  ...meaning,
  key,
  clause,
  use,
  sender,
  irrelevantInDiscovery: discovery === 'normal',
}));

const RULE_OF_KEY: ReadonlyMap<string, KeyRule> = new Map(KEY_RULES.map((rule) => [rule.key, rule]));

/** The rule of a key; names are case sensitive. */
export function keyRule(key: string): KeyRule | undefined {
  return RULE_OF_KEY.get(key);
}
