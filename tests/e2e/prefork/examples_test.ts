import { assertEquals } from "@std/assert";
import { Supervised } from "./supervised.ts";

const ignore = Deno.build.os !== "linux";

/** Sends text, ends, and reads until the other side ends, too. */
async function ask(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

Deno.test({
  name: "examples/raas.ts reverses lines, and goes on over a reload",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start("examples/raas.ts -w 2");
    assertEquals(await ask(supervised.port, "hello\nJosé 👋\n"), "olleh\n👋 ésoJ\n");
    supervised.signal("SIGHUP");
    await supervised.line(/^Reloaded 2 workers/);
    assertEquals(await ask(supervised.port, "again\n"), "niaga\n");
    await supervised.stop();
  },
});

Deno.test({
  name: "examples/http.ts answers",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start("examples/http.ts -w 2");
    assertEquals(await supervised.get(), "Hello\n");
    await supervised.stop();
  },
});
