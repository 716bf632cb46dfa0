/** Text that is markup already: it goes into a page or an XML file as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in `markup`: anything that is no Markup is escaped; undefined leaves nothing. */
export type Content = Markup | string | number | undefined | readonly Content[];

/** A template for HTML, SVG and XML in which every value is escaped unless it is markup. */
export function markup(literals: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const parts = literals.map((literal, index) => literal + textOf(values[index]));
  return new Markup(parts.join(''));
}

function textOf(value: Content): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeMarkup(String(value));
  return value.map(textOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What XML 1.0 cannot hold, even escaped (2.2, Char), and C1 controls, which HTML does not want. */
// eslint-disable-next-line no-control-regex -- these are the ones to find
const NO_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu;

/** Safe in text and in attributes; a character that no document can hold becomes U+FFFD, for all to see. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(NO_CHARACTERS, '\ufffd').replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
}
