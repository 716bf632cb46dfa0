/** A Linux distribution by name, version and update (`U5` of Red Hat, `SP1` of SUSE). */
export interface Distribution {
  readonly name: 'Red Hat' | 'SLES';
  readonly version: number;
  readonly update: number | undefined;
}

/** Reads `RHEL 4 U5`, `Red Hat 5`, `RHEL 5.2`, `SLES10 SP1`; undefined for any other distribution. */
export function readDistribution(text: string): Distribution | undefined {
  const match =
    /^(rhel|red\s*hat(?:\s+enterprise\s+linux)?|sles|suse linux enterprise server)\s*(\d+)(?:\s*(?:u|update|sp|\.)\s*(\d+))?$/i.exec(
      text.trim(),
    );
  const [, name, version, update] = match ?? [];
  if (name === undefined) return undefined;
  return {
    name: name.toLowerCase().startsWith('r') ? 'Red Hat' : 'SLES',
    version: Number(version),
    update: update === undefined ? undefined : Number(update),
  };
}

/**
 * Compares two versions as rpm does: runs of digits as numbers, from the left. `A.11.18.02`, `3.0.2` and `1.22-3.1` are
 * all of this kind; a missing part counts as 0.
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [numbersOf(one), numbersOf(other)];
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const numbersOf = (version: string): number[] =>
  [...version.matchAll(/\d+/g)].map(([digits]) => Number(digits));

/** The release that brought sglx_vm, the new control script and the new module. */
export const FIRST_RELEASE = 'A.11.18.02';
/** The release that took sglx_vm away again and installs vminfo by itself. */
export const RELEASE_WITHOUT_SGLX_VM = 'A.11.19';

/** From A.11.18.02, or before it, up to the last patch of A.11.18: packages switch reservations on themselves. */
export const hasSglxVm = (release: string): boolean => compareVersions(release, RELEASE_WITHOUT_SGLX_VM) < 0;
