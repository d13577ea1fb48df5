import {
  type Html,
  html,
  type HtmlValue,
  type OrderResult,
  type Page,
  type Site,
  table,
  type View,
} from "../../dashboard/mod.ts";
import { isId } from "../id.ts";
import type { ModstampSource } from "../source.ts";
import { valueText } from "./value_text.ts";
import script from "./watch.js" with { type: "text" };

/** What the page is made of. */
export interface WatchSiteOptions {
  /** Where values come from. */
  readonly source: ModstampSource;
  /** Where the gateway is that tells of changes. */
  readonly gateway: string;
  /** Most ids on the page. */
  readonly maxIds: number;
}

/** Ids and what their values are, live. */
export class WatchSite implements Site {
  readonly name = "Modstamp";
  readonly menu = [];
  readonly script = script;
  readonly #options: WatchSiteOptions;

  /**
   * @param options See {@linkcode WatchSiteOptions}.
   */
  constructor(options: WatchSiteOptions) {
    this.#options = options;
  }

  page(path: readonly string[], view: View): Page | null {
    if (path.length > 0) return null;
    const named = view.query.getAll("id").flatMap((text) => text.split(/[\s,]+/)).filter(Boolean);
    const all = new Set(named);
    const ids = [...all].filter(isId).slice(0, this.#options.maxIds);
    return {
      title: "Watch",
      isFixed: true,
      parts: {
        form: form(view, ids),
        notice: this.#notice(all.size - ids.length),
        ids: this.#table(view, ids),
      },
    };
  }

  order(): Promise<OrderResult | null> {
    return Promise.resolve(null);
  }

  #notice(left: number): Html {
    if (left === 0) return html``;
    return html`<p class="card notice">${left} left out: an id is 1 to 255 of
<code>0-9 A-Z a-z _ . : -</code>, and ${this.#options.maxIds} are the most.</p>`;
  }

  #table(view: View, ids: readonly string[]): Html {
    if (ids.length === 0) return html`<p class="card empty">Name the ids to watch</p>`;
    const query = new URLSearchParams(ids.map((id) => ["id", id]));
    const rows = ids.map((id) => ({ key: id, cells: this.#cells(view, id, ids) }));
    return html`<div data-watch="${this.#options.gateway}?${String(query)}" aria-live="polite">${
      table(rows, { caption: "Modstamps", columns: ["Id", "Value", "Changed", ""], empty: null })
    }</div>`;
  }

  #cells(view: View, id: string, ids: readonly string[]): HtmlValue[] {
    const others = ids.filter((each) => each !== id).join(" ");
    const value = this.#options.source.value(id) ?? new Uint8Array();
    return [
      id,
      html`<code>${valueText(value)}</code>`,
      html`<time>–</time>`,
      html`<a href="${view.href([], { id: others })}" aria-label="Watch ${id} no more">Remove</a>`,
    ];
  }
}

function form(view: View, ids: readonly string[]): Html {
  return html`
    <search class="bar">
      <form class="grow" action="${view.href([])}">
    <input type="search" name="id" value="${ids.join(" ")}" placeholder="Ids, with blanks between"
      aria-label="Ids, with blanks between" autocapitalize="none" autocomplete="off" spellcheck="false">
    <button>Watch</button></form>
    </search>
  `;
}
