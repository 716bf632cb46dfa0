import type { SequenceStep, Sequences } from '../clients/sequence.js';
import { clusterOf, lunOf, type PackageModel } from '../cluster/model.js';
import { nodePrKey } from '../cluster/nexus.js';
import { writesPerTransaction } from '../runtime/application.js';
import type { RunningApplication, Runtime } from '../runtime/runtime.js';
import type { CommandRunner } from './commands.js';
import type { Ledger } from './ledger.js';
import { sequencesFor } from './own-sequences.js';
import { Reformations } from './reformations.js';
import { Releases } from './releases.js';
import { ReservationModes } from './reservation-modes.js';
import type { Scenario } from './scenario.js';
import type { Step } from './steps/index.js';

export interface Instance {
  readonly item: PackageModel;
  readonly node: string;
  /** The machine that it runs on: the node, or what the node has left behind. */
  machine: string;
  readonly incarnation: number;
  readonly application: RunningApplication;
  /** How many writes it was asked for: their sequence numbers are 1 to this. */
  writesAsked: number;
  /** `lost`: its node hangs or is dead, and the cluster has gone on without it. */
  state: 'running' | 'lost' | 'ended';
}

/** Steps between two lines of a procedure: after the line with this id. */
export interface Interruption {
  readonly after: string;
  readonly do: readonly Step[];
}

export interface ProcedureOptions {
  readonly between?: Interruption | undefined;
  /** Plays the steps of an interruption. */
  readonly interrupt: (steps: readonly Step[]) => Promise<void>;
}

/** How a procedure went. */
export type Outcome = { readonly good: true } | { readonly good: false; readonly failure: string };
const GOOD: Outcome = { good: true };

/** One run of a sequence. */
interface Procedure extends ProcedureOptions {
  readonly item: PackageModel;
  readonly node: string;
  readonly incarnation: number;
  readonly steps: readonly SequenceStep[];
  readonly first: boolean;
  /** The incarnations that a fence of this procedure is to keep out. */
  readonly fenced: readonly number[];
  readonly foreignKeys?: readonly bigint[];
}

/** Starts, halts and fences packages by the sequences of the product, or by the user's own. */
export class PackageManager {
  readonly #scenario: Scenario;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #commands: CommandRunner;
  readonly #instances: Instance[] = [];
  readonly #lastIncarnation = new Map<string, number>();
  /** What each node runs. */
  readonly releases: Releases;
  readonly reformations: Reformations;
  readonly #modes: ReservationModes;

  constructor(scenario: Scenario, runtime: Runtime, ledger: Ledger, commands: CommandRunner) {
    this.#scenario = scenario;
    this.#runtime = runtime;
    this.#ledger = ledger;
    this.#commands = commands;
    this.releases = new Releases(scenario.site);
    this.reformations = new Reformations(scenario, runtime, ledger, this.releases);
    this.#modes = new ReservationModes(scenario.site, commands, this.releases);
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  running(packageName: string): readonly Instance[] {
    return this.#instances.filter(({ item, state }) => item.name === packageName && state === 'running');
  }

  /** Whether an application of a package was ever asked to write. */
  hasWritten(packageName: string): boolean {
    return this.#instances.some(({ item, writesAsked }) => item.name === packageName && writesAsked > 0);
  }

  incarnationsOf(packageName: string): number {
    return this.#lastIncarnation.get(packageName) ?? 0;
  }

  /** What is shown as PKG_PR_MODE; undefined until the package was started once. */
  reservesKnown(packageName: string): boolean | undefined {
    return this.#modes.known(packageName);
  }

  /** What the release that a node runs does for a package, and what the user replaces of it. */
  sequencesOf(item: PackageModel, node: string): Sequences {
    const { fence } = clusterOf(this.#scenario.site, item.cluster);
    const cluster = { release: this.releases.ofNode(node), fence };
    return sequencesFor(cluster, item.type, this.#scenario.sequences);
  }

  /** Starts a package on a node; a start that fails leaves nothing behind. Yields why it failed, if it did. */
  async start(item: PackageModel, node: string, options: ProcedureOptions): Promise<Outcome> {
    const first = this.running(item.name).length === 0;
    await this.#modes.decide(item, !first);
    const incarnation = this.incarnationsOf(item.name) + 1;
    this.#lastIncarnation.set(item.name, incarnation);
    const state = (word: 'starting' | 'running' | 'failed'): void => {
      this.#ledger.show({ type: 'packageState', packageName: item.name, node, state: word, incarnation });
    };
    state('starting');
    const { start, undoStart } = this.sequencesOf(item, node);
    const earlier = Array.from({ length: incarnation - 1 }, (_, index) => index + 1);
    const running = this.running(item.name).map((instance) => instance.incarnation);
    const procedure: Procedure = {
      ...options,
      item,
      node,
      incarnation,
      steps: start,
      first,
      fenced: earlier.filter((one) => !running.includes(one)),
    };
    const outcome =
      item.controlScript === null
        ? await this.#run(procedure)
        : await this.#startByScript(procedure, item.controlScript);
    if (!outcome.good) {
      const begun = this.running(item.name).find((one) => one.incarnation === incarnation);
      // Fences that no application relied on were for nobody.
      if (begun === undefined || begun.writesAsked === 0) this.#ledger.forgetFences(item.name, incarnation);
      if (begun !== undefined) await this.#stop(begun);
      state('failed');
      await this.#run({ ...procedure, steps: undoStart, between: undefined });
      return outcome;
    }
    state('running');
    return GOOD;
  }

  /** Halts one instance. */
  async halt(instance: Instance, options: ProcedureOptions): Promise<void> {
    const { item, node, incarnation } = instance;
    const state = (word: 'halting' | 'halted'): void => {
      this.#ledger.show({ type: 'packageState', packageName: item.name, node, state: word, incarnation });
    };
    state('halting');
    if (item.controlScript === null) {
      await this.#run(this.#haltProcedure(instance, options));
    } else {
      await this.#stop(instance);
      const outcome = await this.#runtime.runScript(node, item.controlScript, 'stop');
      this.#ledger.check(`${item.controlScript} stop on ${node} ends well`, outcome.exitStatus === 0);
    }
    state('halted');
  }

  /** An application carries out transactions; settles when every write has its answer, or it is dead. */
  async transact(instance: Instance, count: number): Promise<void> {
    const { application } = instance;
    instance.writesAsked += count * writesPerTransaction(application.spec);
    await Promise.race([application.transact(count), application.dead]);
  }

  /** The application alone dies; whether anybody notices is another matter. */
  async killApplication({ item, incarnation, application }: Instance): Promise<void> {
    await application.kill();
    this.#ledger.record(item.name, { type: 'incarnationEnded', incarnation, why: 'killed' });
  }

  /** A package whose application is dead halts, and starts again on a node. */
  async restart(instance: Instance, on: string, options: ProcedureOptions): Promise<Outcome> {
    await this.haltFailed(instance, options);
    return this.start(instance.item, on, options);
  }

  /** A package whose application is dead halts, and stays down. */
  async haltFailed(instance: Instance, options: ProcedureOptions): Promise<void> {
    const { item, node, incarnation } = instance;
    instance.state = 'ended';
    this.#ledger.show({ type: 'packageState', packageName: item.name, node, state: 'failed', incarnation });
    await this.#run(this.#haltProcedure(instance, options));
  }

  /** Marks what ran on a failed node as lost; yields it. */
  lose(node: string): readonly Instance[] {
    const lost = this.#instances.filter(
      (instance) => instance.machine === node && instance.state === 'running',
    );
    for (const instance of lost) instance.state = 'lost';
    return lost;
  }

  /** The image of a node boots elsewhere: what runs on the machine that it leaves, from now on `source`, stays there. */
  leave(node: string, source: string): void {
    this.lose(node);
    for (const instance of this.#instances) if (instance.machine === node) instance.machine = source;
  }

  /** What was missed for a while is there again, where nothing was started in its stead. */
  regain(instance: Instance): void {
    if (instance.state === 'lost' && this.incarnationsOf(instance.item.name) === instance.incarnation)
      instance.state = 'running';
  }

  /** A surviving instance of a multi-node package removes the registrations of a failed one, and reads what it left. */
  async fenceFailed(survivor: Instance, failed: Instance, options: ProcedureOptions): Promise<void> {
    const { item, node, incarnation } = survivor;
    const outcome = await this.#run({
      ...options,
      item,
      node,
      incarnation,
      steps: this.sequencesOf(item, node).fenceFailedNode,
      first: true,
      fenced: [failed.incarnation],
      foreignKeys: [nodePrKey(this.#scenario.site, failed.node)],
    });
    const why = outcome.good ? '' : ` (${outcome.failure})`;
    this.#ledger.check(`${node} fences ${failed.node} out of ${item.name}${why}`, outcome.good);
    this.#fenceWhatIsLeft(survivor, [failed.incarnation]);
    await this.#recover(survivor.application, item);
  }

  /** The node of an instance has moved to another nexus; the instance goes on. */
  async registerAgain(instance: Instance, options: ProcedureOptions): Promise<void> {
    const { item, node, incarnation } = instance;
    const steps = this.sequencesOf(item, node).registerAgain;
    const outcome = await this.#run({ ...options, item, node, incarnation, steps, first: true, fenced: [] });
    this.#ledger.check(`${node} registers again for ${item.name}`, outcome.good);
  }

  #haltProcedure(instance: Instance, options: ProcedureOptions): Procedure {
    const { item, node, incarnation } = instance;
    const steps = this.sequencesOf(item, node).halt;
    return { ...options, item, node, incarnation, steps, first: true, fenced: [] };
  }

  async #run(procedure: Procedure): Promise<Outcome> {
    for (const step of procedure.steps) {
      const outcome = await this.#step(step, procedure);
      if (!outcome.good) return outcome;
      if (procedure.between?.after === step.id) await procedure.interrupt(procedure.between.do);
    }
    return GOOD;
  }

  async #step(step: SequenceStep, procedure: Procedure): Promise<Outcome> {
    const { item, node, incarnation } = procedure;
    switch (step.action) {
      case 'wait':
        await this.reformations.waitOnce(item.cluster);
        return GOOD;
      case 'startApplication':
        return this.#startApplication(procedure);
      case 'stopApplication': {
        const instance = this.running(item.name).find((one) => one.incarnation === incarnation);
        if (instance !== undefined) await this.#stop(instance);
        return GOOD;
      }
      case 'sgPersist': {
        if (this.#modes.known(item.name) !== true) return GOOD;
        if (step.instances !== 'all' && (step.instances === 'first') !== procedure.first) return GOOD;
        const results = await this.#commands.run(step, { item, node, foreignKeys: procedure.foreignKeys });
        for (const { lun, good, commandLine } of results) {
          if (good && step.fences) this.#fence(procedure, lun, commandLine);
        }
        const failed = step.mayFail ? undefined : results.find(({ good }) => !good);
        return failed === undefined ? GOOD : { good: false, failure: failed.failure ?? step.id };
      }
    }
  }

  #fence(
    procedure: Pick<Procedure, 'item' | 'node' | 'incarnation' | 'fenced'>,
    lun: number,
    line?: string,
  ): void {
    const { item, node, incarnation, fenced } = procedure;
    this.#ledger.record(item.name, { type: 'fencePoint', lun, by: incarnation, fenced, commandLine: line });
    this.#ledger.show({
      type: 'fenced',
      packageName: item.name,
      node,
      lun,
      incarnation,
      fencedIncarnations: fenced,
    });
  }

  /** Where nothing fenced, the application relies on a fence all the same: from here on. */
  #fenceWhatIsLeft(
    procedure: Pick<Procedure, 'item' | 'node' | 'incarnation'>,
    fenced: readonly number[],
  ): void {
    const { item, incarnation } = procedure;
    for (const lunName of item.luns) {
      const { lun } = lunOf(this.#scenario.site, lunName);
      const done = this.#ledger.history.some(
        (event) =>
          event.type === 'fencePoint' &&
          event.packageName === item.name &&
          event.lun === lun &&
          event.by === incarnation &&
          fenced.every((one) => event.fenced.includes(one)),
      );
      if (!done) this.#fence({ ...procedure, fenced }, lun);
    }
  }

  async #startByScript(procedure: Procedure, script: string): Promise<Outcome> {
    const { exitStatus, stderr } = await this.#runtime.runScript(procedure.node, script, 'start');
    if (exitStatus !== 0) {
      return { good: false, failure: `${script} start: exit status ${exitStatus}: ${stderr.trim()}` };
    }
    return this.#startApplication(procedure);
  }

  async #startApplication(procedure: Procedure): Promise<Outcome> {
    const { item, node, incarnation, fenced } = procedure;
    const { site } = this.#scenario;
    this.#fenceWhatIsLeft(procedure, fenced);
    this.#ledger.record(item.name, {
      type: 'incarnationStarted',
      incarnation,
      node,
      host: this.#runtime.placeOf(node).host ?? undefined,
    });
    const spec = {
      packageName: item.name,
      node,
      incarnation,
      sharesBlocks: item.type !== 'multi-node',
      luns: item.luns.map((lunName) => lunOf(site, lunName).lun),
    };
    const application = await this.#runtime.startApplication(spec, (report) => {
      this.#ledger.reported(report);
    });
    const instance: Instance = {
      item,
      node,
      machine: node,
      incarnation,
      application,
      writesAsked: 0,
      state: 'running',
    };
    this.#instances.push(instance);
    try {
      await this.#recover(application, item);
    } catch (error) {
      return { good: false, failure: error instanceof Error ? error.message : String(error) };
    }
    await this.transact(instance, 1);
    return GOOD;
  }

  async #recover(application: RunningApplication, item: PackageModel): Promise<void> {
    const { node, incarnation, luns } = application.spec;
    let blocksRead = 0;
    for (const lun of luns) {
      const blocks = await application.recover(lun, this.incarnationsOf(item.name));
      this.#ledger.record(item.name, { type: 'recoveryRead', lun, by: incarnation, blocks });
      blocksRead += blocks.length;
    }
    this.#ledger.show({ type: 'recovered', packageName: item.name, node, incarnation, blocksRead });
  }

  async #stop(instance: Instance): Promise<void> {
    const { item, incarnation, application } = instance;
    await Promise.race([application.stop(), application.dead]);
    instance.state = 'ended';
    this.#ledger.record(item.name, { type: 'incarnationEnded', incarnation, why: 'halted' });
  }
}
