/** The part of buffer-layout 1.2 that protocol/layout.ts uses; the package has no types of its own. */
declare module 'buffer-layout' {
  export class Layout {
    constructor(spanBytes: number, property?: string);
    readonly span: number;
    readonly property: string | undefined;
    decode(bytes: Buffer, offset?: number): unknown;
    encode(value: unknown, bytes: Buffer, offset?: number): number;
    replicate(property: string): this;
  }
  export class Structure extends Layout {
    offsetOf(property: string): number | undefined;
  }
  export class BitStructure extends Layout {
    addField(widthBits: number, property: string): unknown;
  }
  export function u8(property?: string): Layout;
  export function u16be(property?: string): Layout;
  export function u24be(property?: string): Layout;
  export function u32be(property?: string): Layout;
  export function blob(lengthBytes: number, property?: string): Layout;
  export function bits(word: Layout, mostSignificantFirst: boolean, property?: string): BitStructure;
  export function struct(fields: readonly Layout[], property?: string): Structure;
}
