import { assertEquals } from "@std/assert";
import { KvConnectServer } from "../kv_connect/kv_connect_server.ts";
import { EventStream } from "./event_stream.ts";
import { Program } from "./program.ts";

const TOKEN = { authorization: "Bearer secret" };

/** An isolate, with no permission but to reach its database. */
async function isolate(database: KvConnectServer): Promise<{ program: Program; base: string }> {
  const variables = ["TOKEN", "KV_URL", "DENO_KV_ACCESS_TOKEN"];
  const program = Program.start(["examples/edge.ts"], {
    command: "serve",
    denoFlags: [
      "--no-prompt",
      "--host=127.0.0.1",
      "--port=0",
      `--allow-net=127.0.0.1:${database.port}`,
      `--allow-env=${variables}`,
    ],
    env: { TOKEN: "secret", KV_URL: database.url, DENO_KV_ACCESS_TOKEN: "any" },
  });
  const [, base] = await program.line(/Listening on (http:\S+)\/$/);
  return { program, base: base! };
}

async function ask(url: string, method: string, body: unknown): Promise<[number, unknown]> {
  const headers = { ...TOKEN, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  return [response.status, await response.json()];
}

/** A socket, and what it hears. */
class Socket implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly heard: string[] = [];
  #wake = (): void => undefined;

  constructor(base: string, room: string) {
    this.#socket = new WebSocket(`${base.replace("http", "ws")}/rooms/${room}`);
    this.#socket.onmessage = ({ data }) => {
      this.heard.push(data);
      this.#wake();
    };
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  async until(text: string): Promise<readonly string[]> {
    while (!this.heard.includes(text)) await new Promise<void>((go) => this.#wake = go);
    return this.heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}

Deno.test("examples/edge.ts: isolates on one database are one", async () => {
  await using database = await KvConnectServer.start();
  const one = await isolate(database);
  await using _one = one.program;
  const two = await isolate(database);
  await using _two = two.program;

  await using stream = await EventStream.open(`${two.base}/v1/modstamps?id=prices&id=stock`);
  assertEquals(await ask(`${one.base}/v1/modstamps/prices`, "PUT", { value: "v1" }), [200, {
    id: "prices",
    value: "v1",
  }]);
  await stream.until("prices", "v1");

  // Whichever isolate takes a job, one of them runs it, and all hear of what it does.
  for (const [i, { base }] of [one, two].entries()) {
    const job = { job: "publish", data: { id: "stock", value: `job ${i}` } };
    assertEquals(await ask(`${base}/jobs`, "POST", job), [202, { posted: 1 }]);
    await stream.until("stock", `job ${i}`);
  }
  const pages = await Promise.all([one, two].map(async ({ base }) => {
    const page = await fetch(`${base}/dashboard`);
    await page.body?.cancel();
    return page.status;
  }));
  assertEquals(pages, [401, 503]);

  await using here = new Socket(one.base, "red");
  await using there = new Socket(two.base, "red");
  await using apart = new Socket(two.base, "blue");
  for (const socket of [here, there]) await socket.until("You are in red");
  await apart.until("You are in blue");
  here.say("hello");
  there.say("and back");
  assertEquals(await there.until("hello"), ["You are in red", "hello"]);
  assertEquals(await here.until("and back"), ["You are in red", "and back"]);
  assertEquals(apart.heard, ["You are in blue"]);
});

Deno.test("examples/edge.ts goes on where a stream was with another isolate", async () => {
  await using database = await KvConnectServer.start();
  const one = await isolate(database);
  await using _one = one.program;
  const path = "/v1/modstamps?id=a&id=b&id=c";
  await ask(`${one.base}/v1/modstamps/a`, "PUT", { value: "1" });
  await using first = await EventStream.open(`${one.base}${path}`);
  await first.until("c", "");
  assertEquals(await one.program.end("SIGTERM"), 0);
  const two = await isolate(database);
  await using _two = two.program;
  await ask(`${two.base}/v1/modstamps/b`, "PUT", { value: "2" });
  await using second = await EventStream.open(`${two.base}${path}`, first.lastEventId);
  assertEquals(await second.next(), { id: "b", value: "2" });
});

Deno.test("examples/edge.ts answers from what it knows while its database is away, and goes on", async () => {
  await using database = await KvConnectServer.start();
  const one = await isolate(database);
  await using _one = one.program;
  const two = await isolate(database);
  await using _two = two.program;
  const [here, there] = [one, two].map(({ base }) => `${base}/v1/modstamps/a`);
  await using stream = await EventStream.open(`${two.base}/v1/modstamps?id=a`);
  await ask(here!, "PUT", { value: "1" });
  await stream.until("a", "1");
  await database.stop();
  const error = "Cannot change modstamp a as the store has failed";
  assertEquals(await ask(here!, "PUT", { value: "2" }), [503, { error }]);
  assertEquals(await (await fetch(there!)).json(), { id: "a", value: "1" });
  database.resume();
  for (let status = 503; status !== 200;) [status] = await ask(here!, "PUT", { value: "3" });
  await stream.until("a", "3");
});

Deno.test("examples/edge.ts refuses writers without the token", async () => {
  await using database = await KvConnectServer.start();
  const { program, base } = await isolate(database);
  await using _program = program;
  for (const [path, method] of [["/v1/modstamps/a", "PUT"], ["/jobs", "POST"]]) {
    const response = await fetch(`${base}${path}`, { method, body: "{}" });
    await response.body?.cancel();
    assertEquals(response.status, 401);
  }
  const page = await fetch(`${base}/`);
  assertEquals(new URL(page.url).pathname, "/watch");
  await page.body?.cancel();
});
