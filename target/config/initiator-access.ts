import { whyNoIscsiName } from '../../protocol/index.js';
import type { InitiatorAccess, LunMap } from '../options.js';
import { ConfigurationError } from './config-error.js';
import { LUN_EXPECTED, lunNumber } from './lun-options.js';

/**
 * Reads `iqn.2026-11.org.example:node1`, an initiator that sees every LUN, or `NAME=0,5:1`, one that sees LUN 0, and LUN 1
 * as its LUN 5. Throws ConfigurationError.
 */
export function parseInitiatorAccess(text: string): InitiatorAccess {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const wrong = whyNoIscsiName(name);
  if (wrong !== undefined) throw new ConfigurationError(`initiator '${text}': ${wrong}`);
  return equals < 0 ? { name } : { name, luns: lunMapOf(text.slice(equals + 1).split(',')) };
}

/** LUNs as an initiator sees them: each `1`, by the number that the target has for it, or `5:1`. */
export function lunMapOf(items: readonly string[]): LunMap {
  const map = new Map<number, number>();
  for (const item of items) {
    const [seenAsText = '', lunText = seenAsText, ...more] = item.split(':');
    const [seenAs, lun] = [lunNumber(seenAsText), lunNumber(lunText)];
    if (seenAs === undefined || lun === undefined || more.length > 0) {
      throw new ConfigurationError(
        `LUN '${item}': expected ${LUN_EXPECTED}, or two, as seen and as it is: 5:1`,
      );
    }
    if (map.has(seenAs)) throw new ConfigurationError(`LUN '${item}': LUN ${seenAs} is seen already`);
    map.set(seenAs, lun);
  }
  return map;
}
