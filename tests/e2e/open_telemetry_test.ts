import { assertEquals } from "@std/assert";
import { ModstampClient } from "../../modstamp/mod.ts";
import { OtlpCollector } from "../telemetry/otlp_collector.ts";
import { Program } from "./program.ts";

const FLAGS = ["--store", "memory:", "--line", "0", "--beanstalk", "0"];

async function makeFile(name: string, text: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}

async function sendLine(port: number, text: string): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  await connection.closeWrite();
  await new Response(connection.readable).text();
}

Deno.test("with OTEL_DENO a job's push and its run, in another process, are one trace", async () => {
  const module = new URL("../../queue/mod.ts", import.meta.url);
  const jobs = await makeFile(
    "jobs.ts",
    `import { defineJobs } from "${module}";
    export default defineJobs({ hello: () => undefined, bad: () => Promise.reject(new Error("No")) });`,
  );
  await using collector = new OtlpCollector();
  const { env } = collector;
  await using server = Program.start(["queue/server.ts", ...FLAGS], { env });
  const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), .*:(\d+) \(beanstalk\)/);
  const source = ["--server", `127.0.0.1:${beanstalk}`];
  await using worker = Program.start(["queue/work.ts", jobs, "-c", "1", ...source], { env });
  await sendLine(Number(line), '{"job":"hello"}\n');
  const push = await collector.span("queue push");
  const run = await collector.span("queue run");
  assertEquals([run.traceId, run.parentSpanId], [push.traceId, push.spanId]);
  assertEquals(run.attributes[0], { key: "sluice.job.name", value: { stringValue: "hello" } });
  assertEquals(await collector.metric("sluice_queue_push"), "s");
  await collector.metric("sluice_queue_jobs_pushed");
  await collector.metric("sluice_worker_jobs_succeeded");
  assertEquals(await server.end("SIGTERM"), 0);
  assertEquals(await worker.end("SIGTERM"), 0);
  await Deno.remove(jobs);
});

Deno.test("with OTEL_DENO a commit of modstamp is a span", async () => {
  await using collector = new OtlpCollector();
  const args = ["modstamp/server.ts", "--store", "memory:", "--port", "0"];
  await using server = Program.start(args, { env: collector.env });
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\)/);
  await using client = new ModstampClient({ hostname: "127.0.0.1", port: Number(port) });
  await client.send({ prices: "v2" });
  await collector.span("modstamp commit");
  await collector.metric("sluice_modstamp_changes");
  assertEquals(await collector.metric("sluice_modstamp_commit"), "s");
});

Deno.test("with OTEL_DENO a call of WAMP is a span of its message, and its failure shows", async () => {
  const module = new URL("../../websocket/mod.ts", import.meta.url);
  const app = await makeFile(
    "app.ts",
    `import { WampError, WampServer } from "${module}";
    export default new WampServer({ onCall() { throw new WampError("no.way"); } });`,
  );
  await using collector = new OtlpCollector();
  const args = ["websocket/listen.ts", app, "-p", "0", "-i", "127.0.0.1"];
  await using server = Program.start(args, { env: collector.env });
  const [, url] = await server.line(/listening on (ws:\S+)/);
  const socket = new WebSocket(url, "wamp");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  const called = new Promise((resolve) => socket.onmessage = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(JSON.stringify([2, "1", "add", 1]));
  await called;
  const message = await collector.span("websocket message");
  const call = await collector.span("wamp call");
  assertEquals([call.traceId, call.parentSpanId], [message.traceId, message.spanId]);
  assertEquals([call.status?.code, message.status?.code ?? 0], [2, 0]);
  assertEquals(await collector.metric("sluice_wamp_call"), "s");
  socket.close();
  await closed;
  await Deno.remove(app);
});
