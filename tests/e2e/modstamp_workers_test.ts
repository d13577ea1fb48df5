import { assertEquals, assertStringIncludes } from "@std/assert";
import { ADDRESSES, PEER_NAMES, type PeerName, playBack, UdpPeer } from "../modstamp/recording.ts";
import { change, message, packet, query, toHex } from "../modstamp/wire.ts";
import { Program, runProgram } from "./program.ts";

const SERVER = "modstamp/server.ts";
const CLIENT = "modstamp/client.ts";
const isLinux = Deno.build.os === "linux";

async function client(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram([CLIENT, ...args]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

async function serve(
  store: string,
  workers = 2,
): Promise<{ server: Program; host: string; port: number }> {
  const args = ["--port", "0", "--workers", String(workers), "--store", store];
  const server = Program.start([SERVER, ...args]);
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\), \d+ workers/);
  return { server, host: `127.0.0.1:${port}`, port: Number(port) };
}

/**
 * Makes a function that waits until whatever was sent has had its effect on all peers, whichever
 * workers they have: first all packets are read, then what they changed is committed, and then
 * each worker has heard of it.
 */
async function settler(peers: Record<PeerName, UdpPeer>): Promise<() => Promise<void>> {
  const all = PEER_NAMES.map((name) => peers[name]);
  const { alice, bob, carol, mallory } = peers;
  let round = 0;
  const confirm = async (peer: UdpPeer, id: string): Promise<void> => {
    await peer.send(change(id, String(round)));
    await peer.until(toHex(packet(message("confirm", id, String(round)))));
  };
  for (const peer of [bob, carol, mallory]) {
    await peer.send(query("settled"));
    await peer.until(toHex(packet(message("reply", "settled"))));
  }
  return async () => {
    round++;
    for (const peer of all) await peer.answered();
    for (const name of ["alice", "bob", "carol"] as const) await confirm(peers[name], name);
    await confirm(alice, "settled");
    const signal = toHex(packet(message("signal", "settled", String(round))));
    for (const peer of [bob, carol, mallory]) await peer.until(signal);
  };
}

Deno.test({
  name: "server.ts --workers tells the subscribers of every worker",
  ignore: !isLinux,
  fn: async () => {
    const { server, host } = await serve("memory:");
    await using _server = server;
    await client("send", host, "test=old");
    // The kernel deals clients out by their ports, so that several reach both workers.
    const listeners = Array.from(
      { length: 6 },
      () => Program.start([CLIENT, "listen", host, "test=known"]),
    );
    for (const listener of listeners) await listener.line(/^test=old$/);
    await client("send", host, "test=new");
    for (const listener of listeners) await listener.line(/^test=new$/);
    for (const listener of listeners) assertEquals(await listener.end("SIGTERM"), 0);
    assertEquals(await server.end("SIGTERM"), 0);
  },
});

Deno.test({
  name: "server.ts --workers answers as the reference does, byte for byte",
  ignore: !isLinux,
  fn: async () => {
    const { server, port } = await serve("memory:", 3);
    await using _server = server;
    using alice = new UdpPeer(ADDRESSES.alice, { port });
    using bob = new UdpPeer(ADDRESSES.bob, { port });
    using carol = new UdpPeer(ADDRESSES.carol, { port });
    using mallory = new UdpPeer(ADDRESSES.mallory, { port });
    const peers = { alice, bob, carol, mallory };
    await playBack(peers, { settle: await settler(peers) });
    assertEquals(await server.end("SIGTERM"), 0);
  },
});

Deno.test({
  name: "server.ts --workers keeps what it confirmed when a worker and then all is killed",
  ignore: !isLinux,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const { server, host } = await serve(`kv:${folder}/values.db`);
    await client("send", host, "test=kept");
    const from = server.lines.length;
    const children = await Deno.readTextFile(`/proc/${server.pid}/task/${server.pid}/children`);
    const [victim] = children.split(" ").map(Number);
    Deno.kill(victim, "SIGKILL");
    await server.line(/worker \d+: .*ready/i, from);
    assertEquals(await client("get", host, "test"), "test=kept\n");
    await server.end("SIGKILL");
    const again = await serve(`kv:${folder}/values.db`);
    assertEquals(await client("get", again.host, "test"), "test=kept\n");
    assertEquals(await again.server.end("SIGTERM"), 0);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("server.ts --workers tells what is wrong in one line", async () => {
  const outcome = await runProgram([SERVER, "--workers", "none", "--store", "memory:"]);
  assertEquals(outcome.code, 2);
  assertStringIncludes(outcome.stderr, "Cannot use --workers none");
});
