import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, it } from 'vitest';
import { runSgInq } from '../../initiator/sg_inq/run.js';
import { standardInquiryLayout } from '../../protocol/index.js';
import { describeWithPeers } from './peer.js';
import { compareWithReal, NO_SCSI_DEVICE } from './sg3-utils.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').replace(/../g, '$& ');
const page = (code: number, body: string): string => {
  const bytes = Buffer.from(body.replaceAll(' ', ''), 'hex');
  return hex(Buffer.concat([Buffer.from([0, code, bytes.length >> 8, bytes.length & 0xff]), bytes]));
};
const text = (value: string): string => Buffer.from(value).toString('hex');

/** Answers by the name of the file that holds them, in hex. */
const FILES: Readonly<Record<string, string>> = {
  standard: hex(
    standardInquiryLayout.toBytes({
      version: 6,
      responseDataFormat: 2,
      additionalLength: standardInquiryLayout.lengthBytes - 5,
      vendor: 'FENCELAB',
      product: 'DISK',
      revision: '1.0',
      commandQueuing: 1,
      targetPortGroupSupport: 1,
      versionDescriptor1: 0x00a0,
      versionDescriptor2: 0x0960,
      versionDescriptor3: 0x1,
    }),
  ),
  absent: hex(Buffer.from([0x7f, 0, 6, 2, 31])),
  supported: page(0x00, '00 80 83 86 b0 b1 b2 c0'),
  serial: page(0x80, text('  lun 0/a,b ')),
  identification: page(
    0x83,
    `01030010 6001405d000000000000000000000001 02010010 ${text('FENCELABlun 0/ab')} 51940004 00000001 51950004 00000002` +
      ` 53980008 ${text('iqn.a,t,')} 53a80008 ${text('iqn.a')}000000 01030008 5000c50012345678 01030008 3123456789abcdef` +
      ` 01030008 2123456789abcdef 01020008 0011223344556677 0102000c 00112233445566778899aabb 01060004 00000003` +
      ` 01070004 01020304 010a0012 1000${'0123456789abcdef'.repeat(2)} 02000004 ${text('abcd')} 010f0002 0102`,
  ),
  broken: page(0x83, '01030010 6001'),
  software: page(0x84, '010203040506 a1b2c3d4e5f6'),
  network: page(0x85, `03000005 ${text('url:a')} 60000004 ${text('abc')}00`),
  extended: page(0x86, '00 07 01'.padEnd(120, '0')),
  policy: page(0x87, '3fff8000 08000100 0a010200'),
  ports: page(
    0x88,
    `0000 0001 0000 0000 0000 0008 51940004 00000001 0000 0002 0000 0018 06000000 5001405000000001${'00'.repeat(12)} 0000 0000`,
  ),
  power: page(0x8a, '0307 0001 0002 0003 0004 0005 0006'),
  features: page(0x92, '00000000 0001 0102 0300 0999'),
  limits: page(
    0xb0,
    '01 01 0008 00000400 00000080 00000000 ffffffff 00000001 00000008 80000000'.padEnd(140, '0'),
  ),
  characteristics: page(0xb1, '0001 00 02 01'.padEnd(123, '0')),
  provisioning: page(0xb2, '00 e4 02 00'),
  referrals: page(0xb3, '00000000 00000010 00000002'),
  vendor: page(0xc5, '01020304'),
  ascii: page(0x03, `05 ${text('ab')}00 ${text('c')}00 ff`),
};

/** Command lines that read from a file. */
const WITH_FILES = Object.keys(FILES).flatMap((name) =>
  ['', '-v', '-H', '-HH', '-HHH', '-d', '-s', '-u'].map((options) => `${options} -I ${name}`),
);

/** Command lines that need no device, or meet one that is none. */
const WITHOUT: readonly string[] = [
  '',
  '-h',
  '-hh',
  '-V',
  '-vV',
  '-x',
  'a b',
  '-Z -hh',
  '-ZY a b',
  '--e',
  '--l',
  '--page',
  '--he=1',
  '-B 2 x',
  '-l 65535 x',
  '-l 9q x',
  '-p zz x',
  '-p 0x100 x',
  '-i -p sn x',
  '-d -i x',
  '-c -i x',
  '-H -r x',
  '-u -p bl x',
  '-O -i -x x',
  '-O -p=100 x',
  '-O -q',
  '-O -?',
  'SG3_UTILS_OLD_OPTS=1 -l=0 x',
  'SG3_UTILS_OLD_OPTS=1 -cle x',
  '-I nofile',
  '-r -I nofile',
  '-c -I serial',
  '-I serial x',
  '-p di -I serial',
  '-p sinq -I serial',
  '-i -H -I identification',
  '-u -p di -I identification',
  '-u -v -p di -I identification',
  '-p 0x83 -HH -I broken',
  NO_SCSI_DEVICE,
  `-v ${NO_SCSI_DEVICE}`,
  `-p di ${NO_SCSI_DEVICE}`,
  `-p di -f -v ${NO_SCSI_DEVICE}`,
  `-u ${NO_SCSI_DEVICE}`,
  `-c ${NO_SCSI_DEVICE}`,
];

describeWithPeers(
  'the real sg_inq says the same',
  [{ command: 'sg_inq', debianPackage: 'sg3-utils' }],
  (pathOf) => {
    const directory = mkdtempSync(join(tmpdir(), 'fencelab-inq-'));
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(directory, name), content);
    afterAll(() => {
      rmSync(directory, { recursive: true });
    });

    it.each([...WITHOUT, ...WITH_FILES])('sg_inq %s', (line) =>
      compareWithReal({ command: 'sg_inq', path: pathOf('sg_inq'), program: runSgInq }, line, {
        directory,
        contents: FILES,
      }),
    );
  },
);
