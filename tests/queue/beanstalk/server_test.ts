import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import {
  BeanstalkServer,
  type BeanstalkServerOptions,
  MemoryJobStore,
} from "../../../queue/mod.ts";
import { StreamPeer } from "../../loop/simulated/stream_peer.ts";
import { bytesOf, CASES, textOf } from "./cases.ts";

/** A server in a simulated network, and connections to it by name. */
class Scene implements AsyncDisposable {
  readonly network: SimulatedNetwork = new SimulatedNetwork({ seed: 7 });
  readonly errors: unknown[] = [];
  readonly loop: EventLoop = new EventLoop({
    poller: this.network.host("10.0.0.1").poller(),
    onError: (error) => void this.errors.push(error),
  });
  readonly #clientLoop = new EventLoop({ poller: this.network.host("10.0.0.2").poller() });
  readonly #peers = new Map<string, StreamPeer>();
  readonly store: MemoryJobStore = new MemoryJobStore({ loop: this.loop, maxJobs: 5 });
  server!: BeanstalkServer;

  static async start(options: Partial<BeanstalkServerOptions> = {}): Promise<Scene> {
    const scene = new Scene();
    scene.server = await BeanstalkServer.listen({
      loop: scene.loop,
      store: scene.store,
      hostname: "10.0.0.1",
      allow: ["10.0.0.0/8"],
      ...options,
    });
    return scene;
  }

  async peer(name: string): Promise<StreamPeer> {
    let peer = this.#peers.get(name);
    if (peer === undefined) {
      peer = new StreamPeer();
      this.#peers.set(name, peer);
      peer.stream = await this.#clientLoop.connectStream({
        hostname: "10.0.0.1",
        port: 11_300,
        handlers: peer,
      });
    }
    return peer;
  }

  /** Sends, and waits for as many bytes as the answer has. */
  async say(name: string, text: string, answer: string): Promise<void> {
    const peer = await this.peer(name);
    peer.stream.write(bytesOf(text));
    if (answer === "END") return void await this.network.until(() => peer.ended);
    if (answer === "") await this.network.advance(50);
    else await this.network.until(() => peer.bytes.length >= answer.length);
    assertEquals(textOf(peer.bytes), answer);
    peer.bytes.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.network.close();
    assertEquals(this.errors, []);
  }
}

for (const { name, steps } of CASES) {
  Deno.test(`BeanstalkServer.listen() serves ${name}`, async () => {
    await using scene = await Scene.start();
    for (const [connection, send, answer] of steps) await scene.say(connection, send, answer);
  });
}

Deno.test("BeanstalkServer.listen() serves commands that arrive byte by byte", async () => {
  await using scene = await Scene.start();
  for (const char of "put 0 0 60 3\r\na\r\n\r\npeek 1\r\nuse t\r") {
    (await scene.peer("a")).write(char);
    await scene.network.advance(5);
  }
  await scene.say("a", "\n", "INSERTED 1\r\nFOUND 1 3\r\na\r\n\r\nUSING t\r\n");
});

Deno.test("BeanstalkServer.listen() ends a wait when the client has ended its side", async () => {
  await using scene = await Scene.start();
  await scene.say("a", "reserve\r\n", "");
  const peer = await scene.peer("a");
  peer.stream.end();
  await scene.network.until(() => peer.ended);
  assertEquals(peer.text, "TIMED_OUT\r\n");
});

Deno.test("BeanstalkServer.drain() refuses new jobs and serves the others", async () => {
  await using scene = await Scene.start();
  await scene.say("a", "put 0 0 60 1\r\nx\r\n", "INSERTED 1\r\n");
  scene.server.drain();
  await scene.say("a", "put 0 0 60 1\r\nx\r\n", "DRAINING\r\n");
  await scene.say("a", "reserve\r\n", "RESERVED 1 1\r\nx\r\n");
});

Deno.test("BeanstalkServer.listen() answers a put to a full store with OUT_OF_MEMORY", async () => {
  await using scene = await Scene.start();
  const inserted = [1, 2, 3, 4, 5].map((id) => `INSERTED ${id}\r\n`).join("");
  await scene.say("a", "put 0 0 60 1\r\nx\r\n".repeat(6), `${inserted}OUT_OF_MEMORY\r\n`);
});

Deno.test("BeanstalkServer.listen() counts commands, connections and jobs", async () => {
  await using scene = await Scene.start();
  await scene.say("b", "reserve\r\n", "");
  const peer = await scene.peer("a");
  await scene.say("a", "use t\r\nput 0 0 60 1\r\nx\r\n", "USING t\r\nINSERTED 1\r\n");
  peer.write("stats\r\n");
  await scene.network.until(() => peer.text.endsWith("\n\r\n"));
  const head = /^OK (\d+)\r\n/.exec(peer.text)!;
  assertEquals(peer.text.length, head[0].length + Number(head[1]) + 2);
  const shown = ["cmd-put: 1", "cmd-use: 1", "current-connections: 2", "current-producers: 1"];
  shown.push("current-workers: 1", "current-waiting: 1", "current-tubes: 2", "total-jobs: 1");
  for (const line of shown) assert(peer.text.includes(`\n${line}\n`), `${line} in ${peer.text}`);
  assertMatch(peer.text, /\nid: [0-9a-f]{16}\n/);
});

Deno.test("BeanstalkServer.listen() answers reserves beyond maxReservedJobs with OUT_OF_MEMORY", async () => {
  await using scene = await Scene.start({ maxReservedJobs: 2 });
  const puts = "put 0 0 60 1\r\nx\r\n".repeat(4);
  await scene.say("a", puts, [1, 2, 3, 4].map((id) => `INSERTED ${id}\r\n`).join(""));
  const given = "RESERVED 1 1\r\nx\r\nRESERVED 2 1\r\nx\r\n";
  await scene.say("a", "reserve\r\n".repeat(4), `${given}${"OUT_OF_MEMORY\r\n".repeat(2)}`);
  await scene.say(
    "a",
    "reserve-job 3\r\nreserve-with-timeout 0\r\n",
    "OUT_OF_MEMORY\r\n".repeat(2),
  );
  await scene.say("b", "reserve\r\n", "RESERVED 3 1\r\nx\r\n");
  await scene.say("a", "delete 1\r\nreserve\r\n", "DELETED\r\nRESERVED 4 1\r\nx\r\n");
  assertEquals(scene.server.stats(), { connections: 2, refused: 0, overLimit: 4 });
});

Deno.test("BeanstalkServer.listen() counts no job whose time is over for maxReservedJobs", async () => {
  await using scene = await Scene.start({ maxReservedJobs: 1 });
  await scene.say("a", "put 0 0 1 1\r\nx\r\nreserve\r\n", "INSERTED 1\r\nRESERVED 1 1\r\nx\r\n");
  await scene.network.advance(1500);
  await scene.say("a", "reserve\r\n", "RESERVED 1 1\r\nx\r\n");
});

Deno.test("BeanstalkServer.listen() lets a connection watch 10,000 tubes at most", async () => {
  await using scene = await Scene.start();
  const peer = await scene.peer("a");
  for (let i = 0; i < 10_100; i++) peer.write(`watch t${i}\r\n`);
  await scene.network.until(() => peer.text.split("\n").length === 10_101);
  assertEquals(peer.text.split("\r\n").slice(9_998, 10_001), [
    "WATCHING 10000",
    "OUT_OF_MEMORY",
    "OUT_OF_MEMORY",
  ]);
});

Deno.test("BeanstalkServer.listen() breaks off connections from addresses that are not allowed", async () => {
  await using scene = await Scene.start({ allow: ["10.0.0.3"] });
  const peer = await scene.peer("a");
  await scene.network.until(() => peer.closed);
  assertEquals(scene.server.stats(), { connections: 0, refused: 1, overLimit: 0 });
});
