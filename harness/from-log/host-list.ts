/** Names that a list of hosts stands for, or why that cannot be told from it. */
export type HostNames = { readonly names: readonly string[] } | { readonly problem: string };

/** More are no cluster whose logs somebody gives one by one. */
const HOSTS_MAX = 256;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** `1-3`, `05`: what stands between commas in brackets. */
const RANGE = /^(\d{1,9})(?:-(\d{1,9}))?$/;

/**
 * Reads a list as pdsh and clush take it behind `-w`: `node1,node2`, `node[1-3,7]`, `root@node1`, `ssh:node1`. Groups,
 * files, regular expressions and differences name no hosts, and are a problem.
 */
export function hostsOfList(list: string): HostNames {
  const names: string[] = [];
  for (const item of list.split(/,(?![^[]*\])/)) {
    const name = item.replace(/^[a-z0-9]+:/, '').replace(/^[^@[]+@/, '');
    const expanded = expand(name);
    if (expanded === undefined) return { problem: 'is no list of names' };
    names.push(...expanded);
    if (names.length > HOSTS_MAX) return { problem: `is more than ${HOSTS_MAX} nodes` };
  }
  return { names };
}

/** Undefined where it is no name; more than HOSTS_MAX where there would be more. */
function expand(name: string): readonly string[] | undefined {
  const [, head, ranges, tail] = /^([^[\]]*)\[([^[\]]*)\](.*)$/.exec(name) ?? [];
  if (head === undefined || ranges === undefined || tail === undefined) {
    return NAME.test(name) ? [name] : undefined;
  }
  const numbers = numbersOf(ranges);
  const tails = tail === '' ? [''] : expand(`0${tail}`)?.map((text) => text.slice(1));
  if (numbers === undefined || tails === undefined) return undefined;
  const all = numbers.flatMap((number) => tails.map((text) => `${head}${number}${text}`));
  return all.every((text) => NAME.test(text)) ? all.slice(0, HOSTS_MAX + 1) : undefined;
}

/** `08-10` is 08, 09, 10: the zeros of the first stay. */
function numbersOf(ranges: string): readonly string[] | undefined {
  const numbers: string[] = [];
  for (const range of ranges.split(',')) {
    const [, first, last = first] = RANGE.exec(range) ?? [];
    if (first === undefined || last === undefined || Number(last) < Number(first)) return undefined;
    const count = Math.min(Number(last) - Number(first), HOSTS_MAX) + 1;
    for (let index = 0; index < count; index += 1) {
      numbers.push(String(Number(first) + index).padStart(first.length, '0'));
    }
  }
  return numbers;
}
