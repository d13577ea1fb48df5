import { EventLoop, type Handle } from "../loop/mod.ts";
import { asset } from "./_assets.ts";
import { Gate, isSame, type Pass } from "./_gate.ts";
import { LiveStreams } from "./_live_streams.ts";
import { errorPage, loginPage } from "./_plain_pages.ts";
import { isForeign, protect } from "./_protect.ts";
import { readForm } from "./_read_form.ts";
import { partsOf, shell } from "./_shell.ts";
import { OrderError, type Page, type Site } from "./site.ts";
import { View } from "./view.ts";

/** Options of every dashboard. */
export interface DashboardOptions {
  /**
   * Where the dashboard is: the path that all of its addresses begin with.
   *
   * @default {"/dashboard"}
   */
  path?: string;
  /**
   * What lets people in to give orders; without one the dashboard only shows.
   *
   * @default {none}
   */
  token?: string;
  /**
   * Who may look when there is a token: everybody, or those who have logged in.
   *
   * @default {"token"}
   */
  readers?: "all" | "token";
  /**
   * Most pages followed live at a time.
   *
   * @default {32}
   */
  maxStreams?: number;
  /**
   * How often pages that are followed live are looked at, in milliseconds.
   *
   * @default {1000}
   */
  refreshMs?: number;
  /**
   * How long a login lasts, in milliseconds.
   *
   * @default {43_200_000}
   */
  sessionMs?: number;
  /**
   * Told of what fails while a page is made.
   *
   * @default {reportError}
   */
  onError?: (error: unknown) => void;
  /**
   * The loop whose clock and timers are used.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

const LOOK_EVERY_MS = 1000;
const PAGE_TIMEOUT_MS = 5000;
const MAX_FORM_BYTES = 65_536;
const MAX_MESSAGE_LENGTH = 300;

/** Who asks for what. */
interface Visit {
  readonly request: Request;
  readonly url: URL;
  readonly path: readonly string[];
  readonly pass: Pass | null;
}

/** Serves a {@linkcode Site}: pages, their changes, logins and orders. */
export class Dashboard implements Disposable {
  readonly #site: Site;
  readonly #base: string;
  readonly #isPublic: boolean;
  readonly #gate: Gate | null;
  readonly #streams: LiveStreams;
  readonly #onError: (error: unknown) => void;
  readonly #loop: EventLoop;
  readonly #looking: Handle | null;

  /**
   * Makes a dashboard.
   *
   * @param site What it shows and does.
   * @param options See {@linkcode DashboardOptions}.
   */
  constructor(site: Site, options: DashboardOptions = {}) {
    const { path = "/dashboard", token, sessionMs = 43_200_000 } = options;
    const { loop = EventLoop.default(), maxStreams = 32, refreshMs = 1000 } = options;
    if (!/^(\/[\w.~-]+)*\/?$/.test(path)) {
      throw new RangeError(`Cannot serve dashboard at ${path} as that is no path`);
    }
    if (token === "") throw new RangeError("Cannot serve dashboard as its token is empty");
    this.#site = site;
    this.#loop = loop;
    this.#base = path.replace(/\/$/, "");
    this.#isPublic = token === undefined || options.readers === "all";
    this.#onError = options.onError ?? reportError;
    this.#streams = new LiveStreams({ loop, maxStreams, refreshMs, onError: this.#onError });
    const cookie = `sluice-${site.name.toLowerCase().replaceAll(/\W/g, "-")}`;
    this.#gate = token === undefined
      ? null
      : new Gate({ loop, token, cookie, base: this.#base, sessionMs });
    site.look?.(loop.now());
    this.#looking = site.look === undefined
      ? null
      : loop.every(LOOK_EVERY_MS, () => site.look!(loop.now()));
  }

  /** Whether a request is for the dashboard. */
  serves(request: Request): boolean {
    const { pathname } = new URL(request.url);
    return pathname === this.#base || pathname.startsWith(`${this.#base}/`);
  }

  /** Answers a request. */
  readonly fetch = async (request: Request): Promise<Response> => {
    try {
      return protect(await this.#answer(request));
    } catch (error) {
      this.#onError(error);
      return protect(this.#error(500, "Something went wrong; the log of the server says what"));
    }
  };

  /** Ends all live streams. */
  [Symbol.dispose](): void {
    this.#looking?.cancel();
    this.#streams[Symbol.dispose]();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = this.serves(request) ? split(url.pathname.slice(this.#base.length)) : null;
    if (path === null) return this.#error(404, "There is no such page");
    const visit = { request, url, path, pass: this.#gate?.check(request) ?? null };
    if (request.method === "POST") return await this.#post(visit);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return this.#error(405, "Pages can be looked at, and forms sent");
    }
    if (path[0] === "assets" && path.length === 2) {
      return asset(path[1]!, this.#site) ?? this.#error(404, "There is no such page");
    }
    if (path[0] === "login" && path.length === 1 && this.#gate !== null) return this.#login(200);
    if (!this.#mayRead(visit)) return this.#login(401);
    if (path[0] === "live" && path.length === 1) return this.#live(visit);
    return await this.#show(visit);
  }

  #mayRead({ pass }: Visit): boolean {
    return this.#isPublic || pass !== null;
  }

  async #show(visit: Visit): Promise<Response> {
    const { path, url, pass } = visit;
    const view = this.#view(url.searchParams, pass);
    const page = await this.#inTime(this.#site.page(path, view));
    if (page === "late") {
      return this.#error(503, "The server is not ready to tell: try again", visit);
    }
    if (page === null) return this.#error(404, "There is no such page", visit);
    const query = new URLSearchParams(url.search);
    query.delete("done");
    const at = `${path.map(encodeURIComponent).join("/")}?${query}`;
    return markup(shell(page, {
      ...this.#frame(visit),
      view,
      live: page.isFixed ? null : view.href(["live"], { page: at }),
      message: isForeign(visit.request) ? null : messageOf(url),
    }));
  }

  /** Waits for a page only so long: what it is about may be out of reach for a while. */
  async #inTime(page: Page | null | Promise<Page | null>): Promise<Page | null | "late"> {
    const late = Promise.withResolvers<"late">();
    const timer = this.#loop.callLater(PAGE_TIMEOUT_MS, () => late.resolve("late"));
    try {
      return await Promise.race([page, late.promise]);
    } finally {
      timer.cancel();
    }
  }

  #live(visit: Visit): Response {
    const [pathname, search = ""] = (visit.url.searchParams.get("page") ?? "").split(/\?(.*)/s);
    const path = split(pathname!);
    const query = new URLSearchParams(search);
    const render = async (): Promise<Map<string, string> | null> => {
      // A login that has come to its end ends the stream.
      const pass = this.#gate?.check(visit.request) ?? null;
      if (path === null || !this.#mayRead({ ...visit, pass })) return null;
      const page = await this.#site.page(path, this.#view(query, pass));
      if (page === null || page.isFixed) return null;
      return new Map([...partsOf(page)].map(([name, part]) => [name, String(part)]));
    };
    const stream = this.#streams.open(render);
    if (stream === null) {
      return this.#error(503, "Too many pages are followed live", visit);
    }
    const headers = { "content-type": "text/event-stream", "x-accel-buffering": "no" };
    return new Response(stream, { headers });
  }

  async #post({ request, url, path, pass }: Visit): Promise<Response> {
    if (this.#gate === null) return this.#error(403, "This dashboard is read-only");
    if (isForeign(request)) return this.#error(403, "The form was sent by another site");
    const form = await readForm(request, MAX_FORM_BYTES);
    if (form === null) return this.#error(400, "That is no form, or too long a one");
    if (path[0] === "login" && path.length === 1) return this.#logIn(form, url);
    if (pass === null) return this.#login(401);
    if (!isSame(form.get("csrf") ?? "", pass.csrf)) {
      return this.#error(403, "The form is out of date: go back and load the page again");
    }
    const view = this.#view(url.searchParams, pass);
    if (path[0] === "logout" && path.length === 1) {
      return redirect(view.href([]), { "set-cookie": this.#gate.logOut() });
    }
    try {
      const result = await this.#site.order(path, form);
      if (result === null) return this.#error(404, "There is no such order");
      return redirect(view.href(result.path, { done: result.message }));
    } catch (error) {
      if (error instanceof OrderError) return this.#error(409, error.message);
      throw error;
    }
  }

  #logIn(form: URLSearchParams, url: URL): Response {
    const gate = this.#gate!;
    if (gate.isShut) return this.#login(429, "Too many wrong tokens: try again in a minute");
    const token = (form.get("token") ?? "").trim();
    const cookie = gate.logIn(token, url.protocol === "https:");
    if (cookie === null) return this.#login(403, "That is not the token");
    return redirect(this.#base || "/", { "set-cookie": cookie });
  }

  #login(status: number, fault: string | null = null): Response {
    const view = this.#view(new URLSearchParams(), null);
    return markup(shell(loginPage(view, fault), { ...this.#frame(null), view }), status);
  }

  #error(status: number, text: string, visit: Visit | null = null): Response {
    const view = this.#view(new URLSearchParams(), visit?.pass ?? null);
    return markup(shell(errorPage(view, text), { ...this.#frame(visit), view }), status);
  }

  #frame(visit: Visit | null): Omit<Parameters<typeof shell>[1], "view"> {
    const { path = [], pass = null } = visit ?? {};
    const login = this.#gate === null ? null : pass === null ? "in" : "out";
    return { site: this.#site, path, login, live: null, message: null };
  }

  #view(query: URLSearchParams, pass: Pass | null): View {
    const csrf = pass?.csrf ?? null;
    return new View({ base: this.#base, query, csrf, now: this.#loop.wallNow() });
  }
}

/** The parts of a path; `null` when they can't be read. */
function split(path: string): string[] | null {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** What was just done; a link of another site must not put words into the server's mouth. */
function messageOf({ searchParams }: URL): string | null {
  return searchParams.get("done")?.slice(0, MAX_MESSAGE_LENGTH) || null;
}

function markup(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

function redirect(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, { status: 303, headers: { location, ...headers } });
}
