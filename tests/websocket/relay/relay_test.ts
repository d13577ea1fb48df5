import { assertEquals } from "@std/assert";
import { BusRelay, KvRelay, MemoryRelay, RedisRelay, type Relay } from "../../../websocket/mod.ts";
import { KvConnectServer } from "../../kv_connect/kv_connect_server.ts";
import { RedisServer, testRedis } from "../../redis/redis_server.ts";

const FAST = { minBackoffMs: 5, maxBackoffMs: 20, callTimeoutMs: 60_000 };

/** The messages of a channel as texts, and a way to wait for one. */
class Listener {
  readonly heard: string[] = [];
  readonly subscription: Disposable;
  #wake = (): void => undefined;

  constructor(relay: Relay, channel: string) {
    this.subscription = relay.listen(channel, (bytes) => {
      this.heard.push(new TextDecoder().decode(bytes));
      this.#wake();
    });
  }

  async until(text: string): Promise<void> {
    while (!this.heard.includes(text)) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

function send(relay: Relay, channel: string, text: string): boolean {
  return relay.send(channel, new TextEncoder().encode(text));
}

async function testRelays(one: Relay, two: Relay, three: Relay): Promise<void> {
  const [own, a, b] = [new Listener(one, "x"), new Listener(two, "x"), new Listener(three, "x")];
  const other = new Listener(two, "y");
  for (const text of ["1", "2", "3"]) assertEquals(send(one, "x", text), true);
  send(one, "y", "else");
  send(one, "x", "end");
  await Promise.all([a.until("end"), b.until("end")]);
  assertEquals([own.heard, a.heard, other.heard], [[], ["1", "2", "3", "end"], ["else"]]);
  b.subscription[Symbol.dispose]();
  send(two, "x", "back");
  send(one, "x", "later");
  await Promise.all([own.until("back"), a.until("later")]);
  assertEquals(b.heard, ["1", "2", "3", "end"]);
}

Deno.test("MemoryRelay passes messages to all others, in order", async () => {
  await using one = new MemoryRelay();
  await using two = new MemoryRelay(one);
  await using three = new MemoryRelay(two);
  await testRelays(one, two, three);
});

Deno.test("BusRelay passes messages through a bus", async () => {
  const handlers = new Set<{ owner: number; topic: string; handler: (m: Message) => void }>();
  interface Message {
    bytes: Uint8Array;
  }
  const busOf = (owner: number) => ({
    publish(topic: string, bytes: Uint8Array): boolean {
      for (const each of handlers) {
        if (each.owner !== owner && each.topic === topic) each.handler({ bytes });
      }
      return true;
    },
    subscribe(topic: string, handler: (message: Message) => void): Disposable {
      const entry = { owner, topic, handler };
      handlers.add(entry);
      return { [Symbol.dispose]: () => void handlers.delete(entry) };
    },
  });
  await using one = new BusRelay(busOf(1));
  await using two = new BusRelay(busOf(2));
  await using three = new BusRelay(busOf(3));
  await testRelays(one, two, three);
});

testRedis("RedisRelay passes messages through Redis", async () => {
  await using server = await RedisServer.start();
  await using one = await RedisRelay.open(server.url, FAST);
  await using two = await RedisRelay.open(server.url, FAST);
  await using three = await RedisRelay.open(server.url, FAST);
  await testRelays(one, two, three);
});

testRedis("RedisRelay drops what can't be sent, and goes on when Redis is back", async () => {
  await using server = await RedisServer.start();
  await using one = await RedisRelay.open(server.url, FAST);
  const back = Promise.withResolvers<void>();
  await using two = await RedisRelay.open(server.url, { ...FAST, onRecovery: back.resolve });
  const listener = new Listener(two, "x");
  await server.kill();
  while (send(one, "x", "lost")) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.restart();
  await back.promise;
  while (!send(one, "x", "again")) await new Promise((resolve) => setTimeout(resolve, 1));
  await listener.until("again");
  assertEquals(listener.heard, ["again"]);
  assertEquals(one.dropped > 0, true);
});

Deno.test("KvRelay passes messages through a Deno KV, in order", async () => {
  const kv = await Deno.openKv(":memory:");
  {
    await using early = await KvRelay.open(kv);
    send(early, "x", "before");
    await using one = await KvRelay.open(kv);
    await using two = await KvRelay.open(kv);
    await using three = await KvRelay.open(kv);
    await using apart = await KvRelay.open(kv, { prefix: ["other"] });
    const elsewhere = new Listener(apart, "x");
    await testRelays(one, two, three);
    assertEquals(elsewhere.heard, []);
  }
  kv.close();
});

Deno.test("KvRelay passes messages on after its database was away", async () => {
  Deno.env.set("DENO_KV_ACCESS_TOKEN", "token");
  await using server = await KvConnectServer.start();
  const [a, b] = [await Deno.openKv(server.url), await Deno.openKv(server.url)];
  {
    await using one = await KvRelay.open(a);
    await using two = await KvRelay.open(b);
    const listener = new Listener(two, "x");
    send(one, "x", "1");
    await listener.until("1");
    await server.stop();
    send(one, "x", "2");
    server.resume();
    send(one, "x", "3");
    await listener.until("3");
    assertEquals(listener.heard, ["1", "2", "3"]);
  }
  a.close();
  b.close();
});

Deno.test("KvRelay.send() takes no more than fits, and many small ones at once", async () => {
  const kv = await Deno.openKv(":memory:");
  {
    await using one = await KvRelay.open(kv, { maxWaitingBytes: 200_000 });
    await using two = await KvRelay.open(kv);
    const listener = new Listener(two, "x");
    assertEquals(one.send("x", new Uint8Array(60_000)), false);
    const texts = Array.from({ length: 100 }, (_, i) => `${i} `.padEnd(1900, "x"));
    for (const text of texts) assertEquals(send(one, "x", text), true);
    assertEquals(one.send("x", new Uint8Array(50_000)), false);
    assertEquals(one.dropped, 2);
    await listener.until(texts.at(-1)!);
    assertEquals(listener.heard, texts);
  }
  kv.close();
});
