/** AUTO_RUN and node switching as `cmmodpkg` has left them: all is enabled at first. */
export class PackageSwitching {
  readonly #disabled = new Set<string>();

  /** `node`: undefined for the package as a whole. */
  set(packageName: string, node: string | undefined, enabled: boolean): void {
    const key = switchKey(packageName, node);
    if (enabled) this.#disabled.delete(key);
    else this.#disabled.add(key);
  }

  isOn(packageName: string, node?: string): boolean {
    return !this.#disabled.has(switchKey(packageName, node));
  }
}

const switchKey = (packageName: string, node: string | undefined): string => `${packageName} ${node ?? ''}`;
