import { execFileSync } from 'node:child_process';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../harness/cli/program.js';

/** What `fencelab completion SHELL` prints. */
async function scriptOf(shell: string): Promise<string> {
  let printed = '';
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      printed += chunk.toString();
      done();
    },
  });
  const status = await runCli(['completion', shell], {
    stdout,
    stderr: stdout,
    stdin: process.stdin,
    environment: {},
    stop: () => new AbortController().signal,
  });
  expect(status).toBe(0);
  return printed;
}

/** What bash offers when the last of `words` is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const [program = ''] = words;
  const script = `${await scriptOf('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
complete -p ${program} >/dev/null && $(complete -p ${program} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--noprofile', '--norc', '-c', script], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

describe('fencelab completion', () => {
  it.each([
    [
      ['fencelab', 'co'],
      ['conform', 'completion'],
    ],
    [['fencelab', 'run', '--jso'], ['--json']],
    [
      ['fencelab', 'conform', '--level', ''],
      ['spc3', 'spc4', 'spc5'],
    ],
    [['fencelab', 'target', '--quirk', 'comstar-r'], ['comstar-reset-clears']],
    [
      ['fencelab', 'target', '--profile', 'sp'],
      ['spdk', 'spc3', 'spc4', 'spc5'],
    ],
    [['fencelab', 'completion', 'z'], ['zsh']],
    [['fencelab', 'io', '--json'], []],
    [['fencelab', 'run', 'scen'], []],
    [
      ['sg_persist', '--prout'],
      ['--prout-type', '--prout_type'],
    ],
    [
      ['sg_turs', '--n'],
      ['--new', '--number', '--num'],
    ],
    [
      ['sg_inq', '--ve'],
      ['--vendor', '--verbose', '--version'],
    ],
  ])('bash offers for %j: %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  it('is of bash in zsh too, and says so to its shell', async () => {
    const script = await scriptOf('zsh');
    expect(script).toContain('bashcompinit');
    expect(script.endsWith(await scriptOf('bash'))).toBe(true);
  });

  it('has a line for fish of every option', async () => {
    const lines = (await scriptOf('fish')).split('\n');
    expect(lines).toContain("complete -c fencelab -n '__fish_seen_subcommand_from run' -l junit");
    expect(lines).toContain(
      "complete -c fencelab -n '__fish_seen_subcommand_from conform' -l level -x -a 'spc3 spc4 spc5'",
    );
    expect(lines).toContain('complete -c sg_inq -l inhex -r');
    expect(lines.filter((line) => line !== '' && !line.startsWith('complete -c '))).toEqual([]);
  });
});
