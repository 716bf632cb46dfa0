import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint, Linter } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => statSync(join(root, name)).isFile());
}

const sources = ['protocol', 'target', 'initiator', 'harness']
  .flatMap(filesUnder)
  .filter((name) => name.endsWith('.ts'));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

describe('the source is tidy', () => {
  it('holds one idea a file: under 400 lines, tables exempt', () => {
    const exempt = /table|additional-sense|protocol.iscsi.pdu/;
    const long = sources
      .filter((name) => !exempt.test(name))
      .map((name) => ({ name, lines: read(name).split('\n').length }))
      .filter((file) => file.lines > 400);
    expect(long).toEqual([]);
  });

  it('leaves nothing for later', () => {
    expect(sources.filter((name) => /\b(TODO|FIXME|XXX|HACK)\b/.test(read(name)))).toEqual([]);
  });

  it('compares 32-bit serial numbers only through the RFC 1982 helpers', () => {
    const comparison = /\b(cmdSn|statSn|expCmdSn|maxCmdSn|expStatSn)\b\s*(<|>|<=|>=)\s*[a-z]/i;
    expect(sources.filter((name) => comparison.test(read(name)))).toEqual([]);
  });

  it('has every file reached by an import or named as a program', () => {
    const imported = new Set<string>();
    const text = sources.map(read).join('\n');
    const isStartedAsProgram = (name: string): boolean =>
      text.includes(`'${basename(name).replace(/\.ts$/, '.js')}'`);
    for (const name of sources) {
      for (const match of read(name).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
        const target = join(name, '..', match[1] ?? '').replace(/\.js$/, '.ts');
        imported.add(relative(root, join(root, target)));
      }
    }
    const named = read('package.json');
    const dead = sources.filter(
      (name) =>
        !name.endsWith('.d.ts') &&
        !imported.has(name) &&
        !isStartedAsProgram(name) &&
        !named.includes(name.replace(/\.ts$/, '')),
    );
    expect(dead).toEqual([]);
  });

  it('locks packages without the address of a registry', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
  });
});

describe('imports point one way', () => {
  const forbidden: readonly (readonly [file: string, specifier: string])[] = [
    ['protocol/x.ts', '../target/index.js'],
    ['protocol/x.ts', '../harness/index.js'],
    ['protocol/iscsi/x.ts', 'node:net'],
    ['target/x.ts', '../initiator/index.js'],
    ['target/iscsi/x.ts', '../../harness/index.js'],
    ['target/iscsi/x.ts', '../../protocol/scsi/sense.js'],
    ['target/reservations/x.ts', 'node:fs'],
    ['target/reservations/x.ts', '../../initiator/index.js'],
    ['target/commands/x.ts', 'node:timers'],
    ['initiator/x.ts', '../target/index.js'],
    ['initiator/x.ts', '../protocol/layout.js'],
    ['harness/x.ts', '../target/iscsi/listener.js'],
    ['harness/oracle/x.ts', 'node:net'],
    ['harness/from-log/x.ts', 'node:fs'],
    ['harness/cluster/x.ts', '../../target/reservations/machine.js'],
  ];
  const allowed: readonly (readonly [file: string, specifier: string])[] = [
    ['target/iscsi/x.ts', '../../protocol/index.js'],
    ['initiator/x.ts', '../protocol/index.js'],
    ['harness/x.ts', '../target/index.js'],
    ['harness/x.ts', '../initiator/index.js'],
    ['target/iscsi/x.ts', 'node:net'],
  ];

  async function complaints(file: string, specifier: string): Promise<number> {
    const config = (await new ESLint({ cwd: root }).calculateConfigForFile(join(root, file))) as {
      rules: Record<string, Linter.RuleEntry>;
    };
    const rule = config.rules['no-restricted-imports'];
    if (rule === undefined) return 0;
    return new Linter().verify(`import '${specifier}';`, { rules: { 'no-restricted-imports': rule } }).length;
  }

  it.each(forbidden)('%s must not import %s', async (file, specifier) => {
    expect(await complaints(file, specifier)).toBe(1);
  });

  it.each(allowed)('%s may import %s', async (file, specifier) => {
    expect(await complaints(file, specifier)).toBe(0);
  });
});
