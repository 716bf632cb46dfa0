import { wrongAt } from './errors.js';
import type { DiskMapping, Fact } from './model.js';

/** What a disk descriptor's createType means. VMFS has two kinds of raw device mapping; any other is a disk in a file. */
const RAW_DEVICE_MAPPINGS: Readonly<Record<string, DiskMapping>> = {
  vmfspassthroughrawdevicemap: 'physical-rdm',
  vmfsrawdevicemap: 'virtual-rdm',
};

/** The mapping that a `.vmdk` descriptor makes. Throws ConfigurationError where it is none. */
export function parseVmdk(text: string, file: string): Fact<DiskMapping> {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, createType] = /^\s*createType\s*=\s*"([^"]*)"\s*$/i.exec(line) ?? [];
    if (createType === undefined) continue;
    return { value: RAW_DEVICE_MAPPINGS[createType.toLowerCase()] ?? 'file', at: { file, line: index + 1 } };
  }
  throw wrongAt({ file, line: 1 }, 'there is no createType, expected a disk descriptor');
}
