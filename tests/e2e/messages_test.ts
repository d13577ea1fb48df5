import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "./paths.ts";
import { Program, runProgram } from "./program.ts";

const EXAMPLE = "examples/messages.ts";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Runs the example with lines as its input, until it ends. */
async function feed(role: string, options: { port: number; lines: string[] }): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      fromFileUrl(new URL(`../../${EXAMPLE}`, import.meta.url).href),
      role,
      `${options.port}`,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.lines.map((line) => `${line}\n`).join("")));
  await writer.close();
  const { stdout } = await child.output();
  return new TextDecoder().decode(stdout);
}

Deno.test("examples/messages.ts hands lines out to those that pull, started before it", async () => {
  const port = freePort();
  await using one = Program.start([EXAMPLE, "pull", `${port}`]);
  await using other = Program.start([EXAMPLE, "pull", `${port}`]);
  for (let round = 0; round < 2; round++) {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${round} ${i}`);
    await feed("push", { port, lines });
    while (one.lines.length + other.lines.length < 100 * (round + 1)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals([...one.lines, ...other.lines].slice().sort().slice(100 * round), lines.sort());
  }
});

Deno.test("examples/messages.ts answers, again after its kill, and tells how it is used", async () => {
  const port = freePort();
  {
    await using _ = Program.start([EXAMPLE, "reply", `${port}`]);
    assertEquals(await feed("ask", { port, lines: ["hello", "you"] }), "HELLO\nYOU\n");
  }
  const asked = feed("ask", { port, lines: ["again"] });
  await using _ = Program.start([EXAMPLE, "reply", `${port}`]);
  assertEquals(await asked, "AGAIN\n");
  for (const args of [[], ["sing", "1"], ["push", "x"]]) {
    const { code, stderr } = await runProgram([EXAMPLE, ...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Usage: ");
  }
});
