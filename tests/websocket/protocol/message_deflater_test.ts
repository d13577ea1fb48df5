import { assert, assertEquals } from "@std/assert";
import { MessageDeflater } from "../../../websocket/protocol/message_deflater.ts";
import { DeflatePeer } from "../wire/deflate_peer.ts";
import { utf8 } from "../wire/masked_frame.ts";

const MESSAGES = Array.from(
  { length: 40 },
  (_, i) => utf8(JSON.stringify({ type: "event", topic: "news", id: i, text: "x".repeat(i * 50) })),
);

function pair(
  noContextTakeover: boolean,
  windowBits = 15,
): { deflater: MessageDeflater; peer: DeflatePeer } {
  const deflater = new MessageDeflater({ windowBits, noContextTakeover, level: 6, memLevel: 8 });
  const peer = new DeflatePeer({
    clientNoContextTakeover: true,
    serverNoContextTakeover: noContextTakeover,
    clientWindowBits: 15,
    serverWindowBits: windowBits,
  });
  return { deflater, peer };
}

for (const noContextTakeover of [true, false]) {
  for (const windowBits of [8, 9, 15]) {
    const how = noContextTakeover ? "without" : "with";
    Deno.test(`MessageDeflater.deflate() is understood ${how} takeover when the window has ${windowBits} bits`, async () => {
      const { deflater, peer } = pair(noContextTakeover, windowBits);
      for (const message of MESSAGES) {
        const deflated = deflater.deflate(message);
        if (deflated === null) continue;
        assertEquals(await peer.decompress(deflated), message);
      }
      deflater.close();
    });
  }
}

Deno.test("MessageDeflater.deflate() needs less when it may refer to earlier messages", () => {
  const lengths = [true, false].map((noContextTakeover) => {
    const { deflater } = pair(noContextTakeover);
    const message = MESSAGES[1];
    deflater.deflate(message);
    const { length } = deflater.deflate(message)!;
    deflater.close();
    return length;
  });
  assert(lengths[1] * 2 < lengths[0], lengths.join(" "));
});

Deno.test("MessageDeflater.deflate() is null when a message does not become shorter", async () => {
  const { deflater, peer } = pair(false);
  const noise = crypto.getRandomValues(new Uint8Array(500));
  assertEquals(deflater.deflate(noise), null);
  // What was not sent must not be referred to.
  assertEquals(await peer.decompress(deflater.deflate(MESSAGES[9])!), MESSAGES[9]);
  assertEquals(deflater.deflate(noise), null);
  deflater.close();
});

Deno.test("MessageDeflater.deflateAlone() is understood between messages that refer to others", async () => {
  const { deflater, peer } = pair(false);
  for (const [i, message] of MESSAGES.slice(5).entries()) {
    let deflated = deflater.deflate(message)!;
    if (i % 3 === 0) {
      assertEquals(await peer.decompress(deflated), message);
      deflated = deflater.deflateAlone(message)!;
      deflater.forget();
    }
    assertEquals(await peer.decompress(deflated), message);
  }
  deflater.close();
});
