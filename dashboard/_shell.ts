import { SITE_SCRIPT } from "./_assets.ts";
import { type Html, html } from "./html.ts";
import type { Page, Site } from "./site.ts";
import type { View } from "./view.ts";

/** What stands around a page. */
export interface ShellOptions {
  site: Site;
  view: View;
  /** Where the page is. */
  path: readonly string[];
  /** The address that tells of changes; `null` when there is none. */
  live: string | null;
  /** How who looks can log in or out; `null` when nobody can. */
  login: "in" | "out" | null;
  /** What was just done. */
  message: string | null;
}

/** Writes a whole page. */
export function shell(page: Page, options: ShellOptions): string {
  const { site, view, live } = options;
  const parts = partsOf(page);
  return "<!doctype html>\n" + html`
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${page.title} · ${site.name} · sluice</title>
        <link rel="icon" href="${view.href(["assets", "icon.svg"])}">
        <link rel="stylesheet" href="${view.href(["assets", "style.css"])}">
        <script type="module" src="${view.href(["assets", "live.js"])}"></script>
        ${site.script !== undefined && html`
          <script type="module" src="${view.href(["assets", SITE_SCRIPT])}"></script>
        `}
      </head>
      <body${live === null ? null : html`
        data-live="${live}"
      `}>
        <a class="skip" href="#main">Skip to content</a>
        <header>
    <a class="brand" href="${view.href([])}"><img src="${view.href([
      "assets",
      "icon.svg",
    ])}" alt="" width="28" height="28"> <span>sluice</span> <b>${site.name}</b></a>
    <nav aria-label="Pages">${menu(options)}</nav>
    <span class="status" id="status" role="status">${live === null ? "" : "not live"}</span>
    ${account(options)}
        </header>
        <main id="main" tabindex="-1">
    <h1>${page.title}</h1>
    ${options.message === null
      ? null
      : html`<p class="message card" role="status">${options.message}</p>`}
    ${[...parts].map(([, part]) => part)}
        </main>
        </body>
        </html>
  `;
}

/** The parts of a page, each in an element of its own. */
export function partsOf(page: Page): Map<string, Html> {
  const entries = Object.entries(page.parts).map(([name, part]) =>
    [
      name,
      html`
        <section id="part-${name}">${part}</section>
      `,
    ] as const
  );
  return new Map(entries);
}

function menu({ site, view, path }: ShellOptions): Html[] {
  return site.menu.map(({ label, path: to }) => {
    const isHere = to.join("/") === path.join("/");
    return html`
      <a href="${view.href(to)}" ${isHere && html`
        aria-current="page"
      `}>${label}</a>
    `;
  });
}

function account({ view, login }: ShellOptions): Html | null {
  if (login === "in") return html`<a class="button" href="${view.href(["login"])}">Log in</a>`;
  if (login === "out") return view.form(["logout"], { label: "Log out" });
  return html`<span class="badge calm" title="Nobody can give orders here">read-only</span>`;
}
