import { wrongAt } from './errors.js';
import type { ControlScriptConfiguration, Fact, Place } from './model.js';

/** Reads what a legacy package's control script says about reservations. It is not run. Throws ConfigurationError. */
export function parseControlScript(text: string, file: string): ControlScriptConfiguration {
  const lines = text.split(/\r?\n/).map((line, index) => ({
    value: withoutComment(line).trim(),
    at: { file, line: index + 1 },
  }));
  const functions = functionsOf(lines);
  return {
    file,
    at: { file, line: 1 },
    sglxVm: switchOf(assigned(lines, /^(?:export\s+)?SGLX_VM=(.*)$/).at(-1)),
    functions,
    called: new Set([...functions.keys()].filter((name) => isCalled(name, lines))),
    volumeGroups: assigned(lines, /^VG\[\d+\]=(.*)$/),
    sgPersist: lines.filter(({ value }) => /(^|[\s/;|&(`])sg_persist(\s|$)/.test(value)),
  };
}

/** Is this text a control script rather than a package configuration? */
export const looksLikeControlScript = (text: string): boolean =>
  /^#!/.test(text) || /^\s*(?:export\s+)?SGLX_VM=/m.test(text);

/** A `#` at the beginning of a word begins a comment, unless it is quoted. */
function withoutComment(line: string): string {
  let quote = '';
  for (let place = 0; place < line.length; place++) {
    const character = line.charAt(place);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '#' && /^$|\s/.test(line.charAt(place - 1))) {
      return line.slice(0, place);
    }
  }
  return line;
}

/** Assignments may share a line: `VG[0]=vg1; VG[1]=vg2`. */
function assigned(lines: readonly Fact<string>[], pattern: RegExp): Fact<string>[] {
  return lines.flatMap(({ value: line, at }) =>
    line.split(';').flatMap((part) => {
      const [, value] = pattern.exec(part.trim()) ?? [];
      return value === undefined ? [] : [{ value: value.trim().replace(/^(["'])(.*)\1$/, '$2'), at }];
    }),
  );
}

const DEFINITION = /^(?:function\s+([A-Za-z_]\w*)\s*(?:\(\s*\))?|([A-Za-z_]\w*)\s*\(\s*\))\s*\{?/;

function functionsOf(lines: readonly Fact<string>[]): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const { value, at } of lines) {
    const [, one, other] = DEFINITION.exec(value) ?? [];
    const name = one ?? other;
    if (name !== undefined) found.set(name, at);
  }
  return found;
}

function isCalled(name: string, lines: readonly Fact<string>[]): boolean {
  const call = new RegExp(`(^|[\\s;|&(\`])${name}(\\s|[;)&|]|$)`);
  return lines.some(({ value }) => call.test(value.replace(DEFINITION, '')));
}

function switchOf(fact: Fact<string> | undefined): Fact<boolean> | undefined {
  if (fact === undefined) return undefined;
  // `${SGLX_VM:-"off"}` leaves what the environment has, which is nothing where Serviceguard starts it.
  const value = fact.value.replace(/^\$\{SGLX_VM:?-"?([^"}]*)"?\}$/, '$1').toLowerCase();
  if (value !== 'on' && value !== 'off') {
    throw wrongAt(fact.at, `SGLX_VM is ${fact.value}, expected "on" or "off"`);
  }
  return { value: value === 'on', at: fact.at };
}
