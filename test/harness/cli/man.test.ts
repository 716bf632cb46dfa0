import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fencelab } from '../../../harness/cli/program.js';
import { SG_TOOLS, sgToolOptions } from '../../../initiator/index.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly man: readonly string[];
};
const pages = readdirSync(`${root}/man`).map((name) => `./man/${name}`);
/** A page as a terminal would show it, but without its layout. */
const textOf = (page: string): string =>
  readFileSync(`${root}/${page}`, 'utf8')
    .replaceAll('\\-', '-')
    .replaceAll(/\\f[BIR]/g, '');
const pageOf = (program: string): string => textOf(pages.find((page) => page.includes(`/${program}.`)) ?? '');

const hasGroff = spawnSync('groff', ['--version']).status === 0;

describe('the manual pages', () => {
  it('are there for every program, and installed with the package', () => {
    const programs = pages.map((page) => /\/(\w+)\.[18]$/.exec(page)?.[1]);
    expect(programs.sort()).toEqual(Object.keys(manifest.bin).sort());
    expect([...manifest.man].sort()).toEqual([...pages].sort());
  });

  it.each(
    fencelab(
      () => undefined,
      () => Promise.resolve(),
    ).commands.map((command) => [command.name(), command] as const),
  )('have every option and argument of fencelab %s', (name, command) => {
    const section =
      pageOf('fencelab')
        .split(/^\.S[SH] /m)
        .find((one) => one.startsWith(`fencelab ${name} `)) ?? '';
    expect(section).toContain(command.description());
    expect(
      command.options.map(({ flags }) => flags).filter((flags) => !section.includes(`\n${flags}\n`)),
    ).toEqual([]);
    expect(
      command.registeredArguments.map((one) => one.name()).filter((one) => !section.includes(one)),
    ).toEqual([]);
  });

  it.each(SG_TOOLS)('have every option of %s', (tool) => {
    const page = pageOf(tool);
    const missing = sgToolOptions(tool).filter(
      ({ name }) => !page.includes(`--${name.replaceAll('_', '-')}`),
    );
    expect(missing).toEqual([]);
  });

  it.skipIf(!hasGroff).each(pages)('are read by groff without a warning: %s', (page) => {
    const line = `groff -man -Tutf8 -ww '${root}/${page}' 2>&1 >/dev/null`;
    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe('');
  });
});
