import type { Command } from 'commander';
import { COMPLETION_SHELLS, type CompletionShell } from './completion-shells.js';
import { SG_TOOLS, sgToolOptions, type SgTool } from '../../initiator/index.js';
import { PROFILES, QUIRKS } from '../../target/index.js';

/** What may follow a program's name: subcommands by name, '' for the program itself. */
interface Words {
  readonly subcommands: readonly string[];
  /** Options by subcommand. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** What an option takes, where that is one of few. */
  readonly choices: readonly { readonly option: string; readonly values: readonly string[] }[];
}

/** The words of `fencelab`, read from its commands. */
function wordsOf(program: Command): Words {
  const shown = program.commands.map((command) => [command.name(), command] as const);
  const commands = [['', program] as const, ...shown];
  return {
    subcommands: [...shown.map(([name]) => name), 'help'],
    options: new Map(
      commands.map(([name, command]) => [
        name,
        [...command.options.flatMap(({ long }) => long ?? []), '--help'],
      ]),
    ),
    choices: [
      ...shown.flatMap(([, command]) =>
        command.options.flatMap(({ long, argChoices }) =>
          long == null || argChoices === undefined ? [] : [{ option: long, values: argChoices }],
        ),
      ),
      // No choices of commander's: its help would print all of them.
      { option: '--quirk', values: QUIRKS.map(({ name }) => name) },
      { option: '--profile', values: PROFILES.map(({ name }) => name) },
    ],
  };
}

/** A script that a shell evaluates: `source <(fencelab completion bash)`. */
export function completionScript(program: Command, shell: CompletionShell): string {
  const words = wordsOf(program);
  switch (shell) {
    case 'bash':
      return bash(words);
    case 'zsh':
      // zsh understands completions of bash, file names after them included.
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
    case 'fish':
      return fish(words);
  }
}

function bash({ subcommands, options, choices }: Words): string {
  const byCommand = [...options].map(
    ([name, words]) => `    ${name === '' ? "''" : name}) words='${words.join(' ')}' ;;`,
  );
  const byOption = choices.map(
    ({ option, values }) =>
      `    ${option}) COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$word")); return ;;`,
  );
  return `_fencelab() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' words=''
  [ "$COMP_CWORD" -gt 1 ] && command=\${COMP_WORDS[1]}
  case $previous in
${byOption.join('\n')}
    completion) COMPREPLY=($(compgen -W '${COMPLETION_SHELLS.join(' ')}' -- "$word")); return ;;
  esac
  case $command in
${byCommand.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="$words ${subcommands.join(' ')}"; fi
  if [[ $word == -* || $COMP_CWORD -eq 1 ]]; then COMPREPLY=($(compgen -W "$words" -- "$word")); fi
}
complete -o default -F _fencelab fencelab
${SG_TOOLS.map(bashTool).join('')}`;
}

function bashTool(tool: SgTool): string {
  const options = sgToolOptions(tool).map(({ name }) => `--${name}`);
  return `_fencelab_${tool}() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '${options.join(' ')}' -- "$word")); fi
}
complete -o default -F _fencelab_${tool} ${tool}
`;
}

function fish({ subcommands, options, choices }: Words): string {
  const quiet = (names: readonly string[]): string[] =>
    names.map((name) => `complete -c fencelab -n __fish_use_subcommand -f -a ${name}`);
  const long = [...options].flatMap(([name, words]) =>
    words.map((option) => {
      const where = name === '' ? '__fish_use_subcommand' : `'__fish_seen_subcommand_from ${name}'`;
      const values = choices.find((choice) => choice.option === option)?.values;
      const argument = values === undefined ? '' : ` -x -a '${values.join(' ')}'`;
      return `complete -c fencelab -n ${where} -l ${option.slice(2)}${argument}`;
    }),
  );
  const shells = `complete -c fencelab -n '__fish_seen_subcommand_from completion' -f -a '${COMPLETION_SHELLS.join(' ')}'`;
  const tools = SG_TOOLS.flatMap((tool) =>
    sgToolOptions(tool).map(
      ({ name, takesArgument }) => `complete -c ${tool} -l ${name}${takesArgument ? ' -r' : ''}`,
    ),
  );
  return `${[...quiet(subcommands), ...long, shells, ...tools].join('\n')}\n`;
}
