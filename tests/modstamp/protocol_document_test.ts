import { assert, assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { AesEncryptor, decodeHeader, decodeMessages, ModstampServer } from "../../modstamp/mod.ts";
import { SimulatedPeer } from "./simulated_peer.ts";
import { fromHex, toHex } from "./wire.ts";

/** A line of the document's examples: who, `>` or `<`, the packet and what it says. */
const EXAMPLE = /^(\w+) +([<>]) ([0-9a-f]+) +(.+)$/gm;
const LETTERS = { query: "Q", reply: "R", change: "C", confirm: "M", signal: "S" };
const ENCRYPTED = "dave";

interface Example {
  name: string;
  direction: string;
  hex: string;
  says: string;
}

const text = await Deno.readTextFile(new URL("../../modstamp/PROTOCOL.md", import.meta.url));
const examples: Example[] = Array.from(
  text.matchAll(EXAMPLE),
  ([, name, direction, hex, says]) => ({ name, direction, hex, says }),
);
const plain = examples.filter(({ name }) => name !== ENCRYPTED);
const encrypted = examples.filter(({ name }) => name === ENCRYPTED);

/** What a body says, in the words of the document. */
function describe(body: Uint8Array): string {
  const decoded = decodeMessages(body);
  if (!decoded.ok) return "dropped";
  const messages = decoded.messages.map(({ kind, id, value }) =>
    `${LETTERS[kind]} ${id} ${new TextDecoder().decode(value)}`.trim()
  );
  return [...Array(decoded.skipped).fill("(skipped)"), ...messages].join(", ");
}

Deno.test("PROTOCOL.md says what its packets hold", () => {
  assert(plain.length > 15, `${plain.length} examples were found`);
  for (const { hex, says } of plain) {
    const packet = fromHex(hex);
    assertEquals(describe(packet.subarray(decodeHeader(packet)!.bodyStart)), says, hex);
  }
});

Deno.test("PROTOCOL.md tells what a server answers to its packets", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const loop = new EventLoop({ poller: host.poller() });
  const server = await ModstampServer.listen({ loop, hostname: "127.0.0.1", port: 0 });
  const peers = new Map<string, SimulatedPeer>();
  for (const { name } of plain) {
    const hostname = name === "mallory" ? "127.0.0.2" : "127.0.0.1";
    if (peers.has(name)) continue;
    peers.set(name, await SimulatedPeer.start(host, { server: server.address, hostname }));
  }
  for (let i = 0; i < plain.length;) {
    const { name, direction, hex } = plain[i++];
    assertEquals(direction, ">");
    peers.get(name)!.send(fromHex(hex));
    await network.advance(100);
    const told: string[] = [];
    for (; plain[i]?.direction === "<"; i++) told.push(`${plain[i].name} ${plain[i].hex}`);
    const answered = Array.from(peers).flatMap(([name, peer]) =>
      peer.take().map((packet) => `${name} ${toHex(packet)}`)
    );
    assertEquals(answered, told, `to ${hex}`);
  }
});

Deno.test("PROTOCOL.md shows packets of the encryptor byte for byte", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const make = (side: "client" | "server", salt: number, wallMs: number): AesEncryptor =>
    new AesEncryptor({
      key,
      keyId: "k",
      side,
      clock: { monotonicMs: () => 0, wallMs: () => wallMs },
      random: {
        next: () => 0,
        bytes: (count) => Uint8Array.from({ length: count }, (_, i) => salt + i),
      },
    });
  const client = make("client", 0xa0, 1_700_000_000_000);
  const server = make("server", 0xb0, 1_700_000_000_005);
  const reader = make("server", 0xc0, 1_700_000_000_000);
  assertEquals(encrypted.map(({ direction }) => direction), [">", "<"]);
  const [question, answer] = encrypted.map(({ hex }) => fromHex(hex));
  const open = (encryptor: AesEncryptor, bytes: Uint8Array) => {
    const { bodyStart } = decodeHeader(bytes)!;
    const result = encryptor.decrypt({ bytes, start: 0, bodyStart, end: bytes.length });
    assert(result.ok);
    return { body: result.bytes.slice(result.start, result.end), session: result.session! };
  };
  const asked = open(reader, question);
  assertEquals(describe(asked.body), encrypted[0].says);
  assertEquals(toHex(client.encrypt(asked.body)), encrypted[0].hex);
  const told = open(client, answer);
  assertEquals(describe(told.body), encrypted[1].says);
  assertEquals(toHex(server.encrypt(told.body, asked.session)), encrypted[1].hex);
});
