import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { WebSocketDashboard } from "../../../websocket/dashboard/mod.ts";
import {
  AggregateApplication,
  type Application,
  MemorySessionStore,
  Rooms,
  SessionProvider,
  Sessions,
  Topics,
  TOPICS_SUBPROTOCOL,
  WampServer,
  WsServer,
} from "../../../websocket/mod.ts";
import { TestBrowser } from "../../dashboard/browser.ts";

const EVIL = "<script>alert(1)</script>";

/** A server with connections, its dashboard, and who looks at it. */
class Scene implements AsyncDisposable {
  readonly loop = new EventLoop();
  readonly server: WsServer;
  readonly dashboard: WebSocketDashboard;
  readonly browser: TestBrowser;
  readonly #clients: WebSocket[] = [];
  #url = "";

  constructor(application: Application, token?: string) {
    const { loop } = this;
    this.server = new WsServer(application, { loop });
    const options = { server: this.server, application, loop, token, readers: "all" } as const;
    this.dashboard = new WebSocketDashboard(options);
    this.browser = new TestBrowser(this.dashboard);
  }

  static async start(application: Application, token?: string): Promise<Scene> {
    const scene = new Scene(application, token);
    const at = await scene.server.listen({ hostname: "127.0.0.1" }) as { port: number };
    scene.#url = `ws://127.0.0.1:${at.port}`;
    return scene;
  }

  /** Connects a client, and waits for the first message that it gets when it says `first`. */
  async connect(path: string, { protocol, first }: { protocol?: string; first?: string } = {}) {
    const client = new WebSocket(`${this.#url}${path}`, protocol ?? []);
    this.#clients.push(client);
    await new Promise((resolve) => client.onopen = resolve);
    if (first === undefined) return client;
    const answer = new Promise((resolve) => client.onmessage = resolve);
    client.send(first);
    await answer;
    return client;
  }

  /** The text of a page, without markup and with single blanks. */
  async read(path: string): Promise<string> {
    const text = await (await this.browser.get(`/dashboard${path}`)).text();
    return text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dashboard[Symbol.dispose]();
    const closed = this.#clients.filter(({ readyState }) => readyState !== WebSocket.CLOSED)
      .map((client) => new Promise((resolve) => client.onclose = resolve));
    await this.server[Symbol.asyncDispose]();
    await Promise.all(closed);
    await this.loop[Symbol.asyncDispose]();
  }
}

function joining(): Rooms {
  const rooms: Rooms = new Rooms({
    onOpen: (connection) => void rooms.join(connection, EVIL),
    onMessage: (connection, message) => void connection.send(message),
  });
  return rooms;
}

Deno.test("WebSocketDashboard shows connections, sessions and how much is going on", async () => {
  await using store = new MemorySessionStore();
  await using sessions = new Sessions(store);
  await using scene = await Scene.start(new SessionProvider(joining(), { sessions }));
  assertStringIncludes(await scene.read(""), "Nobody is connected");
  await scene.connect("/chat?secret=1", { first: "hello" });
  await scene.connect("/news");
  const text = await scene.read("");
  assertStringIncludes(text, "connections 2 web sessions 2 of those connected");
  assertStringIncludes(text, "/chat –");
  assert(!text.includes("secret"));
  const found = await scene.read("?q=/news");
  assert(found.includes("/news –") && !found.includes("/chat –"));
});

Deno.test("WebSocketDashboard shows rooms and topics, wherever they are", async () => {
  const application = new AggregateApplication({
    "/rooms": joining(),
    "/topics": new Topics({ onMessage() {} }),
    "/wamp": new WampServer({}),
  });
  await using scene = await Scene.start(application);
  await scene.connect("/rooms", { first: "x" });
  await scene.connect("/rooms", { first: "x" });
  const first = JSON.stringify({ type: "subscribe", topic: "prices" });
  await scene.connect("/topics", { protocol: TOPICS_SUBPROTOCOL, first });
  const wamp = await scene.connect("/wamp", { protocol: "wamp" });
  wamp.send(JSON.stringify([5, `http://example.com/${EVIL}`]));
  const called = new Promise((resolve) =>
    wamp.onmessage = ({ data }) => JSON.parse(data)[0] > 2 && resolve(data)
  );
  wamp.send(JSON.stringify([2, "1", "http://example.com/none"]));
  await called;
  const page = await (await scene.browser.get("/dashboard/topics")).text();
  assert(!page.includes("<script>alert"), page);
  const text = await scene.read("/topics");
  assertStringIncludes(text, "&lt;script&gt;alert(1)&lt;/script&gt; room 2");
  assertStringIncludes(text, "prices topic 1");
  assertStringIncludes(text, "/script&gt; WAMP topic in");
  assert(!(await scene.read("/topics?q=prices")).includes("alert"));
});

Deno.test("WebSocketDashboard closes a connection for who has the token", async () => {
  await using scene = await Scene.start(joining(), "secret");
  const client = await scene.connect("/");
  assert(!(await (await scene.browser.get("/dashboard")).text()).includes("<form method"));
  assertEquals((await scene.browser.post("/dashboard/connections/1/close", {})).status, 401);
  await scene.browser.logIn("secret");
  assertEquals((await scene.browser.post("/dashboard/connections/1/close", {})).status, 403);
  const csrf = await scene.browser.csrf("/dashboard");
  for (const path of ["connections/9/close", "connections/x/close"]) {
    assertEquals((await scene.browser.post(`/dashboard/${path}`, { csrf })).status, 409);
  }
  assertEquals((await scene.browser.post("/dashboard/connections/1/else", { csrf })).status, 404);
  const closed = new Promise<CloseEvent>((resolve) => client.onclose = resolve);
  assertEquals((await scene.browser.post("/dashboard/connections/1/close", { csrf })).status, 303);
  assertEquals((await closed).code, 1001);
});
