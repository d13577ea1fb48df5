import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { Dashboard, type DashboardOptions, html, type Site } from "../../dashboard/mod.ts";
import { EventLoop } from "../../loop/mod.ts";
import { ManualPoller } from "../queue/manual_poller.ts";
import { TestBrowser } from "./browser.ts";

const EVIL = `"><img src=x onerror=alert(1)>`;

/** A site that counts orders. */
class Scene implements Disposable {
  readonly poller = new ManualPoller();
  readonly loop = new EventLoop({ poller: this.poller });
  readonly dashboard: Dashboard;
  readonly browser: TestBrowser;
  readonly failures: unknown[] = [];
  value = "one";
  orders: string[] = [];

  constructor(options: DashboardOptions = {}) {
    const site: Site = {
      name: "Test",
      menu: [{ label: "Start", path: [] }],
      page: ([name = "start"], view) => {
        if (name === "broken") throw new TypeError("The page is broken");
        if (name === "none") return null;
        if (name === "late") return new Promise(() => undefined);
        const parts = {
          value: html`<p>${this.value} ${view.query.get("q")}</p>`,
          form: html`${view.form(["do", name], { label: "Do" })}`,
        };
        return { title: name, parts };
      },
      order: (path, form) => {
        this.orders.push(`${path.join("/")} ${form.get("field")}`);
        return Promise.resolve({ path: ["start"], message: "Done" });
      },
    };
    const onError = (error: unknown) => void this.failures.push(error);
    this.dashboard = new Dashboard(site, { loop: this.loop, onError, ...options });
    this.browser = new TestBrowser(this.dashboard);
  }

  [Symbol.dispose](): void {
    this.dashboard[Symbol.dispose]();
  }
}

Deno.test("Dashboard.fetch() escapes path, query and what the site says", async () => {
  using scene = new Scene();
  scene.value = EVIL;
  const path = `/dashboard/${encodeURIComponent(EVIL)}`;
  const response = await scene.browser.get(`${path}?q=${encodeURIComponent(EVIL)}&done=${EVIL}`);
  const text = await response.text();
  assert(!text.includes("<img src=x"), text);
  assertEquals(text.split("&lt;img src=x").length, 6);
});

Deno.test("Dashboard.fetch() forbids scripts, frames and keeping copies", async () => {
  using scene = new Scene();
  for (const path of ["/dashboard", "/dashboard/none", "/dashboard/broken", "/elsewhere"]) {
    const { headers } = await scene.browser.get(path);
    const policy = headers.get("content-security-policy") ?? "";
    assertStringIncludes(policy, "default-src 'none'; script-src 'self'; style-src 'self'");
    assert(!policy.includes("unsafe"));
    assertEquals(headers.get("x-frame-options"), "DENY");
    assertEquals(headers.get("cache-control"), "no-store");
  }
  const page = await (await scene.browser.get("/dashboard")).text();
  assertEquals(page.match(/<script(?! type="module" src="\/dashboard\/assets\/)/), null);
  assertEquals(page.match(/ (style|on\w+)="/), null);
});

Deno.test("Dashboard.fetch() answers what is not there, broken, or no page", async () => {
  using scene = new Scene();
  const statuses: [string, number][] = [
    ["/dashboard/", 200],
    ["/dashboard/assets/style.css", 200],
    ["/dashboard/assets/live.js", 200],
    ["/dashboard/assets/stream.js", 200],
    ["/dashboard/assets/../secret", 200],
    ["/dashboard/assets/none", 404],
    ["/dashboard/none", 404],
    ["/dashboard/%ff", 404],
    ["/dashboards", 404],
    ["/dashboard/broken", 500],
  ];
  for (const [path, status] of statuses) {
    assertEquals((await scene.browser.get(path)).status, status, path);
  }
  assertEquals(scene.failures.map((error) => (error as Error).message), ["The page is broken"]);
  const request = new Request("http://localhost/dashboard", { method: "DELETE" });
  assertEquals((await scene.dashboard.fetch(request)).status, 405);
});

Deno.test("Dashboard.fetch() doesn't wait for a page for ever", async () => {
  using scene = new Scene();
  const response = scene.browser.get("/dashboard/late");
  await scene.poller.advance(5000);
  assertEquals((await response).status, 503);
});

Deno.test("Dashboard.fetch() shows and takes no orders without a token", async () => {
  using scene = new Scene();
  const page = await (await scene.browser.get("/dashboard")).text();
  assert(!page.includes("<form"));
  assertStringIncludes(page, "read-only");
  for (const path of ["do/start", "login", "logout"]) {
    const response = await scene.browser.post(`/dashboard/${path}`, { token: "", csrf: "" });
    assertEquals(response.status, 403);
  }
  assertEquals(scene.orders, []);
});

Deno.test("Dashboard.fetch() shows nothing to strangers when there is a token", async () => {
  using scene = new Scene({ token: "secret" });
  for (const path of ["/dashboard", "/dashboard/x", "/dashboard/live?page=start"]) {
    const response = await scene.browser.get(path);
    assertEquals(response.status, 401);
    assert(!(await response.text()).includes(scene.value));
  }
  assertEquals((await scene.browser.logIn("wrong")).status, 403);
  const { status, headers } = await scene.browser.logIn("secret");
  assertEquals([status, headers.get("location")], [303, "/dashboard"]);
  const attributes = "HttpOnly; SameSite=Strict; Path=/dashboard; Max-Age=43200";
  assertStringIncludes(headers.get("set-cookie")!, attributes);
  assertStringIncludes(await (await scene.browser.get("/dashboard")).text(), scene.value);
});

Deno.test("Dashboard.fetch() lets everybody look, if that is wanted, and nobody order", async () => {
  using scene = new Scene({ token: "secret", readers: "all" });
  const page = await (await scene.browser.get("/dashboard")).text();
  assertStringIncludes(page, scene.value);
  assert(!page.includes("<form"));
  assertEquals((await scene.browser.post("/dashboard/do/it", { csrf: "" })).status, 401);
  assertEquals(scene.orders, []);
});

Deno.test("Dashboard.fetch() takes an order only with what its form sends along", async () => {
  using scene = new Scene({ token: "secret" });
  const { browser } = scene;
  await browser.logIn("secret");
  const csrf = await browser.csrf("/dashboard");
  assertMatch(csrf, /^[0-9a-f]{64}$/);
  const other = new TestBrowser(scene.dashboard);
  await other.logIn("secret");
  const wrong = ["", "x", csrf.slice(1), csrf.toUpperCase(), await other.csrf("/dashboard")];
  for (const forged of wrong) {
    const response = await browser.post("/dashboard/do/it", { csrf: forged });
    assertEquals(response.status, 403, forged);
  }
  const foreign = { "sec-fetch-site": "cross-site" };
  assertEquals((await browser.post("/dashboard/do/it", { csrf }, foreign)).status, 403);
  assertEquals(scene.orders, []);
  const done = await browser.post("/dashboard/do/it", { csrf, field: "1" });
  assertEquals([done.status, done.headers.get("location")], [303, "/dashboard/start?done=Done"]);
  assertEquals(scene.orders, ["do/it 1"]);
});

Deno.test("Dashboard.fetch() believes no cookie that it has not made, or that is too old", async () => {
  using scene = new Scene({ token: "secret", sessionMs: 60_000 });
  await scene.browser.logIn("secret");
  const [name, value] = scene.browser.cookie.split("=");
  const [end, nonce, signature] = value.split(".");
  const forged = [
    `${Number(end) + 1}.${nonce}.${signature}`,
    `${end}.${nonce}.${"0".repeat(64)}`,
    `${end}.${nonce}.`,
    `${end}.${nonce}`,
    "..",
    "",
  ];
  for (const cookie of forged) {
    const response = await scene.browser.get("/dashboard", { cookie: `${name}=${cookie}` });
    assertEquals(response.status, 401, cookie);
  }
  assertEquals((await scene.browser.get("/dashboard")).status, 200);
  await scene.poller.advance(60_001);
  assertEquals((await scene.browser.get("/dashboard")).status, 401);
});

Deno.test("Dashboard.fetch() looks at no token for a while after many wrong ones", async () => {
  using scene = new Scene({ token: "secret" });
  for (let i = 0; i < 20; i++) assertEquals((await scene.browser.logIn("wrong")).status, 403);
  assertEquals((await scene.browser.logIn("secret")).status, 429);
  await scene.poller.advance(60_001);
  assertEquals((await scene.browser.logIn("secret")).status, 303);
});

Deno.test("Dashboard.fetch() reads no form that is too long, or none", async () => {
  using scene = new Scene({ token: "secret" });
  const long = await scene.browser.post("/dashboard/login", { token: "x".repeat(70_000) });
  assertEquals(long.status, 400);
  const headers = { "content-type": "text/plain" };
  assertEquals(
    (await scene.browser.post("/dashboard/login", { token: "secret" }, headers)).status,
    400,
  );
});

Deno.test("Dashboard.fetch() tells live what has changed, and only that", async () => {
  using scene = new Scene();
  const response = await scene.browser.get("/dashboard/live?page=x%3Fq%3D%253Cb%253E");
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => {
    const parts: [string, string][] = JSON.parse((await reader.read()).value!.slice(6));
    return parts.map(([name, text]) => [name, text.trim()]);
  };
  assertEquals(await next(), [
    ["value", '<section id="part-value"><p>one &lt;b&gt;</p></section>'],
    ["form", '<section id="part-form"></section>'],
  ]);
  scene.value = "two\n\ndata: x";
  await scene.poller.advance(1000);
  assertEquals(await next(), [
    ["value", '<section id="part-value"><p>two\n\ndata: x &lt;b&gt;</p></section>'],
  ]);
  scene.dashboard[Symbol.dispose]();
  assertEquals((await reader.read()).done, true);
});

Deno.test("Dashboard.fetch() has so many live streams at most, and forgets those left", async () => {
  using scene = new Scene({ maxStreams: 2 });
  const follow = () => scene.browser.get("/dashboard/live?page=x");
  const [first] = [await follow(), await follow()];
  assertEquals((await follow()).status, 503);
  await first.body!.cancel();
  assertEquals((await follow()).status, 200);
});

Deno.test("Dashboard.fetch() ends a live stream with the login", async () => {
  using scene = new Scene({ token: "secret", sessionMs: 5000 });
  await scene.browser.logIn("secret");
  const { body } = await scene.browser.get("/dashboard/live?page=x");
  const reader = body!.getReader();
  await reader.read();
  await scene.poller.advance(7000);
  assertEquals((await reader.read()).done, true);
});

Deno.test("Dashboard refuses an empty token and what is no path", () => {
  const site = { name: "Test", menu: [], page: () => null, order: () => Promise.resolve(null) };
  assertThrows(() => new Dashboard(site, { token: "" }), RangeError);
  for (const path of ["dashboard", "/a b", '/"', "//"]) {
    assertThrows(() => new Dashboard(site, { path }), RangeError);
  }
});
