import { shownText, shownValue } from '../../source/shown.js';
import { wrongAt } from './errors.js';
import type { BusSharing, Fact, Place, ScsiAddress } from './model.js';

/** What a `.vmx` file says about one virtual machine, as far as a rule asks. */
export interface VmxFile {
  readonly file: string;
  readonly displayName: Fact<string> | undefined;
  readonly distribution: Fact<string> | undefined;
  readonly architecture: Fact<string> | undefined;
  readonly timeSync: Fact<boolean>;
  readonly disks: readonly VmxDisk[];
  /** Network of each NIC that is present; the port group, or undefined where none is named. */
  readonly nics: readonly Fact<string | undefined>[];
  /** The display adapter, SCSI controllers, NICs and sound: what takes a place on the PCI bus. */
  readonly pciDevices: Fact<number>;
}

export interface VmxDisk {
  readonly address: ScsiAddress;
  readonly at: Place;
  /** The `.vmdk` as the file names it. */
  readonly fileName: string | undefined;
  readonly busSharing: Fact<BusSharing>;
}

type Entries = ReadonlyMap<string, Fact<string>>;

/**
 * Whether `name` is there. Without an entry it is not: libvirt, which reads and writes such files for ESX, notes "false" as
 * the default of scsiN.present, scsiN:M.present and ethernetN.present (src/vmx/vmx.c).
 */
const isPresent = (entries: Entries, name: string): boolean => isTrue(entries.get(`${name}.present`));

/** Reads `name = "value"` lines. Names are compared in lower case, as VMware does. Throws ConfigurationError. */
export function parseVmx(text: string, file: string): VmxFile {
  const entries = entriesOf(text, file);
  const start: Place = { file, line: 1 };
  const controllers = numbersPresent(entries, /^scsi(\d+)\.present$/);
  const nics = numbersPresent(entries, /^ethernet(\d+)\.present$/);
  const sound = isPresent(entries, 'sound') ? 1 : 0;
  const guestOs = entries.get('guestos');
  const timeSync = entries.get('tools.synctime');
  return {
    file,
    displayName: entries.get('displayname'),
    distribution: guestOs === undefined ? undefined : distributionOf(guestOs),
    architecture: guestOs === undefined ? undefined : architectureOf(guestOs),
    // Without the entry the option is off: the paper tells to add it.
    timeSync: { value: isTrue(timeSync), at: timeSync?.at ?? start },
    disks: disksOf(entries),
    nics: nics.map((number) => {
      const network = entries.get(`ethernet${number}.networkname`);
      return { value: network?.value, at: network?.at ?? start };
    }),
    // One display adapter is in every virtual machine, and no entry names it.
    pciDevices: { value: 1 + controllers.length + nics.length + sound, at: start },
  };
}

function entriesOf(text: string, file: string): Entries {
  const entries = new Map<string, Fact<string>>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = { file, line: index + 1 };
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, quoted, bare] = /^\s*([^\s=]+)\s*=\s*(?:"([^"]*)"|([^\s"]+))\s*$/.exec(line) ?? [];
    const value = quoted ?? bare;
    if (name === undefined || value === undefined) {
      throw wrongAt(at, `found ${shownValue(line.trim())}, expected name = "value"`);
    }
    entries.set(name.toLowerCase(), { value, at });
  }
  return entries;
}

const isTrue = (entry: Fact<string> | undefined): boolean => entry?.value.toLowerCase() === 'true';

function numbersPresent(entries: Entries, pattern: RegExp): number[] {
  return [...entries].flatMap(([name, entry]) => {
    const [, digits] = pattern.exec(name) ?? [];
    return digits !== undefined && isTrue(entry) ? [Number(digits)] : [];
  });
}

function disksOf(entries: Entries): VmxDisk[] {
  return [...entries].flatMap(([name, present]) => {
    const [, controller, unit] = /^scsi(\d+):(\d+)\.present$/.exec(name) ?? [];
    if (controller === undefined || unit === undefined || !isTrue(present)) return [];
    // Behind a controller that is not there nothing is attached.
    if (!isPresent(entries, `scsi${controller}`)) return [];
    const own = `scsi${controller}:${unit}`;
    const deviceType = entries.get(`${own}.devicetype`)?.value.toLowerCase() ?? 'scsi-harddisk';
    if (deviceType.includes('cdrom')) return [];
    return [
      {
        address: { controller: Number(controller), unit: Number(unit) },
        at: present.at,
        fileName: entries.get(`${own}.filename`)?.value,
        busSharing: busSharingOf(entries, `scsi${controller}`, present.at),
      },
    ];
  });
}

/** `sharedBus` of a controller; without the entry nothing is shared. */
function busSharingOf(entries: Entries, controller: string, disk: Place): Fact<BusSharing> {
  const entry = entries.get(`${controller}.sharedbus`);
  if (entry === undefined) return { value: 'none', at: entries.get(`${controller}.present`)?.at ?? disk };
  const value = entry.value.toLowerCase();
  if (value !== 'physical' && value !== 'virtual' && value !== 'none') {
    throw wrongAt(
      entry.at,
      `${controller}.sharedBus is "${shownText(entry.value)}", expected physical, virtual or none`,
    );
  }
  return { value, at: entry.at };
}

/** `rhel5-64` and `sles10` in the words of a distribution. */
function distributionOf({ value, at }: Fact<string>): Fact<string> | undefined {
  const [, name, version] = /^(rhel|sles)(\d+)(?:-64)?$/i.exec(value) ?? [];
  return name === undefined ? undefined : { value: `${name.toUpperCase()} ${version ?? ''}`, at };
}

const architectureOf = ({ value, at }: Fact<string>): Fact<string> => ({
  value: value.endsWith('-64') ? 'x86-64' : 'x86',
  at,
});
