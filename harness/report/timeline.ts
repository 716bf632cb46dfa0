import type { Verdict, WriteIdentity } from '../oracle/types.js';
import { arrayName } from '../runtime/external/array-description.js';
import type { ScenarioEvent } from '../scenario/events.js';
import type { Style } from './style.js';
import { visible } from './visible.js';

type WriteEvent = Extract<ScenarioEvent, { type: 'write' }>;
/** What the lines that are printed tell already. */
type SilentEvent = Extract<ScenarioEvent, { type: 'writeIssued' | 'reservations' }>;

const WHO_WIDTH = 18;
const RULE_WIDTH = 100;

type LineFormat = (at: number, who: string, what: string) => string;

/**
 * The live timeline: a line for each thing that happens, with its time in seconds, who, and what. Writes of one
 * incarnation that end alike are told in one line. It reads the same without colours.
 */
export class Timeline {
  readonly #print: (line: string) => void;
  readonly #style: Style;
  readonly #format: LineFormat | undefined;
  /** Writes that end alike and were not printed yet. */
  #writes: WriteEvent[] = [];

  /** `format`: how a line is put together; default: time, who and what in columns. */
  constructor(print: (line: string) => void, style: Style, format?: LineFormat) {
    this.#print = print;
    this.#style = style;
    this.#format = format;
  }

  show(told: ScenarioEvent): void {
    if (told.type === 'writeIssued' || told.type === 'reservations') return;
    const event = visible(told);
    if (event.type === 'write') {
      this.#addWrite(event);
      return;
    }
    this.#printWrites();
    for (const line of this.#linesOf(event)) this.#print(line);
  }

  #addWrite(event: WriteEvent): void {
    const [first] = this.#writes;
    const alike =
      first !== undefined &&
      sameWriter(first.write, event.write) &&
      first.outcome === event.outcome &&
      first.reason === event.reason;
    if (!alike) this.#printWrites();
    this.#writes.push(event);
  }

  #printWrites(): void {
    const [first] = this.#writes;
    if (first === undefined) return;
    const { write, outcome, reason } = first;
    const count = this.#writes.length;
    const luns = [...new Set(this.#writes.map((one) => one.write.lun))].sort((a, b) => a - b);
    const what = `${count} write${count === 1 ? '' : 's'} to LUN ${luns.join(', ')} ${outcome}`;
    const why = outcome === 'acknowledged' || reason === '' ? '' : `: ${reason}`;
    const painted = outcome === 'acknowledged' ? what : this.#style.doubtful(`${what}${why}`);
    this.#print(this.#line(first.at, write.node, `${painted} (${write.packageName} #${write.incarnation})`));
    this.#writes = [];
  }

  #line(at: number, who: string, what: string): string {
    if (this.#format !== undefined) return this.#format(at, who, what);
    const seconds = `${(at / 1000).toFixed(3)}s`.padStart(10);
    return `${this.#style.faint(seconds)}  ${who.padEnd(WHO_WIDTH)}  ${what}`;
  }

  #linesOf(event: Exclude<ScenarioEvent, WriteEvent | SilentEvent>): string[] {
    const { strong, faint, good, bad, doubtful } = this.#style;
    const line = (who: string, what: string): string => this.#line(event.at, who, what);
    switch (event.type) {
      case 'scenarioStarted': {
        const title = `── ${event.scenario} (${event.runtime}) `;
        const scale =
          event.realMsPerSecond === 0
            ? 'waits take no time'
            : `a second of waiting takes ${event.realMsPerSecond} ms`;
        const array =
          event.portals.length === 0 ? '' : `; the array listens on ${event.portals.join(' and ')}`;
        const whose =
          event.array === undefined
            ? []
            : [faint(`the array is ${arrayName(event.array)}, ${event.array.urls.join(', ')}`)];
        return [
          '',
          strong(title.padEnd(RULE_WIDTH, '─')),
          faint(`${event.paper}; ${scale}${array}`),
          ...whose,
        ];
      }
      case 'scenarioSkipped': {
        const title = `── ${event.scenario} (${event.runtime}) `;
        return ['', strong(title.padEnd(RULE_WIDTH, '─')), doubtful(`SKIPPED: ${event.why}`)];
      }
      case 'step':
        return [line('', strong(event.text))];
      case 'nodeState':
        return [line(event.node, event.state === 'up' ? 'is up' : bad(`is ${event.state}`))];
      case 'membership':
        return [line(event.cluster, event.text)];
      case 'packageState': {
        const which = event.incarnation === 0 ? '' : ` #${event.incarnation}`;
        const state = event.state === 'failed' ? bad('failed') : event.state;
        return [line(event.node, `package ${event.packageName}${which} ${state}`)];
      }
      case 'command': {
        const inferred = event.inferred ? faint('  (inferred)') : '';
        const first = line(event.node, `$ ${event.commandLine}${inferred}${recordedText(event, faint)}`);
        if (event.exitStatus === 0) return [first];
        const said = event.output.trim().split('\n').at(-1) ?? '';
        return [first, line('', bad(`exit status ${event.exitStatus}: ${said}`))];
      }
      case 'wait':
        return [line('', faint(`wait ${event.waitMs / 1000} s: ${event.why}`))];
      case 'hold':
        return [line(event.node, doubtful(holdText(event)))];
      case 'fault':
        return [line(event.who, bad(event.text))];
      case 'move':
        return [line(event.node, event.text)];
      case 'pathLost':
        return [line(event.node, bad(`path ${event.path} is lost`))];
      case 'pathRestored':
        return [line(event.node, `path ${event.path} is back`)];
      case 'powerCycled':
        return [line('array', bad('power is lost, and comes back'))];
      case 'fenced': {
        const others = event.fencedIncarnations.map((one) => `#${one}`).join(', ');
        const whom = others === '' ? 'nobody was there before' : `fenced: ${others}`;
        return [
          line(
            event.node,
            `LUN ${event.lun} is taken by ${event.packageName} #${event.incarnation}; ${whom}`,
          ),
        ];
      }
      case 'recovered':
        return [
          line(
            event.node,
            `${event.packageName} #${event.incarnation} read ${event.blocksRead} blocks to recover`,
          ),
        ];
      case 'view':
        return event.text.split('\n').map((text) => line('', faint(text)));
      case 'check':
        return [
          line(
            '',
            event.passed
              ? `${good('as expected')}: ${event.text}`
              : `${bad('NOT as expected')}: ${event.text}`,
          ),
        ];
      case 'judged': {
        const { verdict } = event.verdict;
        const paint = verdict === event.expected ? good : bad;
        return [
          ...withoutWriter(event.verdict).map((text) => line('', text)),
          line('', `${paint(verdict)}, expected ${event.expected}`),
        ];
      }
    }
  }
}

function withoutWriter({ timeWithoutWriterMs: ms, whyWithoutWriter: why }: Verdict): string[] {
  return ms === null ? [] : [`nobody could write for ${(ms / 1000).toFixed(1)} s: ${why ?? ''}`];
}

const sameWriter = (one: WriteIdentity, other: WriteIdentity): boolean =>
  one.packageName === other.packageName && one.incarnation === other.incarnation && one.node === other.node;

/** The exit status of a replayed line beside the one of its log. */
function recordedText(
  { exitStatus, recordedExitStatus, source }: Extract<ScenarioEvent, { type: 'command' }>,
  paint: (text: string) => string,
): string {
  if (recordedExitStatus === undefined) return '';
  return paint(`  -> ${exitStatus}, recorded ${recordedExitStatus}  (${source})`);
}

function holdText(event: Extract<ScenarioEvent, { type: 'hold' }>): string {
  const writes = `${event.count} write${event.count === 1 ? '' : 's'}`;
  const where = event.where === 'host' ? 'in the host' : 'in the array, behind its reservation check';
  switch (event.state) {
    case 'armed':
      return `the next ${writes} will be held ${where}`;
    case 'held':
      return `${writes} held ${where}`;
    case 'released':
      return `${writes} held ${where}: released`;
  }
}
