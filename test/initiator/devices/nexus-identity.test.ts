import { describe, expect, it } from 'vitest';
import {
  deriveIsid,
  localInitiatorName,
  nexusIdentity,
  nexusIdentityName,
} from '../../../initiator/devices/nexus-identity.js';

const NODE = 'iqn.2026-11.org.fencelab:node1';
const PORTAL = { host: '127.0.0.1', port: 3260, targetName: 'iqn.2026-11.org.fencelab:array' };

describe('the derived ISID', () => {
  // 80h, then the first five bytes of
  // printf '%s\\0%s\\0127.0.0.1:3260' iqn.2026-11.org.fencelab:node1 iqn.2026-11.org.fencelab:array | sha256sum
  it('is the same at every run, pinned so that registrations survive an update of this program', () => {
    expect(deriveIsid(NODE, PORTAL)).toBe(0x80495b8e43ddn);
  });

  it('is of format 10b, random (RFC 7143 11.12.5)', () => {
    expect(deriveIsid(NODE, PORTAL) >> 40n).toBe(0x80n);
  });

  it('does not depend on the case of names', () => {
    expect(deriveIsid(NODE.toUpperCase(), PORTAL)).toBe(deriveIsid(NODE, PORTAL));
  });

  it('differs by initiator, target and portal', () => {
    const isids = [
      deriveIsid(NODE, PORTAL),
      deriveIsid(`${NODE}2`, PORTAL),
      deriveIsid(NODE, { ...PORTAL, targetName: `${PORTAL.targetName}2` }),
      deriveIsid(NODE, { ...PORTAL, port: 3261 }),
    ];
    expect(new Set(isids).size).toBe(4);
  });
});

describe('the identity of a nexus', () => {
  it('has one name, whatever the case of the iSCSI names', () => {
    expect(nexusIdentityName(nexusIdentity(PORTAL, NODE.toUpperCase(), 0x23d000001n))).toBe(
      'iqn.2026-11.org.fencelab:node1,i,0x00023d000001 at iqn.2026-11.org.fencelab:array on 127.0.0.1:3260',
    );
  });

  it('takes the initiator name from FENCELAB_INITIATOR, else from the host name', () => {
    expect(localInitiatorName({ FENCELAB_INITIATOR: NODE })).toBe(NODE);
    expect(localInitiatorName({})).toMatch(/^iqn\.2026-11\.org\.fencelab:.+/);
    expect(() => localInitiatorName({ FENCELAB_INITIATOR: 'node1' })).toThrow(
      'FENCELAB_INITIATOR: "node1" is no iSCSI name',
    );
  });
});
