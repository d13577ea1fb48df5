import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import { MessageError, Replier, Requester } from "../../../queue/mod.ts";
import { eachPoller } from "../../loop/conformance/each_poller.ts";
import { bind, on, textOf, until } from "./exchange.ts";

async function codeOf(request: Promise<Uint8Array>): Promise<string> {
  return (await assertRejects(() => request, MessageError)).code;
}

/** A requester and repliers in a simulated network. */
class Scene implements AsyncDisposable {
  readonly network = new SimulatedNetwork({ seed: 6 });
  readonly loop = new EventLoop({ poller: this.network.host("10.0.0.1").poller() });
  readonly requester = new Requester({ loop: this.loop, maxInFlight: 2, highWaterMark: 3 });
  readonly #repliers: Replier[] = [];

  /** Starts a replier that waits as long as a request says. */
  async reply(host: string): Promise<Replier> {
    const loop = new EventLoop({ poller: this.network.host(host).poller() });
    const replier = new Replier(async (message, { signal }) => {
      await loop.sleep(Number(textOf(message)), { signal });
      return `${host} ${textOf(message)}`;
    }, { loop });
    this.#repliers.push(replier);
    await replier.bind({ hostname: host, port: 80, allow: ["10.0.0.0/8"] });
    this.requester.connect({ hostname: host, port: 80 });
    return replier;
  }

  async ask(waitMs: number, timeoutMs?: number): Promise<string> {
    return textOf(await this.requester.request(`${waitMs}`, { timeoutMs }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.requester[Symbol.asyncDispose]();
    for (const replier of this.#repliers) await replier[Symbol.asyncDispose]();
    this.network.close();
  }
}

eachPoller("Requester.request() gets the answers in order", async (world) => {
  await using replier = new Replier(
    (message) => message.length > 0 ? message.toReversed() : "nothing",
    on(world.server, world),
  );
  await using requester = new Requester(on(world.client, world));
  requester.connect(await bind(replier, world));
  const texts = ["abc", "", "x".repeat(300_000) + "y", "d"];
  const answers = await Promise.all(texts.map((text) => requester.request(text)));
  assertEquals(answers.map(textOf), ["cba", "nothing", "y" + "x".repeat(300_000), "d"]);
});

eachPoller("Requester.request() fails when the connection breaks, and goes on", async (world) => {
  const hostname = world.serverHost;
  const options = { hostname, allow: ["127.0.0.1", "10.0.0.0/8"] };
  let isAsked = false;
  const silent = new Replier((_, { signal }) => {
    isAsked = true;
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  }, on(world.server, world));
  const { port } = await silent.bind(options) as { port: number };
  await using requester = new Requester(on(world.client, world));
  requester.connect({ hostname, port });
  const code = codeOf(requester.request("a"));
  await until(world.server, () => isAsked);
  await silent[Symbol.asyncDispose]();
  assertEquals(await code, "lost");
  await using replier = new Replier((message) => message, on(world.server, world));
  await replier.bind({ ...options, port });
  assertEquals(textOf(await requester.request("b")), "b");
});

Deno.test("Requester.request() gives up in time, and takes no late answer for another", async () => {
  await using scene = new Scene();
  assertEquals(await codeOf(scene.requester.request("0", { timeoutMs: 100 })), "timeout");
  await scene.reply("10.0.0.2");
  assertEquals(await scene.ask(10), "10.0.0.2 10");
  assertEquals(await codeOf(scene.requester.request("500", { timeoutMs: 100 })), "timeout");
  assertEquals(await scene.ask(20), "10.0.0.2 20");
  const stop = AbortSignal.abort(new TypeError("enough"));
  await assertRejects(() => scene.requester.request("1", { signal: stop }), TypeError, "enough");
});

Deno.test("Requester.request() leaves out connections on which an answer is overdue", async () => {
  await using scene = new Scene();
  await scene.reply("10.0.0.2");
  await scene.network.advance(100);
  const late = codeOf(scene.requester.request("5000", { timeoutMs: 3000 }));
  await scene.network.advance(3100);
  await scene.reply("10.0.0.3");
  for (let i = 0; i < 3; i++) assertEquals(await scene.ask(i), `10.0.0.3 ${i}`);
  assertEquals(await late, "timeout");
  await scene.network.advance(2000);
  const both = await Promise.all([scene.ask(1), scene.ask(1)]);
  assertEquals(both.sort(), ["10.0.0.2 1", "10.0.0.3 1"]);
});

Deno.test("Requester breaks a connection whose answer doesn't come at all", async () => {
  await using scene = new Scene();
  await scene.reply("10.0.0.2");
  await scene.network.advance(100);
  const host = scene.network.host("10.0.0.2");
  host.crash({ streams: "silent" });
  assertEquals(await codeOf(scene.requester.request("1", { timeoutMs: 1000 })), "timeout");
  const loop = new EventLoop({ poller: host.poller() });
  await using replier = new Replier((message) => message, { loop });
  await replier.bind({ hostname: "10.0.0.2", port: 80, allow: ["10.0.0.1"] });
  assertEquals(await scene.ask(2), "2");
});

Deno.test("Requester.request() waits for a connection with room, up to a limit", async () => {
  await using scene = new Scene();
  await scene.reply("10.0.0.2");
  await scene.network.advance(100);
  const answers = Array.from({ length: 5 }, () => scene.ask(10));
  assertEquals(await codeOf(scene.requester.request("10")), "full");
  assertEquals(await Promise.all(answers), Array(5).fill("10.0.0.2 10"));
});

Deno.test("Requester breaks a connection that answers what nobody asked", async () => {
  await using scene = new Scene();
  const loop = new EventLoop({ poller: scene.network.host("10.0.0.2").poller() });
  await loop.listenStream({
    port: 80,
    onConnection: (stream) => {
      stream.write(new Uint8Array([0, 0, 0, 0, 6, 65]));
      return { onData() {} };
    },
  });
  scene.requester.connect({ hostname: "10.0.0.2", port: 80 });
  await scene.network.advance(50);
  assertEquals(scene.requester.stats().faults, 1);
});

Deno.test("Requester[Symbol.asyncDispose]() gives up all requests", async () => {
  await using scene = new Scene();
  await scene.reply("10.0.0.2");
  await scene.network.advance(100);
  const codes = ["1000", "1000", "1000"].map((text) => codeOf(scene.requester.request(text)));
  await scene.network.advance(100);
  await scene.requester[Symbol.asyncDispose]();
  assertEquals(await Promise.all(codes), ["closed", "closed", "closed"]);
});

Deno.test("Requester() refuses limits that make no sense", () => {
  assertThrows(() => new Requester({ maxInFlight: 0 }), RangeError);
});
