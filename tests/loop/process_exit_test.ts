import { assertEquals } from "@std/assert";

const MODULE = new URL("../../loop/mod.ts", import.meta.url).href;

/** Runs a program, and tells what it has printed and its exit code. */
async function run(source: string): Promise<[output: string, code: number]> {
  const program = `import { EventLoop } from "${MODULE}"; const loop = new EventLoop(); ${source}`;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--unstable-net", program],
    env: { NO_COLOR: "1" },
    stderr: "inherit",
  });
  const { stdout, code } = await command.output();
  return [new TextDecoder().decode(stdout).trim(), code];
}

Deno.test("EventLoop lets the process exit when it has nothing to do", async () => {
  assertEquals(await run(`console.log("made");`), ["made", 0]);
});

Deno.test("EventLoop lets the process exit after its last timer", async () => {
  const source = `
    loop.callLater(20, () => console.log("timer"));
    loop.callSoon(() => console.log("callback"));
    loop.callLater(3_600_000, () => {}).cancel();
  `;
  assertEquals(await run(source), ["callback\ntimer", 0]);
});

Deno.test("EventLoop lets the process exit when its sockets are closed", async () => {
  const source = `
    const socket = await loop.bindDatagram({ hostname: "127.0.0.1", onBatch() {
      console.log("batch");
      socket.close();
    } });
    const { hostname, port } = socket.localAddress;
    socket.send(socket.peers.internAddress(hostname, port), new Uint8Array(1));
  `;
  assertEquals(await run(source), ["batch", 0]);
});

Deno.test("EventLoop lets the process exit when it was stopped, or a callback failed", async () => {
  const stop = `loop.every(10, () => {}); loop.callLater(30, () => void loop.stop());`;
  assertEquals(await run(stop), ["", 0]);
  const fail = `
    loop.callSoon(() => { throw new RangeError("No"); });
    addEventListener("error", (event) => {
      event.preventDefault();
      console.log(event.error.message);
    });
  `;
  assertEquals(await run(fail), ["No", 0]);
});
