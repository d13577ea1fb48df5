import { assert, assertEquals } from "@std/assert";
import { LocalRegistry } from "../../tools/registry.ts";
import { Program, runProgram } from "./program.ts";

const PACKAGE = "jsr:@sluice/sluice";
const MODULES = ["modstamp", "queue", "websocket", "prefork"];

/** The package as it would be published, and what a machine has that has never seen it. */
class Scene implements AsyncDisposable {
  static #lastId = 0;
  readonly registry: LocalRegistry;
  readonly folder: string;

  private constructor(registry: LocalRegistry, folder: string) {
    this.registry = registry;
    this.folder = folder;
  }

  static async start(): Promise<Scene> {
    const registry = await LocalRegistry.start();
    await registry.publish();
    return new Scene(registry, await Deno.makeTempDir());
  }

  /** How to run a program with an empty cache. */
  get options(): { cwd: string; env: Record<string, string> } {
    const DENO_DIR = `${this.folder}/deno${++Scene.#lastId}`;
    return { cwd: this.folder, env: { ...this.registry.env, DENO_DIR } };
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/${name}`, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function testModstamp({ options }: Scene): Promise<void> {
  await using server = Program.start(
    [`${PACKAGE}/modstamp/server.ts`, "--port", "0", "--http", "0"],
    options,
  );
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\)/);
  const client = [`${PACKAGE}/modstamp/client.ts`, "send", `localhost:${port}`, "test=abc"];
  const sent = await runProgram(client, options);
  assertEquals([sent.code, sent.stdout], [0, "test=abc\n"]);
  const [, http] = await server.line(/:(\d+) \(http\)/);
  for (const path of ["", "/assets/style.css", "/assets/live.js", "/assets/stream.js"]) {
    const response = await fetch(`http://127.0.0.1:${http}/dashboard${path}`);
    assertEquals([response.status, (await response.text()).length > 1000], [200, true]);
  }
  assertEquals(await server.end("SIGTERM"), 0);
  await using killed = Program.start(
    [`${PACKAGE}/modstamp/server.ts`, "--port", port, "--hostname", "127.0.0.1"],
    options,
  );
  await killed.line(/^listening/);
  await killed.end("SIGKILL");
  // The process that it had started with the unstable flags must not outlive it.
  while (!canBind(Number(port))) await new Promise((resolve) => setTimeout(resolve, 50));
}

function canBind(port: number): boolean {
  try {
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

async function testQueue(scene: Scene): Promise<void> {
  await scene.write(
    "jobs.ts",
    `import { defineJobs } from "${PACKAGE}/queue";
     export default defineJobs({ hello: (name: string) => console.log("Hello " + name) });`,
  );
  const { options } = scene;
  const ports = ["--line", "0", "--beanstalk", "0"];
  await using server = Program.start([`${PACKAGE}/queue/server.ts`, ...ports], options);
  const [, lines, beanstalk] = await server.line(/:(\d+) \(lines\), 127\.0\.0\.1:(\d+)/);
  using producer = await Deno.connect({ hostname: "127.0.0.1", port: Number(lines) });
  await producer.write(new TextEncoder().encode('{"job":"hello","data":"Christoph"}\n'));
  await using worker = Program.start(
    [`${PACKAGE}/queue/work.ts`, "jobs.ts", "--server", `127.0.0.1:${beanstalk}`],
    options,
  );
  await worker.line(/Hello Christoph/);
  assertEquals(await worker.end("SIGTERM"), 0);
  assertEquals(await server.end("SIGTERM"), 0);
}

async function testWebSocket(scene: Scene): Promise<void> {
  await scene.write(
    "app.ts",
    `import type { Application } from "${PACKAGE}/websocket";
     export default {
       onMessage: (connection, message) => void connection.send(message),
     } satisfies Application;`,
  );
  await using server = Program.start(
    [`${PACKAGE}/websocket/listen.ts`, "app.ts", "-p", "0", "-i", "127.0.0.1"],
    scene.options,
  );
  const [, port] = await server.line(/^listening on ws:\/\/127\.0\.0\.1:(\d+)/);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.onopen = () => socket.send("echo");
  assertEquals(
    await new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data)),
    "echo",
  );
  const closed = new Promise((resolve) => socket.onclose = resolve);
  assertEquals(await server.end("SIGTERM"), 0);
  await closed;
}

async function testPrefork(scene: Scene): Promise<void> {
  await scene.write("http.ts", 'export default { fetch: () => new Response("Hello") };');
  await using server = Program.start(
    [`${PACKAGE}/prefork/main.ts`, "http.ts", "-w", "2", "-p", "0", "--hostname", "127.0.0.1"],
    scene.options,
  );
  const [, port] = await server.line(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
  assertEquals(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "Hello");
  assertEquals(await server.end("SIGTERM"), 0);
}

/** What of the package a program downloads that imports one module. */
async function downloadsOf(scene: Scene, module: string): Promise<Set<string>> {
  const { requests } = scene.registry;
  const start = requests.length;
  await scene.write(
    `${module}.ts`,
    `import * as all from "${PACKAGE}/${module}"; console.log(Object.keys(all).length > 0);`,
  );
  const args = ["run", "-A", "--quiet", `${module}.ts`];
  const command = new Deno.Command(Deno.execPath(), { args, ...scene.options, stderr: "inherit" });
  assertEquals(new TextDecoder().decode((await command.output()).stdout), "true\n");
  const paths = requests.slice(start).filter((path) => path.startsWith("/@sluice/"));
  return new Set(
    paths.flatMap((path) => /^\/@sluice\/sluice\/[\d.]+\/(\w+)\//.exec(path)?.[1] ?? []),
  );
}

Deno.test("the package runs from JSR with an empty cache and nothing but -A", async (test) => {
  await using scene = await Scene.start();
  await test.step("modstamp", () => testModstamp(scene));
  await test.step("queue", () => testQueue(scene));
  await test.step("websocket", () => testWebSocket(scene));
  await test.step("prefork", () => testPrefork(scene));
});

Deno.test("a module from JSR downloads nothing of the others", async (test) => {
  await using scene = await Scene.start();
  for (const module of MODULES) {
    await test.step(module, async () => {
      const folders = await downloadsOf(scene, module);
      assert(folders.has(module) && folders.has("loop"), [...folders].join());
      const others = MODULES.filter((other) => other !== module);
      assertEquals(others.filter((other) => folders.has(other)), []);
    });
  }
  for (const module of ["loop", "php"]) {
    await test.step(module, async () => {
      assertEquals([...await downloadsOf(scene, module)], [module]);
    });
  }
});
