import { assertEquals, assertThrows } from "@std/assert";
import { type ServerSettings, settle } from "../../modstamp/server_options.ts";

/** The names of the options, and what their ranges are. */
const RANGES: Record<keyof ServerSettings, [least: number, most: number]> = {
  port: [0, 65_535],
  packetBytes: [800, 65_507],
  broadcastRepeat: [1, 100],
  repeatDelayMs: [1, 60_000],
  subscriptionTtlMs: [1000, 86_400_000],
  maxSubscriptions: [0, 100_000_000],
  maxSubscriptionsPerPeer: [0, 100_000_000],
  maxIds: [1, 10_000_000],
  maxPeers: [1, 10_000_000],
  maxPacketsPerSecond: [1, 1e9],
  maxBytesPerSecond: [2048, 1e9],
  maxBytesPerSecondPerHost: [2048, 1e9],
};

Deno.test("settle() fills in the defaults", () => {
  assertEquals(settle({}), {
    port: 1415,
    packetBytes: 1300,
    broadcastRepeat: 1,
    repeatDelayMs: 100,
    subscriptionTtlMs: 300_000,
    maxSubscriptions: 1_000_000,
    maxSubscriptionsPerPeer: 1000,
    maxIds: 1_048_576,
    maxPeers: 1_048_576,
    maxPacketsPerSecond: 500,
    maxBytesPerSecond: 131_072,
    maxBytesPerSecondPerHost: 1_048_576,
  });
});

for (const [name, [least, most]] of Object.entries(RANGES)) {
  Deno.test(`settle() takes ${name} from ${least} to ${most}`, () => {
    const wide = { maxBytesPerSecond: 1e9, maxBytesPerSecondPerHost: 1e9 };
    for (const value of [least, most]) {
      const settings = settle({ ...wide, [name]: value });
      assertEquals(settings[name as keyof ServerSettings], value);
    }
    for (const value of [least - 1, most + 1, NaN, least + 0.5, `${least}`]) {
      assertThrows(
        () => settle({ [name]: value }),
        RangeError,
        `Cannot serve modstamps as ${name} must be an integer from ${least} to ${most}: received ${value}`,
      );
    }
  });
}

Deno.test("settle() wants limits of bytes that a packet fits into", () => {
  assertThrows(
    () => settle({ packetBytes: 9000, maxBytesPerSecond: 8999 }),
    RangeError,
    "maxBytesPerSecond must be an integer from 9000",
  );
  settle({ packetBytes: 9000, maxBytesPerSecond: 9000, maxBytesPerSecondPerHost: 9000 });
});
