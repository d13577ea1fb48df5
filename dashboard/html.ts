/** What may stand in a template: markup, what is escaped, lists of both, or nothing. */
export type HtmlValue =
  | Html
  | string
  | number
  | bigint
  | null
  | undefined
  | false
  | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup. Only {@linkcode html} makes it, so that all that is not markup was escaped. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Puts values between the parts of a template. */
  static of(parts: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(parts.reduce((text, part, i) => text + Html.#write(values[i - 1]) + part));
  }

  /** The markup as text. */
  toString(): string {
    return this.#text;
  }

  static #write(value: HtmlValue): string {
    if (value instanceof Html) return value.#text;
    if (Array.isArray(value)) return value.map((each) => Html.#write(each)).join("");
    if (value === null || value === undefined || value === false) return "";
    return String(value).replace(/[&<>"']/g, (char) => ENTITIES[char]!);
  }
}

/** Writes markup: whatever is put in and is no markup itself is escaped. Attributes are quoted. */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return Html.of(parts, values);
}
