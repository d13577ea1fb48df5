import { assert, assertEquals } from "@std/assert";
import type { DeflateOptions } from "../../../websocket/mod.ts";
import { agreementOf, DeflatePeer } from "../wire/deflate_peer.ts";
import { close, frame, more } from "../wire/masked_frame.ts";
import { ECHO, WsScene } from "../wire/ws_scene.ts";

/** How many messages a case sends: 1000 make it what it is in the suite. */
const MESSAGES = Number(Deno.env.get("SLUICE_AUTOBAHN_MESSAGES") ?? 2);

/** Sizes of messages, and of their fragments if they have some. */
export const SIZES: { bytes: number; fragment?: number }[] = [
  ...[16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072].map((bytes) => ({ bytes })),
  ...[8192, 16_384, 32_768, 65_536, 131_072].map((bytes) => ({ bytes, fragment: 256 })),
  ...[1024, 4096, 32_768].map((fragment) => ({ bytes: 131_072, fragment })),
];

/** What a client offers and sends. */
export interface CompressionCase {
  opcode: 1 | 2;
  data: (length: number, turn: number) => Uint8Array;
  size: { bytes: number; fragment?: number };
  offer: string;
  policy: DeflateOptions;
}

/** Each compressed message comes back, and is what it was. */
export function echoesCompressed(id: string, test: CompressionCase): void {
  const { bytes, fragment } = test.size;
  const cut = fragment === undefined ? "" : ` in fragments of ${fragment}`;
  Deno.test(`WsServer passes case ${id} when messages of ${bytes} bytes come${cut}`, async () => {
    await using scene = await WsScene.open(ECHO, {
      deflate: { minBytes: 0, ...test.policy },
      faults: { maxSegmentBytes: 65_536, maxDelayMs: 0.6, windowBytes: 1_048_576 },
    });
    const client = await scene.client({ "Sec-WebSocket-Extensions": test.offer });
    const peer = new DeflatePeer(agreementOf(client.field("sec-websocket-extensions")));
    for (let turn = 0; turn < MESSAGES; turn++) {
      const message = test.data(bytes, turn);
      const compressed = await peer.compress(message);
      for (const piece of pieces(test, compressed)) client.stream.write(piece);
      await scene.network.until(() => client.frames.length > turn || client.ended);
      assert(!client.ended, client.lines.at(-1));
      const answer = client.frames[turn];
      assertEquals(answer.opcode, test.opcode);
      const payload = answer.rsv === 4 ? await peer.decompress(answer.payload) : answer.payload;
      assertEquals(payload.length, message.length);
      assertEquals(payload.toHex() === message.toHex(), true);
    }
    client.stream.write(close(1000));
    await scene.network.until(() => client.closed);
    assertEquals(client.lines.at(-1), "close:1000");
  });
}

function pieces(test: CompressionCase, compressed: Uint8Array): Uint8Array[] {
  const size = test.size.fragment ?? Infinity;
  const all: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < compressed.length; at += size) {
    const piece = compressed.subarray(at, at + size);
    const fin = at + size >= compressed.length;
    all.push(at === 0 ? frame(test.opcode, piece, { fin, rsv: 4 }) : more(piece, { fin }));
  }
  return all;
}
