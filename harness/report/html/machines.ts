import { isSourceOf } from '../../cluster/placement.js';
import type { WriteIdentity } from '../../oracle/types.js';
import type { ScenarioEvent } from '../../scenario/events.js';

type PackageEvent = Extract<ScenarioEvent, { type: 'packageState' }>;
type Instance = Pick<WriteIdentity, 'packageName' | 'node' | 'incarnation'>;

/** An event with the machine that it is of in the place of the node. */
export interface MachineEvent {
  /** Its place in the list of all events. */
  readonly index: number;
  readonly event: ScenarioEvent;
}

/** A node goes to another machine. */
interface Departure {
  /** The place of the event with which the machine that it leaves gets a name of its own. */
  readonly at: number;
  readonly node: string;
  readonly source: string;
  /** What ran there, by its name, with its state then. */
  readonly left: ReadonlyMap<string, PackageEvent>;
}

/**
 * Which machine a node means: when its image or its profile goes to another one, what ran on the first stays there. Events
 * name the node all the same, since that is whom the cluster knows.
 */
export class Machines {
  readonly #events: readonly ScenarioEvent[];
  /** In the order in which they happened. */
  readonly #departures: Departure[] = [];

  constructor(events: readonly ScenarioEvent[], nodes: readonly string[]) {
    this.#events = events;
    const named = new Set(nodes);
    for (const [at, event] of events.entries()) {
      if (event.type !== 'nodeState' || named.has(event.node)) continue;
      const node = nodes.find((each) => isSourceOf(event.node, each));
      if (node === undefined) continue;
      named.add(event.node);
      const left = this.#instancesOn(node, at);
      this.#departures.push({ at, node, source: event.node, left });
    }
  }

  /** What a node has left behind, machine by machine. */
  sourcesOf(node: string): readonly string[] {
    return this.#departures.filter((one) => one.node === node).map(({ source }) => source);
  }

  /** The machine that an instance is on, at an event. */
  machineOf(instance: Instance, index: number): string {
    const { node } = instance;
    const departure = this.#departures.find((one) => one.node === node && one.left.has(nameOf(instance)));
    return departure !== undefined && index >= departure.at ? departure.source : node;
  }

  /** What began or ended something on a machine, in order; what goes on on one that is left begins there anew. */
  events(): readonly MachineEvent[] {
    return this.#events.flatMap((event, index): MachineEvent[] => {
      const own = event.type === 'packageState' ? { ...event, node: this.machineOf(event, index) } : event;
      return [...this.#leftBehindAt(index), { index, event: own }];
    });
  }

  /** The instances on a node before an event, with their state then. */
  #instancesOn(node: string, at: number): ReadonlyMap<string, PackageEvent> {
    const there = this.#events
      .slice(0, at)
      .flatMap((event, index) =>
        event.type === 'packageState' && event.node === node && this.machineOf(event, index) === node
          ? event
          : [],
      );
    return new Map(there.map((event) => [nameOf(event), event]));
  }

  #leftBehindAt(index: number): MachineEvent[] {
    const departure = this.#departures.find(({ at }) => at === index);
    if (departure === undefined) return [];
    const last = new Map([...departure.left].map(([, event]) => [event.packageName, event]));
    return [...last.values()].flatMap((event): MachineEvent[] =>
      event.state === 'halted' || event.state === 'failed'
        ? []
        : [
            { index, event: { ...event, state: 'halted' } },
            { index, event: { ...event, node: departure.source } },
          ],
    );
  }
}

const nameOf = ({ packageName, incarnation }: Instance): string => `${packageName} #${incarnation}`;
