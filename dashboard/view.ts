import { type Html, html, type HtmlValue } from "./html.ts";

/** What a {@linkcode View} is made of. */
export interface ViewOptions {
  /** Where the dashboard is. */
  base: string;
  /** The query of the address. */
  query: URLSearchParams;
  /** The time, in milliseconds since the Unix epoch. */
  now: number;
  /** What forms must send along; `null` when who looks may give no orders. */
  csrf: string | null;
}

/** How a form looks. */
export interface FormOptions {
  /** What its button says. */
  label: string;
  /** What is in front of the button. */
  fields?: HtmlValue;
  /**
   * What is asked before it is done; then the button is opened by another one.
   *
   * @default {nothing}
   */
  confirm?: string;
  /** What the button says to those who don't see what it stands beside. */
  title?: string;
}

/** What pages are made with. */
export class View {
  readonly #options: ViewOptions;

  /**
   * Makes one.
   *
   * @param options See {@linkcode ViewOptions}.
   */
  constructor(options: ViewOptions) {
    this.#options = options;
  }

  /** The query of the address. */
  get query(): URLSearchParams {
    return this.#options.query;
  }

  /** The time, in milliseconds since the Unix epoch. */
  get now(): number {
    return this.#options.now;
  }

  /** Whether who looks may give orders. */
  get mayOrder(): boolean {
    return this.#options.csrf !== null;
  }

  /** The address of a page. */
  href(path: readonly string[], query: Readonly<Record<string, string | number>> = {}): string {
    const entries = Object.entries(query).map(([name, value]) => [name, String(value)]);
    const search = new URLSearchParams(entries).toString();
    const address = [this.#options.base, ...path.map(encodeURIComponent)].join("/");
    return search === "" ? address : `${address}?${search}`;
  }

  /** A form that gives an order; nothing for those who may not. */
  form(path: readonly string[], options: FormOptions): Html | null {
    const { csrf } = this.#options;
    if (csrf === null) return null;
    const { label, fields, confirm, title = label } = options;
    const kind = confirm === undefined ? "" : "danger";
    const form = html`<form method="post" action="${this.href(path)}">
<input type="hidden" name="csrf" value="${csrf}">${fields}
<button class="${kind}" title="${title}">${confirm ?? label}</button></form>`;
    if (confirm === undefined) return form;
    return html`<details class="confirm"><summary title="${title}">${label}</summary>${form}</details>`;
  }
}
