/** HTML that is safe to send: made by the `html` tag only, never by joining strings. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a `${}` of a template. Text is escaped; `undefined` and `false` show nothing. */
export type Insert = Markup | string | number | undefined | false | readonly Insert[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Makes text harmless as element content and inside a quoted attribute. Never use an unquoted attribute. */
export function escapeText(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (character) => ESCAPES[character] ?? '');
}

function render(insert: Insert): string {
  if (insert === undefined || insert === false) return '';
  if (insert instanceof Markup) return insert.text;
  if (typeof insert === 'string') return escapeText(insert);
  if (typeof insert === 'number') return String(insert);
  return insert.map(render).join('');
}

/** Template tag: the literal parts are markup, every value put in is escaped unless it is `Markup` itself. */
export function html(literals: TemplateStringsArray, ...inserts: readonly Insert[]): Markup {
  return new Markup(literals.reduce((text, literal, index) => text + render(inserts[index - 1]) + literal));
}
