import {
  chart,
  clip,
  formatBytes,
  formatCount,
  formatDuration,
  type Html,
  html,
  type MenuItem,
  OrderError,
  type OrderResult,
  type Page,
  RateHistory,
  type Row,
  type Site,
  table,
  tiles,
  type View,
} from "../../dashboard/mod.ts";
import { formatAddress } from "../../loop/mod.ts";
import type { Application } from "../application.ts";
import type { Connection } from "../connection.ts";
import { CloseCode } from "../protocol/close_code.ts";
import type { ServerCounters, ServerStats } from "../server/server_stats.ts";
import type { WsServer } from "../server/ws_server.ts";
import { audiencesOf } from "../audiences.ts";
import { countSessions } from "./count_sessions.ts";

const MAX_ROWS = 200;
const NAME_LENGTH = 120;

/** The pages of a WebSocket server, and what can be ordered there. */
export class WebSocketSite implements Site {
  readonly name = "WebSocket";
  readonly menu: readonly MenuItem[] = [
    { label: "Connections", path: [] },
    { label: "Topics", path: ["topics"] },
  ];
  readonly #server: WsServer;
  readonly #application: Application;
  readonly #rates = new RateHistory<keyof ServerCounters>();
  /** Short names: the ids of connections are secrets. */
  readonly #numbers = new WeakMap<Connection, number>();
  #lastNumber = 0;

  /**
   * @param server The server.
   * @param application What it serves.
   */
  constructor(server: WsServer, application: Application) {
    this.#server = server;
    this.#application = application;
  }

  look(now: number): void {
    this.#rates.record(now, this.#server.stats());
  }

  page([name, ...rest]: readonly string[], view: View): Page | null {
    if (rest.length > 0) return null;
    if (name === undefined) return this.#connections(view);
    return name === "topics" ? this.#topics(view) : null;
  }

  order([kind, text, verb, ...rest]: readonly string[]): Promise<OrderResult | null> {
    if (kind !== "connections" || verb !== "close" || rest.length > 0) return Promise.resolve(null);
    const connection = [...this.#server.connections].find((each) =>
      this.#numberOf(each) === Number(text)
    );
    if (connection === undefined) throw new OrderError("The connection is gone");
    connection.close(CloseCode.goingAway, "Closed by the operator");
    return Promise.resolve({ path: [], message: `Connection ${text} is being closed` });
  }

  #connections(view: View): Page {
    const stats = this.#server.stats();
    const wanted = view.query.get("q") ?? "";
    const found = [...this.#server.connections].filter((each) => describe(each).includes(wanted));
    return {
      title: "Connections",
      parts: {
        numbers: this.#numbersOf(stats),
        rates: this.#chart(),
        search: search(view, { path: [], wanted, hint: "Address, path or subprotocol" }),
        connections: table(found.slice(0, MAX_ROWS).map((each) => this.#row(view, each)), {
          caption: "Connections",
          columns: ["Connection", "From", "Path", "Subprotocol", "Round trip#", "Waiting#", ""],
          empty: wanted === "" ? "Nobody is connected" : "No connection is like that",
        }),
        more: more(found.length),
      },
    };
  }

  #topics(view: View): Page {
    const wanted = view.query.get("q") ?? "";
    const found = [...audiencesOf(this.#application)]
      .filter(({ name }) => name.includes(wanted))
      .sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
    const rows = found.slice(0, MAX_ROWS).map(({ kind, name, size }): Row => {
      return { key: `${kind} ${name}`, cells: [clip(name, NAME_LENGTH), kind, formatCount(size)] };
    });
    return {
      title: "Topics and rooms",
      parts: {
        search: search(view, { path: ["topics"], wanted, hint: "Topic or room by name" }),
        topics: table(rows, {
          caption: "Topics and rooms",
          columns: ["Name", "Kind", "Connections#"],
          empty: wanted === "" ? "Nobody has subscribed or joined" : "Nothing has a name like that",
        }),
        more: more(found.length),
      },
    };
  }

  #numbersOf(stats: ServerStats): Html {
    const sessions = countSessions(this.#application, this.#server.connections);
    const topics = [...audiencesOf(this.#application)].length;
    const troubles = stats.failed + stats.evicted + stats.lost;
    return tiles([
      { label: "connections", value: formatCount(stats.connections), tone: "new" },
      {
        label: "web sessions",
        value: sessions === null ? "–" : formatCount(sessions),
        tone: "busy",
        note: sessions === null ? "none are kept" : "of those connected",
      },
      { label: "topics and rooms", value: formatCount(topics), tone: "good" },
      { label: "waiting to be sent", value: formatBytes(stats.bufferedBytes) },
      { label: "accepted", value: formatCount(stats.accepted), note: "since the start" },
      {
        label: "refused",
        value: formatCount(stats.refused),
        tone: stats.refused > 0 ? "calm" : "",
        note: "handshakes",
      },
      {
        label: "troubles",
        value: formatCount(troubles),
        tone: troubles > 0 ? "bad" : "",
        note: `${stats.failed} failed, ${stats.evicted} evicted, ${stats.lost} lost`,
      },
    ]);
  }

  #chart(): Html {
    return chart("Messages a second", [
      { label: "received", values: this.#rates.rates("messagesReceived"), tone: "new" },
      { label: "sent", values: this.#rates.rates("messagesSent"), tone: "good" },
      { label: "new connections", values: this.#rates.rates("accepted"), tone: "busy" },
    ]);
  }

  #row(view: View, connection: Connection): Row {
    const { request, subprotocol, roundTripMs, bufferedBytes, paused } = connection;
    const number = String(this.#numberOf(connection));
    return {
      key: number,
      cells: [
        number,
        addressOf(connection),
        clip(request.url.pathname, NAME_LENGTH),
        subprotocol || "–",
        roundTripMs === null ? "–" : formatDuration(roundTripMs),
        paused ? `${formatBytes(bufferedBytes)}, paused` : formatBytes(bufferedBytes),
        view.form(["connections", number, "close"], {
          label: "Close…",
          title: `Close connection ${number}`,
          confirm: "Close it",
        }),
      ],
    };
  }

  #numberOf(connection: Connection): number {
    let number = this.#numbers.get(connection);
    if (number === undefined) this.#numbers.set(connection, number = ++this.#lastNumber);
    return number;
  }
}

function addressOf({ request: { remoteAddress } }: Connection): string {
  return remoteAddress === null ? "–" : formatAddress(remoteAddress);
}

/** What a search looks at: nothing that is secret, such as the query of the address. */
function describe(connection: Connection): string {
  return `${addressOf(connection)} ${connection.request.url.pathname} ${connection.subprotocol}`;
}

function search(
  view: View,
  { path, wanted, hint }: { path: readonly string[]; wanted: string; hint: string },
): Html {
  return html`
    <search class="bar">
      <form class="grow" action="${view.href(path)}">
    <input type="search" name="q" value="${wanted}" placeholder="${hint}" aria-label="${hint}">
    <button>Search</button></form>
    </search>
  `;
}

function more(count: number): Html {
  if (count <= MAX_ROWS) return html``;
  return html`<p class="soft">and ${formatCount(count - MAX_ROWS)} more</p>`;
}
