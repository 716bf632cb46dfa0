import { describe, expect, it } from 'vitest';
import { parseInitiatorAccess } from '../../../target/config/initiator-access.js';

const NAME = 'iqn.2026-11.org.fencelab:node1';

describe('LUNs of an initiator', () => {
  it('are those of the target, or others that stand for them', () => {
    expect(parseInitiatorAccess(NAME)).toEqual({ name: NAME });
    expect(parseInitiatorAccess(`${NAME}=0,5:1`)).toEqual({
      name: NAME,
      luns: new Map([
        [0, 0],
        [5, 1],
      ]),
    });
  });

  it.each(['', ':1', '0:', '0:-1', '0:x', '1:O', '1:x1', '0:99999', '16384', '0:1:2', '0:1:'])(
    "are refused as '%s', which must not stand for another disk",
    (item) => {
      expect(() => parseInitiatorAccess(`${NAME}=${item}`)).toThrow(
        `LUN '${item}': expected a number from 0 to 16383, or two, as seen and as it is: 5:1`,
      );
    },
  );

  it('are seen once each', () => {
    expect(() => parseInitiatorAccess(`${NAME}=1,1:2`)).toThrow("LUN '1:2': LUN 1 is seen already");
  });
});
