import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  nodeFileSystem,
  openStateStore,
  type StateFileSystem,
  type StateStore,
} from '../../../target/persist/index.js';
import { decodeModePageFile } from '../../../target/persist/mode-page-file.js';
import { decodeReservationFile, encodeReservationFile } from '../../../target/persist/reservation-file.js';
import { seal } from '../../../target/persist/sealed-json.js';
import { decodeTargetPortFile } from '../../../target/persist/target-port-file.js';
import { stateOf } from '../reservations/notation.js';

let directory = '';
let warnings: string[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fencelab-formats-'));
  warnings = [];
});
afterEach(() => rm(directory, { recursive: true }));

const open = (changes: Partial<StateFileSystem> = {}): Promise<StateStore> =>
  openStateStore(directory, {
    warn: (line) => warnings.push(line),
    fileSystem: { ...nodeFileSystem, ...changes },
  });

const failing = (): Promise<never> => Promise.reject(new Error('EIO: i/o error'));
const port = (number: number, host = '127.0.0.1') => ({ host, port: number });

describe('The reservation file, with the right checksum', () => {
  const initiatorPort = { protocol: 'iscsi', iscsiName: 'iqn.x', isid: '0xffffffffffff' };
  const registration = { key: '0xffffffffffffffff', initiatorPort, relativeTargetPortId: 0xffff };
  const content = { logicalUnit: '0', registrations: [registration], reservation: null };
  const sealed = (changed: object): Uint8Array =>
    seal({ format: 'fencelab reservations', version: 1 }, { ...content, ...changed });
  const withPort = (changed: object): object => ({
    registrations: [{ ...registration, initiatorPort: { ...initiatorPort, ...changed } }],
  });
  const MALFORMED = { kind: 'lost', problem: 'does not have the expected members' };

  it('holds the largest values there are', () => {
    expect(decodeReservationFile('0', sealed({}))).toMatchObject({ kind: 'kept', reservation: null });
  });

  it('holds an all-registrants reservation of one registrant', () => {
    const reservation = { type: 'writeExclusiveAllRegistrants', holder: null };
    expect(decodeReservationFile('0', sealed({ reservation }))).toMatchObject({ kind: 'kept', reservation });
  });

  it.each<[string, object]>([
    ['another member', { more: 1 }],
    ['no registrations', { registrations: undefined }],
    ['another member of a registration', { registrations: [{ ...registration, more: 1 }] }],
    ['a key of 17 digits', { registrations: [{ ...registration, key: `0x1${'0'.repeat(16)}` }] }],
    ['target port 0', { registrations: [{ ...registration, relativeTargetPortId: 0 }] }],
    ['target port 65536', { registrations: [{ ...registration, relativeTargetPortId: 0x1_0000 }] }],
    ['an empty iSCSI name', withPort({ iscsiName: '' })],
    ['an ISID of 13 digits', withPort({ isid: '0x1000000000000' })],
    ['a protocol that nobody knows', withPort({ protocol: 'spi' })],
    [
      'an N_Port name of 17 digits',
      { registrations: [{ ...registration, initiatorPort: fibre('0x10000000000000000') }] },
    ],
    [
      'a SAS address of 17 digits',
      {
        registrations: [
          { ...registration, initiatorPort: { protocol: 'sas', sasAddress: '0x10000000000000000' } },
        ],
      },
    ],
    ['a type that is none', { reservation: { type: 'elementScope', holder: null } }],
  ])('is lost with %s', (_, changed) => {
    expect(decodeReservationFile('0', sealed(changed))).toEqual(MALFORMED);
  });

  it('is lost where it is JSON but no object', () => {
    for (const text of ['null', '5', '"x"', '[]']) {
      expect(decodeReservationFile('0', Buffer.from(text))).toEqual({
        kind: 'lost',
        problem: 'is no "fencelab reservations" file',
      });
    }
  });

  it('is not written for an iSCSI name without ISID, which is no initiator port', () => {
    const [[id, known] = ['', undefined]] = [...stateOf('g0 a=a1').registrations];
    if (known === undefined) throw new Error('one registration');
    const nameOnly = { protocol: 'iscsi', iscsiName: 'iqn.x', isid: null } as const;
    const registrations = new Map([[id, { ...known, nexus: { ...known.nexus, initiatorPort: nameOnly } }]]);
    expect(() => encodeReservationFile('0', { kind: 'kept', registrations, reservation: null })).toThrow(
      'iqn.x without ISID is not an initiator port',
    );
  });
});

function fibre(nPortName: string): object {
  return { protocol: 'fibreChannel', nPortName };
}

describe('The file of target ports', () => {
  const sealed = (targetPorts: unknown, more: object = {}): Uint8Array =>
    seal({ format: 'fencelab target ports', version: 1 }, { targetPorts, ...more });
  const entry = { portal: '127.0.0.1:3260', relativeTargetPortId: 0xffff };
  const MALFORMED = { problem: 'does not have the expected members' };

  it('names each portal by its address, and the second one of an address by its place', async () => {
    const store = await open();
    await store.relativeTargetPortIds([port(3260), port(0), port(0), port(3260, '::1')]);
    const file = JSON.parse(await readFile(join(directory, 'target-ports.json'), 'utf8')) as object;
    expect(file).toMatchObject({
      format: 'fencelab target ports',
      version: 1,
      targetPorts: [
        { portal: '127.0.0.1:3260', relativeTargetPortId: 1 },
        { portal: '127.0.0.1:0', relativeTargetPortId: 2 },
        { portal: '127.0.0.1:0 (2)', relativeTargetPortId: 3 },
        { portal: '[::1]:3260', relativeTargetPortId: 4 },
      ],
    });
  });

  it('is written only where a portal is new', async () => {
    await (await open()).relativeTargetPortIds([port(1), port(2)]);
    const full = await open({ create: failing });
    expect(await full.relativeTargetPortIds([port(2)])).toEqual([2]);
    await expect(full.relativeTargetPortIds([port(3)])).rejects.toThrow('cannot be written');
  });

  it('holds the largest identifier', () => {
    expect(decodeTargetPortFile(sealed([entry]))).toEqual({
      ports: new Map([['127.0.0.1:3260', 0xffff]]),
    });
  });

  it.each<[string, Uint8Array, object]>([
    ['another member', sealed([entry], { more: 1 }), MALFORMED],
    ['another member of a port', sealed([{ ...entry, more: 1 }]), MALFORMED],
    ['no list', sealed({}), MALFORMED],
    ['an empty address', sealed([{ ...entry, portal: '' }]), MALFORMED],
    ['identifier 0', sealed([{ ...entry, relativeTargetPortId: 0 }]), MALFORMED],
    ['identifier 65536', sealed([{ ...entry, relativeTargetPortId: 0x1_0000 }]), MALFORMED],
    ['an identifier twice', sealed([entry, { ...entry, portal: 'x' }]), { problem: 'contradicts itself' }],
    [
      'an address twice',
      sealed([entry, { ...entry, relativeTargetPortId: 1 }]),
      { problem: 'contradicts itself' },
    ],
  ])('is not to be trusted with %s', (_, bytes, expected) => {
    expect(decodeTargetPortFile(bytes)).toEqual(expected);
  });
});

describe('The file of mode pages', () => {
  const entry = { pageCode: 0x0a, subpageCode: 0, page: '8a0a02' };
  const sealed = (modePages: unknown, more: object = {}): Uint8Array =>
    seal({ format: 'fencelab mode pages', version: 1 }, { logicalUnit: '0', modePages, ...more });
  const MALFORMED = { problem: 'does not have the expected members' };
  const pages = [
    { pageCode: 0x0a, subpageCode: 0, bytes: Buffer.from('8a0a02', 'hex') },
    { pageCode: 0x0a, subpageCode: 1, bytes: Buffer.from('ca01', 'hex') },
  ];

  it('has each page in hex, and gives back what was saved last, for each logical unit', async () => {
    const store = await open();
    expect(await store.loadModePages('0')).toEqual([]);
    await store.saveModePages('0', pages.slice(1));
    await store.saveModePages('0', pages);
    await store.saveModePages('1', []);
    expect([await store.loadModePages('0'), await store.loadModePages('1')]).toEqual([pages, []]);
    const file = JSON.parse(await readFile(join(directory, 'mode-pages-0.json'), 'utf8')) as object;
    expect(file).toMatchObject({
      format: 'fencelab mode pages',
      version: 1,
      logicalUnit: '0',
      modePages: [entry, { pageCode: 0x0a, subpageCode: 1, page: 'ca01' }],
    });
    expect((await readdir(directory)).sort()).toEqual(['mode-pages-0.json', 'mode-pages-1.json']);
    expect(warnings).toEqual([]);
  });

  it('that cannot be trusted is told of, and stands for the defaults', async () => {
    await writeFile(join(directory, 'mode-pages-0.json'), '{"a":');
    expect(await (await open()).loadModePages('0')).toEqual([]);
    expect(warnings).toEqual([
      `${join(directory, 'mode-pages-0.json')} is not whole JSON: mode pages of logical unit 0 have their defaults`,
    ]);
  });

  it('that cannot be read is an error: a write protection would be lost', async () => {
    const store = await open({ read: failing });
    await expect(store.loadModePages('0')).rejects.toThrow(
      'mode-pages-0.json cannot be read: EIO: i/o error',
    );
  });

  it.each<[string, Uint8Array, object]>([
    ['another member', sealed([entry], { more: 1 }), MALFORMED],
    ['another member of a page', sealed([{ ...entry, more: 1 }]), MALFORMED],
    ['no list', sealed(undefined), MALFORMED],
    ['a page code of 7 bits', sealed([{ ...entry, pageCode: 0x40 }]), MALFORMED],
    ['half a byte', sealed([{ ...entry, page: '8a0' }]), MALFORMED],
    ['no bytes', sealed([{ ...entry, page: '' }]), MALFORMED],
    ['another name', sealed([entry], { logicalUnit: '1' }), { problem: 'belongs to logical unit 1' }],
    [
      'another format',
      seal({ format: 'x', version: 1 }, {}),
      { problem: 'is no "fencelab mode pages" file' },
    ],
  ])('is not to be trusted with %s', (_, bytes, expected) => {
    expect(decodeModePageFile('0', bytes)).toEqual(expected);
  });
});

describe('Files of the state directory', () => {
  const KEPT = stateOf('g0 a=a1 WE:a ptpl');
  const FILE = 'reservations-lun0.json';

  it('are readable by their owner alone', async () => {
    await (await open()).saveReservations('lun0', KEPT);
    expect((await stat(join(directory, FILE))).mode & 0o777).toBe(0o600);
  });

  it('that cannot be read are an error, and are not taken for missing ones', async () => {
    await mkdir(join(directory, FILE));
    await expect(nodeFileSystem.read(join(directory, FILE))).rejects.toThrow('EISDIR');
    expect(await (await open()).loadReservations('lun0')).toEqual({ kind: 'lost' });
    await expect(nodeFileSystem.read(join(directory, 'missing'))).resolves.toBeUndefined();
  });

  it('that cannot be read stay as they are where they cannot be replaced either', async () => {
    await writeFile(join(directory, FILE), 'not ours');
    const store = await open({ read: failing, syncDirectory: failing, rename: failing });
    await expect(store.saveReservations('lun0', KEPT)).rejects.toThrow('cannot be written');
    expect(await readFile(join(directory, FILE), 'utf8')).toBe('not ours');
    const half = await open({ read: failing, syncDirectory: failing });
    await expect(half.saveReservations('lun0', KEPT)).rejects.toThrow('cannot be written');
    expect(await readFile(join(directory, FILE), 'utf8')).toContain('"holder"');
    expect(await readdir(directory)).toEqual([FILE]);
  });

  it('that are missing can be removed', async () => {
    await expect(nodeFileSystem.remove(join(directory, 'missing'))).resolves.toBeUndefined();
  });
});
