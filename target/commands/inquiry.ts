import {
  encodeDeviceIdentification,
  encodeModePagesShared,
  encodeScsiPorts,
  encodeStandardInquiry,
  encodeThirdPartyCopy,
  encodeVpdPage,
  extendedInquiryLayout,
  inquiryCdbLayout,
  invalidFieldInCdb,
  VERSION_DESCRIPTOR,
  VPD_PAGE,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import { blockDeviceCharacteristics, blockLimits, logicalBlockProvisioning } from './block-vpd.js';
import type { CommandUnit, Verdict } from './command.js';
import { answerWith } from './data-in.js';
import type { UnitDescription } from './unit-description.js';

/** INQUIRY (SPC-4 6.6). */
export function inquiry(task: Task, { description }: CommandUnit): Verdict {
  const cdb = inquiryCdbLayout.decode(task.cdb);
  if (cdb.enableVitalProductData === 0) {
    if (cdb.pageCode !== 0) return invalidFieldInCdb({ byte: inquiryCdbLayout.offsetOf('pageCode') });
    return answerWith(task, standardInquiry(description), cdb.allocationLength);
  }
  const page = VPD_PAGES.get(cdb.pageCode);
  if (page === undefined) return invalidFieldInCdb({ byte: inquiryCdbLayout.offsetOf('pageCode') });
  const data = page(description, task.attachment.nexus.relativeTargetPortId);
  return answerWith(task, data, cdb.allocationLength);
}

const SPC_4 = 0x06;

function standardInquiry(description: UnitDescription): Uint8Array {
  return encodeStandardInquiry({
    removableMedium: description.removable ? 1 : 0,
    version: SPC_4,
    hierarchicalSupport: 1,
    responseDataFormat: 2,
    // Implicit and explicit asymmetric access (SPC-4 6.6.2).
    targetPortGroupSupport: 3,
    thirdPartyCopy: 1,
    multiPort: targetPortsOf(description).length > 1 ? 1 : 0,
    commandQueuing: 1,
    vendor: description.vendor,
    product: description.product,
    revision: description.revision,
    versionDescriptor1: VERSION_DESCRIPTOR.sam5,
    versionDescriptor2: VERSION_DESCRIPTOR.iscsi,
    versionDescriptor3: VERSION_DESCRIPTOR.spc4,
    versionDescriptor4: VERSION_DESCRIPTOR.sbc3,
  });
}

type VpdPage = (description: UnitDescription, relativeTargetPortId: number) => Uint8Array;

/** In ascending order, as the Supported VPD Pages page lists them (SPC-4 7.8.16). */
const VPD_PAGES: ReadonlyMap<number, VpdPage> = new Map<number, VpdPage>([
  [VPD_PAGE.supportedPages, () => encodeVpdPage(VPD_PAGE.supportedPages, Uint8Array.from(VPD_PAGES.keys()))],
  [
    VPD_PAGE.unitSerialNumber,
    ({ serial }) => encodeVpdPage(VPD_PAGE.unitSerialNumber, Buffer.from(serial, 'latin1')),
  ],
  [
    VPD_PAGE.deviceIdentification,
    ({ designators, portDesignators }, port) =>
      encodeDeviceIdentification([...designators, ...portDesignators(port)]),
  ],
  [VPD_PAGE.extendedInquiryData, extendedInquiryData],
  [VPD_PAGE.modePagePolicy, encodeModePagesShared],
  [VPD_PAGE.scsiPorts, scsiPorts],
  [VPD_PAGE.thirdPartyCopy, encodeThirdPartyCopy],
  [VPD_PAGE.blockLimits, blockLimits],
  [VPD_PAGE.blockDeviceCharacteristics, blockDeviceCharacteristics],
  [VPD_PAGE.logicalBlockProvisioning, logicalBlockProvisioning],
]);

/** Relative target port identifiers, ascending. */
const targetPortsOf = ({ targetPortGroups }: UnitDescription): number[] =>
  targetPortGroups.flatMap((group) => group.relativeTargetPortIds).sort((a, b) => a - b);

/** Every target port, whichever the command came through. */
function scsiPorts(description: UnitDescription): Uint8Array {
  return encodeScsiPorts(
    targetPortsOf(description).map((port) => ({
      relativePortIdentifier: port,
      designators: description.portDesignators(port),
    })),
  );
}

function extendedInquiryData({ volatileCache }: UnitDescription): Uint8Array {
  const body = extendedInquiryLayout.toBytes({
    headOfQueueSupported: 1,
    orderedSupported: 1,
    simpleSupported: 1,
    volatileSupported: volatileCache ? 1 : 0,
  });
  return encodeVpdPage(VPD_PAGE.extendedInquiryData, body);
}
