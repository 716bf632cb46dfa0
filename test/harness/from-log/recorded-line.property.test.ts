import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandInLine } from '../../../harness/from-log/logged-command.js';
import { recordLine } from '../../../initiator/sg_persist/record-line.js';

/** What a shell gives a meaning to, and what the lines of a log are told apart by, more often than by chance. */
const awkward = fc.constantFrom(
  "'",
  '"',
  '\\',
  '$',
  '`',
  ' ',
  '\n',
  '\r',
  '->',
  ' -> 0',
  'sg_persist -n',
  '#',
  ';',
  '\u007f',
);
const argument = fc
  .array(fc.oneof(awkward, fc.string({ maxLength: 4 })), { maxLength: 5 })
  .map((parts) => parts.join(''));
const at = new Date('2026-11-21T05:00:00.123Z');

it('reads the arguments of a recorded line back as they were, whatever they are', () => {
  fc.assert(
    fc.property(
      fc.array(argument, { maxLength: 4 }),
      fc.integer({ min: 0, max: 99 }),
      (words, exitStatus) => {
        // Left alone: a file of TransportIDs and a password, of which a log has nothing.
        const args = words.filter((word) => !/X|iscsi|--t/i.test(word));
        const line = recordLine({ at, host: 'node1', args, exitStatus });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(commandInLine(line.slice(0, -1), 'node1.log:1')).toMatchObject({
          args,
          recordedExitStatus: exitStatus,
        });
      },
    ),
  );
});
