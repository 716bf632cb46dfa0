/** The time that stands in a line of a log. */
export interface LogTime {
  /** Milliseconds since 1970 as if the text were UTC, or really so where `zone` is UTC. */
  readonly ms: number;
  /** How finely the log tells time: 1000 where it has no fraction of a second. */
  readonly resolutionMs: number;
  /** False: the year is missing, and `ms` is in the year 2000, which has every day. */
  readonly hasYear: boolean;
  /** `UTC`: `ms` is so, since an offset or UTC was given; the name of another zone, whose offset is not known; or none. */
  readonly zone: string | undefined;
}

/** The year of times that have none. */
export const YEAR_OF_NONE = 2000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(${MONTHS.join('|')})`;
/** With `AM` or `PM` it has twelve hours. */
const CLOCK = String.raw`(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:\s?([AaPp])\.?[Mm]\b\.?)?`;

/** What the tz database calls zones by letters, with those that it gave up for numbers and that old systems still print. */
const ZONE_NAMES =
  'ACDT ACST ADT AEDT AEST AKDT AKST ART AST AWDT AWST BRST BRT BST CAT CDT CEST CET CLST CLT CST ChST EAT EDT EEST EET EST ' +
  'GST HDT HKT HST IDT IRST IST JST KST MDT MEST MET MSD MSK MST MYT NDT NST NZDT NZST PDT PHT PKST PKT PST SAST SGT SST ' +
  'WAT WEST WET WIB WIT WITA';
/** `Z`, `+01`, `-0330`, `UTC+1`, or a name: what stands behind a clock. */
const ZONE = String.raw`(Z|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)(?:[+-]\d{1,2})?|${ZONE_NAMES.replaceAll(' ', '|')})(?!\w|:\d)`;

/** Otherwise it is a zone of another form: `+1`, `+1:00`, `05:00:00CEST2`. */
const NO_OTHER_ZONE = String.raw`(?![\w+-]|\s[+-]\d)`;

/** ISO 8601 or RFC 3339, at the start of a line or behind the `+` of `set -x`, a syslog priority or a bracket. */
const ISO = new RegExp(
  String.raw`^(?:\++\s*)?(?:<\d+>1 )?\[?(\d{4})-(\d{2})-(\d{2})[T ]${CLOCK}(?:\s?${ZONE})?${NO_OTHER_ZONE}`,
);
/** `Nov 21 05:00:00`, RFC 3164: syslog, and the package logs of Serviceguard. */
const SYSLOG = new RegExp(
  String.raw`^(?:<\d+>)?${MONTH}\s{1,2}(\d{1,2}) ${CLOCK}(?:\s?${ZONE})?${NO_OTHER_ZONE}`,
);
/** What `date` prints: `Sat Nov 21 05:00:00 EST 2026`, or `05:00:00 AM EST`, anywhere in a line, as control scripts log it. */
const DATE = new RegExp(
  String.raw`\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH}\s{1,2}(\d{1,2}) ${CLOCK} (?:([A-Z]{3,5}|[+-]\d{2}(?:\d{2})?) )?(\d{4})\b`,
);

/** A line that begins with a time of some other form. */
const OTHER_START = new RegExp(
  String.raw`^(?:\++\s*)?(?:<\d+>1? ?)?[[(]?\s*(?:` +
    [
      String.raw`\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:T\d|\b)`,
      String.raw`\d{1,2}[-/]\d{1,2}[-/]\d{2,4}\b`,
      String.raw`\d{1,2}\.\d{1,2}\.\d{4}\b`,
      String.raw`\d{8}[T ]?\d{4,6}\b`,
      String.raw`\d{1,2}:\d{2}\b`,
      String.raw`${MONTH}[a-z]*\.?\s+\d{1,2}\b`,
      String.raw`\d{1,2}[-/ ]${MONTH}`,
      // Seconds since 1970, or since a machine was started.
      String.raw`1\d{9}(?:\d{3}|\.\d+)?\s`,
      String.raw`\d+\.\d{3,}\s?\]`,
    ].join('|') +
    ')',
);
/** A day of the week and a clock: what `date` prints elsewhere. */
const OTHER_DATE = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s.{0,24}\d{1,2}:\d{2}:\d{2}/;
/** A clock in front of a command. */
const OTHER_CLOCK = /(?<![:\d])\d{1,2}:\d{2}:\d{2}(?![:\d]).*\bsg_persist\b/;

/**
 * The time of a line; undefined where none is found, `invalid` where one is that the calendar does not have, and `unknown`
 * where something is that looks like a time of another form.
 */
export function logTimeOf(line: string): LogTime | 'invalid' | 'unknown' | undefined {
  const iso = ISO.exec(line);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction, half, zone] = iso;
    const date = [Number(year), Number(month), Number(day)] as const;
    return timeOf(date, [hour, minute, second, fraction, half], { hasYear: true, zone });
  }
  const date = DATE.exec(line);
  if (date !== null) {
    const [, month, day, hour, minute, second, fraction, half, zone, year] = date;
    return timeOf([Number(year), monthNumber(month), Number(day)], [hour, minute, second, fraction, half], {
      hasYear: true,
      zone,
    });
  }
  const syslog = SYSLOG.exec(line);
  if (syslog === null) {
    return [OTHER_START, OTHER_DATE, OTHER_CLOCK].some((other) => other.test(line)) ? 'unknown' : undefined;
  }
  const [, month, day, hour, minute, second, fraction, half, zone] = syslog;
  return timeOf([YEAR_OF_NONE, monthNumber(month), Number(day)], [hour, minute, second, fraction, half], {
    hasYear: false,
    zone,
  });
}

function timeOf(
  [year, month, day]: readonly [number, number, number],
  [hourText, minute, second, fraction = '', half]: readonly (string | undefined)[],
  { hasYear, zone }: { readonly hasYear: boolean; readonly zone: string | undefined },
): LogTime | 'invalid' {
  const hour = hourOf(Number(hourText), half);
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const ms = Date.UTC(year, month - 1, day, hour, Number(minute), Number(second), milliseconds);
  const back = new Date(ms);
  // A date that does not exist would be taken for another one; 23:59:60 is a leap second and stands.
  const real = back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
  if (!(real || Number(second) === 60) || !(hour <= 23) || Number(minute) > 59 || Number(second) > 60) {
    return 'invalid';
  }
  const resolutionMs = 10 ** Math.max(0, 3 - fraction.length);
  const offsetMs = zone === undefined ? undefined : offsetMsOf(zone);
  if (offsetMs === 'invalid') return 'invalid';
  const local = { ms, resolutionMs, hasYear, zone };
  return offsetMs === undefined ? local : { ...local, ms: ms - offsetMs, zone: 'UTC' };
}

/** 12 AM is midnight, and 12 PM noon. NaN where no clock of twelve hours has the hour. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return NaN;
  return (hour % 12) + (/p/i.test(half) ? 12 : 0);
}

const monthNumber = (name: string | undefined): number => MONTHS.indexOf(name ?? '') + 1;

/** A zone is less than that ahead of UTC, or behind it. */
const OFFSET_HOURS_MAX = 14;

/** `+01:00` is ahead of UTC. Undefined for a name: EST, say, is one thing in America and another in Australia. */
function offsetMsOf(zone: string): number | 'invalid' | undefined {
  if (/^(?:Z|UTC|GMT)$/.test(zone)) return 0;
  const [, sign, hours, minutes = '0'] = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(zone) ?? [];
  if (hours === undefined) return undefined;
  if (Number(hours) > OFFSET_HOURS_MAX || Number(minutes) > 59) return 'invalid';
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
