import type { NodeModel } from '../../cluster/model.js';
import type { GuestAccess } from '../../cluster/placement.js';
import type { ScenarioEvent } from '../../scenario/events.js';
import { bandsOfLuns, type LunLane } from './lun-lanes.js';
import { Machines, type MachineEvent } from './machines.js';
import { writeName, writesOf, type Fate, type Recording, type WriteSeen } from './recording.js';
import { STEP_ROWS, timeScale, type TimeScale } from './time-scale.js';

/** What is drawn of a scenario, in pixels; no colour and no markup. */
export interface Picture {
  readonly scale: TimeScale;
  readonly height: number;
  readonly lanes: readonly Lane[];
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly flags: readonly Flag[];
}

export interface Lane {
  readonly label: string;
  readonly kind: 'steps' | 'host' | 'node' | 'guest' | 'lun' | 'registrations';
  readonly y: number;
  readonly height: number;
}

export interface Band {
  readonly kind:
    'package' | 'starting' | 'hung' | 'crashed' | 'hold' | 'registration' | 'reservation' | 'write';
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly height: number;
  readonly text: string;
}

export interface Mark {
  readonly glyph: Fate | 'command' | 'commandFailed' | 'note';
  readonly x: number;
  readonly y: number;
  /** Letters in the glyph, for a command. */
  readonly code: string;
  /** All there is to say, for a pointer that rests on it. */
  readonly title: string;
  /** The write that it stands for. */
  readonly write?: WriteSeen;
}

/** A moment that matters in more than one lane. */
export interface Flag {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

const AXIS_HEIGHT = 30;
const ROW = 18;

interface NodeLane {
  readonly y: number;
  readonly packages: readonly string[];
}

/** Where everything stands. */
export function layOut(recording: Recording): Picture {
  const { events, site } = recording;
  const scale = timeScale(events);
  const machines = new Machines(
    events,
    site.nodes.map(({ name }) => name),
  );
  const ofMachines = machines.events();
  const lanes: Lane[] = [];
  let y = AXIS_HEIGHT;
  // A replayed log has none.
  if (scale.steps.length > 0) {
    lanes.push({ label: 'steps', kind: 'steps', y, height: STEP_ROWS * 15 + 4 });
    y += STEP_ROWS * 15 + 8;
  }
  const nodes = new Map<string, NodeLane>();
  const addLane = (machine: string, label: string, kind: 'node' | 'guest'): void => {
    const packages = packagesOn(machine, ofMachines);
    const height = (Math.max(1, packages.length) + 2) * ROW + 6;
    nodes.set(machine, { y, packages });
    lanes.push({ label, kind, y, height });
    y += height + 4;
  };
  const addNode = (node: NodeModel, kind: 'node' | 'guest'): void => {
    addLane(node.name, `${node.name}${kind === 'guest' ? OWN_NEXUS[node.access] : ''}`, kind);
    for (const source of machines.sourcesOf(node.name)) addLane(source, source, kind);
  };
  for (const node of site.nodes) if (node.host === null) addNode(node, 'node');
  for (const host of site.hosts) {
    const guests = site.nodes.filter((node) => node.host === host.name);
    if (guests.length === 0) continue;
    const shared = guests.some(({ access }) => access === 'raw-device-mapping') ? ': one nexus' : '';
    lanes.push({ label: `host ${host.name}${shared}`, kind: 'host', y, height: 16 });
    y += 18;
    for (const node of guests) addNode(node, 'guest');
  }
  const luns = bandsOfLuns(site.array.luns, events, scale, y);
  const lastY = luns.lanes.at(-1);
  return {
    scale,
    height: (lastY === undefined ? y : lastY.y + lastY.height) + 8,
    lanes: [...lanes, ...luns.lanes],
    bands: [...nodeBands(ofMachines, nodes, scale), ...luns.bands],
    marks: [...writeMarks(events, machines, nodes, scale), ...otherMarks(events, nodes, scale)],
    flags: flagsOf(events, nodes, luns.lanes, scale),
  };
}

/** A guest that the array knows by a nexus of its own says so; a raw device mapping goes by the nexus of the host. */
const OWN_NEXUS: Readonly<Record<GuestAccess, string>> = {
  'raw-device-mapping': '',
  npiv: ': own nexus (NPIV)',
  'initiator-in-guest': ': own nexus',
};

const packagesOn = (machine: string, events: readonly MachineEvent[]): readonly string[] => [
  ...new Set(
    events.flatMap(({ event }) =>
      event.type === 'packageState' && event.node === machine ? event.packageName : [],
    ),
  ),
];

const commandRow = ({ y, packages }: NodeLane): number =>
  y + Math.max(1, packages.length) * ROW + ROW / 2 + 2;
const writeRow = (lane: NodeLane): number => commandRow(lane) + ROW;

function nodeBands(
  events: readonly MachineEvent[],
  nodes: ReadonlyMap<string, NodeLane>,
  scale: TimeScale,
): Band[] {
  const bands: Band[] = [];
  const ends = endsOfBands(events);
  for (const [place, { index, event }] of events.entries()) {
    const lane = 'node' in event ? nodes.get(event.node) : undefined;
    if (lane === undefined) continue;
    const x = scale.xOf(index);
    const end = ends[place];
    const width = (end === undefined ? scale.width : scale.xOf(end)) - x;
    if (event.type === 'nodeState' && event.state !== 'up') {
      const height = (Math.max(1, lane.packages.length) + 2) * ROW + 6;
      bands.unshift({ kind: event.state, x, width, y: lane.y, height, text: event.state });
    } else if (event.type === 'packageState' && ['starting', 'running', 'halting'].includes(event.state)) {
      const { packageName, incarnation, state } = event;
      const y = lane.y + 2 + lane.packages.indexOf(packageName) * ROW;
      const kind = state === 'running' ? 'package' : 'starting';
      bands.push({ kind, x, width, y, height: ROW - 3, text: `${packageName} #${incarnation} ${state}` });
    } else if (event.type === 'hold' && event.state === 'armed') {
      const text = `held in the ${event.where}`;
      bands.push({ kind: 'hold', x, width, y: writeRow(lane) - 8, height: 16, text });
    }
  }
  return bands;
}

/** Of each event that begins a band, the place of the one that ends it; undefined where it lasts to the end. */
function endsOfBands(events: readonly MachineEvent[]): (number | undefined)[] {
  const next = new Map<string, number>();
  const ends: (number | undefined)[] = [];
  for (const [back, { index, event }] of events.toReversed().entries()) {
    const key = bandKeyOf(event);
    if (key === undefined) continue;
    ends[events.length - 1 - back] = next.get(key);
    if (event.type !== 'hold' || event.state === 'released') next.set(key, index);
  }
  return ends;
}

/** What is the same of an event that begins a band and of the one that ends it. */
function bandKeyOf(event: ScenarioEvent): string | undefined {
  switch (event.type) {
    case 'nodeState':
    case 'hold':
      return `${event.type} ${event.node}`;
    case 'packageState':
      return `${event.type} ${event.node} ${event.packageName}`;
    default:
      return undefined;
  }
}

function writeMarks(
  events: readonly ScenarioEvent[],
  machines: Machines,
  nodes: ReadonlyMap<string, NodeLane>,
  scale: TimeScale,
): Mark[] {
  return writesOf(events).flatMap((seen) => {
    const { write, fate, outcome, issuedIndex, endedIndex } = seen;
    const lane = nodes.get(machines.machineOf(write, endedIndex ?? issuedIndex));
    if (lane === undefined) return [];
    const told = fate === outcome ? outcome : `${FATE_WORDS[fate]} (its writer was told: ${outcome})`;
    const title = `${writeName(write)}, ${write.kind}, LUN ${write.lun} LBA ${write.lba}: ${told}`;
    const x = scale.xOf(endedIndex ?? issuedIndex);
    return [{ glyph: fate, x, y: writeRow(lane), code: '', title, write: seen }];
  });
}

/** What each fate is called. */
export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  acknowledged: 'acknowledged',
  refused: 'refused',
  failed: 'failed',
  pending: 'pending',
  landedLate: 'landed late',
  lost: 'lost or overwritten',
  wrongOnMedium: 'wrong on the medium',
  notExclusive: 'not exclusive',
};

/** Two letters for what a line asks; the longest option that fits decides. */
export const COMMAND_CODES: readonly (readonly [RegExp, string, string])[] = [
  [/ (--register-ignore|-I)\b/, 'RI', 'register and ignore existing key'],
  [/ (--register-move|-M)\b/, 'RM', 'register and move'],
  [/ (--preempt-abort|-A)\b/, 'PA', 'preempt and abort'],
  [/ (--preempt|-P)\b/, 'PR', 'preempt'],
  [/ (--clear|-C)\b/, 'CL', 'clear'],
  [/ (--release|-L)\b/, 'RL', 'release'],
  [/ (--reserve|-R)\b/, 'RS', 'reserve'],
  [/ (--register|-G)\b/, 'RG', 'register'],
  [/ (--report-capabilities|-c)\b/, 'RC', 'report capabilities'],
  [/ (--read-reservation|-r)\b/, 'RR', 'read reservation'],
  [/ (--read-full-status|-s)\b/, 'FS', 'read full status'],
  [/ (--read-keys|-k)\b/, 'RK', 'read keys'],
];

function otherMarks(
  events: readonly ScenarioEvent[],
  nodes: ReadonlyMap<string, NodeLane>,
  scale: TimeScale,
): Mark[] {
  return events.flatMap((event, index): Mark[] => {
    const lane = 'node' in event ? nodes.get(event.node) : undefined;
    if (lane === undefined) return [];
    const x = scale.xOf(index);
    switch (event.type) {
      case 'command': {
        const code = COMMAND_CODES.find(([pattern]) => pattern.test(event.commandLine))?.[1] ?? '?';
        const inferred = event.inferred ? `, inferred from ${event.source}` : '';
        const title = `${event.commandLine}: exit status ${event.exitStatus}${inferred}`;
        const glyph = event.exitStatus === 0 ? 'command' : 'commandFailed';
        return [{ glyph, x, y: commandRow(lane), code, title }];
      }
      case 'move':
        return [{ glyph: 'note', x, y: writeRow(lane), code: 'M', title: event.text }];
      case 'pathLost':
        return [{ glyph: 'note', x, y: writeRow(lane), code: 'P', title: `path ${event.path} is lost` }];
      case 'recovered':
        return [
          {
            glyph: 'note',
            x,
            y: writeRow(lane),
            code: 'R',
            title: `recovery read ${event.blocksRead} blocks`,
          },
        ];
      default:
        return [];
    }
  });
}

function flagsOf(
  events: readonly ScenarioEvent[],
  nodes: ReadonlyMap<string, NodeLane>,
  luns: readonly LunLane[],
  scale: TimeScale,
): Flag[] {
  return events.flatMap((event, index) => {
    if (event.type !== 'fenced') return [];
    const fenced = event.fencedIncarnations.map((one) => `#${one}`).join(', ');
    const whom = fenced === '' ? 'nobody was there before' : `fenced: ${fenced}`;
    const text = `fence point, LUN ${event.lun}, by ${event.packageName} #${event.incarnation}; ${whom}`;
    const places = [nodes.get(event.node)?.y, luns.find((lane) => lane.lun === event.lun)?.y];
    return places.flatMap((y) => (y === undefined ? [] : { x: scale.xOf(index), y, text }));
  });
}
