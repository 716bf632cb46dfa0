import type { PackageModel } from './model.js';

/** What a node can hold, or a package takes, by name (CAPACITY_NAME, weight_name). */
export type Amounts = Readonly<Record<string, number>>;

/** The name that counts packages: each weighs 1 where its file says nothing (the ninth edition, p. 130). */
export const PACKAGE_LIMIT = 'package_limit';

type Weighed = Pick<PackageModel, 'weight'>;

/**
 * The capacity of a node that a package would exceed beside those that run there; undefined where there is room. A node
 * has no end of what it does not name, and a package weighs nothing of what it does not name (the ninth edition,
 * pp. 111, 133).
 */
export function exceededCapacity(
  capacity: Amounts | undefined,
  item: Weighed,
  running: readonly Weighed[],
): string | undefined {
  return Object.entries(capacity ?? {}).find(([name, value]) => {
    const used = running.reduce((sum, each) => sum + weightOf(each, name), 0);
    return used + weightOf(item, name) > value;
  })?.[0];
}

function weightOf({ weight }: Weighed, name: string): number {
  return weight?.[name] ?? (name === PACKAGE_LIMIT ? 1 : 0);
}
