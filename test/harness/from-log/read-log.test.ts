import { describe, expect, it } from 'vitest';
import { mergeLogs, unsurePairs } from '../../../harness/from-log/merge.js';
import { readLog, type NodeLog } from '../../../harness/from-log/read-log.js';

const T = '2026-11-21T05:00:00Z';

/** Where, when (in its second) and what: enough to see what was read. */
function read(...lines: string[]): string[] {
  return readLog('logs/node1.log', lines.join('\n')).commands.map(
    ({ place, args, recordedExitStatus, at }) =>
      `${place.replace('logs/node1.log:', '')} ${new Date(at.ms).toISOString().slice(11, 19)} ` +
      `${args.join('|')} ${recordedExitStatus ?? '?'}`,
  );
}

const problemOf =
  (...lines: string[]): (() => unknown) =>
  () =>
    readLog('logs/node1.log', lines.join('\n'));

describe('sg_persist lines of a log', () => {
  it('reads what FENCELAB_RECORD keeps', () => {
    expect(
      read(
        `${T} host sg_persist -n -i -k /dev/sdb -> 0`,
        `${T} host sg_persist -n -o -G '-S' 0xabc '/dev/my disk' -> 24`,
        `${T} host sg_persist --nonsense -> 0`,
      ),
    ).toEqual([
      '1 05:00:00 -n|-i|-k|/dev/sdb 0',
      '2 05:00:00 -n|-o|-G|-S|0xabc|/dev/my disk 24',
      '3 05:00:00 --nonsense 0',
    ]);
  });

  it.each([
    'Nov 21 05:00:00 node1 pkg1.sh[123]: sg_persist -n -i -k /dev/sdb',
    'Nov 21 05:00:00 root@node1 master_control_script.sh[9]: + /usr/bin/sg_persist -n -i -k /dev/sdb 2>&1',
    `${T} Executing: "sg_persist -n -i -k /dev/sdb" now`,
    `${T} ++ sudo sg_persist -n -i -k /dev/sdb | grep -c key`,
    `${T} keys=$(sg_persist -n -i -k /dev/sdb)`,
    `${T} if ! sg_persist -n -i -k /dev/sdb; then`,
    'Nov 21 05:00:00 node2 logger: sg_persist -n -i -k /dev/sdb',
    'Nov 21 05:00:00 grep pkg1.sh[123]: sg_persist -n -i -k /dev/sdb',
    `${T} + echo $(sg_persist -n -i -k /dev/sdb)`,
    `${T} + echo now; sg_persist -n -i -k /dev/sdb`,
    `${T} sg_persist -n -i -k /dev/sdb # look`,
    `${T} sg_persist -n -i -k /dev/sdb\r`,
  ])('%s', (line) => {
    expect(read(line)).toEqual(['1 05:00:00 -n|-i|-k|/dev/sdb ?']);
  });

  it.each([
    `${T} sg_persist failed: Reservation conflict`,
    `${T} sg_persist: error opening file /dev/sdb (rw): No such file or directory`,
    `${T} + which sg_persist`,
    `${T} + logger 'sg_persist -n -o -A done'`,
    `${T} + echo sg_persist -n -i -k /dev/sdb`,
    `${T} ++pkg1.sh:12: sudo /usr/bin/logger sg_persist -n -i -k /dev/sdb`,
    `${T} + true && echo "sg_persist -n -i -k /dev/sdb"`,
    'echo sg_persist -n -i -k /dev/sdb',
    `${T} my_sg_persist -n -i -k /dev/sdb`,
    'sg_persist is not installed',
  ])('passes over: %s', (line) => {
    expect(read(line)).toEqual([]);
  });

  it('gives a line without a time the one of the line before, whatever that is', () => {
    expect(
      read(
        '### pkg1 starts at Sat Nov 21 05:00:00 EST 2026 ###',
        '+ sg_persist -n -i -k /dev/sdb',
        '+ sg_persist -n -i -r /dev/sdb',
        '### pkg1 is up at Sat Nov 21 05:01:00 EST 2026 ###',
        '+ sg_persist -n -i -c /dev/sdb',
      ),
    ).toEqual([
      '2 05:00:00 -n|-i|-k|/dev/sdb ?',
      '3 05:00:00 -n|-i|-r|/dev/sdb ?',
      '5 05:01:00 -n|-i|-c|/dev/sdb ?',
    ]);
  });

  it('keeps the order of the lines where the clock goes back, and says so', () => {
    const log = readLog(
      'node1.log',
      '2026-11-21T05:00:09Z sg_persist -n -i -k /dev/a\n2026-11-21T05:00:08Z sg_persist -n -i -k /dev/b',
    );
    expect(log.backwards).toEqual(['node1.log:2']);
    expect(mergeLogs([log]).map(({ place, atMs }) => [place, atMs])).toEqual([
      ['node1.log:1', 0],
      ['node1.log:2', 0],
    ]);
  });

  it('says so of a line without a time too, where the clock went back above it', () => {
    const log = logOf(
      'node1',
      '2026-11-21T05:00:09Z start',
      '2026-11-21T05:00:03Z the clock was set',
      '+ sg_persist -n -i -k /dev/a',
      '2026-11-21T05:00:10Z on',
      '+ sg_persist -n -i -k /dev/b',
    );
    expect(log.backwards).toEqual(['node1.log:3']);
    expect(mergeLogs([log]).map(({ place, atMs }) => [place, atMs])).toEqual([
      ['node1.log:3', 0],
      ['node1.log:5', 1000],
    ]);
  });

  it('does not hold a time of a zone that is not known against one that is', () => {
    const log = logOf(
      'node1',
      'at Sat Nov 21 05:00:00 EST 2026',
      '2026-11-21T04:00:00Z sg_persist -n -i -k /dev/a',
    );
    expect(log.backwards).toEqual([]);
    expect(log.commands.map(({ at }) => at.zone)).toEqual(['UTC']);
  });

  it('passes New Year where the log has no years', () => {
    const log = readLog(
      'node1.log',
      'Dec 31 23:59:59 sg_persist -n -i -k /dev/a\nJan  1 00:00:01 sg_persist -n -i -k /dev/b',
    );
    expect(log.backwards).toEqual([]);
    expect(mergeLogs([log]).map(({ atMs }) => atMs)).toEqual([0, 2000]);
  });

  it.each([
    [
      ['+ sg_persist -n -i -k /dev/sdb'],
      '1: no time stands in this sg_persist line or above it, expected one such as 2026-11-21T05:00:00Z or Nov 21 05:00:00',
    ],
    [
      ['', `${T} sg_persist -n -i -k $DEV`],
      '2: holds $DEV, which only the shell could have replaced, expected the command as it ran',
    ],
    [
      ['', `${T} + sg_persist -n -o -C -K 0x10002 \\`, ' /dev/sdb'],
      '2: goes on in the next line, expected the command as it ran',
    ],
    [[`${T} sg_persist -n -i -k '/dev/sdb`], "1: has a ' that is not closed, expected the command as it ran"],
    [
      [`${T} sg_persist -n -i -k /a; sg_persist -n -i -k /b`],
      '1: holds 2 sg_persist commands, expected one a line, as each ran',
    ],
    [
      [`${T} sg_persist -n -i -k /dev/sdb failed`],
      '1: no command that sg_persist would take: Unexpected extra argument: failed',
    ],
    [
      [`${T} sg_persist -n -i -k --bad /dev/sdb`],
      "1: no command that sg_persist would take: unrecognized option '--bad'",
    ],
    [
      [`${T} sg_persist -n -o -M -X file=ids /dev/sdb`],
      '1: takes TransportIDs from a file, expected them in the command: a log has no files',
    ],
    [
      [`${T} x`, '11/21/2026 01:00:00 PM sg_persist -n -i -k /dev/sdb'],
      '2: its time is of a form that is not known, expected one such as 2026-11-21T05:00:00Z or Nov 21 05:00:00',
    ],
    [
      [`${T} x`, '11/21/2026 01:00:00 PM x', '+ sg_persist -n -i -k /dev/sdb'],
      '3: no time stands in this sg_persist line, and that of logs/node1.log:2 above it cannot be read, expected one such as 2026-11-21T05:00:00Z or Nov 21 05:00:00',
    ],
    [
      ['Nov 31 05:00:00 sg_persist -n -i -k /dev/sdb'],
      '1: its time is none that a calendar and a clock have',
    ],
  ])('%j is a mistake, told with its place', (lines, problem) => {
    expect(problemOf(...lines)).toThrow(`logs/node1.log:${problem}`);
  });

  it('wants a file that is named after its node', () => {
    expect(() => readLog('logs/my node.log', '')).toThrow(
      "logs/my node.log: 'my node' cannot be the name of a node, expected a file named after it",
    );
  });
});

const logOf = (node: string, ...lines: string[]): NodeLog => readLog(`${node}.log`, lines.join('\n'));
const placesOf = (logs: NodeLog[]): string[] => mergeLogs(logs).map(({ place }) => place);
const unsure = (...logs: NodeLog[]): string[] =>
  unsurePairs(mergeLogs(logs), () => 0).map(([one, other]) => `${one.place} ${other.place}`);

describe('the order of all logs', () => {
  const register = 'sg_persist -n -o -G -S 1 /dev/sdb';

  it('is that of the times, and then that of the files', () => {
    const one = logOf('node1', `2026-11-21T05:00:01Z ${register}`, `2026-11-21T05:00:03Z ${register}`);
    const two = logOf('node2', `2026-11-21T05:00:01Z ${register}`, `2026-11-21T05:00:02Z ${register}`);
    expect(placesOf([one, two])).toEqual(['node1.log:1', 'node2.log:1', 'node2.log:2', 'node1.log:2']);
    expect(placesOf([two, one])).toEqual(['node2.log:1', 'node1.log:1', 'node2.log:2', 'node1.log:2']);
  });

  it('takes times without a year to be of the year that others have', () => {
    const one = logOf('node1', `2026-11-21 05:00:01 ${register}`);
    const two = logOf('node2', `Nov 21 05:00:02 ${register}`);
    expect(mergeLogs([two, one]).map(({ place, atMs }) => [place, atMs])).toEqual([
      ['node1.log:1', 0],
      ['node2.log:1', 1000],
    ]);
  });

  it.each([
    [T, '2026-11-21 05:00:00', 'has no time zone and that of node1.log:1 has one that is known'],
    [T, '2026-11-21 05:00:00 CET', 'is in CET and that of node1.log:1 has one that is known'],
    ['2026-11-21 05:00:00 CET', '2026-11-21 05:00:00 CEST', 'is in CEST and that of node1.log:1 in CET'],
    [
      'at Sat Nov 21 05:00:00 EST 2026',
      'at Sat Nov 21 05:00:00 CST 2026',
      'is in CST and that of node1.log:1 in EST',
    ],
  ])('cannot be told of clocks whose difference is not known: %s, %s', (one, other, problem) => {
    const logs = [logOf('node1', `${one} ${register}`), logOf('node2', `${other} ${register}`)];
    expect(() => mergeLogs(logs)).toThrow(`node2.log:1: its time ${problem}, expected`);
  });

  it('is told of offsets, and of clocks of one zone whether they name it or not', () => {
    const one = logOf('node1', `2026-11-21T05:00:01+01 ${register}`);
    const two = logOf('node2', `2026-11-21T04:00:00Z ${register}`);
    expect(placesOf([one, two])).toEqual(['node2.log:1', 'node1.log:1']);
    const named = logOf('node1', `2026-11-21 05:00:01 CET ${register}`);
    expect(placesOf([named, logOf('node2', `Nov 21 05:00:00 ${register}`)])).toEqual([
      'node2.log:1',
      'node1.log:1',
    ]);
  });

  it('is not sure within what a clock tells apart', () => {
    const one = logOf('node1', `2026-11-21T05:00:01Z ${register}`);
    expect(unsure(one, logOf('node2', `2026-11-21T05:00:01.999Z ${register}`))).toEqual([
      'node1.log:1 node2.log:1',
    ]);
    expect(unsure(one, logOf('node2', `2026-11-21T05:00:02.000Z ${register}`))).toEqual([]);
  });

  it('is not sure before the next time, where a line has none', () => {
    const one = logOf('node1', '2026-11-21T05:00:01Z start', `+ ${register}`, '2026-11-21T05:00:09Z end');
    expect(unsure(one, logOf('node2', `2026-11-21T05:00:08Z ${register}`))).toEqual([
      'node1.log:2 node2.log:1',
    ]);
    expect(unsure(one, logOf('node2', `2026-11-21T05:00:10Z ${register}`))).toEqual([]);
    const open = logOf('node1', '2026-11-21T05:00:01Z start', `+ ${register}`);
    expect(unsure(open, logOf('node2', `2026-11-21T06:00:00Z ${register}`))).toEqual([
      'node1.log:2 node2.log:1',
    ]);
  });

  it('does not matter between two that only read', () => {
    const reading = `${T} sg_persist -n -i -k /dev/sdb`;
    expect(unsure(logOf('node1', reading), logOf('node2', reading))).toEqual([]);
    expect(unsure(logOf('node1', reading), logOf('node2', `${T} ${register}`))).toHaveLength(1);
  });
});
