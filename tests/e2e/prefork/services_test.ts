import { assert, assertEquals, assertMatch } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { Supervisor, worker } from "../../../prefork/mod.ts";
import { app, Supervised, until } from "./supervised.ts";

const ignore = Deno.build.os !== "linux";
const decoder = new TextDecoder();

async function askStream(port: number): Promise<string> {
  using connection = await Deno.connect({ port, hostname: "127.0.0.1" });
  await connection.write(new Uint8Array([10]));
  let text = "";
  for await (const chunk of connection.readable) text += decoder.decode(chunk);
  return text;
}

/** Asks from a new port each time until an answer comes, as datagrams may get lost. */
async function askDatagram(port: number): Promise<string> {
  await using loop = new EventLoop({ poller: "portable" });
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = await loop.bindDatagram({
    hostname: "127.0.0.1",
    onBatch: (batch) => resolve(decoder.decode(batch.bytes.subarray(batch.start(0), batch.end(0)))),
  });
  const peer = socket.peers.internAddress("127.0.0.1", port);
  const again = loop.every(200, () => void socket.send(peer, new Uint8Array(1)));
  socket.send(peer, new Uint8Array(1));
  const text = await promise;
  again.cancel();
  return text;
}

Deno.test({
  name: "a worker listens by itself, on TCP and UDP, and finishes before it goes",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${app("services")} -w 2`);
    const found = new Set<string>();
    await until(async () => {
      found.add(`tcp ${await askStream(supervised.port)}`);
      found.add(`udp ${await askDatagram(supervised.port)}`);
      return found.size === 4;
    });
    for (const each of found) assertMatch(each, /^(tcp|udp) worker [12] \d+$/);
    supervised.signal("SIGHUP");
    await supervised.line(/^Reloaded 2 workers/);
    await supervised.count(/^worker \d: services closed/, 2);
    assertMatch(await askStream(supervised.port), /^worker/);
    await supervised.stop();
  },
});

Deno.test({
  name: "a plain script is run so many times, and replaced",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${app("plain")} -w 2`);
    const before = await supervised.workers(2);
    const [, pid] = /^plain (\d+) true$/.exec(await supervised.get())!;
    assert([...before.values()].includes(Number(pid)));
    supervised.signal("SIGHUP");
    await supervised.line(/^Reloaded 2 workers/);
    await supervised.count(/: Gone/, 2);
    assertMatch(await supervised.get(), /^plain \d+ true$/);
    await supervised.stop();
  },
});

Deno.test({
  name: "Supervisor passes messages: to and from its program, and between workers",
  ignore,
  fn: async () => {
    await using loop = new EventLoop({ poller: "portable" });
    const messages: string[] = [];
    const answers: string[] = [];
    const errors: string[] = [];
    const supervisor = new Supervisor({
      entry: app("bus"),
      kind: "script",
      workers: 2,
      loop,
      onMessage: (bytes, from) => void messages.push(`${from.id} ${bytes}`),
      onLog: ({ level, message }) => level === "info" || errors.push(message),
      onOutput: (line) => errors.push(line),
    });
    supervisor.bus.subscribe("answer", (message) => void answers.push(message.text()));
    await supervisor.start();
    for (const each of supervisor.workers) each.send(Uint8Array.of(each.id, 2, 3));
    // What a worker subscribes to is known once it is ready.
    supervisor.bus.publish("question", "why?");
    await until(() => messages.length === 2 && answers.length === 2);
    assertEquals(messages.sort(), ["1 3,2,1", "2 3,2,2"]);
    assertEquals(answers.sort(), ["1 heard why? from 0", "2 heard why? from 0"]);
    supervisor.reopenLogs();
    await until(() => answers.length === 4);
    await supervisor.drain();
    assertEquals(answers.sort().slice(-2), ["2 reopened", "2 retires, true"]);
    assertEquals(errors, []);
  },
});

Deno.test("worker() works without a supervisor", async () => {
  const me = await worker({ port: 1234 });
  assertEquals([me.supervised, me.id, me.port, me.share], [false, 0, 1234, "none"]);
  assertEquals([me.send(new Uint8Array(1)), me.bus.publish("a", "b")], [false, true]);
  me.ready();
  me.countRequest();
  await me.drained();
  using _subscription = me.bus.subscribe("a", () => {});
});
