import { assert, assertEquals } from "@std/assert";
import { ModstampServer, RedisModstampStore, StoreError } from "../../modstamp/mod.ts";
import { RedisServer, testRedis } from "../redis/redis_server.ts";
import { changesOf, contentsOf } from "./store_conformance.ts";

const OPTIONS = { minBackoffMs: 5, maxBackoffMs: 20, patienceMs: 60_000, callTimeoutMs: 1000 };
const WRITERS = 4;

/** A server, and writers that count up, each its own id, and all of them one in common. */
class Site implements AsyncDisposable {
  readonly server: ModstampServer;
  /** The last number of each id that was confirmed. */
  readonly confirmed = new Map<string, number>();
  /** Why changes were refused. */
  readonly refusals = new Set<string>();
  readonly #store: RedisModstampStore;
  readonly #writers: Promise<void>[];
  #confirmations = 0;
  #wake = (): void => undefined;
  #ended = false;

  private constructor(name: string, server: ModstampServer, store: RedisModstampStore) {
    this.server = server;
    this.#store = store;
    this.#writers = Array.from({ length: WRITERS }, (_, i) => this.#write(`${name}${i}`));
  }

  static async start(name: string, url: string): Promise<Site> {
    const onError = (): void => undefined;
    const store = await RedisModstampStore.open(url, { ...OPTIONS, onError });
    const options = { hostname: "127.0.0.1", port: 0, store, onError };
    return new Site(name, await ModstampServer.listen(options), store);
  }

  value(id: string): string {
    return String.fromCharCode(...this.server.value(id) ?? []);
  }

  /** Waits until so many more changes were confirmed. */
  async confirms(count: number): Promise<void> {
    const end = this.#confirmations + count;
    while (this.#confirmations < end) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Waits until a change is refused for that reason. */
  async refuses(reason: string): Promise<void> {
    while (!this.refusals.has(reason)) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Waits until a value is as given. */
  async until(id: string, value: string): Promise<void> {
    const changed = Promise.withResolvers<void>();
    using _watch = this.server.watch(() => {
      if (this.value(id) === value) changed.resolve();
    });
    if (this.value(id) !== value) await changed.promise;
  }

  async finish(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#writers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
    await this.server[Symbol.asyncDispose]();
    await this.#store[Symbol.asyncDispose]();
  }

  async #write(id: string): Promise<void> {
    for (let count = 1; !this.#ended; count++) {
      try {
        await this.server.change(changesOf({ [id]: `${count}`, common: `${id}.${count}` }));
        this.confirmed.set(id, count);
        this.#confirmations++;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        const reason = error.message.replace(/^.*? as /, "");
        this.refusals.add(reason);
      }
      this.#wake();
    }
  }
}

testRedis(
  "ModstampServer loses nothing that it has confirmed, whatever becomes of Redis",
  async () => {
    const args = ["--appendonly", "yes", "--appendfsync", "always"];
    await using redis = await RedisServer.start({ args });
    await using one = await Site.start("one", redis.url);
    await using two = await Site.start("two", redis.url);
    const sites = [one, two];
    const recover = async (): Promise<void> => {
      await Promise.all(sites.map((site) => site.confirms(20)));
    };
    const refused = async (reason: string): Promise<void> => {
      while (!sites.every(({ refusals }) => refusals.has(reason))) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await recover();

    for (let round = 0; round < 2; round++) {
      await redis.kill();
      await redis.restart();
      await recover();
    }
    redis.pause();
    await refused("it has not answered for 1000 ms");
    redis.resume();
    await recover();
    await redis.ask("CLIENT", "PAUSE", "400", "WRITE");
    await recover();
    await redis.ask("CONFIG", "SET", "maxmemory", "1");
    await refused("its memory is full");
    await redis.ask("CONFIG", "SET", "maxmemory", "0");
    await recover();
    await redis.ask("CLIENT", "KILL", "TYPE", "normal");
    await redis.ask("CLIENT", "KILL", "TYPE", "pubsub");
    await recover();

    for (const site of sites) await site.finish();
    await one.server.change(changesOf({ end: "1" }));
    await two.until("end", "1");
    await two.server.change(changesOf({ end: "2" }));
    await one.until("end", "2");
    await using witness = await RedisModstampStore.open(redis.url, OPTIONS);
    const stored = await contentsOf(witness);
    for (const site of sites) {
      for (const [id, value] of Object.entries(stored)) assertEquals(site.value(id), value, id);
      for (const [id, count] of site.confirmed) {
        assert(
          Number(stored[id]) >= count,
          `${id}: ${stored[id]} is stored, ${count} was confirmed`,
        );
      }
    }
  },
);
