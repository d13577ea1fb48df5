import {
  chart,
  clip,
  facts,
  formatCount,
  type Html,
  html,
  type HtmlValue,
  type MenuItem,
  type OrderResult,
  type Page,
  RateHistory,
  type Site,
  table,
  tiles,
  type View,
} from "../../dashboard/mod.ts";
import type { InspectedId } from "../inspection.ts";
import type { ModstampServer } from "../modstamp_server.ts";
import type { ModstampServerStats } from "../server_stats.ts";
import { valueText } from "./value_text.ts";

const IDS_A_PAGE = 100;
const MAX_COUNTED = 10_000;
const VALUE_LENGTH = 120;

/** The counters that mean trouble, with their names. */
const TROUBLES: readonly (readonly [name: string, of: (stats: ModstampServerStats) => number])[] = [
  ["malformed packets", ({ malformed }) => malformed],
  ["messages skipped", ({ skipped }) => skipped],
  ["packets of strangers", ({ unauthorized }) => unauthorized],
  ["packets refused", ({ refused }) => Object.values(refused).reduce((sum, n) => sum + n, 0)],
  ["senders over their limit", ({ packetsLimited }) => packetsLimited],
  ["receivers over their limit", ({ bytesLimited }) => bytesLimited],
  ["outbox full", ({ outboxFull }) => outboxFull],
  ["changes forbidden", ({ forbidden }) => forbidden],
  ["changes dropped", ({ overloaded }) => overloaded],
  ["commits failed", ({ failedCommits }) => failedCommits],
  ["queries without subscription", ({ unsubscribed }) => unsubscribed],
];

/** The page of a modstamp server. */
export class ModstampSite implements Site {
  readonly name = "Modstamp";
  readonly menu: readonly MenuItem[] = [];
  readonly #server: ModstampServer;
  readonly #rates = new RateHistory<"queries" | "changes" | "signals" | "packets">();

  /**
   * @param server The server.
   */
  constructor(server: ModstampServer) {
    this.#server = server;
  }

  look(now: number): void {
    const { queries, changes, signals, packets } = this.#server.stats();
    this.#rates.record(now, { queries, changes, signals, packets });
  }

  page(path: readonly string[], view: View): Page | null {
    if (path.length > 0) return null;
    const stats = this.#server.stats();
    const text = view.query.get("q") ?? "";
    const from = Math.max(0, Math.trunc(Number(view.query.get("from"))) || 0);
    const { ids, next } = this.#server.inspect({ text, from, limit: IDS_A_PAGE });
    return {
      title: "Modstamps",
      parts: {
        numbers: numbers(stats),
        rates: this.#chart(),
        search: search(view, text),
        ids: table(ids.map((each) => ({ key: each.id, cells: cellsOf(each) })), {
          caption: "Ids",
          columns: ["Id", "Value", "Subscribers#"],
          empty: text === "" ? "There are no ids" : "Nothing like that on this page",
        }),
        pages: pages(view, { text, from, next }),
        troubles: troubles(stats),
      },
    };
  }

  order(): Promise<OrderResult | null> {
    return Promise.resolve(null);
  }

  #chart(): Html {
    return chart("Messages a second", [
      { label: "queries", values: this.#rates.rates("queries"), tone: "new" },
      { label: "changes", values: this.#rates.rates("changes"), tone: "good" },
      { label: "signals", values: this.#rates.rates("signals"), tone: "busy" },
    ]);
  }
}

function cellsOf({ id, value, subscribers }: InspectedId): HtmlValue[] {
  const count = formatCount(subscribers);
  return [
    id,
    html`<code>${clip(valueText(value), VALUE_LENGTH)}</code>`,
    subscribers < MAX_COUNTED ? count : `${count}+`,
  ];
}

function numbers(stats: ModstampServerStats): Html {
  return tiles([
    { label: "ids", value: formatCount(stats.ids), tone: "new" },
    { label: "subscriptions", value: formatCount(stats.subscriptions), tone: "busy" },
    { label: "peers", value: formatCount(stats.peers), tone: "good" },
    { label: "packets", value: formatCount(stats.packets), note: "since the start" },
    { label: "changes", value: formatCount(stats.changes), note: "since the start" },
    { label: "signals", value: formatCount(stats.signals), note: "since the start" },
  ]);
}

function search(view: View, text: string): Html {
  return html`
    <search class="bar">
      <form class="grow" action="${view.href([])}">
    <input type="search" name="q" value="${text}" placeholder="Part of an id" aria-label="Part of an id">
    <button>Search</button></form>
    </search>
  `;
}

function pages(
  view: View,
  { text, from, next }: { text: string; from: number; next: number | null },
): Html {
  const query: Record<string, string> = text === "" ? {} : { q: text };
  const link = (label: string, at: Record<string, number>): Html =>
    html`<a class="button" href="${view.href([], { ...query, ...at })}">${label}</a>`;
  return html`<div class="bar">${from > 0 && link("First page", {})}${
    next !== null && link(text === "" ? "Next page" : "Search on", { from: next })
  }</div>`;
}

function troubles(stats: ModstampServerStats): Html {
  const found = TROUBLES.map(([name, of]) => [name, of(stats)] as const)
    .filter(([, count]) => count > 0);
  if (found.length === 0) return html``;
  return html`<div class="stack"><h2>Dropped and refused</h2>${
    facts(found.map(([name, count]) => [name, formatCount(count)]))
  }</div>`;
}
