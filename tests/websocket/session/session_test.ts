import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  MemorySessionStore,
  PhpSessionCodec,
  type Session,
  SessionConflictError,
  SessionFormatError,
  SessionGoneError,
  Sessions,
  SessionStoreError,
  type SessionWrite,
} from "../../../websocket/mod.ts";
import { textOf, utf8, vectors } from "./vectors.ts";

const ID = "v".repeat(26);

/** A store that does something else before it writes, or fails. */
class MeddledStore extends MemorySessionStore {
  meddle: (() => Promise<void>) | null = null;
  failing = false;

  override read(id: string) {
    if (this.failing) return Promise.reject(new SessionStoreError("Cannot read"));
    return super.read(id);
  }

  override async write(id: string, write: SessionWrite) {
    const { meddle } = this;
    this.meddle = null;
    await meddle?.();
    if (this.failing) throw new SessionStoreError("Cannot write");
    return await super.write(id, write);
  }
}

async function stored(sessions: Sessions, values: Record<string, unknown>): Promise<Session> {
  const session = sessions.create();
  for (const [key, value] of Object.entries(values)) session.set(key, value);
  await session.save();
  return session;
}

async function valuesOf(sessions: Sessions, id: string): Promise<Record<string, unknown>> {
  const session = await sessions.open(id);
  const keys = session!.keys().filter((key) => key !== "cookie");
  return Object.fromEntries(keys.map((key) => [key, session!.get(key)]));
}

Deno.test("Session.save() makes a session that others open", async () => {
  const sessions = new Sessions(new MemorySessionStore());
  const session = sessions.create();
  assert(session.isNew);
  assertEquals(await sessions.open(session.id), null);
  session.set("a", [1]);
  assert(session.isChanged);
  await session.save();
  assertEquals([session.isNew, session.isChanged], [false, false]);
  assertEquals(await valuesOf(sessions, session.id), { a: [1] });
});

Deno.test("Session.get() and Session.set() work on copies", async () => {
  const sessions = new Sessions(new MemorySessionStore());
  const session = sessions.create();
  const list = [1];
  session.set("list", list);
  list.push(2);
  (session.get("list") as number[]).push(3);
  await session.save();
  assertEquals(await valuesOf(sessions, session.id), { list: [1] });
});

for (const socketFirst of [true, false]) {
  const order = socketFirst ? "the socket first" : "the web application first";
  Deno.test(`Session.save() loses nobody's changes, ${order}`, async () => {
    const sessions = new Sessions(new MemorySessionStore());
    const { id } = await stored(sessions, { kept: 1, gone: 1, web: 0, socket: 0 });
    const [web, socket] = [(await sessions.open(id))!, (await sessions.open(id))!];
    web.set("web", 1);
    web.set("both", "web");
    socket.set("socket", 1);
    socket.set("both", "socket");
    socket.delete("gone");
    for (const each of socketFirst ? [socket, web] : [web, socket]) await each.save();
    const both = socketFirst ? "web" : "socket";
    assertEquals(await valuesOf(sessions, id), { kept: 1, web: 1, socket: 1, both });
  });

  Deno.test(`Session.save() loses nobody's changes in PHP's form, ${order}`, async () => {
    const store = new MemorySessionStore();
    const sessions = new Sessions(store, { codec: new PhpSessionCodec() });
    const [bytes] = vectors.php.slice(4).map(({ hex }) => Uint8Array.fromHex(hex));
    await store.write(ID, { bytes, version: null, ttlMs: 1000 });
    const [web, socket] = [(await sessions.open(ID))!, (await sessions.open(ID))!];
    web.set("web", 1);
    socket.set("socket", 2);
    for (const each of socketFirst ? [socket, web] : [web, socket]) await each.save();
    const tail = socketFirst ? "socket|i:2;web|i:1;" : "web|i:1;socket|i:2;";
    const written = await store.read(ID);
    assertEquals(written!.bytes, new Uint8Array([...bytes, ...utf8(tail)]));
  });
}

Deno.test("Session.save() takes in what was written between its read and its write", async () => {
  const store = new MeddledStore();
  const sessions = new Sessions(store);
  const session = await stored(sessions, { a: 1 });
  const other = (await new Sessions(store).open(session.id))!;
  other.set("b", 2);
  session.set("c", 3);
  store.meddle = () => other.save();
  await session.save();
  assertEquals(await valuesOf(sessions, session.id), { a: 1, b: 2, c: 3 });
  assertEquals(session.get("b"), 2);
});

Deno.test("Session.save() by many at the same time loses nothing", async () => {
  const store = new MemorySessionStore();
  const sessions = new Sessions(store, { maxAttempts: 1000 });
  const { id } = await stored(sessions, {});
  // Some of another process, which knows nothing of the turns of the others.
  const others = new Sessions(store, { maxAttempts: 1000 });
  const writers = Array.from({ length: 300 }, async (_, i) => {
    const session = (await (i % 3 === 0 ? others : sessions).open(id))!;
    session.set(`key${i}`, i);
    await session.save();
  });
  await Promise.all(writers);
  const expected = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key${i}`, i]));
  assertEquals(await valuesOf(sessions, id), expected);
});

Deno.test("Session.save() keeps what is set while it is under way", async () => {
  const store = new MeddledStore();
  const sessions = new Sessions(store);
  const session = await stored(sessions, { a: 1 });
  session.set("b", 1);
  store.meddle = () => Promise.resolve(session.set("b", 2));
  await session.save();
  assertEquals([session.get("b"), session.isChanged], [2, true]);
  await session.save();
  assertEquals(await valuesOf(sessions, session.id), { a: 1, b: 2 });
});

Deno.test("Session.save() keeps the changes when the store fails", async () => {
  const store = new MeddledStore();
  const sessions = new Sessions(store);
  const session = await stored(sessions, { a: 1 });
  session.set("a", 2);
  session.set("b", 2);
  store.failing = true;
  await assertRejects(() => session.save(), SessionStoreError);
  session.set("a", 3);
  store.failing = false;
  await session.save();
  assertEquals(await valuesOf(sessions, session.id), { a: 3, b: 2 });
});

Deno.test("Session.save() gives up when others write all the time", async () => {
  const store = new MeddledStore();
  const sessions = new Sessions(store, { maxAttempts: 3 });
  const session = await stored(sessions, {});
  const other = (await new Sessions(store).open(session.id))!;
  let writes = 0;
  const disturb = async (): Promise<void> => {
    other.set("n", ++writes);
    await other.save();
    store.meddle = disturb;
  };
  store.meddle = disturb;
  session.set("a", 1);
  const error = await assertRejects(() => session.save(), SessionConflictError);
  assertEquals([error.attempts, session.isChanged], [3, true]);
});

Deno.test("Session.save() does not bring back what was destroyed", async () => {
  const sessions = new Sessions(new MemorySessionStore());
  const session = await stored(sessions, { a: 1 });
  const other = (await sessions.open(session.id))!;
  await session.destroy();
  other.set("a", 2);
  await assertRejects(() => other.save(), SessionGoneError);
  await assertRejects(() => session.save(), SessionGoneError);
  await assertRejects(() => other.reload(), SessionGoneError);
  assertEquals(await sessions.open(session.id), null);
});

Deno.test("Session.save() refuses a session that has become too big", async () => {
  const sessions = new Sessions(new MemorySessionStore(), { maxBytes: 200 });
  const session = sessions.create();
  session.set("a", "x".repeat(200));
  await assertRejects(() => session.save(), RangeError, "of 200 bytes");
});

Deno.test("Session.save() lets an unchanged session live on, then merges as before", async () => {
  let now = 0;
  const clock = { monotonicMs: () => now, wallMs: () => now };
  const sessions = new Sessions(new MemorySessionStore({ clock }), { ttlMs: 100 });
  const session = await stored(sessions, { a: 1 });
  now = 90;
  await session.save();
  now = 180;
  const other = (await sessions.open(session.id))!;
  other.set("b", 1);
  await other.save();
  session.set("c", 1);
  await session.save();
  assertEquals(await valuesOf(sessions, session.id), { a: 1, b: 1, c: 1 });
  now = 280;
  await assertRejects(() => session.save(), SessionGoneError);
});

Deno.test("Session.save() lets it live as long as express-session says", async () => {
  let now = 0;
  const clock = { monotonicMs: () => now, wallMs: () => now };
  const sessions = new Sessions(new MemorySessionStore({ clock }), { ttlMs: 100 });
  const session = await stored(sessions, { cookie: { originalMaxAge: 5000 } });
  now = 4999;
  assert(await sessions.open(session.id) !== null);
  now = 5000;
  assertEquals(await sessions.open(session.id), null);
});

Deno.test("Session.reload() reads what others wrote and keeps what was changed", async () => {
  const sessions = new Sessions(new MemorySessionStore());
  const session = await stored(sessions, { a: 1, b: 1 });
  const other = (await sessions.open(session.id))!;
  session.set("a", 2);
  other.set("a", 3);
  other.set("b", 3);
  await other.save();
  await session.reload();
  assertEquals([session.get("a"), session.get("b")], [2, 3]);
});

Deno.test("Session.regenerate() moves the session and makes the old id worthless", async () => {
  const sessions = new Sessions(new MemorySessionStore());
  const session = await stored(sessions, { a: 1 });
  const old = session.id;
  session.set("user", 7);
  const id = await session.regenerate();
  assertNotEquals(id, old);
  assertEquals([session.id, await sessions.open(old)], [id, null]);
  assertEquals(await valuesOf(sessions, id), { a: 1, user: 7 });
  const cleared = await session.regenerate({ clear: true });
  assertEquals(await valuesOf(sessions, cleared), {});
});

Deno.test("Session.regenerate() takes along what is written to the old id meanwhile", async () => {
  const store = new MeddledStore();
  const sessions = new Sessions(store);
  const session = await stored(sessions, { a: 1 });
  const other = (await new Sessions(store).open(session.id))!;
  other.set("b", 2);
  store.meddle = () => other.save();
  const id = await session.regenerate();
  assertEquals(await valuesOf(sessions, id), { a: 1, b: 2 });
  other.set("b", 3);
  await assertRejects(() => other.save(), SessionGoneError);
  assertEquals(store.size, 1);
});

Deno.test("Sessions.open() opens no session of an id that is unknown or malformed", async () => {
  const sessions = new Sessions(new MemorySessionStore());
  for (const id of [ID, "", "x", `${ID}\n`, "../".repeat(10)]) {
    assertEquals(await sessions.open(id), null);
  }
  assertEquals(await sessions.open("x", { create: true }), null);
  const made = await sessions.open(ID, { create: true });
  assertEquals([made?.id, made?.isNew], [ID, true]);
});

Deno.test("Sessions.open() says what its codec can't read, and leaves it as it is", async () => {
  const store = new MemorySessionStore();
  await store.write(ID, { bytes: utf8("nonsense"), version: null, ttlMs: 1000 });
  const sessions = new Sessions(store);
  const error = await assertRejects(() => sessions.open(ID), SessionFormatError);
  assertEquals(error.codec, "json");
  assertEquals(textOf((await store.read(ID))!.bytes), "nonsense");
});

Deno.test("Sessions.constructor() refuses options out of range", () => {
  assertThrows(() => new Sessions(new MemorySessionStore(), { ttlMs: 0 }), RangeError, "ttlMs");
  assertThrows(() => new Sessions(new MemorySessionStore(), { maxBytes: NaN }), RangeError);
});
