/** Longest name in bytes (RFC 7143 4.2.7.1). */
const NAME_BYTES_MAX = 223;

/** Why `name` is no iSCSI name (RFC 7143 4.2.7), in words for its giver; undefined if it is one. */
export function whyNoIscsiName(name: string): string | undefined {
  if (name === '') return 'the name is empty';
  if (new TextEncoder().encode(name).length > NAME_BYTES_MAX)
    return `the name has more than ${NAME_BYTES_MAX} bytes`;
  if (/^iqn\.\d{4}-\d{2}\.[^\s:,;]+(:[^\s,;]+)?$/i.test(name)) return undefined;
  if (/^eui\.[0-9a-f]{16}$/i.test(name)) return undefined;
  if (/^naa\.([0-9a-f]{16}|[0-9a-f]{32})$/i.test(name)) return undefined;
  return `"${name}" is no iSCSI name (expected iqn.YYYY-MM.domain[:text], eui.16 digits or naa.16 or 32 digits)`;
}
