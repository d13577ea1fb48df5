import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "./paths.ts";
import { Program, runProgram } from "./program.ts";

const SECRET = "geheim-9e107d9d372bb6826bd81d3542a419d6";
const JSON_LOG = ["--log", "json"];

async function makeFile(text: string, suffix = ""): Promise<string> {
  const file = await Deno.makeTempFile({ suffix });
  await Deno.writeTextFile(file, text);
  return file;
}

/** Stops a program, checks that each line is an event, and gives their messages. */
async function messagesOf(program: Program): Promise<string[]> {
  assertEquals(await program.end("SIGTERM"), 0);
  assert(program.lines.length > 0);
  return program.lines.map((line) => {
    assert(!line.includes(SECRET), line);
    const { time, level, message } = JSON.parse(line);
    assertMatch(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assertMatch(level, /^(info|warning|error)$/);
    return message;
  });
}

Deno.test("queue/server.ts logs an event a line, and no token", async () => {
  const token = await makeFile(SECRET);
  const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0", "--http", "0"];
  await using server = Program.start(["queue/server.ts", ...flags, "--token", token, ...JSON_LOG]);
  const [, port] = await server.line(/:(\d+) \(http\)/);
  await server.line(/\(lines\)/);
  const base = `http://127.0.0.1:${port}`;
  for (const shown of [SECRET, `${SECRET}x`]) {
    const headers = { authorization: `Bearer ${shown}`, cookie: `session=${shown}` };
    for (const path of [`/jobs?token=${shown}`, "/dashboard", "/metrics", "/%ff"]) {
      await (await fetch(base + path, { headers })).body?.cancel();
      await (await fetch(base + path, { headers, method: "POST", body: `{${shown}` })).body
        ?.cancel();
    }
  }
  const messages = await messagesOf(server);
  assert(messages.some((message) => message.startsWith("stopping ready=0")));
  await Deno.remove(token);
});

Deno.test("programs name no password of a Redis that is not there, and none of a bad URL", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = `redis://me:${SECRET}@127.0.0.1:${port}`;
  for (const program of ["queue/server.ts", "modstamp/server.ts"]) {
    const flags = program.startsWith("queue") ? ["--line", "0", "--beanstalk", "0"] : [];
    await using running = Program.start([program, "--store", url, ...flags, ...JSON_LOG]);
    const line = await running.line(/trying again/);
    assert(line[0] !== "");
    await running.end("SIGKILL");
    for (const text of running.lines) {
      assert(!text.includes(SECRET), text);
      assertEquals(JSON.parse(text).level, "warning");
    }
    for (const bad of [`redis:/me:${SECRET}@host`, `rediss//:${SECRET}@host`, `${url}/x/y`]) {
      const { code, stderr } = await runProgram([program, "--store", bad]);
      assertEquals([code, stderr.split("\n").length], [2, 2], stderr);
      assert(!stderr.includes(SECRET), stderr);
    }
  }
});

Deno.test("modstamp/server.ts logs an event a line, and no key", async () => {
  const key = "9e107d9d372bb6826bd81d3542a419d69e107d9d372bb6826bd81d3542a419d6";
  const profile = await makeFile(
    `- { encryption: aes-256-gcm, id: office, key: ${key}, permission: rw }\n`,
  );
  const flags = ["--store", "memory:", "--port", "0", "--profile", profile, ...JSON_LOG];
  await using server = Program.start(["modstamp/server.ts", ...flags]);
  await server.line(/\(udp\)/);
  const messages = await messagesOf(server);
  assert(!messages.join().includes(key));
  const bad = await makeFile(`- { encryption: aes-256-gcm, id: o, key: ${key}0, permission: rw }`);
  const { code, stderr } = await runProgram(["modstamp/server.ts", "--profile", bad]);
  assertEquals([code, stderr.includes(key)], [2, false], stderr);
  await Promise.all([Deno.remove(profile), Deno.remove(bad)]);
});

Deno.test("websocket/listen.ts logs what fails an event a line, and no cookie or secret", async () => {
  const app = await makeFile(
    `export default { onMessage() { throw new RangeError("Cannot go on\\nas it is late"); } };`,
    ".ts",
  );
  const secrets = await makeFile(SECRET);
  const flags = ["-p", "0", "-i", "127.0.0.1", "--session-store", "memory:", "--session-secret"];
  await using server = Program.start(["websocket/listen.ts", app, ...flags, secrets, ...JSON_LOG]);
  const [, url] = await server.line(/listening on (ws:[^ ,]+)/);
  const { port } = new URL(url);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const handshake = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Cookie: connect.sid=s%3A${SECRET}.${SECRET}; PHPSESSID=${SECRET}\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const emptyText = [0x81, 0x80, 0, 0, 0, 0];
  await connection.write(
    new Uint8Array([...new TextEncoder().encode(handshake), ...emptyText]),
  );
  await server.line(/Cannot go on/);
  connection.close();
  const messages = await messagesOf(server);
  assertEquals(messages.filter((message) => message.includes("Cannot go on")).length, 1);
  await Promise.all([Deno.remove(app), Deno.remove(secrets)]);
});

Deno.test("prefork/main.ts logs an event a line, and no control token", async () => {
  const app = fromFileUrl("../../examples/http.ts");
  const flags = ["-w", "1", "-p", "0", "--status", "0", ...JSON_LOG];
  const env = { SLUICE_CONTROL_TOKEN: SECRET };
  await using supervisor = Program.start(["prefork/main.ts", app, ...flags], { env });
  await supervisor.line(/listening on/);
  await messagesOf(supervisor);
});

Deno.test("--log-level leaves out what matters less", async () => {
  const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0", "--log-level", "warning"];
  const denoFlags = ["-A", "--deny-ffi"];
  await using server = Program.start(["queue/server.ts", ...flags], { denoFlags });
  await server.line(/^warning: /);
  await server.end("SIGTERM");
  assertEquals(server.lines.filter((line) => !line.startsWith("warning: ")), []);
});
