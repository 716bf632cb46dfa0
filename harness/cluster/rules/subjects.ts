import {
  isGuest,
  type ClusterConfiguration,
  type HostConfiguration,
  type NodeConfiguration,
} from '../configuration/model.js';
import type { Found } from './rule.js';

/** A check of one subject; what it finds may be one thing or several. */
type CheckOf<Subject> = (subject: Subject, configuration: ClusterConfiguration) => Found | readonly Found[];
type CheckOfAll = (configuration: ClusterConfiguration) => Found[];

export const guestsOn = (configuration: ClusterConfiguration, host: HostConfiguration): NodeConfiguration[] =>
  configuration.nodes.filter((node) => node.host?.value === host.name);

/** Every ESX host that carries at least one node; the others are no affair of the clusters. */
export const eachHost =
  (check: CheckOf<HostConfiguration>): CheckOfAll =>
  (configuration) =>
    configuration.hosts
      .filter((host) => guestsOn(configuration, host).length > 0)
      .flatMap((host) => check(host, configuration));

export const eachGuest =
  (check: CheckOf<NodeConfiguration>): CheckOfAll =>
  (configuration) =>
    configuration.nodes.filter(isGuest).flatMap((node) => check(node, configuration));
