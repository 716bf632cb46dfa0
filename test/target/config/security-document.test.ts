import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfiguration } from '../../../target/config/config-file.js';

it('the example of docs/security.md keeps initiators with LUN maps apart by accounts of their own', () => {
  const document = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');
  const example = /```yaml\n(.*?)```/s.exec(document)?.[1] ?? '';
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-security-'));
  for (const [, file = ''] of example.matchAll(/secret-file: ([\w.]+)/g)) {
    writeFileSync(join(directory, file), `what ${file} says`, { mode: 0o600 });
  }
  const path = join(directory, 'target.yaml');
  const { chap, initiators = [] } = parseConfiguration(example, path, { ARRAY_SECRET: 'of the array' });
  rmSync(directory, { recursive: true });
  expect(chap?.mutual?.user).toBe('array');
  expect(initiators.map(({ luns }) => luns)).toEqual([
    new Map([
      [0, 0],
      [1, 1],
    ]),
    new Map([[0, 1]]),
  ]);
  const accounts = initiators.map((one) => one.chap);
  expect(accounts.map((account) => account?.user)).toEqual(['node1', 'node2']);
  expect(new Set([chap, ...accounts].map((account) => account?.password)).size).toBe(3);
});
