import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  KvSessionStore,
  PhpSessionCodec,
  type SessionCodec,
  Sessions,
  signCookie,
} from "@sluice/sluice/websocket";
import { RedisServer, testRedis } from "../redis/redis_server.ts";
import { SocketRecorder } from "../websocket/mounted/mounted_scene.ts";
import { Program, runProgram } from "./program.ts";

const LISTEN = "websocket/listen.ts";
const ENTRY = new URL("../../websocket/mod.ts", import.meta.url).href;
const ID = "abcdefghijklmnopqrstuvwxyz";

// Answers what the visitor is called and who else is known, and keeps what it is told.
const APP = `import { sessionOf } from "${ENTRY}";
export default ({ sessions }) => ({
  onOpen: (connection) => connection.send("I am " + sessionOf(connection).get("name")),
  async onMessage(connection, message) {
    if (message.startsWith("id ")) {
      const other = await sessions.open(message.slice(3));
      connection.send("it is " + other?.get("name"));
    } else {
      const session = sessionOf(connection);
      session.set("name", message);
      await session.save();
      connection.send("saved " + session.id);
    }
  },
});`;

async function makeApplication(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/app.ts`, APP);
  await Deno.writeTextFile(`${folder}/secret`, "new secret\nold secret\n");
  await Deno.writeTextFile(`${folder}/empty`, "\n");
  return folder;
}

async function serve(args: string[], cwd: string): Promise<{ program: Program; url: string }> {
  const program = Program.start([LISTEN, "app.ts", "-p", "0", "-i", "127.0.0.1", ...args], { cwd });
  const [, url] = await program.line(/^listening on (\S+), sessions in /);
  return { program, url };
}

/** Connects with a cookie, if any, and says a name, which is kept. */
async function visit(url: string, options: { cookie?: string; name?: string }): Promise<string[]> {
  const { cookie, name } = options;
  const client = new SocketRecorder(url, [], cookie === undefined ? {} : { cookie });
  await client.until(() => client.lines.length === 2);
  if (name !== undefined) {
    client.socket.send(name);
    await client.until(() => client.lines.length === 3);
  }
  const lines = client.lines.slice(1);
  await client.close();
  return lines;
}

const CODECS: [form: string, codec: SessionCodec | undefined, cookie: string][] = [
  ["json", undefined, "sid"],
  ["php", new PhpSessionCodec({ handler: "php" }), "PHPSESSID"],
  ["php_binary", new PhpSessionCodec({ handler: "php_binary" }), "PHPSESSID"],
  ["php_serialize", new PhpSessionCodec({ handler: "php_serialize" }), "PHPSESSID"],
];
for (const [form, codec, cookie] of CODECS) {
  Deno.test(`listen.ts --session-codec ${form} reads and writes a file's sessions, and after kill -9`, async () => {
    const cwd = await makeApplication();
    {
      await using sessions = new Sessions(await KvSessionStore.open(`${cwd}/web.kv`), { codec });
      const session = await sessions.open(ID, { create: true });
      session!.set("name", "Zoë");
      session!.set("kept", [1, 2]);
      await session!.save();
    }
    const args = ["--session-store", "kv:web.kv", "--session-codec", form];
    const first = await serve(args, cwd);
    const visitor = { cookie: `${cookie}=${ID}` };
    assertEquals(await visit(first.url, { ...visitor, name: "Bob" }), [
      "text I am Zoë",
      `text saved ${ID}`,
    ]);
    await first.program.end("SIGKILL");

    const second = await serve(args, cwd);
    await using program = second.program;
    assertEquals(await visit(second.url, visitor), ["text I am Bob"]);
    assertEquals(await visit(second.url, { name: `id ${ID}` }), [
      "text I am undefined",
      "text it is Bob",
    ]);
    assertEquals(await program.end("SIGTERM"), 0);
    await using sessions = new Sessions(await KvSessionStore.open(`${cwd}/web.kv`), { codec });
    assertEquals((await sessions.open(ID))?.get("kept"), [1, 2]);
  });
}

Deno.test("listen.ts lets no page of another site use the sessions of its visitors", async () => {
  const cwd = await makeApplication();
  const statusOf = async (args: string[], origin: string): Promise<string> => {
    const { program, url } = await serve(["--session-store", "memory:", ...args], cwd);
    await using _program = program;
    return (await handshake(url, `Origin: ${origin}\r\n`))[0].split(" ")[1];
  };
  assertEquals(await statusOf([], "https://evil.test"), "403");
  assertEquals(await statusOf([], "http://localhost:3000"), "101");
  assertEquals(await statusOf(["--origins", "friend.test"], "https://friend.test"), "101");
  assertEquals(await statusOf(["--origins", "*"], "https://evil.test"), "101");
});

Deno.test("listen.ts --session-secret takes cookies that any of its secrets has signed", async () => {
  const cwd = await makeApplication();
  const args = ["--session-store", "memory:", "--session-secret", "secret"];
  const { program, url } = await serve([...args, "--session-ttl", "60"], cwd);
  await using _program = program;
  const sign = (id: string, by: string): string =>
    `connect.sid=${encodeURIComponent(signCookie(id, by))}`;
  const answer = await handshake(url);
  const set = answer.find((line) => /^set-cookie:/i.test(line))!.split(/[ ;]/)[1];
  assertEquals(set, sign(/s%3A(\w+)/.exec(set)![1], "new secret"));

  const [, saved] = await visit(url, { name: "Bob" });
  const signed = (by: string): string => sign(saved.split(" ")[2], by);
  assertEquals(await visit(url, { cookie: signed("new secret") }), ["text I am Bob"]);
  assertEquals(await visit(url, { cookie: signed("old secret") }), ["text I am Bob"]);
  assertEquals(await visit(url, { cookie: signed("another") }), ["text I am undefined"]);
});

testRedis("listen.ts --session-store redis:// writes where connect-redis looks", async () => {
  await using redis = await RedisServer.start({ password: "hidden" });
  const cwd = await makeApplication();
  const flags = ["--session-store", redis.url, "--session-cookie", "who"];
  const { program, url } = await serve(flags, cwd);
  await using _program = program;
  const [, saved] = await visit(url, { name: "Zoë" });
  const id = saved.split(" ")[2];
  assertEquals(await visit(url, { cookie: `who=${id}` }), ["text I am Zoë"]);
  assertEquals(program.lines.some((line) => line.includes("hidden")), false);
  assertEquals(await program.end("SIGTERM"), 0);
});

/** The lines of the answer to a handshake. */
async function handshake(url: string, fields = ""): Promise<string[]> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await conn.write(
    new TextEncoder().encode(
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        fields +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ),
  );
  const answer = new Uint8Array(4096);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const count = await conn.read(answer);
    if (count === null) break;
    text += new TextDecoder().decode(answer.subarray(0, count));
  }
  conn.close();
  return text.split("\r\n");
}

const WRONG: [what: string, args: string[], message: string][] = [
  ["the store is unknown", ["--session-store", "file:x"], "Cannot keep sessions in file:x as it"],
  ["the URL is none", ["--session-store", "redis://"], "Cannot use URL of Redis"],
  ["there is no store", ["--session-codec", "php"], "--session-codec without --session-store"],
  ["the codec is unknown", ["--session-store", "memory:", "--session-codec", "xml"], "one of json"],
  ["the bag is JSON's", ["--session-store", "memory:", "--session-bag", "x"], "only PHP's"],
  ["a layout is not Redis's", ["--session-store", "memory:", "--session-layout", "snc"], "Redis's"],
  ["the cookie is malformed", ["--session-store", "memory:", "--session-cookie", "a b"], "cookie"],
  ["the secret is empty", ["--session-store", "memory:", "--session-secret", "empty"], "is empty"],
  ["the secret is missing", ["--session-store", "memory:", "--session-secret", "none"], "no such"],
];
for (const [what, args, message] of WRONG) {
  Deno.test(`listen.ts exits with 2 when of sessions ${what}`, async () => {
    const cwd = await makeApplication();
    const { code, stderr } = await runProgram([LISTEN, "app.ts", ...args], { cwd });
    assertStringIncludes(stderr, message);
    assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1]);
  });
}
