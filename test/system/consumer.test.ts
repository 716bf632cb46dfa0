import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A strict project of somebody else's, with this package among its modules. */
function consumer(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fencelab-consumer-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const installed = join(folder, 'node_modules', 'fencelab');
  mkdirSync(installed, { recursive: true });
  for (const part of ['package.json', 'dist', 'fixtures'])
    symlinkSync(join(ROOT, part), join(installed, part));
  symlinkSync(join(ROOT, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'program.ts'), source);
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  return folder;
}

describe('a strict project that checks the types of its libraries', () => {
  it('compiles against every entry point, and is told of a mistake', { timeout: 120_000 }, () => {
    const folder = consumer(`
      import { encodeReportLuns, type LogicalUnitPath } from 'fencelab/protocol';
      import { createTarget } from 'fencelab/target';
      import { openDevice } from 'fencelab/initiator';
      import { loadScenario, runScenario } from 'fencelab/harness';

      const target = await createTarget({
        iqn: 'iqn.2026-11.org.example:array',
        portals: [{ host: '127.0.0.1', port: 0 }],
        logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
      });
      const path: LogicalUnitPath = await openDevice(target.urlOf(0), { readOnly: true });
      await path.close();
      await target.close();
      const result = await runScenario(await loadScenario('x.yaml'), { runtime: 'memory' });
      // @ts-expect-error -- an iqn is no number
      await createTarget({ iqn: 1, portals: [], logicalUnits: [] });
      console.log(result.verdict.verdict, encodeReportLuns([0]).length);
    `);
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
