import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeParcel, encodeFrame, joinFrames } from "../../websocket/relay/parcel.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 2000);
const frame = fc.record({
  channel: fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
  bytes: fc.uint8Array({ maxLength: 50 }),
});

Deno.test("decodeParcel() reads what was written, and survives what was not", () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 5 }),
      fc.uint8Array({ maxLength: 60 }),
      (frames, bytes) => {
        const parcel = joinFrames(frames.map(({ channel, bytes }) => encodeFrame(channel, bytes)));
        assertEquals(decodeParcel(parcel), frames);
        decodeParcel(bytes);
        decodeParcel(joinFrames([parcel.subarray(0, bytes.length), bytes]));
      },
    ),
    { numRuns },
  );
});
