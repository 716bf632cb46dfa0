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
export const Count = Type.Integer({ minimum: 1, maximum: 60, description: 'a whole number from 1 to 60' });
export const oneOf = <const T extends readonly string[]>(...words: T) =>
  Type.Unsafe<T[number]>(
    Type.Enum([...words], { description: `${words.length === 1 ? '' : 'one of '}${words.join(', ')}` }),
  );
export const OnOff = oneOf('on', 'off');
export const Flag = Type.Boolean({ description: 'true or false' });
/** What every list has that must not be empty. */
export const some = (what: string) => ({ minItems: 1, description: `a list of ${what}, at least one` });

/** `70s` or `500ms` in milliseconds. */
export function durationMs(text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  return Number(digits) * (unit === 's' ? 1_000 : 1);
}
