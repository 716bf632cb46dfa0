import { shownText } from '../../source/shown.js';
import type { ControlScriptConfiguration, Fact } from './model.js';
import { readShell, type ShellCommand } from './shell-commands.js';

/** Reads what a legacy package's control script says about reservations. It is not run. */
export function parseControlScript(text: string, file: string): ControlScriptConfiguration {
  const { commands, functions } = readShell(text.replaceAll('\r\n', '\n'), file);
  const called = new Set(commands.map(commandOf));
  const assignments = commands.flatMap(assignmentsOf);
  return {
    file,
    at: { file, line: 1 },
    ...switchOf(assignments.filter(({ name }) => name === 'SGLX_VM')),
    functions,
    called: new Set([...functions.keys()].filter((name) => called.has(name))),
    volumeGroups: assignments
      .filter(({ name }) => /^VG\[\d+\]$/.test(name))
      .map(({ value, at }) => ({ value, at })),
    sgPersist: commands
      .filter((command) => /(^|\/)sg_persist$/.test(commandOf(command) ?? ''))
      .map(({ words, at }) => ({ value: words.join(' '), at })),
  };
}

/** Is this text a control script rather than a package configuration? */
export const looksLikeControlScript = (text: string): boolean =>
  /^#!/.test(text) || /^\s*(?:(?:export|typeset|declare|readonly)\s+)?SGLX_VM=/m.test(text);

const ASSIGNMENT = /^([A-Za-z_]\w*(?:\[\w+\])?)\+?=(.*)$/s;
const DECLARATIONS: readonly string[] = ['typeset', 'declare', 'export', 'local', 'readonly'];

/** What a command runs: the first word behind assignments. */
const commandOf = ({ words }: ShellCommand): string | undefined =>
  words.find((word) => !ASSIGNMENT.test(word));

interface Assignment extends Fact<string> {
  readonly name: string;
  readonly conditional: boolean;
}

function assignmentsOf(command: ShellCommand): Assignment[] {
  const { words, at } = command;
  const runs = commandOf(command);
  const declares = runs === undefined || DECLARATIONS.includes(runs);
  // Before another command it holds for that command alone.
  const conditional = command.conditional || !declares;
  if (runs === 'unset') return words.slice(1).map((name) => ({ name, value: '', at, conditional }));
  const assigning = declares ? words : words.slice(0, words.indexOf(runs));
  return assigning.flatMap((word) => {
    const [, name, value] = ASSIGNMENT.exec(word) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value, at, conditional }];
  });
}

/** On or off where every assignment says the same, and one of them is made for certain; else why it is not known. */
function switchOf(
  assignments: readonly Assignment[],
): Pick<ControlScriptConfiguration, 'sglxVm' | 'sglxVmDoubt'> {
  // `${SGLX_VM:-"off"}` leaves what the environment has, which is nothing where Serviceguard starts it.
  const facts = assignments.map((each) => ({
    ...each,
    value: each.value.replace(/^\$\{SGLX_VM:?-([^}]*)\}$/, '$1'),
  }));
  const last = facts.at(-1);
  if (last === undefined) return { sglxVm: undefined, sglxVmDoubt: undefined };
  const doubt = doubtOf(facts);
  return doubt === undefined
    ? { sglxVm: { value: last.value === 'on', at: last.at }, sglxVmDoubt: undefined }
    : { sglxVm: undefined, sglxVmDoubt: { value: doubt, at: last.at } };
}

function doubtOf(facts: readonly Assignment[]): string | undefined {
  // The shell compares in upper and lower case.
  const strange = facts.find(({ value }) => value !== 'on' && value !== 'off');
  if (strange !== undefined)
    return `is set to "${shownText(strange.value)}" in line ${strange.at.line}, neither on nor off`;
  const lines = (value: string): string =>
    facts.flatMap((fact) => (fact.value === value ? [fact.at.line] : [])).join(', ');
  const [on, off] = [lines('on'), lines('off')];
  if (on !== '' && off !== '') return `is set to on in line ${on} and to off in line ${off}`;
  // Without an assignment it is off, so that only on must be made for certain.
  return on !== '' && facts.every(({ conditional }) => conditional)
    ? `is set to on in line ${on}, which may not run`
    : undefined;
}
