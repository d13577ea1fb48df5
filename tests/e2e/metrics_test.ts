import { assert, assertEquals, assertMatch } from "@std/assert";
import { ModstampClient } from "../../modstamp/mod.ts";
import { fromFileUrl } from "./paths.ts";
import { Program } from "./program.ts";

const HTTP = /:(\d+) \(http\)/;

async function makeFile(text: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, text);
  return file;
}

/** The metrics of a scrape, by name, with the names of their labels. */
async function scrape(port: string, token?: string): Promise<Map<string, Set<string>>> {
  const headers: HeadersInit = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
  assertEquals(response.status, 200);
  assertMatch(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const found = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const kind = /^# TYPE (\w+) (\w+)$/.exec(line);
    if (kind !== null) {
      found.set(kind[1], new Set());
      assertEquals(kind[2] === "counter", kind[1].endsWith("_total"), line);
      assert(text.includes(`# HELP ${kind[1]} `));
    } else if (line !== "" && !line.startsWith("#")) {
      const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})? -?[\d.e+-]+$/.exec(line) ?? [];
      assert(name !== undefined, line);
      const names = found.get(name) ?? new Set();
      for (const [, label] of labels.matchAll(/(\w+)="/g)) names.add(label);
      found.set(name, names);
    }
  }
  return found;
}

async function scrapeQueue(): Promise<Map<string, Set<string>>[]> {
  const token = await makeFile("secret\n");
  const jobs = await makeFile(
    `import { defineJobs } from "${new URL("../../queue/mod.ts", import.meta.url)}";
    export default defineJobs({ hello: () => undefined });`,
  );
  const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0", "--http", "0"];
  await using server = Program.start(["queue/server.ts", ...flags, "--token", token]);
  const [, http] = await server.line(HTTP);
  const [, beanstalk] = await server.line(/:(\d+) \(beanstalk\)/);
  const refused = await fetch(`http://127.0.0.1:${http}/metrics`);
  assertEquals([refused.status, (await refused.text()).includes("sluice_")], [401, false]);
  await using worker = Program.start(
    ["queue/work.ts", jobs, "-c", "1", "--in-process", "--http", "0", "--server"]
      .concat(`127.0.0.1:${beanstalk}`),
  );
  const [, workerHttp] = await worker.line(HTTP);
  const headers = { authorization: "Bearer secret" };
  const body = JSON.stringify([{ job: "hello" }, { job: "hello", delayMs: 3_600_000 }]);
  await (await fetch(`http://127.0.0.1:${http}/jobs`, { method: "POST", headers, body })).body
    ?.cancel();
  await worker.line(/done after/);
  const all = [await scrape(http, "secret"), await scrape(workerHttp)];
  await Promise.all([Deno.remove(token), Deno.remove(jobs)]);
  return all;
}

async function scrapeModstamp(): Promise<Map<string, Set<string>>> {
  const flags = ["--store", "memory:", "--port", "0", "--http", "0"];
  await using server = Program.start(["modstamp/server.ts", ...flags]);
  const [, http] = await server.line(HTTP);
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\)/);
  await using client = new ModstampClient({ hostname: "127.0.0.1", port: Number(port) });
  await client.send({ prices: "v2" });
  return await scrape(http);
}

async function scrapeWebSocket(): Promise<Map<string, Set<string>>> {
  const app = await makeFile(
    `import { WampServer } from "${new URL("../../websocket/mod.ts", import.meta.url)}";
    export default new WampServer({ onCall: (_connection, { args }) => args[0] });`,
  );
  const flags = ["-p", "0", "-i", "127.0.0.1", "--http", "0"];
  await using server = Program.start(["websocket/listen.ts", app, ...flags]);
  const [, http] = await server.line(HTTP);
  const [, url] = await server.line(/listening on (ws:\S+)/);
  const socket = new WebSocket(url, "wamp");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onmessage = resolve);
  socket.send('[5,"news"]');
  const answered = new Promise((resolve) => socket.onmessage = resolve);
  socket.send('[2,"1","echo",1]');
  await answered;
  const found = await scrape(http);
  socket.close();
  await closed;
  await Deno.remove(app);
  return found;
}

async function scrapePrefork(): Promise<Map<string, Set<string>>> {
  const port = freePort();
  const app = fromFileUrl("../../examples/http.ts");
  const flags = ["-w", "1", "-p", "0", "--status", port];
  await using supervisor = Program.start(["prefork/main.ts", app, ...flags]);
  await supervisor.line(/listening on/);
  return await scrape(port);
}

function freePort(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return String(listener.addr.port);
}

Deno.test("each program serves metrics, and the Grafana dashboard asks for no others", async () => {
  const found = new Map<string, Set<string>>();
  const scrapes = [
    ...await scrapeQueue(),
    await scrapeModstamp(),
    await scrapeWebSocket(),
    await scrapePrefork(),
  ];
  for (const [name, labels] of scrapes.flatMap((each) => [...each])) {
    found.set(name, new Set([...found.get(name) ?? [], ...labels]));
  }
  const file = new URL("../../telemetry/grafana.json", import.meta.url);
  const { panels } = JSON.parse(await Deno.readTextFile(file));
  const queries = panels.flatMap(({ targets = [] }: { targets: { expr: string }[] }) =>
    targets.map(({ expr }) => expr)
  );
  assert(queries.length > 20);
  const shown = new Set<string>();
  for (const query of queries as string[]) {
    const names: string[] = query.match(/\b(?:sluice|process)_\w+/g) ?? [];
    const labels = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list.split(", "));
    assertEquals(names.length, 1, query);
    assert(found.has(names[0]), `Nobody has ${names[0]}`);
    for (const label of labels) assert(found.get(names[0])!.has(label), `No ${label} in ${query}`);
    shown.add(names[0].replace(/_bucket$/, ""));
  }
  for (const module of ["queue", "worker", "modstamp", "websocket", "wamp", "prefork", "loop"]) {
    assert([...shown].some((name) => name.startsWith(`sluice_${module}_`)), module);
  }
});

Deno.test("a program whose client of metrics can't be had serves on without them", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const folder = await Deno.makeTempDir();
  const packages = `${folder}/npm/registry.npmjs.org`;
  await Deno.mkdir(packages, { recursive: true });
  const registry = `${npmCache}/registry.npmjs.org`;
  for (const name of ["croner", "deno-std"]) {
    await new Deno.Command("cp", { args: ["-r", `${registry}/${name}`, packages] }).output();
  }
  const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0", "--http", "0"];
  await using server = Program.start(["queue/server.ts", ...flags], {
    denoFlags: ["-A", "--cached-only", "--no-lock"],
    env: { DENO_DIR: folder },
  });
  await server.line(/^warning: Cannot serve metrics as its client can't be loaded: /);
  const [, port] = await server.line(HTTP);
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  assertEquals(response.status, 404);
  await response.body?.cancel();
  const stats = await (await fetch(`http://127.0.0.1:${port}/stats`)).json();
  assertEquals(stats.ready, 0);
  assertEquals(await server.end("SIGTERM"), 0);
  await Deno.remove(folder, { recursive: true });
});
