import { type Html, html, type HtmlValue } from "./html.ts";

/** A number with its name. */
export interface Tile {
  /** What it is. */
  readonly label: string;
  /** The number. */
  readonly value: HtmlValue;
  /** What to say below. */
  readonly note?: HtmlValue;
  /** Which colour it has: a class of the style sheet. */
  readonly tone?: "good" | "new" | "bad" | "busy" | "calm" | "";
}

/** Numbers side by side. */
export function tiles(list: readonly Tile[]): Html {
  return html`<dl class="tiles">${
    list.map(({ label, value, note, tone = "" }) =>
      html`<div class="card ${tone}"><dt>${label}</dt><dd>${value}</dd>${
        note === undefined ? null : html`<dd class="note">${note}</dd>`
      }</div>`
    )
  }</dl>`;
}

/** A row of a table. */
export interface Row {
  /** Tells it from the others while they change. */
  readonly key: string;
  /** One value a column; the first one names the row. */
  readonly cells: readonly HtmlValue[];
}

/** How a table looks. */
export interface TableOptions {
  /** What it shows, for those who don't see it. */
  readonly caption: string;
  /** The columns; those whose names end with `#` are numbers. */
  readonly columns: readonly string[];
  /** What to say when there are no rows. */
  readonly empty: HtmlValue;
}

/** A table, which on a narrow screen is a list of cards. */
export function table(rows: readonly Row[], options: TableOptions): Html {
  if (rows.length === 0) return html`<p class="card empty">${options.empty}</p>`;
  const columns = options.columns.map((name) => {
    return { label: name.replace(/#$/, ""), kind: name.endsWith("#") ? "number" : "" };
  });
  const head = columns.map(({ label, kind }) =>
    html`<th scope="col" class="${kind}">${label}</th>`
  );
  const body = rows.map(({ key, cells }) =>
    html`
      <tr data-key="${key}">${cells.map((cell, i) => {
        const { label, kind } = columns[i]!;
        return i === 0
          ? html`<th scope="row">${cell}</th>`
          : html`<td class="${kind}" data-label="${label}">${cell}</td>`;
      })}</tr>
    `
  );
  return html`
    <div class="card table">
      <table>
        <caption>${options.caption}</caption>
        <thead>
          <tr>${head}</tr>
        </thead>
        <tbody>${body}</tbody>
      </table>
    </div>
  `;
}

/** A word that stands out. */
export function badge(text: string, tone: NonNullable<Tile["tone"]>): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}

/** Text that is cut when it is too long. */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Names and what they stand for. */
export function facts(list: readonly (readonly [name: string, value: HtmlValue])[]): Html {
  return html`<dl class="card facts">${
    list.map(([name, value]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    )
  }</dl>`;
}
