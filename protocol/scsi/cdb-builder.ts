import type { Layout } from '../layout.js';

/** A builder takes the fields of its layout; those left out are zero. */
export function builder<T extends object>(
  of: Layout<T>,
  fixed: { readonly operationCode: number; readonly serviceAction?: number },
): (fields?: Omit<Partial<T>, keyof typeof fixed>) => Uint8Array {
  return (fields) => of.toBytes({ ...fields, ...fixed } as unknown as Partial<T>);
}
