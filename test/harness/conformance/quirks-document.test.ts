import { describe, expect, it } from 'vitest';
import { CAUGHT_BY } from '../../../harness/conformance/zoo/caught-by.js';
import { profileNamed, PROFILES, QUIRKS } from '../../../target/index.js';

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The names that a profile has, in its order. */
function namesIn(profile: string): string {
  const { deviations } = profileNamed(profile);
  const names = QUIRKS.filter((quirk) => deviations.includes(quirk)).map(({ name }) => `\`${name}\``);
  return names.length === 0 ? '-' : names.join(', ');
}

// `vitest -u` writes the document anew.
describe('docs/quirks.md', () => {
  it('is what the tables of quirks and profiles say', async () => {
    const document = [
      '# Quirks of real arrays',
      '',
      'Each is a deviation from SPC-4 that an array shipped, or that a report tells of. `fencelab target --quirk NAME` (which may be',
      'repeated; a later one stands before an earlier one) gives it to the emulated array, `--profile NAME` gives it all quirks of',
      'one array, `--list-quirks` lists them; in a configuration file and in the array of a scenario they are `quirks:` and',
      '`profile:`, in a test the option `quirks` of `createTarget`, which also takes a deviation that you make up. A quirk changes',
      'that one decision and nothing else: the emulated array is otherwise as it was, and as fast.',
      '',
      'Each is caught by a case of `fencelab conform`, named in the last column; `npm run zoo` runs the whole suite against every',
      'quirk and shows which cases fail. What the standard can be read to allow is told as a choice in the report, and fails nothing.',
      '',
      '<!-- prettier-ignore-start -->',
      row('name', 'deviation', 'source', 'caught by'),
      row('---', '---', '---', '---'),
      ...QUIRKS.map(({ name, deviation, source, open }) =>
        row(
          `\`${name}\``,
          deviation,
          source,
          `\`${CAUGHT_BY[name] ?? ''}\`${open === true ? ' (told, not failed)' : ''}`,
        ),
      ),
      '',
      '## Profiles',
      '',
      row('profile', 'stands for', 'quirks'),
      row('---', '---', '---'),
      ...PROFILES.map(({ name, describes }) => row(`\`${name}\``, describes, namesIn(name))),
      '<!-- prettier-ignore-end -->',
      '',
      'The profile `spc3` has no REPLACE LOST RESERVATION, and MODE SENSE of others conflicts under Write Exclusive, which its',
      'ALLOW COMMANDS says.',
      '',
    ].join('\n');
    await expect(document).toMatchFileSnapshot('../../../docs/quirks.md');
  });
});
