import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../target/config/config-error.js';
import { parseLunSpec } from '../../../target/config/lun-spec.js';
import { parsePortal, parseTargetPortal } from '../../../target/config/portal.js';
import { sizeInBytes } from '../../../target/config/size.js';

describe('sizes', () => {
  it.each([
    ['1', 1],
    ['65536', 65_536],
    ['512KiB', 524_288],
    ['64MiB', 67_108_864],
    ['3GiB', 3_221_225_472],
    ['1TiB', 1_099_511_627_776],
  ])('%s is %d bytes', (text, bytes) => {
    expect(sizeInBytes(text)).toBe(bytes);
  });

  it.each(['', '0', '0MiB', '-1', '1.5MiB', '64MB', '64 MiB', 'MiB', '64mib', '9007199254740992', '9000TiB'])(
    "'%s' is no size",
    (text) => {
      expect(sizeInBytes(text)).toBeUndefined();
    },
  );

  it('reads back every whole number of units', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8000 }), fc.constantFrom(1, 2, 3, 4), (count, power) => {
        const unit = ['', 'KiB', 'MiB', 'GiB', 'TiB'][power] ?? '';
        expect(sizeInBytes(`${count}${unit}`)).toBe(count * 1024 ** power);
      }),
    );
  });
});

describe('portals', () => {
  it.each([
    ['127.0.0.1:3260', { host: '127.0.0.1', port: 3260 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
  ])('%s', (text, portal) => {
    expect(parsePortal(text)).toEqual(portal);
  });

  it.each(['', '127.0.0.1', ':3260', '::1:3260', '[]:1', '127.0.0.1:65536', '127.0.0.1:x', '127.0.0.1:-1'])(
    "'%s' is no portal, and the error says what is one",
    (text) => {
      expect(() => parsePortal(text)).toThrow(
        `portal '${text}': expected ADDRESS:PORT such as 127.0.0.1:3260 or [::1]:3260`,
      );
    },
  );
});

describe('a LUN SPEC', () => {
  it('needs a number and a size, no more', () => {
    expect(parseLunSpec('0,size=64MiB')).toEqual({
      lun: 0,
      medium: { kind: 'memory', sizeBytes: 67_108_864 },
    });
  });

  it('takes 64TiB at most', () => {
    expect(parseLunSpec('0,size=64TiB').medium).toEqual({ kind: 'memory', sizeBytes: 2 ** 46 });
  });

  it('takes every option, in any order after the number', () => {
    expect(
      parseLunSpec(
        '256,thin,nopr,file=a=b.img,readonly,removable,block=4096,physical=8192,sanitize=8,serial=S 1,' +
          'naa=3ABCDEF012345678,vendor=V,product=P,revision=0001,registrations=4',
      ),
    ).toEqual({
      lun: 256,
      medium: { kind: 'file', path: 'a=b.img' },
      thin: true,
      nopr: true,
      readonly: true,
      removable: true,
      blockLengthBytes: 4096,
      physicalBlockLengthBytes: 8192,
      sanitizeSeconds: 8,
      serial: 'S 1',
      naa: '3abcdef012345678',
      vendor: 'V',
      product: 'P',
      revision: '0001',
      registrationsMax: 4,
    });
  });

  it.each([
    ['', "'': expected a number from 0 to 16383 first"],
    ['size=1MiB', "'size=1MiB': expected a number from 0 to 16383 first"],
    ['16384,size=1MiB', "'16384': expected a number from 0 to 16383 first"],
    ['0', 'expected size=SIZE or file=PATH, one of them'],
    ['0,size=1MiB,file=x', 'expected size=SIZE or file=PATH, one of them'],
    ['0,size=1MiB,size=2MiB', 'size is given twice'],
    ['0,size=64MB', "'size=64MB': expected a size such as 512KiB, 64MiB, 1TiB or a number of bytes"],
    ['0,size', "'size': expected size= and a size such as 512KiB, 64MiB, 1TiB or a number of bytes"],
    ['0,size=1000', 'size: expected a multiple of the 512-byte block, found 1000 bytes'],
    ['0,size=65TiB', 'size: expected at most 70368744177664 bytes, found 71468255805440'],
    ['0,size=6KiB,block=4096', 'size: expected a multiple of the 4096-byte block, found 6144 bytes'],
    ['0,size=1MiB,block=520', "'block=520': expected 512 or 4096"],
    ['0,size=1MiB,sanitize=1.5', "'sanitize=1.5': expected a number of seconds from 0 to 86400"],
    ['0,size=1MiB,physical=513', "'physical=513': expected a power of two from 512 to 1048576"],
    [
      '0,size=1MiB,block=4096,physical=512',
      'physical: expected at least the 4096-byte logical block, found 512',
    ],
    ['0,size=1MiB,thin=true', "'thin=true': expected thin without a value"],
    [
      '0,size=1MiB,tin',
      "'tin': expected one of size, file, thin, readonly, removable, nopr, block, physical, sanitize, serial, naa, " +
        'vendor, product, revision, registrations',
    ],
    [
      '0,size=1MiB,naa=4000000000000000',
      "'naa=4000000000000000': expected 16 hex digits that begin with 2, 3 or 5, or 32 that begin with 6",
    ],
    ['0,size=1MiB,vendor=NINECHARS', "'vendor=NINECHARS': expected 1 to 8 ASCII characters"],
    ['0,size=1MiB,product=\u00e9', "'product=\u00e9': expected 1 to 16 ASCII characters"],
    ['0,size=1MiB,revision=', "'revision=': expected 1 to 4 ASCII characters"],
    ['0,size=1MiB,registrations=0', "'registrations=0': expected a number from 1 to 65535"],
  ])("'%s' is refused in one line that says which part and what was expected", (spec, problem) => {
    expect(() => parseLunSpec(spec)).toThrow(`LUN SPEC '${spec}': ${problem}`);
  });

  it('reads or refuses any text with a ConfigurationError of one line, never another error', () => {
    const part = fc.constantFrom(
      '0',
      '7',
      'size=1MiB',
      'file=x',
      'thin',
      'block=512',
      'naa=',
      '=',
      '',
      'x=1',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
        try {
          const unit = parseLunSpec(parts.join(','));
          expect(unit.medium).toBeDefined();
        } catch (error) {
          expect(error).toHaveProperty('name', 'ConfigurationError');
        }
      }),
    );
  });
});

describe('a portal of a target', () => {
  it('has an address, and may have a target port group', () => {
    expect(parseTargetPortal('127.0.0.1:3260')).toEqual({ host: '127.0.0.1', port: 3260 });
    expect(parseTargetPortal('[::1]:3261,group=2')).toEqual({ host: '::1', port: 3261, targetPortGroup: 2 });
  });

  it.each([
    [
      '127.0.0.1:3260,group=0',
      "portal '127.0.0.1:3260,group=0': group: expected a number from 1 to 65535, found 0",
    ],
    [
      '127.0.0.1:3260,group=65536',
      "portal '127.0.0.1:3260,group=65536': group: expected a number from 1 to 65535, found 65536",
    ],
    [
      '127.0.0.1:3260,tpg=2',
      "portal '127.0.0.1:3260,tpg=2': expected ADDRESS:PORT such as 127.0.0.1:3260 or [::1]:3260, or with its target " +
        'port group, 127.0.0.1:3261,group=2',
    ],
  ])('%s is refused in one line', (text, message) => {
    expect(() => parseTargetPortal(text)).toThrow(new ConfigurationError(message));
  });
});
