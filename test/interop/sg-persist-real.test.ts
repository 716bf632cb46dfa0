import { it } from 'vitest';
import { runSgPersist } from '../../initiator/sg_persist/run.js';
import { runSgTurs } from '../../initiator/sg_persist/turs-run.js';
import type { Program } from '../initiator/sg_persist/golden.js';
import { describeWithPeers } from './peer.js';
import { compareWithReal, NO_SCSI_DEVICE } from './sg3-utils.js';

/** Command lines that need no device, or meet one that is none. Both programs get them. */
const SG_PERSIST: readonly string[] = [
  '',
  '-V',
  '-vV',
  '-h',
  '-hh',
  '-hV x',
  '-V a b',
  '-h a b',
  '-w',
  '-nQ',
  '-n-k',
  '--k',
  '--v',
  '--re',
  '--rep',
  '--he',
  '--no',
  '--param_',
  '--read-k --read-k',
  '--in=',
  '--help=1',
  '--transport-id=',
  '--relative_t=zz',
  '-K zz -h',
  '-l zz -V',
  '-X zz -h',
  '-k -r',
  '-i -o',
  '-i -o -k -r a',
  '-k -r -U a',
  '-o -R -G a -U',
  '-o -M -X sas,5000000000000001 -Q 10000',
  '-U a',
  '-- -k -r',
  '-l 2001',
  ...['1.5', '8q', '-1', '9k', '2000h', '1m', '1xx', '0x', '1d', '99999999999', '0x10h', '10g'].map(
    (size) => `-m ${size}`,
  ),
  ...['0', '8k', '2x512', '10b', '1kB', '1KiB', '+16', '0x20', '20h', '8,9', '1c', '3w'].map(
    (size) => `-n -v -k -m ${size} ${NO_SCSI_DEVICE}`,
  ),
  ...['5', ' 5', '0x', '0xg', '-5', '+7', '1ffffffffffffffff', 'g', '', '5x'].flatMap((number) => [
    `-n -v -o -R -T '${number}' ${NO_SCSI_DEVICE}`,
    `-n -vv -o -G -S '${number}' ${NO_SCSI_DEVICE}`,
    `-n -vv -o -M -X iqn.a -Q '${number}' ${NO_SCSI_DEVICE}`,
    `-n -v -k -l '${number}' ${NO_SCSI_DEVICE}`,
  ]),
  ...[
    'sas,50014050000000c1',
    'SAS,50014050000000C1x',
    'Sas,50014050000000c1',
    'sas,5001405',
    'spi,1,2',
    'spi, -1, 70000',
    'spi,1',
    'fcp,2100002400000001',
    'sbp,0123456789abcdef',
    'srp,0123456789abcdef0123456789abcdef',
    'sop,1a',
    'iqn.2026-11.test:a',
    'iqn.2026-11.test:a,i,0x00023d000001 # c',
    'IQN.a',
    `iqn.${'a'.repeat(240)}`,
    '6 0 0 0 50 1 40 50 0 0 0 c1',
    '5,0,0,15,61',
    '100',
    '1,,2',
    '1  2',
    'a,',
    '0x1',
    'fc,1',
    'file=/nonexistent',
  ].flatMap((id) => [
    `-n -vvv -o -G -S a1 -X '${id}' ${NO_SCSI_DEVICE}`,
    `-n -vv -o -M -U -Z -K 1 -S 2 -Q 2 -X '${id}' ${NO_SCSI_DEVICE}`,
  ]),
  ...['G', 'I', 'R', 'L', 'C', 'P', 'A', 'z'].map(
    (letter) => `-n -vv -o -${letter} -Y -Z -T 5 -K 1 -S 2 ${NO_SCSI_DEVICE}`,
  ),
  ...['k', 'r', 's', 'c'].flatMap((letter) => [
    `-${letter} ${NO_SCSI_DEVICE}`,
    `-n -vv -y -${letter} ${NO_SCSI_DEVICE}`,
    `SG_PERSIST_IN_RDONLY=1 -n -vv -${letter} ${NO_SCSI_DEVICE}`,
    `SG_PERSIST_IN_RDONLY= -n -vv -yy -${letter} ${NO_SCSI_DEVICE}`,
  ]),
];

const SG_TURS: readonly string[] = [
  '',
  '-V',
  '-Vv',
  '-h',
  '-x',
  '-n',
  '-n zz',
  '-d zz',
  '-n=2 x',
  '--n=3',
  'a b c',
  '-O',
  '-O -h',
  '-O -?',
  '-O a b',
  '-O -n=zz',
  '-O -n=0',
  '-O -V',
  '-O --help',
  '-hO',
  '-Z a b',
  '-ZY',
  '-Z -V',
  '-Z -d zz',
  '-n 9q -Z',
  '--zz --yy',
  '-Z -O',
  '-O -Z a b',
  `-v ${NO_SCSI_DEVICE}`,
  `-vv -n 2 ${NO_SCSI_DEVICE}`,
  `-p ${NO_SCSI_DEVICE}`,
  `-O -vn=2 ${NO_SCSI_DEVICE}`,
  `SG3_UTILS_OLD_OPTS=1 -n=2 ${NO_SCSI_DEVICE}`,
  'SG3_UTILS_OLD_OPTS=1 -n 2',
];

describeWithPeers(
  'the real sg_persist and sg_turs say the same',
  [
    { command: 'sg_persist', debianPackage: 'sg3-utils' },
    { command: 'sg_turs', debianPackage: 'sg3-utils' },
  ],
  (pathOf) => {
    const compare = (command: string, program: Program, line: string): Promise<void> =>
      compareWithReal({ command, path: pathOf(command), program }, line);

    it.each(SG_PERSIST)('sg_persist %s', (line) => compare('sg_persist', runSgPersist, line));
    it.each(SG_TURS)('sg_turs %s', (line) => compare('sg_turs', runSgTurs, line));
  },
);
