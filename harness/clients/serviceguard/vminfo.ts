import { REFORMATION_WAIT_MS } from './sequences.js';
import type { ServiceguardRelease } from '../../cluster/model.js';

/**
 * What `vminfo -M` tells on a node: the name of its ESX host and the default time-out value ("About vminfo" of the paper).
 * The paper shows no output: the form is ours, and that the time-out is the wait which the release adds for virtual machines
 * is inferred (HP Serviceguard for Linux A.11.18 Release Notes, March 2009, p. 35). `host`: null on a physical node.
 */
export function vminfoText(host: string | null, release: ServiceguardRelease): string {
  if (host === null) return 'vminfo: not a virtual machine';
  return `host=${host}\ntimeout=${REFORMATION_WAIT_MS[release] / 1_000}`;
}
