import { placeText, type ClusterConfiguration, type Fact, type Place } from '../configuration/model.js';
import type { LunObservation } from './observation.js';

/** What kind of statement of the paper a rule is. */
export type RuleKind = 'requirement' | 'recommendation' | 'support';

export type FindingStatus = 'pass' | 'warn' | 'fail' | 'not-known';

/** One statement of the paper, and the check that holds a configuration to it. */
export interface Rule {
  /** `rdm.physical-mode`: subject, dot, what is asked. */
  readonly id: string;
  readonly kind: RuleKind;
  /** The statement in our own words. */
  readonly text: string;
  /** Title of the section of the paper. */
  readonly section: Section;
  /** Where else it stands: a second section, or another document. */
  readonly also?: string;
  /** What a configuration must have for the rule to ask anything of it. */
  readonly appliesWhen: string;
  /** Everything that was found; nothing where the rule does not apply. Pure. */
  readonly check: (configuration: ClusterConfiguration, observations: readonly LunObservation[]) => Found[];
}

/** Titles of the paper's sections that a rule comes from, in its order. */
export const SECTIONS = [
  'Executive Summary',
  'Scope',
  'Virtual Machine configuration considerations',
  'Using VMware NIC teaming to avoid Single Points of Failure',
  'Shared storage',
  'Time synchronization on VMware Host',
  'VMware guest tools',
  'Installing vminfo',
  'About sg_persist',
  'Installing sg_persist on Red Hat',
  'Serviceguard on VM guests',
  'Cluster configuration options',
  'Data integrity during package failover',
  'Package parameter for a VM cluster',
  'Migrating legacy packages to a VM cluster',
  'Requirements, Guidelines, and Support Information',
] as const;
export type Section = (typeof SECTIONS)[number];

/** What a check has found in one place. */
export interface Found {
  readonly status: FindingStatus;
  /** Whom it is about, and what was found: `guest1: VMware Tools are running`. */
  readonly found: string;
  readonly at: Place;
  /** What would pass; undefined where it does. */
  readonly expected?: string;
}

export const pass = (at: Place, found: string): Found => ({ status: 'pass', found, at });
export const warn = (at: Place, found: string, expected: string): Found => ({
  status: 'warn',
  found,
  at,
  expected,
});
export const fail = (at: Place, found: string, expected: string): Found => ({
  status: 'fail',
  found,
  at,
  expected,
});
export const notKnown = (at: Place, found: string, expected: string): Found => ({
  status: 'not-known',
  found,
  at,
  expected,
});

/** How a fact about somebody is judged. */
interface Judgement<T> {
  readonly who: { readonly name: string; readonly at: Place };
  readonly fact: Fact<T> | undefined;
  /** What is asked about, where nobody has stated it: `the release of ESX`. */
  readonly what: string;
  readonly good: (value: T) => boolean;
  /** The fact in words. */
  readonly says: (value: T) => string;
  readonly expected: string;
  /** What a broken rule of this kind is. */
  readonly otherwise: 'fail' | 'warn';
}

/** Judges one fact; not known where it is not stated. */
export function judge<T>({ who, fact, what, good, says, expected, otherwise }: Judgement<T>): Found {
  if (fact === undefined) return notKnown(who.at, `${who.name}: ${what} is not stated`, expected);
  const found = `${who.name}: ${says(fact.value)}`;
  return good(fact.value) ? pass(fact.at, found) : { status: otherwise, found, at: fact.at, expected };
}

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** ` (cluster.yaml:3)`: a second place within a text. */
export const seen = (at: Place): string => `(${placeText(at)})`;
