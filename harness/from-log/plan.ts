import { basename } from 'node:path';
import type { Site } from '../cluster/model.js';
import { DeviceTable, siteOf, type DeviceMapping, type HostOfNodes } from './devices.js';
import { LogError } from './errors.js';
import { mergeLogs, unsurePairs, type OrderedCommand } from './merge.js';
import { readLog } from './read-log.js';

export interface LogFile {
  readonly file: string;
  readonly text: string;
}

/** A command as it is given again. */
export interface ReplayCommand extends OrderedCommand {
  /** `node1.log:12` */
  readonly source: string;
  /** As the log has it. */
  readonly commandLine: string;
  /** The LUN that its device is; undefined where it names no device. */
  readonly lun: number | undefined;
  /** With the device's name in the replay. */
  readonly replayArgs: readonly string[];
}

/** Logs that were read and found sound: what is replayed, on what, and what is to be said of it. */
export interface ReplayPlan {
  /** The names of the nodes. */
  readonly title: string;
  readonly site: Site;
  readonly commands: readonly ReplayCommand[];
  /** What the logs leave open, in sentences. */
  readonly remarks: readonly string[];
}

/** So many doubts of one kind are told one by one. */
const REMARKS_MAX = 5;

/** Reads the logs and decides what is replayed. Throws LogError. */
export function planReplay(
  files: readonly LogFile[],
  mappings: readonly DeviceMapping[],
  hosts: readonly HostOfNodes[],
): ReplayPlan {
  const logs = files.map(({ file, text }) => readLog(file, text));
  const nodes = logs.map(({ node }) => node);
  for (const [index, node] of nodes.entries()) {
    const first = nodes.findIndex((other) => other.toLowerCase() === node.toLowerCase());
    if (first === index) continue;
    throw new LogError(
      `${files[index]?.file ?? ''}: ${files[first]?.file ?? ''} is the log of ${node} already, expected one file for each node`,
    );
  }
  const ordered = mergeLogs(logs).flatMap((command) => onItsNodes(command, nodes));
  if (ordered.length === 0) {
    throw new LogError(`${files.map(({ file }) => file).join(', ')}: no line holds an sg_persist command`);
  }
  const devices = new DeviceTable(ordered, mappings);
  const pairs = unsurePairs(ordered, (command) => devices.placeOf(command)?.lun);
  return {
    title: nodes.join(', '),
    site: siteOf(nodes, devices, hosts),
    commands: ordered.map((command) => ({
      ...command,
      source: basename(command.place),
      commandLine: ['sg_persist', ...command.args].join(' '),
      lun: devices.placeOf(command)?.lun,
      replayArgs: devices.argsOf(command),
    })),
    remarks: [
      `0 s is the time of ${basename(ordered[0]?.place ?? '')}.`,
      ...(ordered.some(({ at }) => !at.hasYear) ? ['Times without a year are taken to be of one year.'] : []),
      ...atMost(
        logs.flatMap(({ backwards }) => backwards),
        (place) =>
          `${place}: its time is before that of a line above it; the lines of a file keep their order.`,
      ),
      ...atMost(
        logs.flatMap(({ passedOver }) => passedOver),
        (place) => `${place}: speaks of sg_persist and is no command that is given again.`,
      ),
      ...atMost(
        pairs,
        ([one, other]) =>
          `${orderOf(one, other)} is not sure: their times do not tell it. Another order may be judged otherwise.`,
      ),
    ],
  };
}

/** What `ssh`, `pdsh` and the like ran on other nodes is theirs, and so is what a node is said to have printed. */
function onItsNodes(command: OrderedCommand, nodes: readonly string[]): readonly OrderedCommand[] {
  const { elsewhere, label, place } = command;
  if (elsewhere === undefined) {
    const labelled = label === undefined ? undefined : nodeCalled(label, nodes);
    return [labelled === undefined ? command : { ...command, node: labelled }];
  }
  return elsewhere.map((host) => {
    const node = nodeCalled(host, nodes);
    if (node !== undefined) return { ...command, node };
    throw new LogError(
      `${place}: ran on ${host}, of which there is no log, expected one of ${nodes.join(', ')}`,
    );
  });
}

/** With or without its domain. */
function nodeCalled(host: string, nodes: readonly string[]): string | undefined {
  const isCalled = (name: string, node: string): boolean => name.toLowerCase() === node.toLowerCase();
  return (
    nodes.find((name) => isCalled(name, host)) ??
    nodes.find((name) => isCalled(name, host.replace(/\..*/, '')))
  );
}

const orderOf = (one: OrderedCommand, other: OrderedCommand): string =>
  one.place === other.place
    ? `The order of ${one.node} and ${other.node} in ${basename(one.place)}`
    : `The order of ${basename(one.place)} and ${basename(other.place)}`;

function atMost<T>(items: readonly T[], sentence: (item: T) => string): string[] {
  const more = items.length - REMARKS_MAX;
  return [
    ...items.slice(0, REMARKS_MAX).map(sentence),
    ...(more > 0 ? [`The same holds for ${more} more.`] : []),
  ];
}
