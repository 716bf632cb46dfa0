import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
import { Fencelab } from './cli.js';
import { startHostProcess } from './host-process.js';
import { Machines } from './machines.js';
import { runDirectory } from './sg-tools.js';

const IQN = 'iqn.2026-11.org.fencelab';
const iqnOf = (node: string): string => `${IQN}:${node}`;

/** An array, and a device map in which every node of the site has its own name for the one LU. */
class Site {
  readonly directory = runDirectory();
  readonly #devices: Record<string, Record<string, string>> = {};

  readonly target: Target;

  private constructor(target: Target) {
    this.target = target;
  }

  static async start(): Promise<Site> {
    const target = await createTarget({
      iqn: iqnOf('array'),
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [0, 1].map((lun) => ({ lun, medium: { kind: 'memory', sizeBytes: 1 << 20 } })),
    });
    onTestFinished(() => target.close());
    return new Site(target);
  }

  physical(node: string): void {
    this.#devices[node] = { url: this.target.urlOf(0), initiator: iqnOf(node) };
  }

  /** A host, and guests that are hosts behind its socket: each a process. */
  async host(name: string, guests: readonly string[]): Promise<void> {
    const socketPath = this.#socket(name);
    await startHostProcess({
      initiatorName: iqnOf(name),
      socketPath,
      devices: [`disk=${this.target.urlOf(0)}`],
    });
    for (const guest of guests) {
      await startHostProcess({
        socketPath: this.#socket(guest),
        devices: [`disk=socket:${socketPath}#disk`],
      });
      this.#devices[guest] = { socket: this.#socket(guest), device: 'disk' };
    }
  }

  socketName(guest: string): string {
    return `socket:${this.#socket(guest)}#disk`;
  }

  start(...argv: readonly string[]): Fencelab {
    const map = join(this.directory, 'devices.yaml');
    // JSON is YAML.
    writeFileSync(map, JSON.stringify(this.#devices));
    return new Fencelab(['probe', ...argv], { FENCELAB_DEVICES: map, FENCELAB_INITIATOR: '' });
  }

  probe(...argv: readonly string[]) {
    return this.start(...argv).ended;
  }

  keys(): bigint[] {
    return [...this.target.reservations(0).registrations.values()].map(({ key }) => key);
  }

  #socket(name: string): string {
    return join(this.directory, `${name}.sock`);
  }
}

const port = (node: string): string =>
  `${iqnOf(node)},i,0x80[0-9a-f]{10} at target port 1`.replace(/\./g, '\\.');
const apart = (a: string, b: string): RegExp =>
  new RegExp(`^the array can tell them apart: A is ${port(a)}, B is ${port(b)}\n$`);

describe('fencelab probe', () => {
  it('tells nodes and guests apart as far as the array does', async () => {
    const site = await Site.start();
    site.physical('node1');
    site.physical('node2');
    await site.host('esx1', ['guest1', 'guest2']);
    await site.host('esx2', ['guest3']);
    const yes = async (a: string, b: string, ownerOfA: string, ownerOfB: string) => {
      const ended = await site.probe(a, b);
      expect(ended).toEqual({ exitStatus: 0, stdout: expect.anything() as string, stderr: '' });
      expect(ended.stdout).toMatch(apart(ownerOfA, ownerOfB));
    };
    await yes('node1', 'node2', 'node1', 'node2');
    await yes('guest1', 'guest3', 'esx1', 'esx2');
    await yes('guest1', 'node1', 'esx1', 'node1');
    const inOneBox = await site.probe('guest1', 'guest2');
    expect([inOneBox.exitStatus, inOneBox.stderr]).toEqual([1, '']);
    expect(inOneBox.stdout).toMatch(new RegExp(`^it cannot: both are ${port('esx1')}\n$`));
    const bySockets = await site.probe(site.socketName('guest1'), site.socketName('guest2'));
    expect(bySockets).toEqual(inOneBox);
    expect(site.keys()).toEqual([]);
  });

  it('takes initiator names for URLs, and writes the answer for programs', async () => {
    const site = await Site.start();
    const url = site.target.urlOf(0);
    const json = join(site.directory, 'answer.json');
    const names = ['--initiator-a', iqnOf('node1'), '--initiator-b', iqnOf('node2')];
    expect(await site.probe(...names, '--json', '/nowhere/answer.json', url, url)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: 'fencelab: --json /nowhere/answer.json: the folder /nowhere does not exist\n',
    });
    const ended = await site.probe(...names, '--json', json, url, url);
    expect([ended.exitStatus, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout).toMatch(apart('node1', 'node2'));
    const registrant = (node: string) => ({
      device: url,
      initiatorPort: expect.stringMatching(new RegExp(`^${iqnOf(node)},i,0x80`)) as string,
      iscsiName: iqnOf(node),
      targetPorts: [1],
    });
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
      canTellApart: true,
      kind: 'apart',
      logicalUnit: expect.stringMatching(/^naa\.3/) as string,
      a: registrant('node1'),
      b: registrant('node2'),
    });
    const same = ['--initiator-a', iqnOf('node1'), '--initiator-b', iqnOf('node1')];
    expect(await site.probe(...same, url, url)).toMatchObject({ exitStatus: 1 });
  });

  it('asks through command lines', async () => {
    const site = await Site.start();
    const machines = new Machines();
    const device = (machine: string): string => machines.device(machine, site.target.urlOf(0));
    const two = await site.probe(device('node1'), device('node2'));
    expect([two.exitStatus, two.stderr]).toEqual([0, '']);
    expect(two.stdout).toMatch(apart('node1', 'node2'));
    expect(site.keys()).toEqual([]);
  });

  it('asks nothing of a LU that is in use, and leaves it alone', async () => {
    const site = await Site.start();
    site.physical('node1');
    site.physical('node2');
    const registered = site.target.connectInMemory(
      {
        initiatorPort: { protocol: 'fibreChannel', nPortName: 1n },
        relativeTargetPortId: 1,
      },
      0,
    );
    await registered.execute(Buffer.alloc(6));
    const parameterList = Buffer.alloc(24);
    parameterList.writeBigUInt64BE(0xabcn, 8);
    const cdb = Buffer.from('5f060000000000001800', 'hex');
    expect((await registered.execute(cdb, { dataOut: parameterList })).status).toBe(0);
    expect(await site.probe('node1', 'node2')).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: 'fencelab: A, node1: somebody is registered (0xabc): expected a LU that nobody uses\n',
    });
    expect(site.keys()).toEqual([0xabcn]);
  });

  it('says in a line why it could not ask', async () => {
    const site = await Site.start();
    site.physical('node1');
    const url = site.target.urlOf(0);
    const notAsked = async (...argv: string[]): Promise<string> => {
      const { exitStatus, stdout, stderr } = await site.probe(...argv);
      expect([exitStatus, stdout]).toEqual([2, '']);
      return stderr;
    };
    expect(await notAsked('node1', '/dev/sdx')).toMatch(
      /^fencelab: B, \/dev\/sdx: no such device: not an iscsi:\/\/ URL, exec: or socket:, nor in the device map \(not in .*\)\n$/,
    );
    expect(await notAsked(url, url)).toMatch(
      /^fencelab: both URLs would log in as iqn\.2026-11\.org\.fencelab:.*: expected --initiator-a and --initiator-b, or names of the device map\n$/,
    );
    expect(await notAsked('--initiator-a', iqnOf('x'), 'node1', url)).toBe(
      'fencelab: --initiator-a goes with an iscsi:// URL only: node1 has an initiator of its own\n',
    );
    expect(await notAsked('--initiator-b', 'node2', 'node1', url)).toMatch(
      /^fencelab: --initiator-b: "node2" is no iSCSI name/,
    );
    const other = site.target.urlOf(1);
    expect(await notAsked('node1', other)).toMatch(
      /^fencelab: they lead to different units: A, node1, to naa\.3[0-9a-f]{15}; B, iscsi:.*, to naa\.3[0-9a-f]{15}\n$/,
    );
    // Nor is a password shown.
    expect(await notAsked('node1', other.replace('127.0.0.1', 'alice%a-long-secret@127.0.0.1'))).toContain(
      `B, ${other}, to naa.`,
    );
    expect(site.keys()).toEqual([]);
  });

  it('takes its keys back when it is interrupted', async () => {
    const site = await Site.start();
    site.physical('node1');
    site.physical('node2');
    const probe = site.start('node1', 'node2');
    // Its first key is on the LU now.
    await new Promise<void>((resolve) => {
      site.target.onEvent((event) => {
        if (event.type === 'persistentReserveOut' && site.keys().length === 1) resolve();
      });
    });
    probe.process.kill('SIGINT');
    const [exitStatus] = (await once(probe.process, 'exit')) as [number | null];
    expect(exitStatus).toBe(2);
    expect(await probe.ended).toMatchObject({ stdout: '', stderr: 'fencelab: interrupted by SIGINT\n' });
    expect(site.keys()).toEqual([]);
  });
});
