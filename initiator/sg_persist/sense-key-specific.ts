/** What SENSE KEY SPECIFIC tells under a sense key (SPC-4 4.5.2.4), in the words sg3_utils has for either format. */
interface Meaning {
  readonly fixed: string;
  readonly descriptor: string;
}

/** The label and the value on one line in fixed format, on two in descriptor format. */
const onTwoLines = (label: string, value: string, fixedLabel = label): Meaning => ({
  fixed: `${fixedLabel}: ${value}`,
  descriptor: `${label}:\n        ${value}`,
});

const alike = (text: string): Meaning => ({ fixed: text, descriptor: text });

/** The three bytes of SENSE KEY SPECIFIC in words; SKSV is taken to be set. */
export function senseKeySpecificText(
  senseKey: number,
  bytes: Uint8Array,
  format: 'fixed' | 'descriptor',
): string {
  const flags = bytes[0] ?? 0;
  const number = ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0);
  return `${meaningOf(senseKey, flags, number)[format]}\n`;
}

function meaningOf(senseKey: number, flags: number, number: number): Meaning {
  const bit = (flags & 0x08) === 0 ? '' : ` bit ${flags & 0x07}`;
  switch (senseKey) {
    case 0x0:
    case 0x2:
      return alike(`Progress indication: ${progressText(number)}`);
    case 0x1:
    case 0x3:
    case 0x4:
      return {
        fixed: `Actual retry count: 0x${number.toString(16).padStart(4, '0')}`,
        descriptor: `Actual retry count: ${number}`,
      };
    case 0x5: {
      const place = (flags & 0x40) === 0 ? 'Data parameters' : 'Command';
      return onTwoLines('Field pointer', `Error in ${place}: byte ${number}${bit}`, 'Sense Key Specific');
    }
    case 0x6:
      return onTwoLines('Unit attention condition queue', `overflow flag is ${flags & 0x01}`);
    case 0xa: {
      const start = (flags & 0x20) === 0 ? 'parameter list' : 'segment descriptor';
      return onTwoLines('Segment pointer', `Relative to start of ${start}, byte ${number}${bit}`);
    }
    default:
      return alike(`Sense_key: 0x${senseKey.toString(16)} unexpected`);
  }
}

/** Progress is counted in 65536ths. */
export function progressText(progress: number): string {
  const hundredths = progress * 100;
  const fraction = Math.floor((hundredths % 65536) / 656);
  return `${Math.floor(hundredths / 65536)}.${String(fraction).padStart(2, '0')}%`;
}
