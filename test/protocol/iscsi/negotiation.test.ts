import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  answerOffers,
  interpretAnswers,
  operationalOffers,
  parseTextNumber,
  type NegotiationContext,
  type NegotiationValues,
} from '../../../protocol/iscsi/negotiation.js';
import { DEFAULT_PARAMETERS, KEY_RULES, keyRule } from '../../../protocol/iscsi/text-keys.js';
import type { TextPair } from '../../../protocol/iscsi/text.js';

const ours: NegotiationValues = {
  headerDigest: ['CRC32C', 'None'],
  dataDigest: ['None'],
  maxConnections: 1,
  initialR2t: false,
  immediateData: true,
  maxRecvDataSegmentLengthBytes: 262_144,
  maxBurstLengthBytes: 1_048_576,
  firstBurstLengthBytes: 131_072,
  defaultTime2WaitSeconds: 2,
  defaultTime2RetainSeconds: 0,
  maxOutstandingR2t: 8,
  dataPduInOrder: true,
  dataSequenceInOrder: true,
  errorRecoveryLevel: 0,
  taskReporting: ['RFC3720'],
  iscsiProtocolLevel: 1,
};
const leading: NegotiationContext = {
  from: 'initiator',
  stage: 'operational',
  sessionType: 'normal',
  parameters: DEFAULT_PARAMETERS,
  settled: new Set(),
};
const pairs = (text: string): TextPair[] =>
  text === ''
    ? []
    : text.split(' ').map((pair) => {
        const [key = '', value = ''] = pair.split('=');
        return [key, value];
      });
function answer(offers: string, context: Partial<NegotiationContext> = {}, values = ours) {
  const outcome = answerOffers(pairs(offers), values, { ...leading, ...context });
  if (!outcome.ok) return outcome.error;
  return outcome.answers.map((pair) => pair.join('=')).join(' ');
}
function parameters(offers: string, values = ours) {
  const outcome = answerOffers(pairs(offers), values, leading);
  if (!outcome.ok) throw new Error(outcome.error);
  return outcome.parameters;
}

describe('the table of keys', () => {
  it('holds the keys of RFC 7143 with their defaults and ranges', () => {
    const summary = KEY_RULES.filter((rule) => 'parameter' in rule).map((rule) =>
      [
        rule.key,
        rule.type,
        String(DEFAULT_PARAMETERS[rule.parameter]),
        'min' in rule ? `${rule.min}-${rule.max}` : '',
        rule.irrelevantInDiscovery ? 'normal' : 'any',
      ].join(' '),
    );
    expect(summary).toEqual([
      'HeaderDigest list None  any',
      'DataDigest list None  any',
      'MaxConnections minimum 1 1-65535 normal',
      'InitialR2T or true  normal',
      'ImmediateData and true  normal',
      'MaxRecvDataSegmentLength declaredNumber 8192 512-16777215 any',
      'MaxBurstLength minimum 262144 512-16777215 normal',
      'FirstBurstLength minimum 65536 512-16777215 normal',
      'DefaultTime2Wait maximum 2 0-3600 any',
      'DefaultTime2Retain minimum 20 0-3600 any',
      'MaxOutstandingR2T minimum 1 1-65535 normal',
      'DataPDUInOrder or true  normal',
      'DataSequenceInOrder or true  normal',
      'ErrorRecoveryLevel minimum 0 0-2 any',
      'TaskReporting list RFC3720  normal',
      'iSCSIProtocolLevel minimum 1 0-31 normal',
    ]);
    expect(keyRule('sessiontype')).toBeUndefined();
  });
});

describe('the responder, RFC 7143 6.2', () => {
  it('answers each kind of key', () => {
    expect(
      answer(
        'HeaderDigest=None,CRC32C DataDigest=CRC32C,None InitialR2T=No ImmediateData=Yes MaxBurstLength=262144 ' +
          'MaxConnections=4 DefaultTime2Wait=5 DefaultTime2Retain=20 MaxOutstandingR2T=0x4 DataPDUInOrder=No ' +
          'ErrorRecoveryLevel=2 TaskReporting=FastAbort,RFC3720 iSCSIProtocolLevel=2',
      ),
    ).toBe(
      'HeaderDigest=None DataDigest=None InitialR2T=No ImmediateData=Yes MaxBurstLength=262144 MaxConnections=1 ' +
        'DefaultTime2Wait=5 DefaultTime2Retain=0 MaxOutstandingR2T=4 DataPDUInOrder=Yes ErrorRecoveryLevel=0 ' +
        'TaskReporting=RFC3720 iSCSIProtocolLevel=1',
    );
  });

  it('takes the truth tables of AND and OR', () => {
    for (const offered of [true, false]) {
      for (const want of [true, false]) {
        const said = offered ? 'Yes' : 'No';
        const values = { ...ours, initialR2t: want, immediateData: want };
        expect(answer(`InitialR2T=${said}`, {}, values)).toBe(`InitialR2T=${offered || want ? 'Yes' : 'No'}`);
        expect(answer(`ImmediateData=${said}`, {}, values)).toBe(
          `ImmediateData=${offered && want ? 'Yes' : 'No'}`,
        );
        expect(parameters(`InitialR2T=${said} ImmediateData=${said}`, values)).toMatchObject({
          initialR2t: offered || want,
          immediateData: offered && want,
        });
      }
    }
  });

  it('answers NotUnderstood, Reject and the obsolete markers as decided', () => {
    expect(
      answer('X-com.example=1 initialR2T=Yes IFMarker=Yes OFMarker=No IFMarkInt=2048~8192 OFMarkInt=Reject'),
    ).toBe(
      'X-com.example=NotUnderstood initialR2T=NotUnderstood IFMarker=No OFMarker=No IFMarkInt=Reject OFMarkInt=Reject',
    );
    expect(
      answer(
        'MaxBurstLength=511 InitialR2T=yes MaxConnections=0 ErrorRecoveryLevel=3 HeaderDigest=MD5 TargetAlias=x',
      ),
    ).toBe(
      'MaxBurstLength=Reject InitialR2T=Reject MaxConnections=Reject ErrorRecoveryLevel=Reject HeaderDigest=Reject ' +
        'TargetAlias=Reject',
    );
    expect(parameters('MaxBurstLength=511 InitialR2T=yes')).toEqual(DEFAULT_PARAMETERS);
  });

  it('lowers FirstBurstLength below MaxBurstLength in whichever order they come, 13.14', () => {
    expect(answer('FirstBurstLength=131072 MaxBurstLength=8192')).toBe(
      'FirstBurstLength=8192 MaxBurstLength=8192',
    );
    expect(answer('MaxBurstLength=8192 FirstBurstLength=131072')).toBe(
      'MaxBurstLength=8192 FirstBurstLength=8192',
    );
    expect(parameters('MaxBurstLength=8192').firstBurstLengthBytes).toBe(8192);
    expect(parameters('MaxBurstLength=1048576 FirstBurstLength=1048576')).toMatchObject({
      maxBurstLengthBytes: 1_048_576,
      firstBurstLengthBytes: 131_072,
    });
  });

  it('takes MaxRecvDataSegmentLength as a declaration, and refuses one out of range', () => {
    expect(answer('MaxRecvDataSegmentLength=4096')).toBe('');
    expect(parameters('MaxRecvDataSegmentLength=4096').peerMaxRecvDataSegmentLengthBytes).toBe(4096);
    expect(answer('MaxRecvDataSegmentLength=511')).toBe('MaxRecvDataSegmentLength=511 is out of range');
  });

  it('calls the data keys irrelevant in a discovery session and settles none of them', () => {
    const outcome = answerOffers(
      pairs('InitialR2T=No MaxBurstLength=512 DefaultTime2Wait=3 HeaderDigest=CRC32C'),
      ours,
      {
        ...leading,
        sessionType: 'discovery',
      },
    );
    expect(outcome).toMatchObject({
      ok: true,
      answers: [
        ['InitialR2T', 'Irrelevant'],
        ['MaxBurstLength', 'Irrelevant'],
        ['DefaultTime2Wait', '3'],
        ['HeaderDigest', 'CRC32C'],
      ],
      parameters: { ...DEFAULT_PARAMETERS, defaultTime2WaitSeconds: 3, headerDigest: 'CRC32C' },
    });
  });

  it('hands declarations and authentication to the caller', () => {
    const outcome = answerOffers(pairs('InitiatorName=iqn.a SessionType=Normal AuthMethod=CHAP,None'), ours, {
      ...leading,
      stage: 'security',
    });
    expect(outcome).toMatchObject({ ok: true, answers: [] });
    if (!outcome.ok) return;
    expect([...outcome.others]).toEqual([
      ['InitiatorName', 'iqn.a'],
      ['SessionType', 'Normal'],
      ['AuthMethod', 'CHAP,None'],
    ]);
    expect([...outcome.settled]).toEqual(['InitiatorName', 'SessionType']);
  });

  it('rejects keys outside their stage', () => {
    expect(answer('HeaderDigest=None', { stage: 'security' })).toBe('HeaderDigest=Reject');
    expect(answer('AuthMethod=None SendTargets=All')).toBe('AuthMethod=Reject SendTargets=Reject');
    expect(answer('MaxBurstLength=512 SendTargets=All InitiatorAlias=a', { stage: 'fullFeature' })).toBe(
      'MaxBurstLength=Reject',
    );
  });

  it('refuses a key negotiated twice, in one PDU or over several, but not a new declaration later', () => {
    expect(answer('MaxBurstLength=512 MaxBurstLength=1024')).toBe('MaxBurstLength was negotiated twice');
    expect(answer('InitiatorName=a', { settled: new Set(['InitiatorName']) })).toBe(
      'InitiatorName was negotiated twice',
    );
    expect(answer('X-a=1 X-a=1')).toBe('X-a was negotiated twice');
    const settled = new Set(['MaxRecvDataSegmentLength']);
    expect(
      answer('MaxRecvDataSegmentLength=512 MaxRecvDataSegmentLength=512', { settled, stage: 'fullFeature' }),
    ).toBe('MaxRecvDataSegmentLength was negotiated twice');
    expect(answer('MaxRecvDataSegmentLength=512', { settled, stage: 'fullFeature' })).toBe('');
  });
});

describe('numbers', () => {
  it('are decimal or hexadecimal', () => {
    expect(['0', '65535', '0x1F', '0XffFF'].map(parseTextNumber)).toEqual([0, 65535, 31, 65535]);
    expect(['', '-1', '1.5', '0x', '1 ', 'Yes', '1e3'].map(parseTextNumber)).toEqual(
      Array(7).fill(undefined),
    );
  });
});

describe('the initiator', () => {
  const read = (offers: string, answers: string) =>
    interpretAnswers(pairs(offers), pairs(answers), ours, { ...leading });

  it('offers what has a meaning in the session', () => {
    expect(operationalOffers(ours, 'discovery').map((pair) => pair.join('='))).toEqual([
      'HeaderDigest=CRC32C,None',
      'DataDigest=None',
      'MaxRecvDataSegmentLength=262144',
      'DefaultTime2Wait=2',
      'DefaultTime2Retain=0',
      'ErrorRecoveryLevel=0',
    ]);
    expect(operationalOffers(ours, 'normal')).toHaveLength(16);
  });

  it('takes answers that the offer allows', () => {
    expect(
      read(
        'MaxBurstLength=8192 InitialR2T=No ImmediateData=Yes HeaderDigest=CRC32C,None FirstBurstLength=8192',
        'MaxBurstLength=4096 InitialR2T=Yes ImmediateData=No HeaderDigest=CRC32C',
      ),
    ).toMatchObject({
      ok: true,
      answers: [],
      parameters: {
        maxBurstLengthBytes: 4096,
        firstBurstLengthBytes: 4096,
        initialR2t: true,
        immediateData: false,
        headerDigest: 'CRC32C',
      },
    });
  });

  it('keeps the default where the target does not know the key or finds it irrelevant', () => {
    expect(
      read(
        'MaxOutstandingR2T=4 TaskReporting=RFC3720 DataDigest=None',
        'MaxOutstandingR2T=Irrelevant TaskReporting=NotUnderstood DataDigest=Reject',
      ),
    ).toMatchObject({ ok: true, parameters: DEFAULT_PARAMETERS });
  });

  it('refuses answers that the offer does not allow', () => {
    const error = (offers: string, answers: string) => {
      const outcome = read(offers, answers);
      return outcome.ok ? 'taken' : outcome.error;
    };
    expect(error('MaxBurstLength=8192', 'MaxBurstLength=16384')).toBe(
      'the target answered MaxBurstLength=16384 to MaxBurstLength=8192',
    );
    expect(error('DefaultTime2Wait=4', 'DefaultTime2Wait=3')).not.toBe('taken');
    expect(error('InitialR2T=Yes', 'InitialR2T=No')).not.toBe('taken');
    expect(error('ImmediateData=No', 'ImmediateData=Yes')).not.toBe('taken');
    expect(error('HeaderDigest=None', 'HeaderDigest=CRC32C')).not.toBe('taken');
    expect(error('HeaderDigest=CRC32C', 'HeaderDigest=Reject')).not.toBe('taken');
    expect(error('MaxBurstLength=8192', 'MaxBurstLength=Reject')).not.toBe('taken');
  });

  it("answers the target's own offers, and keeps its declarations", () => {
    const outcome = read(
      'MaxBurstLength=8192',
      'TargetPortalGroupTag=1 MaxRecvDataSegmentLength=65536 DataDigest=None IFMarker=No',
    );
    expect(outcome).toMatchObject({
      ok: true,
      answers: [
        ['DataDigest', 'None'],
        ['IFMarker', 'No'],
      ],
      parameters: { peerMaxRecvDataSegmentLengthBytes: 65_536 },
    });
    if (outcome.ok) expect(outcome.others.get('TargetPortalGroupTag')).toBe('1');
  });
});

describe('both sides', () => {
  const side: fc.Arbitrary<NegotiationValues> = fc.record({
    headerDigest: fc.constantFrom<NegotiationValues['headerDigest']>(
      ['None'],
      ['CRC32C', 'None'],
      ['None', 'CRC32C'],
    ),
    dataDigest: fc.constantFrom<NegotiationValues['headerDigest']>(['None'], ['CRC32C', 'None']),
    maxConnections: fc.integer({ min: 1, max: 65_535 }),
    initialR2t: fc.boolean(),
    immediateData: fc.boolean(),
    maxRecvDataSegmentLengthBytes: fc.integer({ min: 512, max: 0xff_ffff }),
    maxBurstLengthBytes: fc.integer({ min: 512, max: 0xff_ffff }),
    firstBurstLengthBytes: fc.integer({ min: 512, max: 0xff_ffff }),
    defaultTime2WaitSeconds: fc.nat(3600),
    defaultTime2RetainSeconds: fc.nat(3600),
    maxOutstandingR2t: fc.integer({ min: 1, max: 65_535 }),
    dataPduInOrder: fc.boolean(),
    dataSequenceInOrder: fc.boolean(),
    errorRecoveryLevel: fc.nat(2),
    taskReporting: fc.constant(['RFC3720']),
    iscsiProtocolLevel: fc.nat(31),
  });

  it('come to the same parameters, whatever each wants', () => {
    fc.assert(
      fc.property(side, side, (initiator, target) => {
        const offers = operationalOffers(initiator, 'normal');
        const atTarget = answerOffers(offers, target, leading);
        if (!atTarget.ok) throw new Error(atTarget.error);
        const atInitiator = interpretAnswers(offers, atTarget.answers, initiator, leading);
        if (!atInitiator.ok) throw new Error(atInitiator.error);
        expect({
          ...atInitiator.parameters,
          peerMaxRecvDataSegmentLengthBytes: initiator.maxRecvDataSegmentLengthBytes,
        }).toEqual(atTarget.parameters);
        expect(atTarget.parameters.firstBurstLengthBytes).toBeLessThanOrEqual(
          atTarget.parameters.maxBurstLengthBytes,
        );
      }),
    );
  });
});
