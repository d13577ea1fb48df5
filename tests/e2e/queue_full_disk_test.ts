import { assert, assertEquals } from "@std/assert";
import { EventLoop } from "../../loop/mod.ts";
import { BeanstalkLink } from "../../queue/beanstalk/beanstalk_link.ts";
import { Program } from "./program.ts";
import { SmallDisk } from "./small_disk.ts";

const whyNot = await SmallDisk.whyNot();
const decoder = new TextDecoder();

interface Ports {
  line: number;
  beanstalk: number;
  http: number;
}

async function serve(disk: SmallDisk): Promise<{ server: Program; ports: Ports }> {
  const flags = ["--line", "0", "--beanstalk", "0", "--http", "0"];
  const server = Program.start(["queue/server.ts", "--store", `kv:${disk.path}/q.db`, ...flags]);
  const [, http] = await server.line(/:(\d+) \(http\)/);
  const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), [^ ]*:(\d+) \(beanstalk\)/);
  return {
    server,
    ports: { line: Number(line), beanstalk: Number(beanstalk), http: Number(http) },
  };
}

/** A job whose body doesn't get smaller when it is stored. */
function bodyOf(number: number): string {
  const noise = crypto.getRandomValues(new Uint8Array(6000)).toBase64();
  return JSON.stringify({ job: "note", data: { number, noise } });
}

/** Puts jobs until the server refuses some; gives the acknowledged ones. */
async function fill(link: BeanstalkLink): Promise<{ bodies: string[]; refusals: Set<string> }> {
  const bodies: string[] = [];
  const refusals = new Set<string>();
  for (let number = 0; refusals.size === 0; number += 50) {
    await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const body = bodyOf(number + i);
      const { words } = await link.ask(`put 5 0 60 ${body.length}\r\n${body}`);
      if (words[0] === "INSERTED") bodies.push(body);
      else refusals.add(words.join(" "));
    }));
  }
  return { bodies, refusals };
}

async function takeAll(link: BeanstalkLink): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { words, data } = await link.ask("reserve-with-timeout 0");
    if (words[0] !== "RESERVED") return bodies;
    bodies.push(decoder.decode(data!));
    assertEquals((await link.ask(`delete ${words[1]}`)).words, ["DELETED"]);
  }
}

Deno.test({
  name: `queue/server.ts refuses jobs while its disk is full, loses none, and recovers${
    whyNot === null ? "" : ` (skipped: ${whyNot})`
  }`,
  ignore: whyNot !== null,
  fn: async () => {
    await using disk = await SmallDisk.mount(12, 6);
    await using loop = new EventLoop();
    const { server, ports } = await serve(disk);
    await using _server = server;
    const place = { hostname: "127.0.0.1", port: ports.beanstalk };
    const link = await BeanstalkLink.open(place, { loop });
    const { bodies, refusals } = await fill(link);
    assertEquals([...refusals], ["INTERNAL_ERROR"]);
    assert(bodies.length > 0);
    const lines = Array.from({ length: 60 }, (_, i) => bodyOf(-1 - i));
    using sender = await Deno.connect({ hostname: "127.0.0.1", port: ports.line });
    const writer = sender.writable.getWriter();
    const written = writer.write(
      new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")),
    );
    const url = `http://127.0.0.1:${ports.http}/jobs`;
    const refused = await fetch(url, {
      method: "POST",
      body: JSON.stringify(lines.map((text) => JSON.parse(text))),
    });
    assertEquals([refused.status, (await refused.json()).error.startsWith("Cannot")], [503, true]);
    await server.line(/^error: Cannot change jobs as the database has failed: .*full/);
    await disk.free();
    await written;
    await sender.closeWrite();
    assertEquals(await new Response(sender.readable).text(), "");
    const found = new Set(await takeAll(link));
    for (const body of [...bodies, ...lines]) {
      assert(found.has(body), "an acknowledged job is lost");
    }
    link.close();
    assertEquals(await server.end("SIGTERM"), 0);
  },
});
