import { assertEquals } from "@std/assert";
import { RedisServer, testRedis } from "../redis/redis_server.ts";
import { Program } from "./program.ts";

const MODULE = new URL("../../websocket/mod.ts", import.meta.url);
/** WAMP with a relay, and a procedure that keeps what it is told in the web session. */
const APP = `import { sessionOf, RedisRelay, WampServer } from "${MODULE}";
export default async () => new WampServer({
  async onCall(connection, { args }) {
    const session = sessionOf(connection);
    if (args.length === 0) return await session.reload().then(() => session.get("name"));
    session.set("name", args[0]);
    await session.save();
    return session.id;
  },
}, { relay: await RedisRelay.open(Deno.env.get("REDIS_URL"), { maxBackoffMs: 50 }) });`;

/** A client of WAMP v1. */
class Client {
  readonly #socket: WebSocket;
  readonly #heard: unknown[][] = [];
  #news = Promise.withResolvers<void>();
  #lastCall = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#heard.push(JSON.parse(data));
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    };
  }

  static async connect(url: string, cookie = "none=1"): Promise<Client> {
    const options = { protocols: ["wamp"], headers: { cookie } };
    const client = new Client(new WebSocket(url, options as unknown as string[]));
    await client.hear(0);
    return client;
  }

  say(...message: unknown[]): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Waits for a message of one of these types. */
  async hear(...types: number[]): Promise<unknown[]> {
    for (;;) {
      const at = this.#heard.findIndex((message) => types.includes(message[0] as number));
      if (at >= 0) return this.#heard.splice(at, 1)[0]!;
      await this.#news.promise;
    }
  }

  /** Calls a procedure, and gives the result, or `null` when it fails. */
  async call(...args: unknown[]): Promise<unknown> {
    const id = String(++this.#lastCall);
    this.say(2, id, "name", ...args);
    const answer = await this.hear(3, 4);
    return answer[0] === 3 ? answer[2] : null;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}

function serve(url: string, app: string): Program {
  const flags = ["-p", "0", "-i", "127.0.0.1", "--session-store", url];
  return Program.start(["websocket/listen.ts", app, ...flags], { env: { REDIS_URL: url } });
}

async function urlOf(program: Program): Promise<string> {
  const [, url] = await program.line(/^listening on (ws:\S+), sessions in redis:/);
  return url;
}

testRedis(
  "WAMP topics and sessions of two servers are one through Redis, which fails",
  async () => {
    const args = ["--timeout", "1", "--appendonly", "yes", "--appendfsync", "always"];
    await using redis = await RedisServer.start({ args });
    await redis.kill();
    const app = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(app, APP);
    await using one = serve(redis.url, app);
    await using two = serve(redis.url, app);
    await one.line(/trying again/);
    await redis.restart();
    const here = await Client.connect(await urlOf(one));
    const id = await here.call("Zoë");
    const there = await Client.connect(await urlOf(two), `sid=${id}`);
    assertEquals(await there.call(), "Zoë");
    there.say(5, "news");
    assertEquals(await there.call(), "Zoë");
    here.say(7, "news", "hello");
    assertEquals(await there.hear(8), [8, "news", "hello"]);

    await redis.kill();
    const saving = here.call("Bob");
    await redis.restart();
    const isSaved = await saving !== null;
    assertEquals(await there.call(), isSaved ? "Bob" : "Zoë");
    while (await here.call("Carl") === null);
    assertEquals(await there.call(), "Carl");
    // What is sent while Redis is away is dropped, and what comes later is not.
    let isHeard = false;
    const heard = there.hear(8).then(() => isHeard = true);
    while (!isHeard) {
      here.say(7, "news", "again");
      await here.call("Carl");
    }
    await heard;
    await Promise.all([here.close(), there.close()]);
    assertEquals(await one.end("SIGTERM"), 0);
    assertEquals(await two.end("SIGTERM"), 0);
    await Deno.remove(app);
  },
);
