import { nodeOf, type Site } from '../cluster/model.js';
import { PLACEMENT, type JudgedPackage } from '../oracle/types.js';
import type { RunningApplication, Runtime } from '../runtime/runtime.js';
import type { Ledger } from '../scenario/ledger.js';
import { LogError } from './errors.js';
import type { ReplayCommand } from './plan.js';

/** An application that writes since its node was let in. */
export interface Occupant {
  readonly node: string;
  readonly incarnation: number;
  readonly application: RunningApplication;
  /** `zombie`: it was fenced, and goes on trying; `gone`: it writes no more. */
  state: 'running' | 'zombie' | 'gone';
}

export interface OccupantsOptions {
  readonly lun: number;
  /** One writes at a time; otherwise all that are let in write side by side, each its own blocks. */
  readonly exclusive: boolean;
  readonly site: Site;
  readonly runtime: Runtime;
  readonly ledger: Ledger;
}

/** The applications on a LUN while commands are replayed: they start, read what is there, write, are fenced and end. */
export class Occupants {
  readonly judged: JudgedPackage;
  readonly #options: OccupantsOptions;
  readonly #all: Occupant[] = [];
  #fenceWasTried = false;

  constructor(options: OccupantsOptions) {
    this.#options = options;
    const { lun, exclusive } = options;
    this.judged = { name: `app${lun}`, exclusive, luns: [lun] };
  }

  /** How many were started. */
  get incarnations(): number {
    return this.#all.length;
  }

  /** Whether anybody was fenced who had written and went on trying. */
  get fenceWasTried(): boolean {
    return this.#fenceWasTried;
  }

  /** Those of a node that are not gone. */
  of(node: string): readonly Occupant[] {
    return this.#all.filter((occupant) => occupant.node === node && occupant.state !== 'gone');
  }

  get running(): readonly Occupant[] {
    return this.#all.filter(({ state }) => state === 'running');
  }

  runningOf(node: string): Occupant | undefined {
    return this.running.find((occupant) => occupant.node === node);
  }

  /** Everybody writes, zombies too. While nobody runs nothing is promised to anybody, and nothing is tried. */
  async write(): Promise<void> {
    if (this.running.length === 0) return;
    for (const { state, application } of this.#all) if (state !== 'gone') await application.transact(1);
  }

  /** `fenced` have become zombies by a command of the node; everybody who does not run any more is to stay out. */
  async start({ node, commandLine, place }: ReplayCommand, fenced: readonly Occupant[]): Promise<void> {
    const { lun, site, runtime, ledger } = this.#options;
    const { name: packageName, exclusive: sharesBlocks } = this.judged;
    const incarnation = this.incarnations + 1;
    if (incarnation > PLACEMENT.incarnationsMax) {
      throw new LogError(
        `${place}: the ${incarnation}th application on LUN ${lun}, expected at most ${PLACEMENT.incarnationsMax}: ` +
          'replay a shorter part of the logs',
      );
    }
    this.#makeZombies(fenced);
    const left = this.#all.filter(({ state }) => state !== 'running');
    this.#recordFence(node, incarnation, left, commandLine);
    const host = nodeOf(site, node).host ?? undefined;
    ledger.record(packageName, { type: 'incarnationStarted', incarnation, node, host });
    const application = await runtime.startApplication(
      { packageName, node, incarnation, sharesBlocks, luns: [lun] },
      (report) => {
        ledger.reported(report);
      },
    );
    const occupant: Occupant = { node, incarnation, application, state: 'running' };
    this.#all.push(occupant);
    await this.#recover(occupant);
  }

  /** A running one has fenced others, and reads what they left. */
  async fence(by: Occupant, fenced: readonly Occupant[], { commandLine }: ReplayCommand): Promise<void> {
    this.#makeZombies(fenced);
    this.#recordFence(by.node, by.incarnation, fenced, commandLine);
    await this.#recover(by);
  }

  async end(occupant: Occupant, why: 'halted' | 'killed'): Promise<void> {
    const { ledger } = this.#options;
    const { node, incarnation, application } = occupant;
    const packageName = this.judged.name;
    occupant.state = 'gone';
    await application.stop();
    ledger.record(packageName, { type: 'incarnationEnded', incarnation, why });
    const state = why === 'halted' ? 'halted' : 'failed';
    ledger.show({ type: 'packageState', packageName, node, state, incarnation });
  }

  #makeZombies(fenced: readonly Occupant[]): void {
    for (const occupant of fenced) {
      occupant.state = 'zombie';
      this.#fenceWasTried = true;
    }
  }

  #recordFence(node: string, by: number, fenced: readonly Occupant[], commandLine: string): void {
    const { lun, ledger } = this.#options;
    const packageName = this.judged.name;
    const fencedIncarnations = fenced.map(({ incarnation }) => incarnation);
    ledger.record(packageName, { type: 'fencePoint', lun, by, fenced: fencedIncarnations, commandLine });
    ledger.show({ type: 'fenced', packageName, node, lun, incarnation: by, fencedIncarnations });
  }

  async #recover({ node, incarnation, application }: Occupant): Promise<void> {
    const { lun, ledger } = this.#options;
    const packageName = this.judged.name;
    const blocks = await application.recover(lun, this.incarnations);
    ledger.record(packageName, { type: 'recoveryRead', lun, by: incarnation, blocks });
    ledger.show({ type: 'recovered', packageName, node, incarnation, blocksRead: blocks.length });
  }
}
