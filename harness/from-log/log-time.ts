/** The time that stands in a line of a log. */
export interface LogTime {
  /** Milliseconds since 1970 as if the text were UTC, or really so where it names its zone. */
  readonly ms: number;
  /** How finely the log tells time: 1000 where it has no fraction of a second. */
  readonly resolutionMs: number;
  /** False: the year is missing, and `ms` is in the year 2000, which has every day. */
  readonly hasYear: boolean;
  readonly hasZone: boolean;
}

/** The year of times that have none. */
export const YEAR_OF_NONE = 2000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(${MONTHS.join('|')})`;
const CLOCK = String.raw`(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?`;

/** ISO 8601 or RFC 3339, at the start of a line or behind the `+` of `set -x`, a syslog priority or a bracket. */
const ISO = new RegExp(
  String.raw`^(?:\++\s*)?(?:<\d+>1 )?\[?(\d{4})-(\d{2})-(\d{2})[T ]${CLOCK}\s?(Z|[+-]\d{2}:?\d{2})?`,
);
/** `Nov 21 05:00:00`, RFC 3164: syslog, and the package logs of Serviceguard. */
const SYSLOG = new RegExp(String.raw`^(?:<\d+>)?${MONTH}\s{1,2}(\d{1,2}) ${CLOCK}`);
/** What `date` prints: `Sat Nov 21 05:00:00 EST 2026`, anywhere in a line, as control scripts log it. */
const DATE = new RegExp(
  String.raw`\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH}\s{1,2}(\d{1,2}) ${CLOCK} (?:([A-Z]{3,5}) )?(\d{4})\b`,
);

/**
 * The time of a line; undefined where none is found, and `invalid` where one is that the calendar does not have.
 */
export function logTimeOf(line: string): LogTime | 'invalid' | undefined {
  const iso = ISO.exec(line);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction, zone] = iso;
    const date = [Number(year), Number(month), Number(day)] as const;
    return timeOf(date, [hour, minute, second, fraction], { hasYear: true, zone });
  }
  const date = DATE.exec(line);
  if (date !== null) {
    const [, month, day, hour, minute, second, fraction, zoneName, year] = date;
    const zone = zoneName === 'UTC' || zoneName === 'GMT' ? 'Z' : undefined;
    return timeOf([Number(year), monthNumber(month), Number(day)], [hour, minute, second, fraction], {
      hasYear: true,
      zone,
    });
  }
  const syslog = SYSLOG.exec(line);
  if (syslog === null) return undefined;
  const [, month, day, hour, minute, second, fraction] = syslog;
  return timeOf([YEAR_OF_NONE, monthNumber(month), Number(day)], [hour, minute, second, fraction], {
    hasYear: false,
    zone: undefined,
  });
}

function timeOf(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second, fraction = '']: readonly (string | undefined)[],
  { hasYear, zone }: { readonly hasYear: boolean; readonly zone: string | undefined },
): LogTime | 'invalid' {
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const ms = Date.UTC(year, month - 1, day, Number(hour), Number(minute), Number(second), milliseconds);
  const back = new Date(ms);
  // A date that does not exist would be taken for another one; 23:59:60 is a leap second and stands.
  const real = back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
  if (!(real || Number(second) === 60) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return 'invalid';
  }
  const resolutionMs = 10 ** Math.max(0, 3 - fraction.length);
  return { ms: ms - offsetMs(zone), resolutionMs, hasYear, hasZone: zone !== undefined };
}

const monthNumber = (name: string | undefined): number => MONTHS.indexOf(name ?? '') + 1;

/** `+01:00` is ahead of UTC. */
function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
