import type { PrInServiceAction, PrOutServiceAction } from '../../protocol/index.js';
import { parseSize, scanHexadecimal } from './c-numbers.js';
import { EXIT_STATUS } from './exit-status.js';
import { readOptions } from './getopt.js';
import { SG_PERSIST_OPTIONS } from './option-table.js';
import { parseTransportIdArgument, type ReadText } from './transport-id-argument.js';
import { SG_PERSIST_USAGE } from './usage.js';
import { withoutPassword } from '../url.js';

/** ALLOCATION LENGTH unless something else is asked for, and the most that may be asked for. */
export const ALLOCATION_LENGTH_BYTES_MAX = 8192;

/** Version that `--version` names: the one whose behaviour this is. */
const VERSION = '0.67 20190913';

/** What is to be done; either PERSISTENT RESERVE IN or OUT. */
export type ServiceAction =
  | { readonly direction: 'in'; readonly serviceAction: PrInServiceAction }
  | { readonly direction: 'out'; readonly serviceAction: PrOutServiceAction };

export interface Options {
  readonly deviceName: string;
  readonly action: ServiceAction;
  readonly allocationLength: number;
  readonly hex: number;
  readonly inquiry: boolean;
  readonly readOnly: boolean;
  readonly verbose: number;
  readonly reservationKey: bigint;
  readonly serviceActionReservationKey: bigint;
  /** Type as given; only four bits of it find room in the CDB. */
  readonly type: number;
  readonly allTgPt: boolean;
  readonly aptpl: boolean;
  readonly unreg: boolean;
  readonly relativeTargetPortId: number;
  readonly transportIds: readonly Uint8Array[];
}

/** A command line read: what to do, or that nothing is left to do. `messages` go to standard error first. */
export type ReadCommandLine =
  | { readonly options: Options; readonly messages: string }
  | { readonly options: undefined; readonly messages: string; readonly status: number };

/** What the options said, one after the other, before it is known whether it makes sense together. */
class Draft {
  deviceName: string | undefined;
  help = 0;
  version = false;
  verbose = 0;
  hex = 0;
  inquiry = true;
  readOnlyCount = 0;
  in = false;
  out = false;
  allocationLength = ALLOCATION_LENGTH_BYTES_MAX;
  reservationKey = 0n;
  serviceActionReservationKey = 0n;
  type = 0;
  allTgPt = false;
  aptpl = false;
  unreg = false;
  relativeTargetPortId = 0;
  transportIds: readonly Uint8Array[] = [];
  readonly inActions: PrInServiceAction[] = [];
  readonly outActions: PrOutServiceAction[] = [];
}

const IN_ACTION: Readonly<Partial<Record<string, PrInServiceAction>>> = {
  k: 'readKeys',
  r: 'readReservation',
  c: 'reportCapabilities',
  s: 'readFullStatus',
};

const OUT_ACTION: Readonly<Partial<Record<string, PrOutServiceAction>>> = {
  G: 'register',
  R: 'reserve',
  L: 'release',
  C: 'clear',
  P: 'preempt',
  A: 'preemptAndAbort',
  I: 'registerAndIgnoreExistingKey',
  M: 'registerAndMove',
  z: 'replaceLostReservation',
};

/** Options without an argument that are neither service actions nor anything but a mark. */
const MARK: Readonly<Partial<Record<string, (draft: Draft) => void>>> = {
  h: (draft) => (draft.help += 1),
  H: (draft) => (draft.hex += 1),
  i: (draft) => (draft.in = true),
  n: (draft) => (draft.inquiry = false),
  o: (draft) => (draft.out = true),
  U: (draft) => (draft.unreg = true),
  v: (draft) => (draft.verbose += 1),
  V: (draft) => (draft.version = true),
  y: (draft) => (draft.readOnlyCount += 1),
  Y: (draft) => (draft.allTgPt = true),
  Z: (draft) => (draft.aptpl = true),
};

/** Options with an argument. Returns what is wrong with it: lines for standard error. */
const ARGUMENT: Readonly<
  Partial<Record<string, (draft: Draft, argument: string, readText: ReadText) => string | undefined>>
> = {
  d: (draft, argument) => {
    draft.deviceName = argument;
    return undefined;
  },
  K: (draft, argument) => {
    const key = scanHexadecimal(argument, 64);
    if (key === undefined) return badArgument('param-rk');
    draft.reservationKey = key;
    return undefined;
  },
  S: (draft, argument) => {
    const key = scanHexadecimal(argument, 64);
    if (key === undefined) return badArgument('param-sark');
    draft.serviceActionReservationKey = key;
    return undefined;
  },
  T: (draft, argument) => {
    const type = scanHexadecimal(argument, 32);
    if (type === undefined) return badArgument('prout-type');
    draft.type = Number(type);
    return undefined;
  },
  l: (draft, argument) => {
    const length = scanHexadecimal(argument, 32);
    if (length === undefined) return badArgument('alloc-length');
    return takeAllocationLength(draft, 'alloc-length', length);
  },
  m: (draft, argument) => {
    const length = parseSize(argument);
    if (length.ok) return takeAllocationLength(draft, 'maxlen', length.size);
    return (length.message === '' ? '' : `${length.message}\n`) + badArgument('maxlen');
  },
  Q: (draft, argument) => {
    const port = scanHexadecimal(argument, 32);
    if (port === undefined) return badArgument('relative-target-port');
    if (port > 0xffffn) return "argument to '--relative-target-port' 0 to ffff inclusive\n";
    draft.relativeTargetPortId = Number(port);
    return undefined;
  },
};

const badArgument = (name: string): string => `bad argument to '--${name}'\n`;

function takeAllocationLength(draft: Draft, name: string, length: bigint): string | undefined {
  if (length > BigInt(ALLOCATION_LENGTH_BYTES_MAX)) {
    return `'--${name}' argument exceeds maximum value (${ALLOCATION_LENGTH_BYTES_MAX})\n`;
  }
  draft.allocationLength = Number(length);
  return undefined;
}

/** Set, to whatever value, it makes PERSISTENT RESERVE IN open the device read-only. */
const READ_ONLY_VARIABLE = 'SG_PERSIST_IN_RDONLY';

/**
 * Reads the command line of sg_persist, without the program's name. The first mistake ends it; a mistake of form shows the
 * usage and counts as success, as with the original.
 */
export function readCommandLine(
  args: readonly string[],
  env: Readonly<Partial<Record<string, string>>>,
  readText: ReadText,
): ReadCommandLine {
  const draft = new Draft();
  const said: string[] = [];
  const end = (status: number, ...lines: string[]): ReadCommandLine => ({
    options: undefined,
    messages: [...said, ...lines].join(''),
    status,
  });
  const extra: string[] = [];
  for (const step of readOptions(args, SG_PERSIST_OPTIONS)) {
    if (step.kind === 'error') {
      return end(EXIT_STATUS.good, `sg_persist: ${step.message}\n`, SG_PERSIST_USAGE.main);
    }
    if (step.kind === 'operand') {
      if (draft.deviceName === undefined) draft.deviceName = step.text;
      else extra.push(`Unexpected extra argument: ${withoutPassword(step.text)}\n`);
      continue;
    }
    if (step.value === 'X') {
      const { transportIds, messages } = parseTransportIdArgument(step.argument, readText);
      said.push(...messages.map((message) => `${message}\n`));
      if (transportIds === undefined) return end(EXIT_STATUS.syntaxError, badArgument('transport-id'));
      draft.transportIds = transportIds;
      continue;
    }
    const wrong = takeOption(draft, step.value, step.argument, readText);
    if (wrong !== undefined) return end(EXIT_STATUS.syntaxError, wrong);
  }
  if (extra.length > 0) return end(EXIT_STATUS.syntaxError, ...extra, SG_PERSIST_USAGE.main);
  if (draft.help > 0) {
    return end(EXIT_STATUS.good, draft.help === 1 ? SG_PERSIST_USAGE.main : SG_PERSIST_USAGE.other);
  }
  if (draft.version) {
    if (draft.verbose > 0) said.push("Not in DEBUG mode, so '-vV' has no special action\n");
    return end(EXIT_STATUS.good, `version: ${VERSION}\n`);
  }
  if (draft.deviceName === undefined) {
    return end(EXIT_STATUS.syntaxError, 'No device name given\n', SG_PERSIST_USAGE.main);
  }
  return decide(draft, draft.deviceName, env[READ_ONLY_VARIABLE] !== undefined, said, end);
}

function takeOption(draft: Draft, value: string, argument: string, readText: ReadText): string | undefined {
  const inAction = IN_ACTION[value];
  const outAction = OUT_ACTION[value];
  if (inAction !== undefined) draft.inActions.push(inAction);
  if (outAction !== undefined) draft.outActions.push(outAction);
  MARK[value]?.(draft);
  return ARGUMENT[value]?.(draft, argument, readText);
}

/** Whether the options make sense together, in the order in which the original complains. */
function decide(
  draft: Draft,
  deviceName: string,
  inReadOnly: boolean,
  said: string[],
  end: (status: number, ...lines: string[]) => ReadCommandLine,
): ReadCommandLine {
  const contradiction = (...lines: string[]): ReadCommandLine => end(EXIT_STATUS.contradiction, ...lines);
  if (draft.in && draft.out) {
    return contradiction("choose '--in' _or_ '--out' (not both)\n", SG_PERSIST_USAGE.main);
  }
  const chosen = draft.out ? outActionOf(draft) : inActionOf(draft, said);
  if (typeof chosen === 'string') return contradiction(chosen);
  const moves = chosen.serviceAction === 'registerAndMove';
  if ((draft.unreg || draft.relativeTargetPortId > 0) && !moves) {
    return contradiction(
      '--unreg or --relative-target-port only useful with --register-move\n',
      SG_PERSIST_USAGE.main,
    );
  }
  if (moves && draft.transportIds.length !== 1) {
    return contradiction(
      'with --register-move one (and only one) --transport-id should be given\n',
      SG_PERSIST_USAGE.main,
    );
  }
  if (NEEDS_TYPE.has(chosen.serviceAction) && draft.type === 0) {
    said.push('warning>>> --prout-type probably needs to be given\n');
  }
  return {
    messages: said.join(''),
    options: {
      deviceName,
      action: chosen,
      allocationLength: draft.allocationLength,
      hex: draft.hex,
      inquiry: draft.inquiry,
      // Given twice it takes itself back, and the variable with it.
      readOnly:
        draft.readOnlyCount === 1 || (draft.readOnlyCount === 0 && inReadOnly && chosen.direction === 'in'),
      verbose: draft.verbose,
      reservationKey: draft.reservationKey,
      serviceActionReservationKey: draft.serviceActionReservationKey,
      type: draft.type,
      allTgPt: draft.allTgPt,
      aptpl: draft.aptpl,
      unreg: draft.unreg,
      relativeTargetPortId: draft.relativeTargetPortId,
      transportIds: draft.transportIds,
    },
  };
}

/** Service actions whose TYPE counts. REPLACE LOST RESERVATION has one as well, but the original does not miss it. */
const NEEDS_TYPE: ReadonlySet<string> = new Set(['reserve', 'release', 'preempt', 'preemptAndAbort']);

function outActionOf(draft: Draft): ServiceAction | string {
  const [serviceAction, ...others] = draft.outActions;
  if (serviceAction === undefined || others.length > 0 || draft.inActions.length > 0) {
    return (
      '>> For Persistent Reserve Out one and only one appropriate\n' +
      ">> service action must be chosen (e.g. '--register')\n"
    );
  }
  return { direction: 'out', serviceAction };
}

function inActionOf(draft: Draft, said: string[]): ServiceAction | string {
  if (draft.outActions.length > 0) {
    return (
      '>> When a service action for Persistent Reserve Out is chosen the\n' +
      ">> '--out' option must be given (as a safeguard)\n"
    );
  }
  const [serviceAction, ...others] = draft.inActions;
  if (others.length > 0) {
    return `Too many service actions given; choose one only\n${SG_PERSIST_USAGE.main}`;
  }
  if (serviceAction !== undefined) return { direction: 'in', serviceAction };
  said.push(
    '>> No service action given; assume Persistent Reserve In command\n',
    '>> with Read Keys service action\n',
  );
  return { direction: 'in', serviceAction: 'readKeys' };
}
