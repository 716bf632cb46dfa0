import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LunObservation } from '../../harness/index.js';
import { BlockDevice, openDevice, ReservationConflictError } from '../../initiator/index.js';
import { runProgram } from '../../initiator/exec/run-program.js';
import { inquiryCdb, persistentReserveInCdb, testUnitReadyCdb } from '../../protocol/index.js';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
import { Fencelab, fencelab } from './cli.js';
import { Machines } from './machines.js';
import { Node, runDirectory } from './sg-tools.js';

const IQN = 'iqn.2026-11.org.fencelab';

async function startTarget(): Promise<Target> {
  const target = await createTarget({
    iqn: `${IQN}:array`,
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 4 << 20 } }],
  });
  onTestFinished(() => target.close());
  return target;
}

const open = (name: string) => openDevice(name, { readOnly: false });

describe('sg_persist over exec:', () => {
  /** Two nodes whose disk is reached by a command line on the machine of that name. */
  async function twoNodes(): Promise<{ target: Target; node1: Node; node2: Node }> {
    const target = await startTarget();
    const machines = new Machines();
    const nodeOn = (machine: string): Node =>
      new Node({ '/dev/sdb': { exec: machines.device(machine, target.urlOf(0)).slice('exec:'.length) } });
    return { target, node1: nodeOn('node1'), node2: nodeOn('node2') };
  }

  it('registers, reserves, is refused and preempts, each machine as its own nexus', async () => {
    const { target, node1, node2 } = await twoNodes();
    await node1.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    await node1.done('sg_persist -n -o -R -T 5 -K 0xabc /dev/sdb');
    expect(await node2.run('sg_persist -n -o -R -T 5 -K 0xdef /dev/sdb')).toEqual({
      exitStatus: 24,
      stdout: '',
      stderr: 'PR out (Reserve): Reservation conflict\nsg_persist failed: Reservation conflict\n',
    });
    await node2.done('sg_persist -n -o -G -S 0xdef /dev/sdb');
    await node2.done('sg_persist -n -o -A -T 5 -K 0xdef -S 0xabc /dev/sdb');
    expect(await node2.done('sg_persist -n -r /dev/sdb')).toBe(
      '  PR generation=0x3, Reservation follows:\n' +
        '    Key=0xdef\n    scope: LU_SCOPE,  type: Write Exclusive, registrants only\n',
    );
    expect([...target.reservations(0).registrations.keys()]).toEqual([
      expect.stringContaining(`${IQN}:node2,i,0x`) as string,
    ]);
    // The attention of the preempt has come all the way, with its bytes.
    const first = await node1.run('sg_persist -n -v -i -k -d /dev/sdb');
    expect(first.exitStatus).toBe(6);
    expect(first.stderr).toContain('Additional sense: Registrations preempted\n');
    expect((await node1.run('sg_persist -n -i -k -d /dev/sdb')).exitStatus).toBe(0);
  });

  it('prints INQUIRY data and READ FULL STATUS as over iSCSI', async () => {
    const { target, node1 } = await twoNodes();
    const direct = new Node({ '/dev/sdb': { url: target.urlOf(0), initiator: `${IQN}:node1` } });
    await direct.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    expect(await node1.done('sg_persist -i -s -d /dev/sdb')).toBe(
      await direct.done('sg_persist -i -s -d /dev/sdb'),
    );
  });
});

describe('fencelab io over exec:', () => {
  it('reads what was written, and tells of a conflict', async () => {
    const target = await startTarget();
    const machines = new Machines();
    const device = machines.device('node1', target.urlOf(0));
    const io = (...argv: string[]) => new Fencelab(['io', device, ...argv]).ended;
    expect(await io('write', '7', '3', '--pattern', '0x5a')).toMatchObject({ exitStatus: 0, stderr: '' });
    expect(await io('read', '7', '3', '--pattern', '0x5a')).toEqual({
      exitStatus: 0,
      stdout: 'read 3 blocks at LBA 7, all 0x5a\n',
      stderr: '',
    });
    const other = new Node({ '/dev/sdb': { url: target.urlOf(0), initiator: `${IQN}:node2` } });
    await other.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    await other.done('sg_persist -n -o -R -T 5 -K 0xabc /dev/sdb');
    const refused = await io('write', '7', '1');
    expect([refused.exitStatus, refused.stderr]).toEqual([
      1,
      `fencelab io: ${device}: write 1 block at LBA 7 refused: RESERVATION CONFLICT (EBADE)\n`,
    ]);
  });

  it('carries every byte, and a MiB in pieces', async () => {
    const target = await startTarget();
    const disk = new BlockDevice(await open(new Machines().device('node1', target.urlOf(0))));
    const data = Buffer.from(
      Array.from({ length: 1 << 20 }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
    );
    await disk.write(5n, data);
    expect((await disk.read(5n, data.length / 512)).equals(data)).toBe(true);
    await disk.close();
  });
});

describe('fencelab host over exec:', () => {
  it('serves its users by a command line, under the nexus of the machine there', async () => {
    const target = await startTarget();
    const device = new Machines().device('esx1', target.urlOf(0));
    const socket = join(runDirectory(), 'esx1.sock');
    const host = new Fencelab(['host', '--socket', socket, `data=${device}`]);
    onTestFinished(() => host.stop('SIGTERM').then(() => undefined));
    expect(await host.ready()).toBe(`fencelab host esx1 listens on ${socket}: data`);
    const guest = new Node({ '/dev/sdb': { socket, device: 'data' } });
    await guest.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    expect([...target.reservations(0).registrations.keys()]).toEqual([
      expect.stringContaining(`${IQN}:esx1,i,0x`) as string,
    ]);
    const disk = new BlockDevice(await open(`socket:${socket}#data`));
    await disk.write(7n, Buffer.alloc(512, 0x5a));
    expect((await disk.read(7n, 1)).equals(Buffer.alloc(512, 0x5a))).toBe(true);
    await disk.close();
  });

  it('says in a line that its command line leads nowhere', async () => {
    const socket = join(runDirectory(), 'esx1.sock');
    const line = 'exec:/nonexistent/ssh esx1 sg_raw /dev/sdb';
    expect(await new Fencelab(['host', '--socket', socket, `data=${line}`]).ended).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab host: ${line}: /nonexistent/ssh: no such program, or it cannot be run\n`,
    });
  });
});

describe('fencelab check-config over exec:', () => {
  it('asks each node about the LUN by the command line of that node', async () => {
    const target = await startTarget();
    const machines = new Machines();
    const device = machines.device('{node}', target.urlOf(0));
    const folder = runDirectory();
    const [file, json] = [join(folder, 'cluster.yaml'), join(folder, 'findings.json')];
    writeFileSync(
      file,
      `configuration: live
luns: [{ name: data }]
hosts: [{ name: esx1 }]
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }, { name: guest1, cluster: c1, host: esx1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data] }]
`,
    );
    const logins: string[] = [];
    target.onEvent((event) => {
      if (event.type === 'login') logins.push(event.nexusId.replace(/,.*/, ''));
    });
    expect(await fencelab('check-config', file, '--target', device, '--json', json)).toMatchObject({
      exitStatus: 0,
      stderr: '',
    });
    expect(new Set(logins)).toEqual(new Set([`${IQN}:node1`, `${IQN}:guest1`]));
    const { observations } = JSON.parse(readFileSync(json, 'utf8')) as { observations: LunObservation[] };
    const typeMask = { typeMaskValid: true, writeExclusiveRegistrantsOnly: true };
    expect(observations.map(({ reservations }) => reservations)).toEqual([typeMask, typeMask]);
    expect(observations.map(({ url, owner, nodes }) => ({ url, owner, nodes }))).toEqual(
      ['node1', 'guest1'].map((node) => ({
        url: device.replace('{node}', node),
        owner: node,
        nodes: [node],
      })),
    );
    expect(observations[0]?.identity).toContainEqual(expect.stringMatching(/^naa\.3/));
    expect(observations[1]?.identity).toEqual(observations[0]?.identity);
  });

  it('says in a line where a node cannot be asked', async () => {
    const folder = runDirectory();
    const file = join(folder, 'cluster.yaml');
    const url = "exec:sh -c 'echo ssh: no route to {node} >&2; exit 255' sg_raw /dev/sdb";
    writeFileSync(
      file,
      `configuration: live
luns: [{ name: data, url: "${url}" }]
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data] }]
`,
    );
    expect(await fencelab('check-config', file)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${url.replaceAll('{node}', 'node1')}: ssh: no route to node1 (exit status 255)\n`,
    });
  });
});

describe('an exec: device', () => {
  it('has residuals and sense data as any other', async () => {
    const target = await startTarget();
    const path = await open(new Machines().device('node1', target.urlOf(0)));
    const inquiry = await path.execute(inquiryCdb({ allocationLength: 10 }), { dataInLength: 255 });
    expect([inquiry.status, inquiry.dataIn.length, inquiry.residual]).toEqual([0, 10, 245]);
    const illegal = await path.execute(persistentReserveInCdb(0x1f, 8), { dataInLength: 8 });
    expect([illegal.status, illegal.dataIn.length, illegal.residual]).toEqual([2, 0, 8]);
    expect([...illegal.sense.subarray(0, 3), illegal.sense[12]]).toEqual([0x70, 0, 5, 0x24]);
    await path.close();
  });

  it('refuses what sg_raw cannot take, before it is asked', async () => {
    const target = await startTarget();
    const path = await open(new Machines().device('node1', target.urlOf(0)));
    await expect(path.execute(testUnitReadyCdb(), { dataInLength: (1 << 20) + 1 })).rejects.toMatchObject({
      errnoName: 'EINVAL',
      message: `${path.name}: 1048577 bytes are more than the 1048576 of sg_raw`,
    });
    await path.close();
  });

  it('that is closed ends what is under way, and takes no more', async () => {
    const target = await startTarget();
    const path = await open(new Machines().device('node1', target.urlOf(0)));
    const underWay = path.execute(testUnitReadyCdb());
    await path.close();
    const closed = { errnoName: 'EIO', message: `${path.name}: the device was closed` };
    await expect(underWay).rejects.toMatchObject(closed);
    await expect(path.execute(testUnitReadyCdb())).rejects.toMatchObject(closed);
  });

  it.each([
    [
      'a program that is not there',
      '/nonexistent/ssh node1 sg_raw /dev/sdb',
      'ENOENT',
      '/nonexistent/ssh: no such program, or it cannot be run',
    ],
    [
      'a program that is no program',
      '/dev/null sg_raw /dev/sdb',
      'EACCES',
      '/dev/null: no such program, or it cannot be run',
    ],
    [
      'a shell that finds no sg_raw',
      "sh -c 'exec /nonexistent/sg_raw {options} /dev/sdb {cdb}'",
      'ENOENT',
      expect.stringMatching(/not found \(exit status 127\)$/) as string,
    ],
    [
      'a machine that does not answer',
      "sh -c 'echo ssh: no route >&2; exit 255' sg_raw /dev/sdb",
      'ENXIO',
      'ssh: no route (exit status 255)',
    ],
    [
      'another program',
      'echo sg_raw /dev/sdb',
      'EIO',
      'expected the output of sg_raw with "SCSI Status:", it printed no message (exit status 0)',
    ],
    [
      'a program without end',
      'sh -c yes sg_raw /dev/sdb',
      'EIO',
      "sh prints without end: this is not sg_raw's output",
    ],
  ])('by %s cannot be opened, and says so in a line', async (_, line, errnoName, message) => {
    await expect(open(`exec:${line}`)).rejects.toMatchObject({
      name: 'DeviceOpenError',
      errnoName,
      message: typeof message === 'string' ? `exec:${line}: ${message}` : (message as unknown),
    });
  });

  it('without a LU behind it is ENXIO', async () => {
    const target = await startTarget();
    const machines = new Machines();
    const absent = target.urlOf(0).replace(/0$/, '7');
    await expect(open(machines.device('node1', absent))).rejects.toMatchObject({ errnoName: 'ENXIO' });
    await expect(open(machines.device('node1', '/dev/nothing'))).rejects.toMatchObject({
      errnoName: 'ENOENT',
      message: expect.stringMatching(
        /\/dev\/nothing: No such file or directory \(exit status 52\)$/,
      ) as string,
    });
  });

  it('with a bad command line is EINVAL, here as with sg_persist', async () => {
    await expect(open('exec:ssh node1')).rejects.toMatchObject({
      errnoName: 'EINVAL',
      message: 'exec:ssh node1: expected the word sg_raw, or {options} where its options go',
    });
    expect(await new Node({}).run('sg_persist -n -i -k exec:sg_raw')).toEqual({
      exitStatus: 72,
      stdout: '',
      stderr:
        'sg_persist: error opening file exec:sg_raw (rw): Invalid argument\n    exec:sg_raw: no device after sg_raw\n',
    });
  });

  it('meets a conflict as a block device does', async () => {
    const target = await startTarget();
    const other = new Node({ '/dev/sdb': { url: target.urlOf(0), initiator: `${IQN}:node2` } });
    await other.done('sg_persist -n -o -G -S 0xabc /dev/sdb');
    await other.done('sg_persist -n -o -R -T 3 -K 0xabc /dev/sdb');
    const disk = new BlockDevice(await open(new Machines().device('node1', target.urlOf(0))));
    await expect(disk.read(0n, 1)).rejects.toBeInstanceOf(ReservationConflictError);
    await disk.close();
  });
});

describe('a program that is given up', () => {
  const run = (words: readonly string[], timeoutMs: number, abort = new AbortController()) =>
    runProgram({ words, input: new Uint8Array(0), timeoutMs, abort: abort.signal });

  it('is so after its time', async () => {
    await expect(run(['sleep', '1000'], 50)).rejects.toMatchObject({
      errnoName: 'ETIMEDOUT',
      message: 'no answer within 0.05 s',
    });
  });

  it('is killed with what it started', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    // A grandchild that lives as long as its connection.
    const grandchild = `require('net').connect(${port}, '127.0.0.1')`;
    const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}])`;
    const abort = new AbortController();
    const ended = run([process.execPath, '-e', child], 60_000, abort);
    const rejected = expect(ended).rejects.toMatchObject({ errnoName: 'EIO' });
    const [socket] = (await once(server, 'connection')) as [Socket];
    socket.on('error', () => undefined).resume();
    abort.abort();
    await rejected;
    await once(socket, 'close');
  });
});
