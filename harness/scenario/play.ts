import { lunOf, packageOf, type PackageModel } from '../cluster/model.js';
import type { Hold, Runtime } from '../runtime/runtime.js';
import { keysIn, reservationKeyIn } from './commands.js';
import type { Ledger } from './ledger.js';
import type { Instance, Interruption, PackageManager, ProcedureOptions } from './packages.js';
import type { Scenario } from './scenario.js';
import { durationMs, type Step, type StepOf } from './schema.js';
import { viewCluster } from './view.js';

export type NodeState = 'up' | 'hung' | 'crashed';

/** Plays the steps of a scenario: what the people, the cluster and the faults do. */
export class Play {
  readonly #scenario: Scenario;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #packages: PackageManager;
  readonly #nodeStates = new Map<string, NodeState>();
  readonly #switchingOff = new Set<string>();
  readonly #holds = new Map<string, Hold & { readonly count: number }>();
  readonly #pending: Promise<unknown>[] = [];

  constructor(scenario: Scenario, runtime: Runtime, ledger: Ledger, packages: PackageManager) {
    this.#scenario = scenario;
    this.#runtime = runtime;
    this.#ledger = ledger;
    this.#packages = packages;
  }

  async all(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#ledger.show({ type: 'step', text: step.text, line: step.line });
      await this.#one(step);
    }
  }

  /** The end of every scenario: what is held goes out, who hangs wakes, and every write gets its answer. */
  async settle(): Promise<void> {
    for (const key of [...this.#holds.keys()]) await this.#release(key);
    for (const [node, state] of this.#nodeStates) if (state === 'hung') await this.#wake(node);
    await Promise.all(this.#pending);
  }

  nodeState(node: string): NodeState {
    return this.#nodeStates.get(node) ?? 'up';
  }

  switchingOn(item: PackageModel, node?: string): boolean {
    return !this.#switchingOff.has(switchKey(item.name, node));
  }

  async #one(step: Step): Promise<void> {
    switch (step.name) {
      case 'cmrunpkg':
        return this.#runPackage(step.value);
      case 'cmhaltpkg':
        return this.#haltPackage(step.value);
      case 'cmmodpkg': {
        const key = switchKey(step.value.package, step.value.node);
        if (step.value.switching === 'disable') this.#switchingOff.add(key);
        else this.#switchingOff.delete(key);
        return;
      }
      case 'cmviewcl': {
        const text = viewCluster(this.#scenario.site, step.value.cluster, this.#packages, this);
        this.#ledger.show({ type: 'view', text });
        return;
      }
      case 'reform':
        return this.#reform(step.value.cluster, this.#options(step.value.between));
      case 'writes':
        return this.#writes(step.value);
      case 'hang':
        await this.#runtime.hang(step.value.node);
        this.#setNode(step.value.node, 'hung');
        return;
      case 'wake':
        return this.#wake(step.value.node);
      case 'crash':
        await this.#runtime.crash(step.value.node);
        this.#setNode(step.value.node, 'crashed');
        return;
      case 'failApplication':
        return this.#failApplication(step.value);
      case 'losePath':
        await this.#runtime.losePath(step.value.node, step.value.path - 1);
        this.#ledger.show({ type: 'pathLost', node: step.value.node, path: step.value.path });
        return;
      case 'hold':
        return this.#hold(step.value);
      case 'awaitHeld':
        return this.#awaitHeld(step.value);
      case 'release':
        return this.#release(holdKey(step.value.where, step.value.node));
      case 'wait': {
        const waitMs = durationMs(step.value);
        const realMs = await this.#runtime.clock.wait(waitMs);
        this.#ledger.show({ type: 'wait', waitMs, realMs, why: 'step of the scenario' });
        return;
      }
      case 'expectKeys':
        return this.#expectKeys(step.value);
      case 'together':
        await Promise.all(step.value.map((each) => this.all([each])));
    }
  }

  #options(between: Interruption | undefined): ProcedureOptions {
    return { between, interrupt: (steps) => this.all(steps) };
  }

  async #runPackage(value: StepOf<'cmrunpkg'>['value']): Promise<void> {
    const item = packageOf(this.#scenario.site, value.package);
    const outcome = await this.#packages.start(item, value.node, this.#options(value.between));
    this.#checkStart(item.name, value.node, outcome, value.expect);
  }

  #checkStart(
    packageName: string,
    node: string,
    outcome: Awaited<ReturnType<PackageManager['start']>>,
    expected: 'starts' | 'fails' = 'starts',
  ): void {
    const what = outcome.good ? 'started' : `did not start (${outcome.failure})`;
    this.#ledger.check(
      `${packageName} on ${node} ${what}, expected: ${expected}`,
      outcome.good === (expected === 'starts'),
    );
  }

  async #haltPackage(value: StepOf<'cmhaltpkg'>['value']): Promise<void> {
    const running = this.#packages.running(value.package);
    const instances = running.filter(({ node }) => value.node === undefined || node === value.node);
    this.#ledger.check(`${value.package} runs and can be halted`, instances.length > 0);
    for (const instance of instances) await this.#packages.halt(instance, this.#options(undefined));
  }

  /** Nodes that hang or are dead are no members any more; what ran there fails over, or is fenced out. */
  async #reform(cluster: string, options: ProcedureOptions): Promise<void> {
    const { nodes } = this.#scenario.site;
    const failed = nodes.filter((node) => node.cluster === cluster && this.nodeState(node.name) !== 'up');
    const lost = failed.flatMap(({ name }) => this.#packages.lose(name));
    const example = this.#scenario.site.packages.find((item) => item.cluster === cluster);
    const reform = example === undefined ? [] : this.#packages.sequencesOf(example).reform;
    for (const step of reform) {
      if (step.action === 'wait') await this.#packages.waitForReformation(cluster);
    }
    for (const instance of lost) await this.#takeOver(instance, options);
  }

  async #takeOver(lost: Instance, options: ProcedureOptions): Promise<void> {
    const [survivor] = this.#packages.running(lost.item.name);
    if (survivor !== undefined) {
      await this.#packages.fenceFailed(survivor, lost, options);
      return;
    }
    const adoptive = lost.item.nodes.find(
      (node) => this.nodeState(node) === 'up' && this.switchingOn(lost.item, node),
    );
    if (!this.switchingOn(lost.item) || adoptive === undefined) {
      this.#ledger.check(`${lost.item.name} stays down: no node may run it`, !this.switchingOn(lost.item));
      return;
    }
    const outcome = await this.#packages.start(lost.item, adoptive, options);
    this.#checkStart(lost.item.name, adoptive, outcome);
  }

  async #failApplication(value: StepOf<'failApplication'>['value']): Promise<void> {
    const [instance] = this.#packages.running(value.package);
    this.#ledger.check(`${value.package} runs and can fail`, instance !== undefined);
    if (instance === undefined) return;
    const outcome = await this.#packages.restart(instance, this.#options(undefined));
    this.#checkStart(value.package, instance.node, outcome, value.expect);
  }

  async #writes(value: StepOf<'writes'>['value']): Promise<void> {
    const instance = this.#packages.instances.findLast(
      ({ item, node, state }) =>
        item.name === value.package && (value.node === undefined ? state === 'running' : node === value.node),
    );
    if (instance === undefined) {
      this.#ledger.check(`an application of ${value.package} is there to write`, false);
      return;
    }
    const { application, incarnation } = instance;
    const from = this.#ledger.history.length;
    const done = Promise.race([application.transact(value.count), application.dead]);
    if (value.wait === false || this.nodeState(instance.node) !== 'up') {
      this.#pending.push(done);
      return;
    }
    await done;
    if (value.expect === undefined) return;
    const wanted = value.expect === 'acknowledged' ? 'writeAcknowledged' : 'writeRefused';
    const ends = this.#ledger.history
      .slice(from)
      .filter(
        (event) =>
          (event.type === 'writeAcknowledged' ||
            event.type === 'writeRefused' ||
            event.type === 'writeFailed') &&
          event.packageName === value.package &&
          event.write.incarnation === incarnation,
      );
    this.#ledger.check(
      `writes of ${value.package} on ${instance.node} are ${value.expect}`,
      ends.length > 0 && ends.every(({ type }) => type === wanted),
    );
  }

  async #hold({ where, node, lun, count = 1, for: forTime }: StepOf<'hold'>['value']): Promise<void> {
    const lunNumber = lunOf(this.#scenario.site, lun).lun;
    const key = holdKey(where, node);
    const hold =
      where === 'host'
        ? await this.#runtime.holdInHost(node, lunNumber, count)
        : await this.#runtime.holdInArray(node, lunNumber, count);
    this.#holds.set(key, { held: hold.held, release: () => hold.release(), count });
    this.#ledger.show({ type: 'hold', where, node, state: 'armed', count });
    if (forTime !== undefined) this.#runtime.clock.after(durationMs(forTime), () => this.#release(key));
  }

  async #awaitHeld({ where, node }: StepOf<'awaitHeld'>['value']): Promise<void> {
    const hold = this.#holds.get(holdKey(where, node));
    this.#ledger.check(`a hold in the ${where} waits for writes of ${node}`, hold !== undefined);
    if (hold === undefined) return;
    await hold.held;
    this.#ledger.show({ type: 'hold', where, node, state: 'held', count: hold.count });
  }

  async #release(key: string): Promise<void> {
    const hold = this.#holds.get(key);
    if (hold === undefined) return;
    this.#holds.delete(key);
    await hold.release();
    const [where, node = ''] = key.split(' ');
    this.#ledger.show({
      type: 'hold',
      where: where === 'host' ? 'host' : 'array',
      node,
      state: 'released',
      count: hold.count,
    });
  }

  async #wake(node: string): Promise<void> {
    this.#setNode(node, 'up');
    await this.#runtime.wake(node);
  }

  #setNode(node: string, state: NodeState): void {
    this.#nodeStates.set(node, state);
    this.#ledger.show({ type: 'nodeState', node, state });
  }

  async #expectKeys(value: StepOf<'expectKeys'>['value']): Promise<void> {
    const { lun } = lunOf(this.#scenario.site, value.lun);
    const reading = await this.#runtime.observe(lun, ['--no-inquiry', '--in', '--read-keys']);
    const holder = await this.#runtime.observe(lun, ['--no-inquiry', '--in', '--read-reservation']);
    const keys = hexList(keysIn(reading.stdout));
    const holderKey = reservationKeyIn(holder.stdout);
    const reservation = holderKey === undefined ? 'none' : hex(holderKey);
    const expectedKeys = hexList(value.keys.map(BigInt));
    this.#ledger.check(
      `LUN ${value.lun} has keys [${keys}] and reservation ${reservation}, expected [${expectedKeys}] and ${value.reservation}`,
      reading.exitStatus === 0 &&
        holder.exitStatus === 0 &&
        keys === expectedKeys &&
        reservation === value.reservation,
    );
  }
}

const hex = (key: bigint): string => `0x${key.toString(16)}`;
const hexList = (keys: readonly bigint[]): string => keys.map(hex).toSorted().join(', ');
const holdKey = (where: 'host' | 'array', node: string): string => `${where} ${node}`;
const switchKey = (packageName: string, node: string | undefined): string => `${packageName} ${node ?? ''}`;
