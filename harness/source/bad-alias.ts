import { isAlias, isCollection, isNode, isPair, visit, type Alias, type Document } from 'yaml';
import { shownText } from './shown.js';

/** Why the aliases of a document cannot be followed, and at which one it shows. */
interface BadAlias {
  readonly offset: number;
  readonly problem: string;
}

/**
 * The alias of which a document's values cannot be made: the first that has no anchor or stands within what it stands
 * for, or else the one that stands for most.
 */
export function badAliasOf(document: Document): BadAlias {
  const aliases: Alias[] = [];
  const bad: BadAlias[] = [];
  visit(document, {
    Alias: (_key, alias, path) => {
      const target = alias.resolve(document);
      const problem =
        target === undefined
          ? `there is no anchor for *${shownText(alias.source)}, expected one above it`
          : 'an alias leads back to itself, expected one that does not stand within its own anchor';
      if (target === undefined || path.some((node) => node === target)) {
        bad.push({ offset: offsetOf(alias), problem });
      }
      aliases.push(alias);
    },
  });
  const [first] = bad;
  if (first !== undefined) return first;
  const sizes = new SizeOf(document);
  const [largest] = aliases.toSorted((one, other) => sizes.of(other) - sizes.of(one));
  return {
    offset: largest === undefined ? 0 : offsetOf(largest),
    problem: 'aliases of aliases stand for too many values, expected them written out',
  };
}

const offsetOf = (alias: Alias): number => alias.range?.[0] ?? 0;

/** How many values a node stands for when its aliases are followed. */
class SizeOf {
  readonly #document: Document;
  readonly #known = new Map<unknown, number>();

  constructor(document: Document) {
    this.#document = document;
  }

  of(node: unknown): number {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const size = this.#counted(node);
    this.#known.set(node, size);
    return size;
  }

  #counted(node: unknown): number {
    if (isAlias(node)) return this.of(node.resolve(this.#document));
    if (isPair(node)) return this.of(node.value);
    if (!isNode(node) || !isCollection(node)) return 1;
    return node.items.reduce<number>((sum, item) => sum + this.of(item), 1);
  }
}
