import { describe, expect, it } from 'vitest';
import { whyNoIscsiName } from '../../../protocol/index.js';

const EXPECTED = '(expected iqn.YYYY-MM.domain[:text], eui.16 digits or naa.16 or 32 digits)';

describe('an iSCSI name (RFC 7143 4.2.7)', () => {
  it.each([
    'iqn.2026-11.org.fencelab:array',
    'iqn.2026-11.org.fencelab',
    'IQN.2026-11.org.fencelab:Array:of:parts',
    'iqn.1993-08.org.debian:01:abc',
    'eui.02004567A425678D',
    'naa.52004567BA64678D',
    'naa.62004567BA64678D0123456789ABCDEF',
    `iqn.2026-11.org:${'é'.repeat(103)}`,
  ])('is %s', (name) => {
    expect(whyNoIscsiName(name)).toBeUndefined();
  });

  it.each([
    'disk',
    'iqn.2026-11',
    'iqn.2026-1.org.fencelab',
    'iqn.2026-11.org.fencelab:a b',
    'iqn.2026-11.org.fencelab:a,b',
    'iqn.2026-11.org.fencelab:a;b',
    'iqn.2026-11.org,fencelab',
    'eui.02004567A425678',
    'naa.52004567BA64678D0',
    'xiqn.2026-11.org.fencelab',
  ])('is not %s', (name) => {
    expect(whyNoIscsiName(name)).toBe(`"${name}" is no iSCSI name ${EXPECTED}`);
  });

  it('has from 1 to 223 bytes', () => {
    expect(whyNoIscsiName('')).toBe('the name is empty');
    expect(whyNoIscsiName(`iqn.2026-11.org:${'a'.repeat(207)}`)).toBeUndefined();
    expect(whyNoIscsiName(`iqn.2026-11.org:${'a'.repeat(208)}`)).toBe('the name has more than 223 bytes');
    expect(whyNoIscsiName(`iqn.2026-11.org:${'é'.repeat(104)}`)).toBe('the name has more than 223 bytes');
  });
});
