import { assertEquals, assertStringIncludes } from "@std/assert";
import { KvJobStore } from "../../queue/mod.ts";
import { Program, runProgram } from "./program.ts";

const SERVER = "queue/server.ts";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Everything that the server writes until it ends the connection. */
async function sendLines(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(encoder.encode(text));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

Deno.test("queue/server.ts keeps the jobs of a producer that left before it was killed", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/queue.db`;
  const flags = [
    "--store",
    `kv:${path}`,
    "--line",
    "0",
    "--beanstalk",
    "0",
    "--php-jobs",
    "HelloWorldJob=hello",
  ];
  await using server = Program.start([SERVER, ...flags]);
  const [, port] = await server.line(/^listening on [^ ]*:(\d+) \(lines\)/);
  const php = 'O:13:"HelloWorldJob":1:{s:7:"\0*\0data";s:9:"Christoph";}\n';
  const answer = await sendLines(Number(port), `{"job":"hello","data":"first"}\nbad\n${php}`);
  assertEquals(answer, '{"line":2,"error":"Cannot take job as it is no JSON"}\n');
  await server.end("SIGKILL");
  {
    await using store = await KvJobStore.open({ path });
    const jobs = await store.reserve({ tubes: ["default"], max: 10 });
    const data = jobs.map(({ body }) => JSON.parse(decoder.decode(body)).data);
    assertEquals(data, ["first", "Christoph"]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("queue/server.ts serves the three protocols from one store", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/token`, "secret\n");
  const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0", "--http", "0"];
  await using server = Program.start([SERVER, ...flags, "--token", `${folder}/token`]);
  const [, http] = await server.line(/^listening on [^ ]*:(\d+) \(http\)/);
  const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), [^ ]*:(\d+) \(beanstalk\)/);
  await sendLines(Number(line), '{"job":"a"}\n');
  const url = `http://127.0.0.1:${http}/jobs/1`;
  const refused = await fetch(url);
  assertEquals([refused.status, await refused.json() !== null], [401, true]);
  const response = await fetch(url, { headers: { authorization: "Bearer secret" } });
  assertEquals((await response.json()).body, { job: "a" });
  const answer = await sendLines(Number(beanstalk), "reserve\r\ndelete 1\r\n");
  assertEquals(answer, 'RESERVED 1 11\r\n{"job":"a"}\r\nDELETED\r\n');
  assertEquals(await server.end("SIGTERM"), 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("queue/server.ts ends with 0 on SIGTERM and with 2 on wrong flags", async () => {
  await using server = Program.start([
    SERVER,
    "--store",
    "memory:",
    "--line",
    "0",
    "--beanstalk",
    "0",
  ]);
  await server.line(/^listening on /);
  assertEquals(await server.end("SIGTERM"), 0);
  const wrong = [["--store", "file:x"], ["--php-jobs", "=x"], [
    "--store",
    "memory:",
    "--allow",
    "x",
  ]];
  for (const args of wrong) {
    const { code, stderr } = await runProgram([SERVER, ...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Cannot");
  }
});

Deno.test({
  name: "queue/server.ts refuses puts once it was sent SIGUSR1",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0"];
    await using server = Program.start([SERVER, ...flags]);
    const [, port] = await server.line(/:(\d+) \(beanstalk\)/);
    const put = "put 0 0 60 1\r\nx\r\n";
    assertEquals(await sendLines(Number(port), put), "INSERTED 1\r\n");
    server.signal("SIGUSR1");
    await server.line(/^draining: /);
    assertEquals(
      await sendLines(Number(port), `${put}reserve\r\n`),
      "DRAINING\r\nRESERVED 1 1\r\nx\r\n",
    );
  },
});

Deno.test("queue/server.ts lets other machines in only where it is told to", async () => {
  const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0"];
  const beyond = await runProgram([SERVER, ...flags, "--hostname", "0.0.0.0", "--http", "0"]);
  assertEquals([beyond.code, beyond.stderr.includes("without --token")], [2, true]);
  await using server = Program.start([SERVER, ...flags, "--allow", "192.0.2.0/24"]);
  const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), [^ ]*:(\d+) \(beanstalk\)/);
  for (const port of [line, beanstalk]) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const ended = await connection.read(new Uint8Array(1)).catch(() => null);
    assertEquals(ended, null);
  }
});

Deno.test({
  name: "queue/server.ts stores on SIGTERM what senders have written that have left",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const store = `kv:${folder}/queue.db`;
    const flags = ["--line", "0", "--beanstalk", "0", "--max-jobs", "10"];
    await using server = Program.start([SERVER, "--store", store, ...flags]);
    const [, port] = await server.line(/:(\d+) \(lines\)/);
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, i) => `{"job":"note","data":${i}}\n`);
    const sender = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const writer = sender.writable.getWriter();
    await writer.write(encoder.encode(lines.join("")));
    sender.close();
    assertEquals(await server.end("SIGTERM"), 0);
    {
      await using kept = await KvJobStore.open({ path: `${folder}/queue.db` });
      assertEquals(kept.stats().ready, count);
    }
    await Deno.remove(folder, { recursive: true });
  },
});
