import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SeededRandom } from "../../loop/mod.ts";
import { negotiateDeflate } from "../../websocket/protocol/deflate_negotiation.ts";
import { parseExtensions } from "../../websocket/protocol/extensions.ts";
import { readHandshake } from "../../websocket/protocol/handshake.ts";
import { MemoryBudget } from "../../websocket/protocol/memory_budget.ts";
import { MessageInflater } from "../../websocket/protocol/message_inflater.ts";
import { parseRequestHead } from "../../websocket/protocol/request_head.ts";
import { LineParser, parse } from "../websocket/protocol/parse.ts";
import { close, concat, frame, text } from "../websocket/wire/masked_frame.ts";
import { handshakeHead } from "../websocket/wire/raw_client.ts";
import { ECHO, WsScene } from "../websocket/wire/ws_scene.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 2000);
const CODES = [1002, 1007, 1008, 1009, 1013];

/** Frames that are right or nearly so, made by a seeded source for the sake of speed. */
class FrameMaker {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  /** A run of frames, of which some bytes are changed, left out, doubled or cut off. */
  malformed(): Uint8Array<ArrayBuffer> {
    const frames = Array.from({ length: 1 + this.below(5) }, () => this.#frame());
    const bytes = concat(...frames);
    for (let changes = this.below(4); changes > 0; changes--) {
      bytes[this.below(bytes.length)] = this.below(256);
    }
    const cut = this.below(bytes.length);
    return this.below(3) > 0 ? bytes : concat(bytes.subarray(0, cut), bytes.subarray(cut + 1));
  }

  #frame(): Uint8Array<ArrayBuffer> {
    const odd = this.below(8) === 0;
    const opcode = odd ? this.below(16) : [0, 1, 1, 2, 8, 9, 10][this.below(7)];
    const length = [0, 1, 2, 5, 60, 125, 126, 300][this.below(8)];
    const payload = this.below(2) === 0
      ? new TextEncoder().encode("añ€😀".repeat(60)).subarray(0, length)
      : this.#random.bytes(length);
    const data = opcode === 8 && length > 1 && this.below(2) === 0
      ? Uint8Array.from([3, 0xe8, ...new Uint8Array(Math.min(length, 125) - 2).fill(97)])
      : payload;
    return frame(opcode, data, {
      fin: this.below(3) > 0,
      rsv: odd ? this.below(8) : this.below(6) === 0 ? 4 : 0,
      mask: this.below(20) === 0 ? null : [this.below(256), this.below(256), 3, this.below(256)],
    });
  }
}

Deno.test("FrameParser.next() survives malformed frames, and gives all memory back", () => {
  const budget = new MemoryBudget(100_000);
  let failures = 0;
  for (let seed = 0; seed < numRuns; seed++) {
    const maker = new FrameMaker(seed);
    const inflater = seed % 2 === 0
      ? null
      : new MessageInflater({ windowBits: 15, noContextTakeover: seed % 4 === 1 });
    const parser = new LineParser({ budget, inflater, maxMessageBytes: 500, maxFragments: 20 });
    const bytes = maker.malformed();
    const cut = maker.below(bytes.length + 1);
    const lines = [...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut))];
    if (parser.failed) {
      failures++;
      const code = Number(/^failure:(\d+) [A-Z]/.exec(lines.at(-1)!)![1]);
      assert(CODES.includes(code), `seed ${seed}: ${lines.at(-1)}`);
      assertEquals(budget.used, 0, `seed ${seed}`);
    }
    parser.parser.release();
    assertEquals(budget.used, 0, `seed ${seed}`);
  }
  assert(failures > numRuns / 10 && failures < numRuns);
});

Deno.test("FrameParser.next() finds the same in malformed frames however they are cut", () => {
  for (let seed = 0; seed < numRuns / 10; seed++) {
    const maker = new FrameMaker(seed);
    const bytes = maker.malformed();
    const whole = parse([bytes]);
    const single = parse(Array.from(bytes, (byte) => Uint8Array.of(byte)));
    assertEquals(single, whole, `seed ${seed}`);
  }
});

Deno.test("WsServer lives on under malformed frames, and serves others", async () => {
  await using scene = await WsScene.open(ECHO, { maxMessageBytes: 500, pingIntervalMs: 0 });
  const other = await scene.client();
  for (let seed = 0; seed < numRuns / 20; seed++) {
    const client = await scene.client({ "Sec-WebSocket-Extensions": "permessage-deflate" });
    client.stream.write(new FrameMaker(seed).malformed());
    client.stream.write(close(1000));
    client.stream.end();
    await scene.network.until(() => client.closed);
  }
  await scene.send(other, text("still there"));
  await scene.network.until(() => other.lines.length === 1);
  await scene.network.advance(10_000);
  assertEquals(other.lines[0], "text:still there");
  assertEquals(scene.server.stats().streams, 1);
  assertEquals(scene.server.stats().unfinishedBytes, 0);
  assertEquals(scene.errors, []);
});

Deno.test("readHandshake() survives mutated heads", () => {
  const good = handshakeHead({
    "Sec-WebSocket-Protocol": "a, b",
    "Sec-WebSocket-Extensions": 'permessage-deflate; server_max_window_bits="10"',
  });
  const change = fc.tuple(fc.nat(good.length - 5), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      const bytes = good.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      const head = parseRequestHead(bytes, { maxFields: 20 });
      const result = "status" in head ? head : readHandshake(head, { secure: false });
      if ("status" in result) assert(result.status >= 400 && result.status < 600);
      else assert(URL.canParse(result.href));
    }),
    { numRuns },
  );
});

Deno.test("negotiateDeflate() survives any offer", () => {
  const part = fc.constantFrom(
    ...'permessage-deflate ; , = " \\ 8 15 16 x client_max_window_bits'.split(" "),
    ..."server_max_window_bits server_no_context_takeover client_no_context_takeover".split(" "),
    " ",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const offers = parseExtensions(parts.join(""));
      if (offers === null) return;
      const agreement = negotiateDeflate(offers, {
        serverNoContextTakeover: false,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 15,
        clientMaxWindowBits: 15,
      });
      if (agreement !== null) assert(parseExtensions(agreement.answer) !== null);
    }),
    { numRuns },
  );
});

Deno.test("MessageInflater.inflate() survives any bytes and keeps to the limit", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (bytes, maxBytes) => {
      const inflater = new MessageInflater({ windowBits: 15, noContextTakeover: false });
      for (let turn = 0; turn < 2; turn++) {
        const result = inflater.inflate(bytes, maxBytes);
        if (typeof result !== "string") assert(result.length <= maxBytes);
      }
    }),
    { numRuns: Math.min(numRuns, 20_000) },
  );
});
