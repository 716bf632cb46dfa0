import { DISK_RULES } from './disk-rules.js';
import { GUEST_RULES } from './guest-rules.js';
import { HOST_RULES } from './host-rules.js';
import { NETWORK_RULES } from './network-rules.js';
import { PACKAGE_RULES } from './package-rules.js';
import { PLACEMENT_RULES } from './placement-rules.js';
import { SECTIONS, type Rule } from './rule.js';
import { STORAGE_RULES } from './storage-rules.js';

/** Every rule, in the order of the paper's sections. */
export const RULES: readonly Rule[] = [
  ...HOST_RULES,
  ...NETWORK_RULES,
  ...DISK_RULES,
  ...STORAGE_RULES,
  ...GUEST_RULES,
  ...PACKAGE_RULES,
  ...PLACEMENT_RULES,
].toSorted((one, other) => SECTIONS.indexOf(one.section) - SECTIONS.indexOf(other.section));
