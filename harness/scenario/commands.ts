import { pathsOf, type DevicePath, type PackageModel, type Site } from '../cluster/model.js';
import { nodePrKey } from '../cluster/nexus.js';
import type { SequenceStep } from '../clients/sequence.js';
import type { CommandOutcome, Runtime } from '../runtime/runtime.js';
import type { StepPause } from './events.js';
import type { Ledger } from './ledger.js';

/** Exit statuses of sg3_utils that a procedure tells apart. */
const EXIT = { good: 0, unitAttention: 6, fileError: 15, osErrorBase: 50 } as const;
/** How often a line is given again when it met a unit attention, as scripts do. */
const ATTENTION_RETRIES_MAX = 3;

export type SgPersistLine = Extract<SequenceStep, { action: 'sgPersist' }>;

/** How a line went on one LUN; `commandLine` is the one that decided. */
export interface LineResult {
  readonly lun: number;
  readonly good: boolean;
  readonly commandLine?: string | undefined;
  readonly failure?: string | undefined;
}

interface LineContext {
  readonly item: PackageModel;
  readonly node: string;
  /** The keys that `{foreignKey}` stands for; absent: every registered key of another node. */
  readonly foreignKeys?: readonly bigint[] | undefined;
}

/** Gives the lines of a sequence on a node: which devices, which keys, what if a path is dead. */
export class CommandRunner {
  readonly #site: Site;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #pause: ((pause: StepPause) => Promise<void>) | undefined;

  constructor(
    site: Site,
    runtime: Runtime,
    ledger: Ledger,
    pause: ((pause: StepPause) => Promise<void>) | undefined,
  ) {
    this.#site = site;
    this.#runtime = runtime;
    this.#ledger = ledger;
    this.#pause = pause;
  }

  /** Gives one line wherever it belongs, LUN by LUN; stops at the first LUN where it fails, unless it may. */
  async run(line: SgPersistLine, context: LineContext): Promise<readonly LineResult[]> {
    const results: LineResult[] = [];
    for (const lunName of context.item.luns) {
      const paths = pathsOf(this.#site, context.node, [lunName]);
      const result = await this.#onLun(line, context, paths);
      results.push(result);
      if (!result.good && !line.mayFail) break;
    }
    return results;
  }

  /** Gives one line that belongs to no sequence on one path. `options`: `{key}` is the key of the node. */
  async give(
    node: string,
    lunName: string,
    portalIndex: number,
    options: string,
  ): Promise<{ outcome: CommandOutcome; commandLine: string }> {
    const path = pathsOf(this.#site, node, [lunName])[portalIndex];
    if (path === undefined) throw new Error(`${node} has no path ${portalIndex + 1} to ${lunName}`);
    const line: SgPersistLine = { ...PROBE, options, inferred: false, source: 'step of the scenario' };
    return this.#give(line, { packageName: '', node }, path, undefined);
  }

  /** Whether every LUN of a package answers PERSISTENT RESERVE IN on a node. */
  async canReserve(item: PackageModel, node: string): Promise<boolean> {
    for (const lunName of item.luns) {
      const paths = pathsOf(this.#site, node, [lunName]);
      const probe: SgPersistLine = {
        ...PROBE,
        options: '--no-inquiry --in --report-capabilities',
      };
      const result = await this.#firstPath(probe, { item, node }, paths, undefined);
      if (!result.good) return false;
    }
    return true;
  }

  async #onLun(line: SgPersistLine, context: LineContext, paths: readonly DevicePath[]): Promise<LineResult> {
    switch (line.on) {
      case 'eachLun':
        return this.#firstPath(line, context, paths, undefined);
      case 'eachPath':
        return this.#everyPath(line, context, paths);
      case 'eachForeignKey':
        return this.#everyForeignKey(line, context, paths);
    }
  }

  /** The first path that answers; a dead one is passed over. */
  async #firstPath(
    line: SgPersistLine,
    context: LineContext,
    paths: readonly DevicePath[],
    foreignKey: bigint | undefined,
  ): Promise<LineResult> {
    let last: LineResult = { lun: paths[0]?.lun ?? 0, good: false, failure: 'there is no path' };
    for (const path of paths) {
      const { outcome, commandLine } = await this.#give(line, giverOf(context), path, foreignKey);
      last = resultOf(path, outcome, commandLine);
      if (!isUnreachable(outcome)) return last;
    }
    return last;
  }

  /** Every path; one that is dead does no harm where another lives (registered are the active paths). */
  async #everyPath(
    line: SgPersistLine,
    context: LineContext,
    paths: readonly DevicePath[],
  ): Promise<LineResult> {
    let good: LineResult | undefined;
    let dead: LineResult | undefined;
    for (const path of paths) {
      const { outcome, commandLine } = await this.#give(line, giverOf(context), path, undefined);
      const result = resultOf(path, outcome, commandLine);
      if (result.good) good = result;
      else if (isUnreachable(outcome)) dead = result;
      else if (!line.mayFail) return result;
    }
    return good ?? dead ?? { lun: paths[0]?.lun ?? 0, good: line.mayFail };
  }

  async #everyForeignKey(
    line: SgPersistLine,
    context: LineContext,
    paths: readonly DevicePath[],
  ): Promise<LineResult> {
    const own = nodePrKey(this.#site, context.node);
    const reading = await this.#readKeys(context, paths);
    if (typeof reading === 'string') return { lun: paths[0]?.lun ?? 0, good: false, failure: reading };
    const foreign = [...new Set(reading)].filter(
      (key) => key !== own && (context.foreignKeys?.includes(key) ?? true),
    );
    let last: LineResult = { lun: paths[0]?.lun ?? 0, good: true };
    for (const key of foreign) {
      last = await this.#firstPath(line, context, paths, key);
      if (!last.good) return last;
    }
    return last;
  }

  async #readKeys(context: LineContext, paths: readonly DevicePath[]): Promise<bigint[] | string> {
    let failure = 'there is no path';
    for (const path of paths) {
      const line: SgPersistLine = { ...PROBE, options: '--no-inquiry --in --read-keys' };
      const { outcome, commandLine } = await this.#give(line, giverOf(context), path, undefined);
      if (outcome.exitStatus === EXIT.good) return keysIn(outcome.stdout);
      failure = failureText(commandLine, outcome);
    }
    return failure;
  }

  async #give(
    line: SgPersistLine,
    { packageName, node }: { readonly packageName: string; readonly node: string },
    path: DevicePath,
    foreignKey: bigint | undefined,
  ): Promise<{ outcome: CommandOutcome; commandLine: string }> {
    const words = line.options
      .replaceAll('{key}', nodePrKey(this.#site, node).toString(16))
      .replaceAll('{foreignKey}', foreignKey?.toString(16) ?? '')
      .split(/\s+/)
      .filter((word) => word !== '');
    const args = [...words, path.device];
    const commandLine = ['sg_persist', ...args].join(' ');
    for (let again = 0; ; again++) {
      await this.#stopAt('before', node, commandLine, path.lun);
      const outcome = await this.#runtime.sgPersist(node, args);
      this.#ledger.show({
        type: 'command',
        node,
        packageName,
        commandLine,
        lun: path.lun,
        exitStatus: outcome.exitStatus,
        output: outcome.stdout + outcome.stderr,
        inferred: line.inferred,
        source: line.source,
      });
      await this.#stopAt('after', node, commandLine, path.lun);
      if (outcome.exitStatus !== EXIT.unitAttention || again === ATTENTION_RETRIES_MAX) {
        return { outcome, commandLine };
      }
    }
  }

  async #stopAt(phase: StepPause['phase'], node: string, commandLine: string, lun: number): Promise<void> {
    if (this.#pause === undefined) return;
    const { stdout } = await this.#runtime.observe(lun, ['--no-inquiry', '--in', '--read-keys']);
    await this.#pause({ phase, node, commandLine, lun, readKeys: stdout });
  }
}

const giverOf = ({ item, node }: LineContext) => ({ packageName: item.name, node });

/** A line that only asks. */
const PROBE = {
  id: 'probe',
  action: 'sgPersist',
  on: 'eachLun',
  fences: false,
  mayFail: true,
  instances: 'all',
  inferred: true,
  source: 'Managing HP Serviceguard for Linux, ninth edition, April 2009, pp. 85-87',
} as const;

/** The registered keys in what `sg_persist --in --read-keys` printed. */
export function keysIn(stdout: string): bigint[] {
  return [...stdout.matchAll(/^\s+0x([0-9a-f]+)\s*$/gim)].map((match) => BigInt(`0x${match[1] ?? '0'}`));
}

/** The holder's key in what `sg_persist --in --read-reservation` printed; undefined where there is no reservation. */
export function reservationKeyIn(stdout: string): bigint | undefined {
  const [, digits] = /Key\s*=\s*0x([0-9a-f]+)/i.exec(stdout) ?? [];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

function isUnreachable({ exitStatus }: CommandOutcome): boolean {
  return exitStatus === EXIT.fileError || exitStatus >= EXIT.osErrorBase;
}

function resultOf(path: DevicePath, outcome: CommandOutcome, commandLine: string): LineResult {
  const good = outcome.exitStatus === EXIT.good;
  return {
    lun: path.lun,
    good,
    commandLine,
    failure: good ? undefined : failureText(commandLine, outcome),
  };
}

function failureText(commandLine: string, { exitStatus, stderr }: CommandOutcome): string {
  return `${commandLine}: exit status ${exitStatus}${stderr === '' ? '' : `: ${stderr.trim().split('\n')[0] ?? ''}`}`;
}
