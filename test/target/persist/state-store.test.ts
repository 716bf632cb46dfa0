import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  nodeFileSystem,
  openStateStore,
  StateStoreError,
  type StateFileSystem,
  type StateStore,
} from '../../../target/persist/index.js';
import type { ReservationState } from '../../../target/reservations/types.js';
import { initialState, restored } from '../../../target/reservations/index.js';
import { stateOf, textOf } from '../reservations/notation.js';

const KEPT = 'g0 a=deadbeef1a7ebabe b2=b2 EARO:b2 ptpl';
const OTHER = 'g0 a=1 c=2 WEAR:* ptpl';
const FILE = 'reservations-lun0.json';

let folder = '';
let directory = '';
let warnings: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-state-'));
  directory = folder;
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

const open = (fileSystem?: StateFileSystem): Promise<StateStore> =>
  openStateStore(directory, {
    warn: (line) => warnings.push(line),
    ...(fileSystem === undefined ? {} : { fileSystem }),
  });
const loadFrom = async (store: StateStore, logicalUnit = 'lun0'): Promise<string> =>
  textOf(restored(await store.loadReservations(logicalUnit)));
const load = async (): Promise<string> => loadFrom(await open());
const save = async (text: string): Promise<void> => (await open()).saveReservations('lun0', stateOf(text));

describe('APTPL state of a logical unit', () => {
  it('survives, without PRGENERATION', async () => {
    await save(KEPT.replace('g0', 'g77'));
    expect(await load()).toBe(KEPT);
    await save(OTHER);
    expect(await load()).toBe(OTHER);
    expect(warnings).toEqual([]);
    expect(await readdir(directory)).toEqual([FILE]);
  });

  it('is nothing where nothing was stored, and a missing directory is made', async () => {
    directory = join(directory, 'new', 'state');
    expect(await load()).toBe('g0');
    expect(warnings).toEqual([]);
    await save(KEPT);
    expect(await load()).toBe(KEPT);
  });

  it('is gone after APTPL=0', async () => {
    await save(KEPT);
    await save('g3 a=a1 WE:a');
    expect(await readdir(directory)).toEqual([]);
    expect(await load()).toBe('g0');
  });

  it('is readable: keys as 0x strings of 64 bits', async () => {
    await save(KEPT);
    const file = JSON.parse(await readFile(join(directory, FILE), 'utf8')) as Record<string, unknown>;
    expect(file).toEqual({
      format: 'fencelab reservations',
      version: 1,
      logicalUnit: 'lun0',
      registrations: [
        {
          key: '0xdeadbeef1a7ebabe',
          initiatorPort: {
            protocol: 'iscsi',
            iscsiName: 'iqn.2026-11.org.example:a',
            isid: '0x00023d000061',
          },
          relativeTargetPortId: 1,
        },
        {
          key: '0x00000000000000b2',
          initiatorPort: {
            protocol: 'iscsi',
            iscsiName: 'iqn.2026-11.org.example:b',
            isid: '0x00023d000062',
          },
          relativeTargetPortId: 2,
        },
      ],
      reservation: {
        type: 'exclusiveAccessRegistrantsOnly',
        holder: 'iqn.2026-11.org.example:b,i,0x00023d000062@2',
      },
      checksum: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown,
    });
  });

  it('keeps initiator ports of every protocol', async () => {
    const ports = [
      { protocol: 'fibreChannel', nPortName: 0xf1n },
      { protocol: 'sas', sasAddress: 0x5a5n },
      { protocol: 'srp', initiatorPortIdentifier: '00112233445566778899aabbccddeeff' },
    ] as const;
    const names = [
      'fc,00000000000000f1@1',
      'sas,00000000000005a5@1',
      'srp,00112233445566778899aabbccddeeff@1',
    ];
    const registrations = new Map(
      ports.map((initiatorPort, at) => [
        names[at] ?? '',
        { nexus: { initiatorPort, relativeTargetPortId: 1 }, key: BigInt(at + 1) },
      ]),
    );
    const state: ReservationState = { ...initialState(), registrations, persistThroughPowerLoss: true };
    const store = await open();
    await store.saveReservations('lun0', state);
    expect(restored(await store.loadReservations('lun0'))).toEqual(state);
  });

  it('is kept apart for each logical unit, whatever its name', async () => {
    const store = await open();
    await Promise.all([
      store.saveReservations('lun0', stateOf(KEPT)),
      store.saveReservations('../lun/0', stateOf(OTHER)),
    ]);
    expect(await loadFrom(store)).toBe(KEPT);
    expect(await loadFrom(store, '../lun/0')).toBe(OTHER);
    expect((await readdir(directory)).sort()).toEqual(['reservations-..%2Flun%2F0.json', FILE]);
  });

  it('is written in the order asked for, however close together', async () => {
    const store = await open();
    await Promise.all(
      [KEPT, OTHER, KEPT, OTHER].map((text) => store.saveReservations('lun0', stateOf(text))),
    );
    expect(await loadFrom(store)).toBe(OTHER);
  });
});

describe('a file that cannot be trusted', () => {
  async function becomesLost(content: string | Uint8Array, why: string): Promise<void> {
    warnings = [];
    await writeFile(join(directory, FILE), content);
    expect(await load()).toBe('g0 lost');
    expect(warnings).toEqual([
      expect.stringContaining(`${join(directory, FILE)} ${why}: persistent reservation`),
    ]);
    expect(warnings[0]).not.toContain('\n');
  }

  it('is the lost-information state with one line of warning: cut anywhere, one bit changed, foreign', async () => {
    await save(KEPT);
    const whole = await readFile(join(directory, FILE));
    for (let length = 0; length < whole.length - 1; length += 37) {
      await becomesLost(whole.subarray(0, length), 'is not whole JSON');
    }
    await becomesLost(
      whole.toString().replace('0x00000000000000b2', '0x00000000000000b3'),
      'does not match its checksum',
    );
    await becomesLost(whole.toString().replace('"version": 1', '"version": 2'), 'has version 2, expected 1');
    await becomesLost('[]', 'is no "fencelab reservations" file');
    await becomesLost('{"registrations": []}', 'is no "fencelab reservations" file');
    const target = await open();
    await target.relativeTargetPortIds([{ host: '127.0.0.1', port: 1 }]);
    await becomesLost(
      await readFile(join(directory, 'target-ports.json')),
      'is no "fencelab reservations" file',
    );
    await target.saveReservations('lun1', stateOf(KEPT));
    await becomesLost(
      await readFile(join(directory, 'reservations-lun1.json')),
      'belongs to logical unit lun1',
    );
  });

  it('is found out where it is whole but cannot be', async () => {
    const impossible = (change: Partial<ReservationState>): ReservationState => ({
      ...stateOf(KEPT),
      ...change,
    });
    const store = await open();
    const contradictions = [
      impossible({ reservation: { type: 'writeExclusive', holder: 'iqn.x,i,0x000000000001@1' } }),
      impossible({ reservation: { type: 'writeExclusive', holder: null } }),
      impossible({
        reservation: { ...stateOf(OTHER).reservation, type: 'writeExclusiveAllRegistrants', holder: 'x' },
      }),
      impossible({
        registrations: new Map(),
        reservation: { type: 'exclusiveAccessAllRegistrants', holder: null },
      }),
      stateOf('g0 a=0 ptpl'),
    ];
    for (const state of contradictions) {
      await store.saveReservations('lun0', state);
      await becomesLost(await readFile(join(directory, FILE)), 'contradicts itself');
    }
  });

  it('stays until something better is stored', async () => {
    await writeFile(join(directory, FILE), 'not ours');
    await save('g0 lost');
    expect(await load()).toBe('g0 lost');
    await save(KEPT);
    expect(await load()).toBe(KEPT);
    await writeFile(join(directory, FILE), 'not ours');
    await save('g0 a=a1 WE:a');
    expect(await load()).toBe('g0');
  });

  it('cannot be read: lost, and it can be replaced', async () => {
    const unreadable: StateFileSystem = {
      ...nodeFileSystem,
      read: () => Promise.reject(new Error('EIO: i/o error, read')),
    };
    const store = await open(unreadable);
    expect(await loadFrom(store)).toBe('g0 lost');
    expect(warnings).toEqual([expect.stringContaining('cannot be read (EIO: i/o error, read)')]);
    await store.saveReservations('lun0', stateOf(KEPT));
    expect(await load()).toBe(KEPT);
  });
});

describe('a state directory that cannot be used', () => {
  it('is an error of one line', async () => {
    await writeFile(join(directory, 'file'), '');
    const opened = openStateStore(join(directory, 'file', 'state'), { warn: () => undefined });
    await expect(opened).rejects.toThrow(StateStoreError);
    await expect(opened).rejects.toThrow(/^state directory .* cannot be made: ENOTDIR.*$/);
  });

  it('is an error where a file has its name, and where no folder can be made', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const opened = (path: string): Promise<StateStore> => openStateStore(path, { warn: () => undefined });
    await expect(opened(file)).rejects.toThrow(
      `state directory ${file} cannot be made: ${file} is no directory`,
    );
    await expect(opened('/proc/none/state')).rejects.toThrow(/cannot be made: ENOENT.*\/proc\/none/);
  });

  it('is made with the folders above it, and used if it exists', async () => {
    const nested = join(directory, 'a', 'b');
    await openStateStore(nested, { warn: () => undefined });
    await openStateStore(nested, { warn: () => undefined });
    expect(await readdir(nested)).toEqual([]);
  });
});

describe('relative target port identifiers', () => {
  const portal = (port: number, host = '127.0.0.1') => ({ host, port });

  it('are 1, 2, ... at first, and stay with the portal address, not with the order', async () => {
    expect(await (await open()).relativeTargetPortIds([portal(3260), portal(3261)])).toEqual([1, 2]);
    expect(await (await open()).relativeTargetPortIds([portal(3261), portal(3262), portal(3260)])).toEqual([
      2, 3, 1,
    ]);
    expect(await (await open()).relativeTargetPortIds([portal(3262)])).toEqual([3]);
    // An identifier that was given never comes to mean another port.
    expect(await (await open()).relativeTargetPortIds([portal(3260, '::1'), portal(3262)])).toEqual([4, 3]);
    expect(warnings).toEqual([]);
  });

  it('tell portals apart that leave the port to the system', async () => {
    expect(await (await open()).relativeTargetPortIds([portal(0), portal(0), portal(0, '::1')])).toEqual([
      1, 2, 3,
    ]);
    expect(await (await open()).relativeTargetPortIds([portal(0, '::1'), portal(0), portal(0)])).toEqual([
      3, 1, 2,
    ]);
  });

  it('are given anew with a warning where the file cannot be trusted', async () => {
    const store = await open();
    await store.relativeTargetPortIds([portal(1), portal(2)]);
    const path = join(directory, 'target-ports.json');
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.slice(0, -10));
    expect(await store.relativeTargetPortIds([portal(2)])).toEqual([1]);
    expect(warnings).toEqual([
      `${path} is not whole JSON: relative target port identifiers are given anew, in order`,
    ]);
    expect(await store.relativeTargetPortIds([portal(2)])).toEqual([1]);
    expect(warnings).toHaveLength(1);
  });
});

/** A disk that loses at power loss what was not made durable, and whose n-th operation can fail. */
class ModelDisk implements StateFileSystem {
  files = new Map<string, Uint8Array>();
  durable = new Map<string, Uint8Array>();
  #synced = new Set<Uint8Array>();
  operations = 0;
  failAt = Infinity;
  /** Everything from `failAt` on fails: the power is gone. */
  dead = false;

  #step(): Promise<void> {
    this.operations += 1;
    const fails = this.dead ? this.operations >= this.failAt : this.operations === this.failAt;
    return fails ? Promise.reject(new Error('EIO: i/o error')) : Promise.resolve();
  }

  makeDirectory = (): Promise<void> => Promise.resolve();
  read = (path: string): Promise<Uint8Array | undefined> => Promise.resolve(this.files.get(path));

  async create(path: string) {
    await this.#step();
    this.files.set(path, new Uint8Array(0));
    return {
      write: async (content: Uint8Array) => {
        await this.#step();
        this.files.set(path, content);
      },
      sync: async () => {
        await this.#step();
        this.#synced.add(this.files.get(path) ?? new Uint8Array(0));
      },
      close: () => this.#step(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step();
    const content = this.files.get(from);
    if (content === undefined) throw new Error(`ENOENT: ${from}`);
    this.files.delete(from);
    this.files.set(to, content);
  }

  async remove(path: string): Promise<void> {
    await this.#step();
    this.files.delete(path);
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#step();
    for (const name of [...this.durable.keys()]) if (!this.files.has(name)) this.durable.delete(name);
    for (const [name, content] of this.files) {
      expect(dirname(name)).toBe(path);
      // A name can be durable before its content is: then the content is anything.
      this.durable.set(name, this.#synced.has(content) ? content : Buffer.from('garbage'));
    }
  }

  /** What is there after power came back: names as last made durable, or as the file system wrote them on its own. */
  afterPowerLoss(namesWritten: boolean): ModelDisk {
    const disk = new ModelDisk();
    const survivors = namesWritten
      ? [...this.files].map(
          ([name, content]) => [name, this.#synced.has(content) ? content : Buffer.from('garbage')] as const,
        )
      : [...this.durable];
    for (const [name, content] of survivors) {
      disk.files.set(name, content);
      disk.durable.set(name, content);
      disk.#synced.add(content);
    }
    return disk;
  }
}

describe('when the n-th file operation fails', () => {
  const states = [KEPT, OTHER, 'g0'];
  const changes = states.flatMap((from) =>
    states.filter((to) => to !== from).map((to) => [from, to] as const),
  );
  const openOn = (disk: ModelDisk): Promise<StateStore> =>
    openStateStore('/state', { warn: (line) => warnings.push(line), fileSystem: disk });
  const loadFromDisk = async (disk: ModelDisk) => loadFrom(await openOn(disk));

  async function prepared(from: string): Promise<ModelDisk> {
    const disk = new ModelDisk();
    await (await openOn(disk)).saveReservations('lun0', stateOf(from));
    disk.operations = 0;
    return disk;
  }

  async function operationsOf(from: string, to: string): Promise<number> {
    const disk = await prepared(from);
    await (await openOn(disk)).saveReservations('lun0', stateOf(to));
    return disk.operations;
  }

  it.each(changes)(
    '%s -> %s: the error is reported and what was stored before is still there',
    async (from, to) => {
      const operations = await operationsOf(from, to);
      expect(operations).toBe(to === 'g0' ? 2 : 6);
      for (let failAt = 1; failAt <= operations; failAt++) {
        const disk = await prepared(from);
        disk.failAt = failAt;
        const store = await openOn(disk);
        await expect(store.saveReservations('lun0', stateOf(to))).rejects.toThrow(StateStoreError);
        expect(await loadFromDisk(disk)).toBe(from);
        for (const namesWritten of [false, true])
          expect(await loadFromDisk(disk.afterPowerLoss(namesWritten))).toBe(from);
        // And the next one works.
        await store.saveReservations('lun0', stateOf(to));
        expect(await loadFromDisk(disk.afterPowerLoss(false))).toBe(to);
      }
      expect(warnings).toEqual([]);
    },
  );

  it.each(changes)(
    '%s -> %s: power lost at any point leaves the old or the new, after the answer the new',
    async (from, to) => {
      const operations = await operationsOf(from, to);
      for (let failAt = 1; failAt <= operations + 1; failAt++) {
        const disk = await prepared(from);
        Object.assign(disk, { failAt, dead: true });
        const answered = await (await openOn(disk)).saveReservations('lun0', stateOf(to)).then(
          () => true,
          () => false,
        );
        expect(answered).toBe(failAt > operations);
        for (const namesWritten of [false, true]) {
          const found = await loadFromDisk(disk.afterPowerLoss(namesWritten));
          expect(answered ? [to] : [from, to]).toContain(found);
        }
      }
      expect(warnings).toEqual([]);
    },
  );
});
