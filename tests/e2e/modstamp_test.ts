import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Program, runProgram } from "./program.ts";

const SERVER = "modstamp/server.ts";
const CLIENT = "modstamp/client.ts";

/** Starts a server on a port of its own. */
async function serve(...flags: string[]): Promise<{ server: Program; port: string }> {
  const server = Program.start([SERVER, "--port", "0", "--store", "memory:", ...flags]);
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\)/);
  return { server, port };
}

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrNotAvailable) return false;
    throw error;
  }
}

async function client(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram([CLIENT, ...args]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
  const name = `client.ts listen prints what client.ts send changes on ${host}`;
  Deno.test({ name, ignore: host === "[::1]" && !hasIpv6() }, async () => {
    const { server, port } = await serve();
    await using _server = server;
    await client("send", `${host}:${port}`, "test=old");
    await using listener = Program.start([CLIENT, "listen", `${host}:${port}`, "test=known"]);
    await listener.line(/^test=old$/);
    assertEquals(await client("send", `${host}:${port}`, "test=abc"), "test=abc\n");
    await listener.line(/^test=abc$/);
    assertEquals(await client("get", `${host}:${port}`, "test", "other"), "test=abc\nother=\n");
    assertEquals(await listener.end("SIGTERM"), 0);
    assertEquals(await server.end("SIGTERM"), 0);
  });
}

Deno.test("server.ts keeps what it confirmed when it is killed, and its listeners hear of later changes", async () => {
  const folder = await Deno.makeTempDir();
  const flags = ["--store", `kv:${folder}/values.db`];
  const { server, port } = await serve(...flags);
  await using listener = Program.start([
    CLIENT,
    "listen",
    `localhost:${port}`,
    "test=",
    "--query-every",
    "1",
  ]);
  await client("send", `localhost:${port}`, "test=kept");
  await listener.line(/^test=kept$/);
  await server.end("SIGKILL");
  const again = Program.start([SERVER, "--port", port, ...flags]);
  await again.line(/^listening/);
  assertEquals(await client("get", `localhost:${port}`, "test"), "test=kept\n");
  await client("send", `localhost:${port}`, "test=later");
  await listener.line(/^test=later$/);
  await listener.end("SIGTERM");
  await again.end("SIGTERM");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("client.ts send makes values by each strategy", async () => {
  const { server, port } = await serve();
  await using _server = server;
  const send = (value: string) => client("send", `localhost:${port}`, "n", "--value", value);
  assertEquals(await send("counter"), "n=1\n");
  assertEquals(await send("counter"), "n=2\n");
  assertMatch(await send("timestamp"), /^n=\d{13}\n$/);
  assertMatch(await send("random"), /^n=[0-9a-f]{24}\n$/);
});

Deno.test("client.ts send changes several servers at once", async () => {
  const one = await serve();
  const two = await serve();
  await using _one = one.server;
  await using _two = two.server;
  assertEquals(
    await client("send", `localhost:${one.port},localhost:${two.port}`, "test=both"),
    "test=both\n",
  );
  assertEquals(await client("get", `localhost:${two.port}`, "test"), "test=both\n");
});

Deno.test("client.ts listen runs a command and prints JSON", async () => {
  const { server, port } = await serve();
  await using _server = server;
  await client("send", `localhost:${port}`, "test=first");
  const { code, stdout } = await runProgram([
    CLIENT,
    "listen",
    `localhost:${port}`,
    "test=known",
    "--once",
    "--json",
    "--exec",
    'echo "$MODSTAMP_ID is $MODSTAMP_VALUE"',
  ]);
  assertEquals([code, stdout], [0, '{"id":"test","value":"first"}\ntest is first\n']);
});

Deno.test("server.ts serves encrypted peers and gives those with a wrong key nothing", async () => {
  const folder = await Deno.makeTempDir();
  const profile = async (name: string, key: string): Promise<string> => {
    const entry = [{ encryption: "aes-256-gcm", id: "office", permission: "rw", key }];
    await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(entry));
    return `${folder}/${name}`;
  };
  const right = await profile("right.json", "ab".repeat(32));
  const wrong = await profile("wrong.json", "cd".repeat(32));
  const { server, port } = await serve("--profile", right);
  await using _server = server;
  const host = `localhost:${port}`;
  assertEquals(await client("send", host, "test=secret", "--profile", right), "test=secret\n");
  assertEquals(await client("get", host, "test", "--profile", right), "test=secret\n");
  for (const flags of [["--profile", wrong], []]) {
    const outcome = await runProgram([CLIENT, "get", host, "test", "--timeout", "0.5", ...flags]);
    assertEquals([outcome.code, outcome.stdout], [1, ""]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("server.ts reads its flags from a config file and logs JSON", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/c.yml`, 'port: 0\nstore: "memory:"\nlog: json\n');
  await using server = Program.start([SERVER, "--config", `${folder}/c.yml`]);
  const { input } = await server.line(/listening/);
  const { level, port } = JSON.parse(input);
  assertEquals(level, "info");
  assert(port > 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("server.ts and client.ts say in one line why they do without the epoll poller", async () => {
  const names = ["net", "read", "write", "env", "run", "sys"];
  const denoFlags = ["--no-prompt", ...names.map((name) => `--allow-${name}`)];
  await using server = Program.start([SERVER, "--port", "0", "--store", "memory:"], {
    env: { SLUICE_POLLER: "" },
    denoFlags,
  });
  const [line, port] = await server.line(/^listening on .*:(\d+) \(udp\).*/);
  const reason = Deno.build.os === "linux"
    ? "it needs the permission to call native code (--allow-ffi)"
    : `it needs Linux: this is ${Deno.build.os}`;
  const warning = `warning: Cannot use the epoll poller as ${reason}`;
  assertEquals(server.lines, [warning, line]);
  assertStringIncludes(line, "portable poller");
  const { code, stdout, stderr } = await runProgram([CLIENT, "get", `localhost:${port}`, "test"], {
    env: { SLUICE_POLLER: "" },
    denoFlags,
  });
  assertEquals([code, stdout, stderr], [0, "test=\n", `${warning}\n`]);
});

Deno.test("server.ts and client.ts tell what is wrong in one line", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/entry.yml`, "- { encryption: plain, permission: all }\n");
  await Deno.writeTextFile(`${folder}/broken.yml`, "- encryption: plain\n permission: [rw\n");
  await Deno.writeTextFile(`${folder}/config.yml`, "prot: 1\n");
  const taken = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const long = "v".repeat(256);
  const cases: [program: string, args: string, code: number, text: string][] = [
    [SERVER, "--port 65536", 2, "--port 65536"],
    [SERVER, `--hostname 127.0.0.1 --store memory: --port ${port}`, 1, `127.0.0.1:${port}`],
    [SERVER, "--prot 1", 2, "--prot"],
    [SERVER, "--store redis", 2, "--store redis"],
    [SERVER, `--store kv:${folder}/none/values.db`, 1, "values.db"],
    [SERVER, `--store kv:${folder}/broken.yml`, 1, "broken.yml"],
    [SERVER, `--profile ${folder}/none.yml`, 2, "there is no such file"],
    [SERVER, `--profile ${folder}/entry.yml`, 2, "entry.yml as profiles[0].permission"],
    [SERVER, `--profile ${folder}/broken.yml`, 2, "line 2"],
    [SERVER, `--config ${folder}/config.yml`, 2, "there is no flag prot"],
    [SERVER, "extra", 2, "extra"],
    [CLIENT, "", 2, "listen, send or get"],
    [CLIENT, "fetch localhost a", 2, "fetch"],
    [CLIENT, "get localhost", 2, "without an ID"],
    [CLIENT, "get localhost:0 a", 2, "localhost:0"],
    [CLIENT, "get name.invalid a", 1, "the name is not known"],
    [CLIENT, `get 127.0.0.1:${port} a --timeout 0.2`, 1, "does not answer"],
    [CLIENT, `send 127.0.0.1:${port} a=1 --timeout 0.2`, 1, "does not answer"],
    [CLIENT, `send localhost a=${long}`, 2, "256 bytes"],
    [CLIENT, `get localhost ${long}`, 2, "id"],
    [CLIENT, "get localhost a/b", 2, "a/b"],
  ];
  for (const [program, args, code, text] of cases) {
    const outcome = await runProgram([program, ...args.split(" ").filter(Boolean)]);
    assertStringIncludes(outcome.stderr, text, `${program} ${args}`);
    assertEquals([outcome.code, outcome.stdout], [code, ""], `${program} ${args}`);
    assertMatch(outcome.stderr, /^error: Cannot [^\n]*\n$/, `${program} ${args}`);
  }
  taken.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("server.ts and client.ts explain themselves", async () => {
  for (const program of [SERVER, CLIENT]) {
    const help = await runProgram([program, "--help"]);
    assertEquals(help.code, 0);
    assertStringIncludes(help.stdout, "Usage:");
    assertMatch((await runProgram([program, "--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  }
});
