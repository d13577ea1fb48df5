import { assert, assertEquals, assertRejects } from "@std/assert";
import { RedisSessionStore, Sessions, SessionStoreError } from "../../../../websocket/mod.ts";
import { RedisServer, testRedis } from "../../../redis/redis_server.ts";
import { testStoreInRealTime } from "./conformance.ts";

const FAST = { minBackoffMs: 5, maxBackoffMs: 20, callTimeoutMs: 60_000 };

testStoreInRealTime((what, run) =>
  testRedis(`RedisSessionStore.${what}`, async () => {
    await using server = await RedisServer.start();
    await using store = await RedisSessionStore.open(server.url, FAST);
    await run(store);
  })
);

testRedis("RedisSessionStore lets sessions expire, unless they are touched", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisSessionStore.open(server.url);
  const bytes = Uint8Array.of(1);
  await store.write("short", { bytes, version: null, ttlMs: 20 });
  await store.write("touched", { bytes, version: null, ttlMs: 20_000 });
  await store.write("eternal", { bytes, version: null, ttlMs: Infinity });
  while (await store.read("short") !== null);
  assertEquals(await store.touch("short", 1000), false);
  assertEquals(await store.delete("short"), false);
  assertEquals(await store.touch("touched", 90_000), true);
  for (const key of ["sess:touched", "{sess:touched}:written"]) {
    assert(Number(await server.ask("PTTL", key)) > 30_000);
  }
  assertEquals(await server.ask("PTTL", "sess:eternal"), "-1");
});

testRedis("RedisSessionStore sees what web applications write by themselves", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisSessionStore.open(server.url);
  const [before, after] = ["{}", '{"a":1}'].map((text) => new TextEncoder().encode(text));
  const version = await store.write("x", { bytes: before, version: null, ttlMs: 60_000 });
  await server.ask("SET", "sess:x", '{"a":1}', "EX", "60");
  assertEquals(await store.write("x", { bytes: before, version, ttlMs: 60_000 }), null);
  const seen = await store.read("x");
  assertEquals(seen?.bytes, after);
  const written = await store.write("x", { bytes: before, version: seen!.version, ttlMs: 60_000 });
  assert(written !== null);
});

testRedis("RedisSessionStore calls keys as each layout does, or as it is told", async () => {
  await using server = await RedisServer.start();
  for (
    const [options, key] of [
      [{}, "sess:a"],
      [{ layout: "symfony" }, "sf_sa"],
      [{ layout: "snc" }, "sessiona"],
      [{ layout: "phpredis" }, "PHPREDIS_SESSION:a"],
      [{ layout: "snc", prefix: "shop:" }, "shop:a"],
    ] as const
  ) {
    await using store = await RedisSessionStore.open(server.url, options);
    await store.write("a", { bytes: new Uint8Array(3), version: null, ttlMs: 60_000 });
    assertEquals(await server.ask("STRLEN", key), "3");
  }
  await assertRejects(
    () => RedisSessionStore.open(server.url, { layout: "rails" as "snc" }),
    RangeError,
  );
});

testRedis("RedisSessionStore.write() waits for the lock of the web application", async () => {
  await using server = await RedisServer.start();
  for (const [layout, lock] of [["snc", "sessiona.lock"], ["phpredis", undefined]] as const) {
    await using store = await RedisSessionStore.open(server.url, {
      layout,
      lockPollMs: 1,
      lockWaitMs: layout === "snc" ? 60_000 : 30,
    });
    const write = () => store.write("a", { bytes: new Uint8Array(1), version: null, ttlMs: 1e6 });
    await server.ask("SET", lock ?? "PHPREDIS_SESSION:a_LOCK", "token");
    if (lock === undefined) {
      const message = "Cannot write session as the web application has locked it for 30 ms";
      await assertRejects(write, SessionStoreError, message);
      await assertRejects(() => store.delete("a"), SessionStoreError, "locked");
      continue;
    }
    const writing = write();
    await server.ask("DEL", lock);
    assert(await writing !== null);
  }
});

testRedis("RedisSessionStore goes on when Redis closes, is killed, and comes back", async () => {
  const args = ["--timeout", "1", "--appendonly", "yes", "--appendfsync", "always"];
  await using server = await RedisServer.start({ args });
  let recovered = (): void => undefined;
  const onRecovery = (): void => recovered();
  await using sessions = new Sessions(
    await RedisSessionStore.open(server.url, { ...FAST, onRecovery }),
  );
  const session = sessions.create();
  for (let round = 0; round < 3; round++) {
    // Redis closes a connection that was unused for a second.
    const isClosed = new Promise<void>((resolve) => recovered = resolve);
    session.set(`round${round}`, round);
    await session.save();
    if (round === 1) {
      await server.kill();
      session.set("meanwhile", true);
      const saved = session.save();
      await server.restart();
      await saved;
    }
    await isClosed;
  }
  const seen = await sessions.open(session.id);
  assertEquals(seen?.keys().toSorted(), ["cookie", "meanwhile", "round0", "round1", "round2"]);
});

testRedis("RedisSessionStore loses no acknowledged save to kills under load", async () => {
  await using server = await RedisServer.start({
    args: ["--appendonly", "yes", "--appendfsync", "always"],
  });
  await using sessions = new Sessions(await RedisSessionStore.open(server.url, FAST));
  const session = sessions.create();
  await session.save();
  let isOver = false;
  const writers = ["a", "b", "c"].map(async (name) => {
    let last = 0;
    while (!isOver) {
      const own = await sessions.open(session.id);
      own!.set(name, last + 1);
      await own!.save();
      last++;
    }
    return { name, last };
  });
  for (let kill = 0; kill < 3; kill++) {
    for (let at = 0; at < 20; at++) await sessions.open(session.id);
    await server.kill();
    await server.restart();
  }
  isOver = true;
  const acknowledged = await Promise.all(writers);
  const seen = await sessions.open(session.id);
  assertEquals(acknowledged.map(({ name }) => ({ name, last: seen!.get(name) })), acknowledged);
});

testRedis("RedisSessionStore says what is wrong with Redis", async () => {
  await using server = await RedisServer.start({ password: "right" });
  await assertRejects(
    () => RedisSessionStore.open(server.url.replace("right", "bad")),
    SessionStoreError,
    `Cannot open sessions as the store fails: Cannot use Redis at 127.0.0.1:${server.port} ` +
      "as the user or password is wrong",
  );
  await using sessions = new Sessions(await RedisSessionStore.open(server.url, FAST));
  const session = sessions.create();
  await session.save();
  await server.ask("CONFIG", "SET", "maxmemory", "1");
  session.set("a", 1);
  await assertRejects(() => session.save(), SessionStoreError, "as its memory is full");
  await server.ask("CONFIG", "SET", "maxmemory", "0");
  await session.save();
  const hurry = { ...FAST, callTimeoutMs: 500, patienceMs: 60_000 };
  await using hasty = new Sessions(await RedisSessionStore.open(server.url, hurry));
  let own = await hasty.open(session.id).catch(() => null);
  while (own === null) own = await hasty.open(session.id).catch(() => null);
  server.pause();
  own.set("b", 2);
  await assertRejects(() => own.save(), SessionStoreError, "has not answered for 500 ms");
  server.resume();
  while (await own.save().then(() => false, () => true));
  assertEquals((await sessions.open(session.id))?.keys(), ["cookie", "a", "b"]);
});
