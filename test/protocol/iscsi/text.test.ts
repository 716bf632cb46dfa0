import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../../../protocol/iscsi/text.js';

const decoded = (text: string) => decodeText(Buffer.from(text, 'utf8'));

describe('text, RFC 7143 6.1', () => {
  it('ends each pair with a NUL', () => {
    const bytes = encodeText([
      ['SessionType', 'Discovery'],
      ['InitiatorAlias', ''],
    ]);
    expect(bytes.toString('latin1')).toBe('SessionType=Discovery\0InitiatorAlias=\0');
  });

  it('takes more NULs between pairs and at the end, and "=" within a value', () => {
    expect(decoded('\0A=1\0\0\0CHAP_C=0bAA==\0\0')).toEqual({
      ok: true,
      pairs: [
        ['A', '1'],
        ['CHAP_C', '0bAA=='],
      ],
    });
    expect(decoded('')).toEqual({ ok: true, pairs: [] });
    expect(decoded('InitiatorAlias=Zürich\0')).toEqual({ ok: true, pairs: [['InitiatorAlias', 'Zürich']] });
  });

  it('refuses what is not text of pairs', () => {
    expect(decoded('A=1')).toEqual({ ok: false, error: 'text not ended by NUL' });
    expect(decoded('A=1\0B\0')).toEqual({ ok: false, error: 'no "=" in "B"' });
    expect(decoded('=1\0')).toEqual({ ok: false, error: 'not a key name: ""' });
    expect(decoded('A b=1\0')).toEqual({ ok: false, error: 'not a key name: "A b"' });
    expect(decodeText(Buffer.alloc(65_536))).toEqual({ ok: true, pairs: [] });
    expect(decodeText(Buffer.alloc(65_537))).toEqual({ ok: false, error: 'text of more than 65536 bytes' });
  });

  it('limits key names to 63 bytes', () => {
    expect(decoded(`${'K'.repeat(63)}=1\0`).ok).toBe(true);
    expect(decoded(`${'K'.repeat(64)}=1\0`)).toEqual({
      ok: false,
      error: `key name of more than 63 bytes: ${'K'.repeat(40)}...`,
    });
  });

  it('limits simple values to 255 bytes, each of a list, but for CHAP_C and CHAP_R', () => {
    const long = 'v'.repeat(255);
    expect(decoded(`A=${long}\0`).ok).toBe(true);
    expect(decoded(`A=${long},${long}\0`).ok).toBe(true);
    expect(decoded(`A=${long}w\0`)).toEqual({ ok: false, error: 'A: a value of more than 255 bytes' });
    expect(decoded(`A=${'ü'.repeat(128)}\0`).ok).toBe(false);
    expect(decoded(`CHAP_R=0x${'f'.repeat(2048)}\0`).ok).toBe(true);
    expect(decoded(`CHAP_R=0x${'f'.repeat(2049)}\0`).ok).toBe(false);
  });
});
