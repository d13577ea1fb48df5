import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { SocketRecorder } from "../websocket/mounted/mounted_scene.ts";
import { fromFileUrl } from "./paths.ts";
import { Program, runProgram } from "./program.ts";

const LISTEN = "websocket/listen.ts";

/** A folder with an application in two files. */
async function makeApplication(greeting: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/greeting.ts`, `export const greeting = "${greeting}";`);
  await Deno.writeTextFile(
    `${folder}/app.ts`,
    `import { greeting } from "./greeting.ts";
     export default () => ({
       onOpen: (connection) => connection.send(greeting),
       onMessage: (connection, message) => connection.send(message),
     });`,
  );
  return folder;
}

async function serve(...args: string[]): Promise<{ program: Program; port: string }> {
  const program = Program.start([LISTEN, "-p", "0", "-i", "127.0.0.1", ...args]);
  const [, port] = await program.line(/^listening on wss?:\/\/127\.0\.0\.1:(\d+)\//);
  return { program, port };
}

Deno.test("listen.ts serves an application until it is stopped, then closes with 1001", async () => {
  const folder = await makeApplication("hello");
  const { program, port } = await serve(`${folder}/app.ts`, "--ping-every", "5");
  await using _program = program;
  const client = new SocketRecorder(`ws://127.0.0.1:${port}/`);
  await client.line("text hello");
  client.socket.send("echo");
  await client.line("text echo");
  const code = program.end("SIGTERM");
  await client.line("close 1001 The server goes away");
  assertEquals(await code, 0);
});

Deno.test("listen.ts --watch restarts when a file of the application changes", async () => {
  const folder = await makeApplication("first");
  const { program, port } = await serve(`${folder}/app.ts`, "--watch");
  await using _program = program;
  const first = new SocketRecorder(`ws://127.0.0.1:${port}/`);
  await first.line("text first");
  const told = program.lines.length;
  await Deno.writeTextFile(`${folder}/greeting.ts`, `export const greeting = "second";`);
  await first.until(() => first.lines.at(-1)!.startsWith("close"));
  const [, again] = await program.line(/^listening on ws:\/\/127\.0\.0\.1:(\d+)\//, told);
  const second = new SocketRecorder(`ws://127.0.0.1:${again}/`);
  await second.line("text second");
  await second.close();
  assertEquals(await program.end("SIGTERM"), 0);
});

Deno.test("listen.ts takes its flags from a config file, and checks origins and addresses", async () => {
  const folder = await makeApplication("hello");
  const config = `${folder}/config.yaml`;
  await Deno.writeTextFile(config, "origins: example.com,http://localhost:1\nblock: 10.0.0.0/8\n");
  const { program, port } = await serve(`${folder}/app.ts`, "--config", config, "--log", "text");
  await using _program = program;
  const client = new SocketRecorder(`ws://127.0.0.1:${port}/`);
  await client.until(() => client.lines.length > 0);
  assert(client.lines[0].startsWith("close"));
  assertEquals(await program.end("SIGINT"), 0);
});

Deno.test("listen.ts speaks TLS", async () => {
  const folder = await makeApplication("hello");
  const tls = (name: string): string => fromFileUrl(`../loop/tls/${name}`);
  const { program, port } = await serve(
    `${folder}/app.ts`,
    "--cert",
    tls("certificate.pem"),
    "--key",
    tls("key.pem"),
  );
  await using _program = program;
  const conn = await Deno.connectTls({
    hostname: "localhost",
    port: Number(port),
    caCerts: [await Deno.readTextFile(tls("authority.pem"))],
  });
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  const answer = new Uint8Array(1000);
  const count = await conn.read(answer);
  assertStringIncludes(
    new TextDecoder().decode(answer.subarray(0, count!)),
    "426 Upgrade Required",
  );
  conn.close();
  assertEquals(await program.end("SIGTERM"), 0);
});

const WRONG: [what: string, args: string[], message: string][] = [
  ["no application is named", [], "Cannot serve as the application is to be named: APP.ts"],
  ["the application is missing", ["./none.ts"], "none.ts as it fails"],
  ["a flag is unknown", ["app.ts", "--colour"], "Cannot use --colour as there is no such flag"],
  ["an origin is malformed", ["app.ts", "--origins", "a/b"], "Cannot check origins as a/b"],
  ["a range is malformed", ["app.ts", "--block", "x"], "Cannot block x as it is no IP range"],
  ["TLS lacks the key", ["app.ts", "--cert", "c.pem"], "--cert and --key go together"],
  ["nothing is exported", ["empty.ts"], "as it has no default export"],
  ["something else is exported", ["wamp.ts"], "put a WampServer between them"],
];
for (const [what, args, message] of WRONG) {
  Deno.test(`listen.ts exits with 2 when ${what}`, async () => {
    const cwd = await makeApplication("hello");
    await Deno.writeTextFile(`${cwd}/empty.ts`, "export {};");
    await Deno.writeTextFile(`${cwd}/wamp.ts`, "export default { onCall() {} };");
    const { code, stderr } = await runProgram([LISTEN, ...args], { cwd });
    assertStringIncludes(stderr, message);
    assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1]);
  });
}
