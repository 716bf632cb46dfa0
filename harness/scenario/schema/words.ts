import { Type } from 'typebox';

// Every schema says in `description` what is expected, in the words of an error message.

export const closed = { additionalProperties: false } as const;
export const Name = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,31}$',
  description: 'a name: a letter, then up to 31 letters, digits, dots, hyphens or underscores',
});
export const Duration = Type.String({
  pattern: '^[0-9]+(ms|s)$',
  description: 'a time such as 70s or 500ms',
});
export const Text = Type.String({ minLength: 1, description: 'a text' });
export const COUNT_MAX = 60;
const COUNT_TEXT = `a whole number from 1 to ${COUNT_MAX}`;
const Count = Type.Integer({ minimum: 1, maximum: COUNT_MAX, description: COUNT_TEXT });
/** A count, or a range such as 1-5 from which the seed draws one: a number in the step that is played. */
export const CountOrRange = Type.Unsafe<number>(
  Type.Union([Count, Type.String({ pattern: '^[0-9]+-[0-9]+$' })], {
    description: `${COUNT_TEXT}, or a range of them such as 1-5`,
  }),
);
/** A time, or a range such as 0s-70s from which the seed draws one: a time in the step that is played. */
export const DurationOrRange = Type.String({
  pattern: '^[0-9]+(ms|s)(-[0-9]+(ms|s))?$',
  description: 'a time such as 70s or 500ms, or a range such as 0s-70s',
});
export const Isid = Type.String({
  pattern: '^0x[0-9a-f]{12}$',
  description: 'an ISID such as 0x800000000002, in quotes',
});
export const PathNumber = Type.Integer({ minimum: 1, maximum: 4, description: 'a path from 1' });
export const oneOf = <const T extends readonly string[]>(...words: T) =>
  Type.Unsafe<T[number]>(
    Type.Enum([...words], { description: `${words.length === 1 ? '' : 'one of '}${words.join(', ')}` }),
  );
export const OnOff = oneOf('on', 'off');
export const Flag = Type.Boolean({ description: 'true or false' });
/** What every list has that must not be empty. */
export const some = (what: string) => ({ minItems: 1, description: `a list of ${what}, at least one` });

/** The longest time that a scenario may name: heartbeats are sent in all of it. */
const TIME_MAX_S = 86_400;

/** What is wrong with a text that has the form of a time, or of a range of them; undefined for anything else. */
export function whyTooLong(text: string): string | undefined {
  const times = /^\d+(ms|s)(-\d+(ms|s))?$/.test(text) ? text.split('-') : [];
  const long = times.find((time) => durationMs(time) > TIME_MAX_S * 1_000);
  return long === undefined ? undefined : `${long} is longer than a day, expected at most ${TIME_MAX_S}s`;
}

/** `70s` or `500ms` in milliseconds. */
export function durationMs(text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  return Number(digits) * (unit === 's' ? 1_000 : 1);
}
