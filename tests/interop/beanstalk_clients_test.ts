import { assert, assertEquals, assertRejects } from "@std/assert";
// @ts-types="./jackd.d.ts"
import Jackd from "jackd";
import { Program } from "../e2e/program.ts";
import { need } from "../needs.ts";

const SCRIPT = new URL("./beanstalk_client.php", import.meta.url).pathname;

/** `queue/server.ts` on a file, for clients that know nothing of it. */
class Server implements AsyncDisposable {
  readonly #program: Program;
  readonly #folder: string;
  readonly port: number;

  private constructor(program: Program, options: { folder: string; port: number }) {
    this.#program = program;
    this.#folder = options.folder;
    this.port = options.port;
  }

  static async start(): Promise<Server> {
    const folder = await Deno.makeTempDir();
    const flags = ["--store", `kv:${folder}/queue.db`, "--line", "0", "--beanstalk", "0"];
    const program = Program.start(["queue/server.ts", ...flags]);
    const [, port] = await program.line(/:(\d+) \(beanstalk\)/);
    return new Server(program, { folder, port: Number(port) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assertEquals(await this.#program.end("SIGTERM"), 0);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test("jackd puts, reserves, buries, kicks and deletes on queue/server.ts", async () => {
  await using server = await Server.start();
  const [producer, worker] = [new Jackd(), new Jackd()];
  for (const client of [producer, worker]) {
    await client.connect({ host: "127.0.0.1", port: server.port });
  }
  await producer.use("mail");
  await worker.watch("mail");
  assertEquals(await worker.ignore("default"), 1);
  const waiting = worker.reserve();
  const text = "to: Christoph\r\n\0 ".repeat(100);
  const id = await producer.put(text, { priority: 7, ttr: 60 });
  const job = await waiting;
  assertEquals(job.id, id);
  assertEquals(new TextDecoder().decode(job.payload), text);
  await worker.touch(id);
  await worker.bury(id, 9);
  assertEquals((await producer.peekBuried()).id, id);
  assert((await producer.statsJob(id)).includes("\nstate: buried\npri: 9\n"));
  assertEquals(await producer.kick(10), 1);
  assertEquals((await worker.reserve()).id, id);
  await worker.release(id, { priority: 3, delay: 0 });
  assertEquals((await worker.reserveWithTimeout(5)).id, id);
  await worker.delete(id);
  await assertRejects(() => worker.delete(id), Error, "NOT_FOUND");
  await assertRejects(() => worker.reserveWithTimeout(0), Error, "TIMED_OUT");
  const later = await producer.put({ to: "Christoph" }, { delay: 3600 });
  await producer.kickJob(later);
  const kicked = await worker.reserve();
  assertEquals(JSON.parse(String(kicked.payload)), { to: "Christoph" });
  await worker.delete(later);
  assertEquals(await worker.listTubeUsed(), "default");
  for (const client of [producer, worker]) await client.quit();
});

const { ignore, suffix } = need("php", "php-pda-pheanstalk");

Deno.test({
  name: `Pheanstalk puts, reserves, buries, kicks and deletes on queue/server.ts${suffix}`,
  ignore,
  fn: async () => {
    await using server = await Server.start();
    const command = new Deno.Command("php", {
      args: [SCRIPT, `${server.port}`],
      stderr: "inherit",
    });
    const { stdout } = await command.output();
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
      same: true,
      reserved: "reserved",
      buried: true,
      pri: 9,
      kicked: 1,
      ready: true,
      reserves: 3,
      none: null,
      delayed: "later",
      early: "later",
      tubes: ["default", "mail"],
      watched: ["mail"],
      pause: 60,
      kicks: 1,
      waiting: 0,
      refused: true,
    });
  },
});
