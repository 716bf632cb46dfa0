import { createRequire } from 'node:module';
import type bufferLayout from 'buffer-layout';

/**
 * Every wire layout of the project is declared here-by: one typed wrapper around `buffer-layout`.
 *
 * What the wrapper adds: types derived from the declaration; 64- and 48-bit fields as `bigint` (the library's own
 * lose bits); a length check on byte fields; padding that is really zero; and the place of a field, byte and bit,
 * for field pointers in sense data.
 */
export interface Layout<T extends object> {
  /** What the layout describes, as the standard calls it. */
  readonly name: string;
  readonly lengthBytes: number;
  /** Every field in wire order, reserved ones left out. */
  readonly fields: readonly FieldPlace[];
  /** Reads a value at `offset`. Throws RangeError where fewer than `lengthBytes` are there. */
  decode(bytes: Uint8Array, offset?: number): T;
  /** Writes `value` at `offset`; fields that are left out and reserved ones become zero. Throws RangeError. */
  encode(value: Partial<T>, bytes: Uint8Array, offset?: number): void;
  /** A new buffer of `lengthBytes` that holds `value`. */
  toBytes(value: Partial<T>): Uint8Array;
  /** Byte offset of a field from the start of the layout. */
  offsetOf(field: keyof T & string): number;
  /** Where a field lies. */
  placeOf(field: keyof T & string): FieldPlace;
}

export interface FieldPlace {
  readonly name: string;
  /** Byte offset from the start of the layout. */
  readonly byte: number;
  readonly lengthBytes: number;
  /** For a field within a byte or word: its most significant bit (as in a BIT POINTER), else undefined. */
  readonly bit: number | undefined;
  readonly widthBits: number;
}

/** One field, or several bit fields that share a byte or word. `T` is what it adds to the decoded value. */
export interface Field<T extends object> {
  readonly parts: readonly { readonly name: string; readonly widthBits: number; readonly inWord: boolean }[];
  readonly lengthBytes: number;
  /**
   * Makes the library's part for it when the layout is first used: a program declares many and uses few. The library has
   * no types that a strict user could check, so none is named here.
   */
  readonly make: () => unknown;
  /** Only carries the type. */
  readonly value?: T;
}

type BufferLayout = typeof import('buffer-layout');
/** Required: an import would have its source analysed for names first, a third of the start of a small program. */
const library = createRequire(import.meta.url)('buffer-layout') as BufferLayout;

class UnsignedBigInt extends library.Layout {
  override decode(bytes: Buffer, offset = 0): bigint {
    let value = 0n;
    for (let i = 0; i < this.span; i++) value = (value << 8n) | BigInt(bytes.readUInt8(offset + i));
    return value;
  }

  override encode(value: unknown, bytes: Buffer, offset = 0): number {
    if (typeof value !== 'bigint' || BigInt.asUintN(this.span * 8, value) !== value) {
      throw new RangeError(`${this.property ?? 'field'}: expected a bigint of ${this.span * 8} bits`);
    }
    for (let i = 0; i < this.span; i++) {
      bytes[offset + i] = Number((value >> BigInt(8 * (this.span - 1 - i))) & 0xffn);
    }
    return this.span;
  }
}

class FixedBytes extends library.Layout {
  override decode(bytes: Buffer, offset = 0): Uint8Array {
    return new Uint8Array(bytes.subarray(offset, offset + this.span));
  }

  override encode(value: unknown, bytes: Buffer, offset = 0): number {
    if (!(value instanceof Uint8Array) || value.length !== this.span) {
      throw new RangeError(`${this.property ?? 'field'}: expected ${this.span} bytes`);
    }
    bytes.set(value, offset);
    return this.span;
  }
}

class PaddedText extends library.Layout {
  override decode(bytes: Buffer, offset = 0): string {
    return bytes.toString('latin1', offset, offset + this.span);
  }

  override encode(value: unknown, bytes: Buffer, offset = 0): number {
    if (typeof value !== 'string' || value.length > this.span) {
      throw new RangeError(`${this.property ?? 'field'}: expected text of at most ${this.span} characters`);
    }
    bytes.write(value.padEnd(this.span, ' '), offset, 'latin1');
    return this.span;
  }
}

function single<N extends string, V>(
  name: N,
  lengthBytes: number,
  make: () => bufferLayout.Layout,
): Field<Record<N, V>> {
  return { parts: [{ name, widthBits: lengthBytes * 8, inWord: false }], lengthBytes, make };
}

export const u8 = <N extends string>(name: N): Field<Record<N, number>> =>
  single(name, 1, () => library.u8(name));
export const u16be = <N extends string>(name: N): Field<Record<N, number>> =>
  single(name, 2, () => library.u16be(name));
export const u24be = <N extends string>(name: N): Field<Record<N, number>> =>
  single(name, 3, () => library.u24be(name));
export const u32be = <N extends string>(name: N): Field<Record<N, number>> =>
  single(name, 4, () => library.u32be(name));
export const u48be = <N extends string>(name: N): Field<Record<N, bigint>> =>
  single(name, 6, () => new UnsignedBigInt(6, name));
export const u64be = <N extends string>(name: N): Field<Record<N, bigint>> =>
  single(name, 8, () => new UnsignedBigInt(8, name));
/** A fixed run of bytes. */
export const bytes = <N extends string>(name: N, lengthBytes: number): Field<Record<N, Uint8Array>> =>
  single(name, lengthBytes, () => new FixedBytes(lengthBytes, name));
/** Left-aligned ASCII, padded with spaces (SPC-4 4.4.1); decoded with its padding. */
export const ascii = <N extends string>(name: N, lengthBytes: number): Field<Record<N, string>> =>
  single(name, lengthBytes, () => new PaddedText(lengthBytes, name));
/** Reserved or obsolete bytes: zero when encoded, left out when decoded. */
export const reserved = (lengthBytes: number): Field<object> => ({
  parts: [],
  lengthBytes,
  make: () => library.blob(lengthBytes),
});

/** Names that begin with `reserved` hold a place and do not appear in the value. */
type BitValues<B extends Readonly<Record<string, number>>> = {
  [K in keyof B as K extends `reserved${string}` ? never : K]: number;
};

/**
 * Bit fields of one byte, two or four, most significant first, as the standards print them:
 * `bits({ reserved7: 1, immediate: 1, opcode: 6 })`. Widths must add up to 8, 16 or 32.
 */
export function bits<const B extends Readonly<Record<string, number>>>(widths: B): Field<BitValues<B>> {
  const parts = Object.entries(widths).map(([name, widthBits]) => ({ name, widthBits, inWord: true }));
  const total = parts.reduce((sum, part) => sum + part.widthBits, 0);
  if (total !== 8 && total !== 16 && total !== 32) {
    throw new RangeError(`bit fields add up to ${total}, expected 8, 16 or 32`);
  }
  const make = (): bufferLayout.Layout => {
    const word = total === 8 ? library.u8() : total === 16 ? library.u16be() : library.u32be();
    const layout = library.bits(word, true);
    for (const part of parts) layout.addField(part.widthBits, part.name);
    return layout;
  };
  return { parts, lengthBytes: total / 8, make };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the usual way to turn a union into an intersection
type Intersection<U> = (U extends any ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;
type ValueOf<F extends readonly Field<object>[]> =
  Intersection<{ [I in keyof F]: F[I] extends Field<infer T> ? T : never }[number]> extends infer V
    ? { [K in keyof V]: V[K] }
    : never;

/** Declares a layout: `layout('Basic header segment', bits({...}), u24be('dataSegmentLength'), ...)`. */
export function layout<const F extends readonly Field<object>[]>(
  name: string,
  ...fields: F
): Layout<ValueOf<F> & object> {
  return new DeclaredLayout<ValueOf<F> & object>(name, fields);
}

/** The decoded type of a declared layout. */
export type LayoutValue<L> = L extends Layout<infer T> ? T : never;

const isInWord = (field: Field<object>): boolean => field.parts[0]?.inWord ?? false;
/** Property of a group of bit fields in the library's structure. */
const groupName = (byte: number): string => `bits@${byte}`;

class DeclaredLayout<T extends object> implements Layout<T> {
  readonly name: string;
  readonly lengthBytes: number;
  readonly fields: readonly FieldPlace[];
  readonly #declared: readonly Field<object>[];
  #structure: bufferLayout.Structure | undefined;
  readonly #places: ReadonlyMap<string, FieldPlace>;
  /** Property of a group of bit fields -> the names in it. */
  readonly #groups: ReadonlyMap<string, readonly string[]>;

  constructor(name: string, fields: readonly Field<object>[]) {
    const places: FieldPlace[] = [];
    const groups = new Map<string, string[]>();
    let byte = 0;
    for (const field of fields) {
      const { lengthBytes } = field;
      let bit = lengthBytes * 8 - 1;
      const visible: string[] = [];
      for (const part of field.parts) {
        if (!part.name.startsWith('reserved')) {
          visible.push(part.name);
          places.push({
            name: part.name,
            byte: part.inWord ? byte + lengthBytes - 1 - Math.floor(bit / 8) : byte,
            lengthBytes: part.inWord ? Math.ceil(part.widthBits / 8) : lengthBytes,
            bit: part.inWord ? bit % 8 : undefined,
            widthBits: part.widthBits,
          });
        }
        bit -= part.widthBits;
      }
      if (isInWord(field)) groups.set(groupName(byte), visible);
      byte += lengthBytes;
    }
    this.name = name;
    this.lengthBytes = byte;
    this.fields = places;
    this.#declared = fields;
    this.#places = new Map(places.map((place) => [place.name, place]));
    this.#groups = groups;
    if (this.#places.size !== places.length) throw new RangeError(`${name}: a field is declared twice`);
  }

  #use(): bufferLayout.Structure {
    if (this.#structure === undefined) {
      let byte = 0;
      const parts = this.#declared.map((field) => {
        const part = field.make() as bufferLayout.Layout;
        const named = isInWord(field) ? part.replicate(groupName(byte)) : part;
        byte += field.lengthBytes;
        return named;
      });
      this.#structure = library.struct(parts);
    }
    return this.#structure;
  }

  decode(source: Uint8Array, offset = 0): T {
    const decoded = this.#use().decode(this.#window(source, offset)) as Record<string, unknown>;
    const value: Record<string, unknown> = {};
    for (const place of this.fields) value[place.name] = decoded[place.name];
    for (const [property, names] of this.#groups) {
      const group = decoded[property] as Record<string, number>;
      for (const bitName of names) value[bitName] = group[bitName];
    }
    return value as T;
  }

  encode(value: Partial<T>, target: Uint8Array, offset = 0): void {
    const window = this.#window(target, offset).fill(0);
    const given: Record<string, unknown> = { ...value };
    for (const [property, names] of this.#groups) {
      const group: Record<string, unknown> = {};
      for (const bitName of names) {
        const bitValue = given[bitName] ?? 0;
        const width = this.#places.get(bitName)?.widthBits ?? 0;
        if (typeof bitValue !== 'number' || bitValue < 0 || bitValue >= 2 ** width) {
          throw new RangeError(
            `${this.name}, ${bitName}: ${JSON.stringify(bitValue)} does not fit into ${width} bits`,
          );
        }
        group[bitName] = bitValue;
      }
      given[property] = group;
    }
    this.#use().encode(given, window);
  }

  toBytes(value: Partial<T>): Uint8Array {
    const target = new Uint8Array(this.lengthBytes);
    this.encode(value, target);
    return target;
  }

  offsetOf(field: keyof T & string): number {
    return this.placeOf(field).byte;
  }

  placeOf(field: keyof T & string): FieldPlace {
    const place = this.#places.get(field);
    if (place === undefined) throw new RangeError(`${this.name} has no field ${field}`);
    return place;
  }

  #window(source: Uint8Array, offset: number): Buffer {
    if (source.length - offset < this.lengthBytes) {
      throw new RangeError(
        `${this.name}: ${Math.max(0, source.length - offset)} bytes where ${this.lengthBytes} are needed`,
      );
    }
    return Buffer.from(source.buffer, source.byteOffset + offset, this.lengthBytes);
  }
}
