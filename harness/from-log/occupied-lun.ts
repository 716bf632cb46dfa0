import { nodeOf, type Site } from '../cluster/model.js';
import { PLACEMENT } from '../oracle/types.js';
import type { RunningApplication, Runtime } from '../runtime/runtime.js';
import { reservationKeyIn } from '../scenario/commands.js';
import type { Ledger } from '../scenario/ledger.js';
import { LogError } from './errors.js';
import { givesUp, keyIfHolder, registers } from './meaning.js';
import type { ReplayCommand } from './plan.js';

/** An application that writes since its node took the LUN. */
interface Occupant {
  readonly node: string;
  readonly incarnation: number;
  readonly application: RunningApplication;
  /** `zombie`: another has taken the LUN since; `gone`: it writes no more. */
  state: 'running' | 'zombie' | 'gone';
}

/**
 * Who writes on a LUN while commands are replayed. A node that a command makes the holder starts an application there,
 * which reads what was left and writes; whoever wrote before goes on trying, as a node does that hung and woke up.
 */
export class OccupiedLun {
  readonly #lun: number;
  readonly #site: Site;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #occupants: Occupant[] = [];

  constructor(lun: number, site: Site, runtime: Runtime, ledger: Ledger) {
    this.#lun = lun;
    this.#site = site;
    this.#runtime = runtime;
    this.#ledger = ledger;
  }

  /** The name under which the writes to it are judged. */
  get packageName(): string {
    return `app${this.#lun}`;
  }

  /** How often a node took it. */
  get incarnations(): number {
    return this.#occupants.length;
  }

  /**
   * Carries out what a command means once it ended with `exitStatus`, then lets everybody write. `takesAgain` tells
   * whether its node takes the LUN again by a later line.
   */
  async after(command: ReplayCommand, exitStatus: number, takesAgain: boolean): Promise<void> {
    if (exitStatus === 0) {
      await this.#leave(command, takesAgain);
      await this.#startAnew(command);
      await this.#take(command);
    }
    // While nobody has the LUN nothing is promised to anybody.
    if (!this.#occupants.some(({ state }) => state === 'running')) return;
    for (const { state, application } of this.#occupants) if (state !== 'gone') await application.transact(1);
  }

  /** Whoever releases or unregisters has stopped its application before, as every package does that is halted. */
  async #leave(command: ReplayCommand, takesAgain: boolean): Promise<void> {
    const clears = command.options?.action.serviceAction === 'clear' && !takesAgain;
    if (!givesUp(command) && !clears) return;
    for (const occupant of this.#of(command.node)) {
      // Who is not the holder clears somebody else's.
      if (clears && occupant.state !== 'running') continue;
      await this.#end(occupant, 'halted');
    }
  }

  /** A node that was fenced and registers again has booted, or started its package: what ran before is gone. */
  async #startAnew(command: ReplayCommand): Promise<void> {
    if (!registers(command)) return;
    for (const occupant of this.#of(command.node)) {
      if (occupant.state === 'zombie') await this.#end(occupant, 'killed');
    }
  }

  async #take(command: ReplayCommand): Promise<void> {
    const { node } = command;
    const key = keyIfHolder(command);
    if (key === undefined || this.#of(node).some(({ state }) => state === 'running')) return;
    const reading = await this.#runtime.observe(this.#lun, ['--no-inquiry', '--in', '--read-reservation']);
    if (reading.exitStatus !== 0 || reservationKeyIn(reading.stdout) !== key) return;
    for (const occupant of this.#of(node)) await this.#end(occupant, 'killed');
    const incarnation = this.incarnations + 1;
    if (incarnation > PLACEMENT.incarnationsMax) {
      throw new LogError(
        `${command.place}: LUN ${this.#lun} is taken for the ${incarnation}th time, expected at most ` +
          `${PLACEMENT.incarnationsMax}: replay a shorter part of the logs`,
      );
    }
    this.#fence(command, incarnation);
    await this.#start(node, incarnation);
  }

  #fence({ node, commandLine }: ReplayCommand, incarnation: number): void {
    const fenced = this.#occupants.map((occupant) => occupant.incarnation);
    for (const occupant of this.#occupants) if (occupant.state === 'running') occupant.state = 'zombie';
    const fence = { lun: this.#lun, by: incarnation, fenced, commandLine };
    this.#ledger.record(this.packageName, { type: 'fencePoint', ...fence });
    this.#ledger.show({
      type: 'fenced',
      packageName: this.packageName,
      node,
      lun: this.#lun,
      incarnation,
      fencedIncarnations: fenced,
    });
  }

  async #start(node: string, incarnation: number): Promise<void> {
    const { packageName } = this;
    const host = nodeOf(this.#site, node).host ?? undefined;
    this.#ledger.record(packageName, { type: 'incarnationStarted', incarnation, node, host });
    const spec = { packageName, node, incarnation, sharesBlocks: true, luns: [this.#lun] };
    const application = await this.#runtime.startApplication(spec, (report) => {
      this.#ledger.reported(report);
    });
    this.#occupants.push({ node, incarnation, application, state: 'running' });
    const blocks = await application.recover(this.#lun, incarnation);
    this.#ledger.record(packageName, { type: 'recoveryRead', lun: this.#lun, by: incarnation, blocks });
    this.#ledger.show({ type: 'recovered', packageName, node, incarnation, blocksRead: blocks.length });
  }

  #of(node: string): readonly Occupant[] {
    return this.#occupants.filter((occupant) => occupant.node === node && occupant.state !== 'gone');
  }

  async #end(occupant: Occupant, why: 'halted' | 'killed'): Promise<void> {
    const { node, incarnation, application } = occupant;
    occupant.state = 'gone';
    await application.stop();
    this.#ledger.record(this.packageName, { type: 'incarnationEnded', incarnation, why });
    const state = why === 'halted' ? 'halted' : 'failed';
    this.#ledger.show({ type: 'packageState', packageName: this.packageName, node, state, incarnation });
  }
}
