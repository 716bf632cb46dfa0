import type { LongOption, OptionTable } from './getopt.js';

const long = (value: string, takesArgument: boolean, ...names: string[]): LongOption[] =>
  names.map((name) => ({ name, takesArgument, value }));

/**
 * The options of sg_persist 1.46 in its own order, which ambiguity messages show. `-x` is told of in its help, but was
 * never taken.
 */
export const SG_PERSIST_OPTIONS: OptionTable = {
  short: 'AcCd:GHhiIkK:l:Lm:MnoPQ:rRsS:T:UvVX:yYzZ',
  long: [
    ...long('l', true, 'alloc-length', 'alloc_length'),
    ...long('C', false, 'clear'),
    ...long('d', true, 'device'),
    ...long('h', false, 'help'),
    ...long('H', false, 'hex'),
    ...long('i', false, 'in'),
    ...long('m', true, 'maxlen'),
    ...long('n', false, 'no-inquiry', 'no_inquiry'),
    ...long('o', false, 'out'),
    ...long('Y', false, 'param-alltgpt', 'param_alltgpt'),
    ...long('Z', false, 'param-aptpl', 'param_aptpl'),
    ...long('K', true, 'param-rk', 'param_rk'),
    ...long('S', true, 'param-sark', 'param_sark'),
    ...long('U', false, 'param-unreg', 'param_unreg'),
    ...long('P', false, 'preempt'),
    ...long('A', false, 'preempt-abort', 'preempt_abort'),
    ...long('T', true, 'prout-type', 'prout_type'),
    ...long('s', false, 'read-full-status', 'read_full_status'),
    ...long('k', false, 'read-keys', 'read_keys'),
    ...long('y', false, 'readonly'),
    ...long('r', false, 'read-reservation', 'read_reservation'),
    ...long('s', false, 'read-status', 'read_status'),
    ...long('G', false, 'register'),
    ...long('I', false, 'register-ignore', 'register_ignore'),
    ...long('M', false, 'register-move', 'register_move'),
    ...long('L', false, 'release'),
    ...long('Q', true, 'relative-target-port', 'relative_target_port'),
    ...long('z', false, 'replace-lost', 'replace_lost'),
    ...long('c', false, 'report-capabilities', 'report_capabilities'),
    ...long('R', false, 'reserve'),
    ...long('X', true, 'transport-id', 'transport_id'),
    ...long('U', false, 'unreg'),
    ...long('v', false, 'verbose'),
    ...long('V', false, 'version'),
  ],
};

/** The options of sg_turs 1.46. */
export const SG_TURS_OPTIONS: OptionTable = {
  short: 'd:hln:NOptvV',
  long: [
    ...long('d', true, 'delay'),
    ...long('h', false, 'help'),
    ...long('l', false, 'low'),
    ...long('N', false, 'new'),
    ...long('n', true, 'number', 'num'),
    ...long('O', false, 'old'),
    ...long('p', false, 'progress'),
    ...long('t', false, 'time'),
    ...long('v', false, 'verbose'),
    ...long('V', false, 'version'),
  ],
};

/** The options of sg_inq 1.46 in its own order. `-a` has a letter but no meaning, as there. */
export const SG_INQ_OPTIONS: OptionTable = {
  short: 'aB:cdeEfhHiI:l:Lm:NoOp:rsuvVx',
  long: [
    ...long('B', true, 'block'),
    ...long('c', false, 'cmddt'),
    ...long('d', false, 'descriptors'),
    ...long('u', false, 'export'),
    ...long('x', false, 'extended'),
    ...long('f', false, 'force'),
    ...long('h', false, 'help'),
    ...long('H', false, 'hex'),
    ...long('i', false, 'id'),
    ...long('I', true, 'inhex'),
    ...long('l', true, 'len'),
    ...long('L', false, 'long'),
    ...long('m', true, 'maxlen'),
    ...long('N', false, 'new'),
    ...long('O', false, 'old'),
    ...long('o', false, 'only'),
    ...long('p', true, 'page'),
    ...long('r', false, 'raw'),
    ...long('s', false, 'vendor'),
    ...long('v', false, 'verbose'),
    ...long('V', false, 'version'),
    ...long('e', false, 'vpd'),
  ],
};

const OPTIONS_OF = {
  sg_persist: SG_PERSIST_OPTIONS,
  sg_turs: SG_TURS_OPTIONS,
  sg_inq: SG_INQ_OPTIONS,
} as const;

/** A program of this folder that stands in for one of sg3_utils. */
export type SgTool = keyof typeof OPTIONS_OF;
export const SG_TOOLS: readonly SgTool[] = ['sg_persist', 'sg_turs', 'sg_inq'];

/** The options of a program that have names, in every spelling. */
export function sgToolOptions(tool: SgTool): readonly LongOption[] {
  return OPTIONS_OF[tool].long;
}
