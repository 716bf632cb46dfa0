/** An array that nobody here wrote, as every report names it. */
export interface ArrayDescription {
  /** As INQUIRY gives them. */
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** The LUNs of scenarios in their order, without credentials; behind command lines the ways to them, as they were given. */
  readonly urls: readonly string[];
  /** `host:port` of each path; none behind command lines. */
  readonly portals: readonly string[];
  /** What it was asked for before the run and did not do, a sentence each. */
  readonly lacks: readonly string[];
}

/** `IET VIRTUAL-DISK 0001`. */
export function arrayName({ vendor, product, revision }: ArrayDescription): string {
  return [vendor, product, revision].filter((word) => word !== '').join(' ');
}
