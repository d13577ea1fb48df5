import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HttpLoad } from "./http_load.ts";
import { app, MAIN, Supervised, until } from "./supervised.ts";
import { fromFileUrl } from "../paths.ts";
import { Program } from "../program.ts";

const APP = app("app");
const ignore = Deno.build.os !== "linux";
/** All that a supervisor needs which may not use FFI. */
const NARROW = "--allow-net --allow-run --allow-read --allow-write --allow-env --allow-sys"
  .split(" ");

/** Stands in for systemd: hears what services tell it. */
class Manager implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly path: string;
  readonly #socket: Deno.DatagramConn;
  readonly #hearing: Promise<void>;

  constructor(folder: string) {
    this.path = `${folder}/notify`;
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: this.path });
    this.#hearing = this.#hear();
  }

  async #hear(): Promise<void> {
    for await (const [bytes] of this.#socket) this.heard.push(new TextDecoder().decode(bytes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#hearing;
  }
}

Deno.test({
  name: "systemd is told when the supervisor serves, reloads, lives and stops",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    {
      await using manager = new Manager(folder);
      const env = { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: "100000" };
      await using supervised = await Supervised.start(`${APP} -w 1`, { env });
      const { pid } = supervised.program;
      await until(() => manager.heard.some((text) => text.startsWith("READY=1")));
      assertMatch(
        manager.heard.find((text) => text.startsWith("READY"))!,
        new RegExp(
          `^READY=1\nMAINPID=${pid}\nSTATUS=listening on http://127.0.0.1:\\d+, 1 workers$`,
        ),
      );
      await until(() => manager.heard.filter((text) => text === "WATCHDOG=1").length > 2);
      assertEquals((await supervised.get("/surroundings")).includes("NOTIFY_SOCKET"), false);
      supervised.signal("SIGHUP");
      await supervised.line(/^Reloaded/);
      await until(() => manager.heard.some((text) => text.includes("STATUS=Serving")));
      assertEquals(manager.heard.some((text) => text.startsWith("RELOADING=1")), true);
      await supervised.stop();
      await until(() => manager.heard.includes("STOPPING=1"));
    }
    await Deno.remove(folder, { recursive: true });
  },
});

for (const [how, denoFlags] of [["with FFI", ["-A"]], ["without FFI", NARROW]] as const) {
  Deno.test({
    name: `a listening socket that systemd opened is shared, ${how}`,
    ignore,
    fn: async () => {
      using free = Deno.listen({ port: 0, hostname: "127.0.0.1" });
      const { port } = free.addr;
      free.close();
      const supervisor = [Deno.execPath(), "run", ...denoFlags, fromFileUrl(`../../${MAIN}`)];
      const line = [...supervisor, APP, "-w", "2", "-p", String(port)];
      const activate = "tests/e2e/prefork/activate.ts";
      await using program = Program.start([activate, String(port), ...line]);
      await program.line(/listening on http/);
      const load = new HttpLoad({ port, clients: 4, keepAlive: false });
      await until(() => load.answers > 100);
      assertEquals((await load.stop()).failures, []);
      assertEquals(await program.end("SIGQUIT"), 0);
    },
  });
}

Deno.test({
  name: "without FFI the supervisor says what it can't promise",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${APP} -w 1 --allow-net --allow-env`, {
      denoFlags: NARROW,
    });
    const [loses] = await supervised.line(/^warning: A worker that goes .*$/);
    assertStringIncludes(loses, "as FFI is not permitted: permit FFI (-A), or share the port by");
    await supervised.line(/^warning: A hung worker outlives a supervisor that is killed/);
    await supervised.stop();
  },
});

Deno.test({
  name: "without FFI a listening socket is still handed down, and loses nothing",
  ignore,
  fn: async () => {
    const line = `${APP} -w 2 --share inherit --allow-net --allow-env`;
    await using supervised = await Supervised.start(line, { denoFlags: NARROW });
    const load = new HttpLoad({ port: supervised.port, clients: 4, keepAlive: false });
    await until(() => load.answers > 50);
    supervised.signal("SIGHUP");
    await supervised.line(/^Reloaded 2 workers/);
    await supervised.count(/: Gone/, 2);
    const { answers } = load;
    await until(() => load.answers > answers + 50);
    assertEquals((await load.stop()).failures, []);
    assertEquals(supervised.program.lines.some((line) => line.includes("goes loses")), false);
    await supervised.stop();
  },
});
