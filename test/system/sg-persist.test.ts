import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
import { startHostProcess } from './host-process.js';
import { Node, runDirectory } from './sg-tools.js';

const IQN = 'iqn.2026-11.org.fencelab';
const VENDOR_LINE = /^ {2}\S+ +\S.* +\S+\n {2}Peripheral device type: disk\n/;

async function startTarget(): Promise<Target> {
  const target = await createTarget({
    iqn: `${IQN}:array`,
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
  });
  onTestFinished(() => target.close());
  return target;
}

const nodeNamed = (name: string, target: Target): Node =>
  new Node({ '/dev/sdb': { url: target.urlOf(0), initiator: `${IQN}:${name}` } });

/** Two nodes that see one LU, and whose first attention is behind them. */
async function twoNodes(): Promise<{ target: Target; node1: Node; node2: Node }> {
  const target = await startTarget();
  return { target, node1: nodeNamed('node1', target), node2: nodeNamed('node2', target) };
}

describe('sg_persist against the target', () => {
  it('registers, reserves, and reports both as scripts read them', async () => {
    const { node1 } = await twoNodes();
    expect(await node1.run('sg_persist -n -i -k -d /dev/sdb')).toEqual({
      exitStatus: 0,
      stdout: '  PR generation=0x0, there are NO registered reservation keys\n',
      stderr: '',
    });
    expect(await node1.run('sg_persist -n -o -G -S 0xabc /dev/sdb')).toEqual({
      exitStatus: 0,
      stdout: '',
      stderr: '',
    });
    expect(await node1.run('sg_persist -n -o -R -T 5 -K 0xabc /dev/sdb')).toEqual({
      exitStatus: 0,
      stdout: '',
      stderr: '',
    });
    expect(await node1.done('sg_persist -n -i -k -d /dev/sdb')).toBe(
      '  PR generation=0x1, 1 registered reservation key follows:\n    0xabc\n',
    );
    expect(await node1.done('sg_persist -n -i -r -d /dev/sdb')).toBe(
      '  PR generation=0x1, Reservation follows:\n' +
        '    Key=0xabc\n    scope: LU_SCOPE,  type: Write Exclusive, registrants only\n',
    );
    expect(await node1.done('sg_persist /dev/sdb')).toMatch(
      new RegExp(`${VENDOR_LINE.source} {2}PR generation=0x1, 1 registered reservation key follows:`),
    );
  });

  it('meets a conflict with exit status 24', async () => {
    const { node1, node2 } = await twoNodes();
    await node1.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    await node1.done('sg_persist -n -o -R -T 3 -K 0xabc /dev/sdb');
    expect(await node2.run('sg_persist -n -o -R -T 3 -K 0xdef /dev/sdb')).toEqual({
      exitStatus: 24,
      stdout: '',
      stderr: 'PR out (Reserve): Reservation conflict\nsg_persist failed: Reservation conflict\n',
    });
  });

  it('names the ports of READ FULL STATUS by their iSCSI names', async () => {
    const { node1, node2 } = await twoNodes();
    await node1.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    await node2.done('sg_persist -n -o -G -S 0xdef /dev/sdb');
    await node1.done('sg_persist -n -o -R -T 5 -K 0xabc /dev/sdb');
    const isid = /,i,0x80[0-9a-f]{10}/.source;
    expect(await node2.done('sg_persist -n -i -s -d /dev/sdb')).toMatch(
      new RegExp(
        '^ {2}PR generation=0x2\n' +
          ' {4}Key=0xabc\n {6}All target ports bit clear\n {6}Relative port address: 0x1\n' +
          ' {6}<< Reservation holder >>\n {6}scope: LU_SCOPE,  type: Write Exclusive, registrants only\n' +
          ` {6}Transport Id of initiator:\n {8}iSCSI world wide unique port id: ${IQN}:node1${isid}\n` +
          ' {4}Key=0xdef\n {6}All target ports bit clear\n {6}Relative port address: 0x1\n' +
          ' {6}not reservation holder\n' +
          ` {6}Transport Id of initiator:\n {8}iSCSI world wide unique port id: ${IQN}:node2${isid}\n$`,
      ),
    );
  });

  it.each([
    ['sg_persist', 'sg_persist -n -i -k -d /dev/sdb', 'PR in (Read keys): Unit attention\n'],
    ['sg_turs', 'sg_turs /dev/sdb', ''],
  ])('shows the attention of a preempt to the first command: %s', async (_, line, stderr) => {
    const { node1, node2 } = await twoNodes();
    await node1.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    await node2.done('sg_persist -n -o -G -S 0xdef /dev/sdb');
    await node2.done('sg_persist -n -o -P -T 5 -K 0xdef -S 0xabc /dev/sdb');
    const first = await node1.run(line);
    expect(first.exitStatus).toBe(6);
    expect(first.stderr + first.stdout).toContain(stderr);
    expect((await node1.run(line)).exitStatus).toBe(0);
    expect(await node1.done('sg_persist -n -i -k -d /dev/sdb')).toBe(
      '  PR generation=0x3, 1 registered reservation key follows:\n    0xdef\n',
    );
  });

  it('tells with sg_inq who the disk is, in words, for udev and byte for byte', async () => {
    const { node1 } = await twoNodes();
    expect(await node1.done('sg_inq /dev/sdb')).toMatch(
      /^standard INQUIRY:\n(.*\n)+ Vendor identification: FENCELAB\n/,
    );
    const naa = /^SCSI_IDENT_LUN_NAA_LOCAL=(\S+)$/m.exec(await node1.done('sg_inq -u -i /dev/sdb'))?.[1];
    expect(await node1.done('sg_inq -p 0x83 /dev/sdb')).toContain(`      [0x${naa}]\n`);
    const serial = /Unit serial number: (.*)\n/.exec(await node1.done('sg_inq -p sn /dev/sdb'))?.[1] ?? '';
    expect(await node1.done('sg_inq -p sn -r /dev/sdb')).toBe(
      `\0\x80\0${String.fromCharCode(serial.length)}${serial}`.replace('\x80', '\ufffd'),
    );
    expect(await node1.done('sg_inq -p sp /dev/sdb')).toMatch(
      /^VPD INQUIRY: SCSI Ports page\nRelative port=1\n/,
    );
    expect(await node1.run('sg_inq -p mna /dev/sdb')).toMatchObject({ exitStatus: 83 });
  });

  it('prints the sense data of the attention with -v', async () => {
    const { node1, node2 } = await twoNodes();
    await node1.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    await node2.done('sg_persist -n -o -G -S 0xdef /dev/sdb');
    await node2.done('sg_persist -n -o -P -T 5 -K 0xdef -S 0xabc /dev/sdb');
    const { stderr } = await node1.run('sg_persist -n -v -i -k -d /dev/sdb');
    expect(stderr).toContain('Additional sense: Registrations preempted\n');
  });

  it('takes turns with other runs on its nexus', async () => {
    const { target, node1 } = await twoNodes();
    let sessions = 0;
    let sessionsMax = 0;
    target.onEvent((event) => {
      if (event.type === 'login') sessionsMax = Math.max(sessionsMax, ++sessions);
      if (event.type === 'logout') sessions--;
    });
    await node1.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => node1.run('sg_persist -n -i -k -d /dev/sdb')),
    );
    expect(runs).toEqual(
      Array.from({ length: 4 }, () => ({
        exitStatus: 0,
        stdout: '  PR generation=0x1, 1 registered reservation key follows:\n    0xabc\n',
        stderr: '',
      })),
    );
    expect([sessions, sessionsMax]).toEqual([0, 1]);
  });
});

describe('sg_persist and a host', () => {
  it('goes through the host that the map names, as its nexus', async () => {
    const target = await startTarget();
    const socketPath = join(runDirectory(), 'node1.sock');
    await startHostProcess({
      initiatorName: `${IQN}:node1`,
      socketPath,
      devices: [`data=${target.urlOf(0)}`],
    });
    const node1 = new Node({ '/dev/sdb': { socket: socketPath, device: 'data' } });
    await node1.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    expect(target.sessions()).toHaveLength(1);
    const registrations = [...target.reservations(0).registrations.values()];
    expect(registrations).toHaveLength(1);
    const { stdout } = await node1.run('sg_persist -n -i -s -d /dev/sdb');
    expect(stdout).toContain(`${IQN}:node1,i,0x`);
  });

  it('is told at once to go through the host that owns its nexus', async () => {
    const target = await startTarget();
    const socketPath = join(runDirectory(), 'node1.sock');
    const { child } = await startHostProcess({
      initiatorName: `${IQN}:node1`,
      socketPath,
      devices: [`data=${target.urlOf(0)}`],
    });
    const { exitStatus, stderr } = await nodeNamed('node1', target).run('sg_persist -n -i -k -d /dev/sdb');
    expect(exitStatus).toBe(66);
    expect(stderr).toMatch(
      new RegExp(
        '^sg_persist: error opening file /dev/sdb \\(rw\\): Device or resource busy\n' +
          ` {4}a host, process ${child.pid ?? 0}, owns the session of .*; go through it: a name in the device map ` +
          `with socket: ${socketPath} and device: data\n$`,
      ),
    );
  });
});

describe('a folder where a file is expected', () => {
  it('is read as a file with nothing in it, as sg3_utils does', async () => {
    const { node1 } = await twoNodes();
    const folder = runDirectory();
    expect(await node1.run(`sg_inq --inhex=${folder}`)).toEqual({
      exitStatus: 0,
      stdout: 'VPD INQUIRY: Supported VPD pages page\n',
      stderr: 'Supported VPD pages VPD page length too short=0\n',
    });
    const absent = await node1.run(`sg_inq --inhex=${folder}/absent`);
    expect(absent.exitStatus).toBe(52);
  });
});

describe('a device that cannot be opened', () => {
  it('is unknown: exit status 52', async () => {
    const { node1 } = await twoNodes();
    const { exitStatus, stdout, stderr } = await node1.run('sg_persist -n -i -k -d /dev/sdx');
    expect([exitStatus, stdout, stderr.split('\n')[0]]).toEqual([
      52,
      '',
      'sg_persist: error opening file /dev/sdx (rw): No such file or directory',
    ]);
  });

  it('has no target: exit status 56, and why', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const url = `iscsi://127.0.0.1:${port}/${IQN}:array/0`;
    const node = new Node({});
    expect(await node.run(`sg_persist -n -i -k -d ${url}`)).toEqual({
      exitStatus: 56,
      stdout: '',
      stderr:
        `sg_persist: error opening file ${url} (rw): No such device or address\n` +
        `    ${url}: no login at 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}\n`,
    });
  });
});

/** The keys as fence_scsi finds them in the output of `sg_persist -n -i -k`: line by line. */
const keysOf = (stdout: string): string[] =>
  stdout.split('\n').flatMap((line) => /\s+0x(\S+)\s*/i.exec(line)?.[1] ?? []);
const holderOf = (stdout: string): string | undefined => /\s+key=0x(\S+)\s+/i.exec(stdout)?.[1];

/** One node's fence_scsi, with the lines that the agent sends. */
class FenceScsi {
  readonly #node: Node;
  readonly key: string;

  constructor(node: Node, key: string) {
    this.#node = node;
    this.key = key;
  }

  /** A TEST UNIT READY before every command eats the attentions. */
  async #after(line: string): Promise<string> {
    await this.#node.run('sg_turs /dev/sdb');
    return this.#node.done(line);
  }

  keys = async (): Promise<string[]> => keysOf(await this.#after('sg_persist -n -i -k -d /dev/sdb'));
  holder = async (): Promise<string | undefined> =>
    holderOf(await this.#after('sg_persist -n -i -r -d /dev/sdb'));

  async #register(): Promise<void> {
    const { key } = this;
    const wasThere = (await this.keys()).includes(key);
    await this.#after(`sg_persist -n -o -I -S ${key} -d /dev/sdb`);
    if (!wasThere) return;
    await this.#after(`sg_persist -n -o -P -T 5 -K ${key} -S ${key} -d /dev/sdb`);
    if ((await this.holder()) !== key) await this.#after(`sg_persist -n -o -I -S ${key} -d /dev/sdb`);
  }

  async on(): Promise<void> {
    await this.#register();
    expect(await this.keys()).toContain(this.key);
    if ((await this.holder()) === undefined) {
      await this.#after(`sg_persist -n -o -R -T 5 -K ${this.key} -d /dev/sdb`);
    }
  }

  async off(victim: string): Promise<void> {
    await this.#register();
    if ((await this.keys()).includes(victim)) {
      await this.#after(`sg_persist -n -o -A -T 5 -K ${this.key} -S ${victim} -d /dev/sdb`);
    }
    expect(await this.keys()).not.toContain(victim);
    expect(await this.holder()).toBeDefined();
  }
}

describe('fence_scsi', () => {
  it('unfences two nodes, fences one from the other, and lets it back in', async () => {
    const { node1, node2 } = await twoNodes();
    const one = new FenceScsi(node1, '3abe0001');
    const two = new FenceScsi(node2, '3abe0002');
    await one.on();
    await two.on();
    expect([await one.keys(), await one.holder()]).toEqual([['3abe0001', '3abe0002'], '3abe0001']);
    // The node that is fenced holds the reservation: it goes to the one that fences.
    await two.off('3abe0001');
    expect([await two.keys(), await two.holder()]).toEqual([['3abe0002'], '3abe0002']);
    const fenced = await node1.run('sg_turs /dev/sdb');
    expect(fenced.exitStatus).toBe(6);
    expect((await node1.run('sg_persist -n -o -R -T 5 -K 3abe0001 -d /dev/sdb')).exitStatus).toBe(24);
    await one.on();
    expect([(await one.keys()).sort(), await one.holder()]).toEqual([['3abe0001', '3abe0002'], '3abe0002']);
  });

  it('moves a key to a new nexus and leaves none behind', async () => {
    const { target, node1, node2 } = await twoNodes();
    await new FenceScsi(node1, '3abe0001').on();
    await new FenceScsi(node2, '3abe0002').on();
    // The node has booted with another ISID.
    const rebooted = new Node({
      '/dev/sdb': { url: target.urlOf(0), initiator: `${IQN}:node1`, isid: '0x800000000099' },
    });
    const agent = new FenceScsi(rebooted, '3abe0001');
    await agent.on();
    expect([(await agent.keys()).sort(), await agent.holder()]).toEqual([
      ['3abe0001', '3abe0002'],
      '3abe0001',
    ]);
    expect(await rebooted.done('sg_persist -n -i -s -d /dev/sdb')).toMatch(/node1,i,0x800000000099\n/);
  });
});
