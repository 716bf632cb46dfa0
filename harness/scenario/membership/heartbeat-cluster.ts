import {
  allHeard,
  beat,
  hears,
  joined,
  partsOf,
  quorumByNumber,
  type Heartbeats,
} from '../../cluster/heartbeat.js';
import { lunOf, type ClusterModel } from '../../cluster/model.js';
import type { HeartbeatModel } from '../../cluster/membership-model.js';
import { reaches } from '../../cluster/networks.js';
import { takeClusterLock } from './cluster-lock.js';
import type { Instance } from '../packages.js';
import type { ClusterContext } from './context.js';
import type { MembershipFaults } from './faults.js';
import { takeOver } from './take-over.js';

/** Nodes that hold each other for the cluster. There are two of one cluster only where no quorum is asked for. */
interface Formation {
  readonly members: readonly string[];
  /** How often the cluster had formed. */
  readonly reformation: number;
}

/** A node as it was after some of its boots: what has booted since is nobody's outcast. */
interface Outcast {
  readonly node: string;
  readonly boots: number;
  /** When it learns of it. */
  readonly atMs: number;
}

/**
 * A cluster that finds out for itself who belongs to it: its nodes send heartbeats while a scenario waits, one that is
 * not heard is removed, and what ran there moves.
 */
export class HeartbeatCluster {
  readonly #cluster: ClusterModel;
  readonly #heartbeat: HeartbeatModel;
  readonly #context: ClusterContext;
  readonly #faults: MembershipFaults;
  readonly #nodes: readonly string[];
  #nowMs = 0;
  #beats: Heartbeats;
  #formations: readonly Formation[];
  /** How often it has formed, in any part: a lock claim of an earlier time is old. */
  #reformations = 0;
  /** Who was removed and runs on until it learns of it. */
  #outcasts: readonly Outcast[] = [];
  /** What a formation has lost and takes over, or has taken over. */
  readonly #takenOver = new Set<Instance>();
  readonly #joinedAtBoot = new Map<string, number>();

  constructor(
    cluster: ClusterModel,
    heartbeat: HeartbeatModel,
    context: ClusterContext,
    faults: MembershipFaults,
  ) {
    this.#cluster = cluster;
    this.#heartbeat = heartbeat;
    this.#context = context;
    this.#faults = faults;
    this.#nodes = context.scenario.site.nodes
      .filter((node) => node.cluster === cluster.name)
      .map(({ name }) => name);
    this.#beats = allHeard(this.#nodes, 0);
    this.#formations = [{ members: this.#nodes, reformation: 0 }];
    this.#nextTick();
  }

  /** Every node that some formation holds for a member, in the order of the nodes. */
  members(): readonly string[] {
    return this.#nodes.filter((node) => this.#formations.some(({ members }) => members.includes(node)));
  }

  /** A member that is up, with the cluster's software running since it joined. */
  runsOn(node: string): boolean {
    return this.members().includes(node) && this.#isUp(node);
  }

  /** A node leaves in an orderly way. */
  leave(node: string): void {
    this.#takeBack(node);
    this.#formations = this.#formations
      .map(({ members, reformation }) => ({
        members: members.filter((each) => each !== node),
        reformation,
      }))
      .filter(({ members }) => members.length > 0);
    this.#show(this.members(), `${node} leaves ${this.#cluster.name}`);
  }

  /**
   * A node joins the first formation that it reaches, or forms the cluster where there is none. Yields false where there is
   * one that it does not reach: beside a cluster that runs it may not form another.
   */
  join(node: string): boolean {
    const { site } = this.#context.scenario;
    const alive = this.#formations.filter(({ members }) =>
      members.some((each) => each !== node && this.#isAlive(each)),
    );
    const formation = alive.find(({ members }) =>
      members.every((each) => reaches(site, this.#faults, node, each)),
    );
    if (formation === undefined && alive.length > 0) return false;
    this.#reformations += 1;
    const others = formation?.members ?? [];
    const members = this.#nodes.filter((each) => each === node || others.includes(each));
    this.#takeBack(node);
    this.#joinedAtBoot.set(node, this.#context.nodes.bootsOf(node));
    this.#beats = joined(this.#beats, node, others, this.#nowMs);
    this.#formations = [
      ...alive.filter((each) => each !== formation),
      { members, reformation: this.#reformations },
    ];
    this.#show(members, `${node} joins ${this.#cluster.name}`);
    return true;
  }

  #nextTick(): void {
    this.#context.runtime.clock.after(this.#heartbeat.intervalMs, async () => {
      await this.#tick();
      this.#nextTick();
    });
  }

  /** One heartbeat interval. */
  async #tick(): Promise<void> {
    this.#nowMs += this.#heartbeat.intervalMs;
    await this.#rebootOutcasts();
    const { site } = this.#context.scenario;
    this.#beats = beat(
      this.#beats,
      this.#nowMs,
      this.members()
        .filter((node) => this.#isUp(node))
        .map((name) => ({ name, lateMs: this.#faults.lateMs(name) })),
      this.members(),
      (from, to) => reaches(site, this.#faults, from, to),
    );
    for (const formation of this.#formations) await this.#lookAt(formation);
  }

  /**
   * A node that was removed and learns of it reboots (the ninth edition, p. 88). One that hangs learns when it has woken, one
   * whose timer is late learns late.
   */
  async #rebootOutcasts(): Promise<void> {
    const { nodes, packages } = this.#context;
    for (const outcast of this.#outcasts) {
      const machine = nodes.machineAt(outcast.node, outcast.boots);
      if (machine === undefined || nodes.state(machine) !== 'up' || outcast.atMs > this.#nowMs) continue;
      this.#outcasts = this.#outcasts.filter((each) => each !== outcast);
      packages.lose(machine);
      this.#show(this.members(), `${machine} is no member of ${this.#cluster.name} any more and reboots`);
      await nodes.crash(machine);
    }
  }

  /** A node that leaves in an orderly way, or joins, is no outcast as it is now. */
  #takeBack(node: string): void {
    const boots = this.#context.nodes.bootsOf(node);
    this.#outcasts = this.#outcasts.filter((each) => each.node !== node || each.boots !== boots);
  }

  /** Whether a running member misses another, and what comes of it. */
  async #lookAt(formation: Formation): Promise<void> {
    const running = formation.members.filter((node) => this.#isUp(node));
    const missing = (to: string): boolean =>
      formation.members.some((from) => from !== to && !this.#hears(to, from));
    const noticed = running.filter(missing);
    if (noticed.length === 0) return;
    const parts = partsOf(running, (to, from) => this.#hears(to, from));
    // Who has noticed begins to form the cluster again, so those ask for the lock first.
    const inOrder = [...parts].sort(
      (one, other) => Number(other.some(noticesIn(noticed))) - Number(one.some(noticesIn(noticed))),
    );
    const formed: Formation[] = [];
    for (const part of inOrder) {
      const reformation = formation.reformation + 1;
      this.#reformations = Math.max(this.#reformations, reformation);
      const why = await this.#quorum(part, formation.members.length, reformation);
      if (why === undefined) continue;
      formed.push({ members: part, reformation });
      const lost = formation.members.filter((node) => !part.includes(node));
      this.#show(
        part,
        `${this.#cluster.name} forms again without ${lost.join(', ')}, not heard for ${this.#heartbeat.memberTimeoutMs} ms: ${part.join(', ')} by ${why}`,
      );
    }
    await this.#replace(formation, formed);
  }

  async #replace(formation: Formation, formed: readonly Formation[]): Promise<void> {
    this.#formations = this.#formations.flatMap((each) => (each === formation ? formed : [each]));
    const { packages } = this.#context;
    const ran = packages.instances.filter(
      (instance) => formation.members.includes(instance.node) && this.#ranAsFarAsKnown(instance),
    );
    for (const node of formation.members) {
      if (formed.length > 0 && formed.every(({ members }) => members.includes(node))) continue;
      packages.lose(node);
      if (formed.some(({ members }) => members.includes(node))) continue;
      const atMs = this.#nowMs + this.#faults.lateMs(node);
      this.#outcasts = [...this.#outcasts, { node, boots: this.#bootsWhenJoined(node), atMs }];
    }
    for (const instance of ran) if (instance.state === 'lost') this.#takenOver.add(instance);
    if (formed.length === 0) {
      this.#show([], `no part of ${this.#cluster.name} has a quorum`);
    }
    await this.#rebootOutcasts();
    for (const { members } of formed) {
      const lost = ran.filter(({ node }) => !members.includes(node));
      this.#context.runtime.clock.after(packages.reformations.lengthMs(this.#cluster.name), async () => {
        await this.#takeOver(lost, members);
      });
    }
  }

  /** It runs, or its node has lost it by a boot that the cluster has not noticed. */
  #ranAsFarAsKnown(instance: Instance): boolean {
    if (instance.state !== 'lost') return instance.state === 'running';
    const { instances } = this.#context.packages;
    const last = instances.findLast(({ item, node }) => item === instance.item && node === instance.node);
    return last === instance && !this.#takenOver.has(instance);
  }

  /** What was lost moves to those who belong, when the wait is over, to the cluster that `members` had formed. */
  async #takeOver(lost: readonly Instance[], members: readonly string[]): Promise<void> {
    const now = this.#formations.find((each) => each.members.some((node) => members.includes(node)));
    if (now === undefined) return;
    const able = now.members.filter((node) => this.#isUp(node));
    for (const instance of lost) {
      const settled = await takeOver(instance, able, { interrupt: this.#context.play }, this.#context);
      if (!settled) this.#show(now.members, `${instance.item.name} stays down: no node may run it`);
    }
  }

  /** By what right a part goes on; undefined where it has none. */
  async #quorum(part: readonly string[], size: number, reformation: number): Promise<string | undefined> {
    const { lockLun, quorum } = this.#cluster.membership;
    if (quorum === 'none') return 'nothing: no quorum is asked for';
    const number = quorumByNumber(part.length, size);
    if (number === 'majority') return 'majority';
    const [node] = part;
    if (number === 'minority' || lockLun === null || node === undefined) return undefined;
    const { runtime, scenario } = this.#context;
    const { lun } = lunOf(scenario.site, lockLun);
    const claim = await takeClusterLock(runtime, lun, { cluster: this.#cluster.name, reformation, node });
    return claim?.node === node ? `the lock on ${lockLun}` : undefined;
  }

  #hears(to: string, from: string): boolean {
    return to === from || hears(this.#beats, to, from, this.#nowMs, this.#heartbeat.memberTimeoutMs);
  }

  /** Up, and with the cluster's software running: a node that has booted runs it again when it joins. */
  #isUp(node: string): boolean {
    const { nodes } = this.#context;
    return nodes.state(node) === 'up' && nodes.bootsOf(node) === this.#bootsWhenJoined(node);
  }

  #bootsWhenJoined(node: string): number {
    return this.#joinedAtBoot.get(node) ?? 0;
  }

  /** Up, or hung and yet to learn what it has missed. */
  #isAlive(node: string): boolean {
    return this.#context.nodes.state(node) === 'hung' || this.#isUp(node);
  }

  #show(members: readonly string[], text: string): void {
    this.#context.ledger.show({ type: 'membership', cluster: this.#cluster.name, members, text });
  }
}

const noticesIn =
  (noticed: readonly string[]) =>
  (node: string): boolean =>
    noticed.includes(node);
