import { createInterface, type Interface } from 'node:readline';
import { visible, type Style } from '../report/index.js';
import type { StepPause } from '../scenario/events.js';
import type { CliContext } from './context.js';
import { untilAborted } from './signals.js';

/** `--step`: shows the keys before and after each sg_persist line, and waits for Enter before it. */
export class StepPauses {
  readonly #context: CliContext;
  readonly #style: Style;
  readonly #input: Interface;
  readonly #lines: AsyncIterator<string>;
  readonly #stopped: Promise<void>;

  /** `stop`: aborted when nobody is waited for any more. */
  constructor(context: CliContext, style: Style, stop: AbortSignal) {
    this.#context = context;
    this.#style = style;
    this.#stopped = untilAborted(stop);
    // Not as a terminal: Ctrl-C stays the signal that ends the run.
    this.#input = createInterface({ input: context.stdin, terminal: false });
    this.#lines = this.#input[Symbol.asyncIterator]();
  }

  /** Settles at the next line of standard input, at its end, or when the run is stopped. */
  async pause(at: StepPause): Promise<void> {
    const { phase, node, commandLine, lun, readKeys } = visible(at);
    const { strong, faint } = this.#style;
    const keys = readKeys.trimEnd().split('\n');
    const indented = keys.map((line) => `            ${faint('|')} ${line}`);
    if (phase === 'after') {
      this.#print([`            keys of LUN ${lun} after:`, ...indented]);
      return;
    }
    this.#print([
      `            next on ${node}: ${strong(commandLine)}`,
      `            keys of LUN ${lun} before:`,
      ...indented,
      '            press Enter to go on',
    ]);
    await Promise.race([this.#lines.next(), this.#stopped]);
  }

  /** Lets go of standard input. */
  close(): void {
    this.#input.close();
  }

  #print(lines: readonly string[]): void {
    this.#context.stdout.write(`${lines.join('\n')}\n`);
  }
}
