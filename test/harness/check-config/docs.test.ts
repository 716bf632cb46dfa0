import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../../harness/report/style.js';
import {
  checkConfiguration,
  ClusterSchema,
  findingsTable,
  loadConfiguration,
  RULES,
  type Rule,
} from '../../../harness/index.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const rowOf = ({ id, kind, text, section, also, appliesWhen }: Rule): string =>
  [
    `\`${id}\``,
    kind,
    text,
    also === undefined ? `"${section}"` : `"${section}"; also ${also}`,
    appliesWhen,
  ].join(' | ');

describe('docs/check-config.md', () => {
  const rows = readFileSync(`${ROOT}docs/check-config.md`, 'utf8')
    .split('\n')
    .filter((line) => /^\| `[a-z0-9-]+\.[a-z0-9-]+`/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
        .join(' | '),
    );

  it('has a row for each rule, in its words, and no other', () => {
    expect(rows).toEqual(RULES.map(rowOf));
  });
});

describe('docs/schema/cluster.schema.json', () => {
  it('is the schema that CLUSTER.yaml is held to; `vitest -u` writes it again', async () => {
    const document = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Cluster configuration of fencelab check-config',
      ...ClusterSchema,
    };
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(
      `${ROOT}docs/schema/cluster.schema.json`,
    );
  });
});

describe('README.md', () => {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');

  it('counts the rules', () => {
    expect(readme).toContain(`${RULES.length} requirements, recommendations and support`);
  });

  it('shows lines that check-config prints', () => {
    const [, file = '', shown = ''] =
      /\n\$ fencelab check-config (\S+)\n\.\.\.\n([^`]*)\n```/.exec(readme) ?? [];
    const configuration = loadConfiguration(`${ROOT}${file}`);
    const printed = findingsTable(configuration, checkConfiguration(configuration), PLAIN);
    const lines = shown.split('\n');
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
  });
});
