import { ping, pong, utf8 } from "../wire/masked_frame.ts";
import { passes } from "./case.ts";

const hexOf = (text: string): string => utf8(text).toHex();
const HELLO = "Hello, world!";
const BYTES = Uint8Array.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff);
const FULL = new Uint8Array(125).fill(0xfe);

passes("2.1", "a ping has no payload", { send: [ping()], expect: ["pong:"] });
passes("2.2", "a ping has text", { send: [ping(HELLO)], expect: [`pong:${hexOf(HELLO)}`] });
passes("2.3", "a ping has bytes", { send: [ping(BYTES)], expect: [`pong:${BYTES.toHex()}`] });
passes("2.4", "a ping has 125 bytes", { send: [ping(FULL)], expect: [`pong:${FULL.toHex()}`] });
passes("2.5", "a ping has 126 bytes", { send: [ping(new Uint8Array(126))], fails: 1002 });
passes("2.6", "a ping of 125 bytes comes byte by byte", {
  send: [ping(FULL)],
  chop: 1,
  expect: [`pong:${FULL.toHex()}`],
});
passes("2.7", "a pong comes unasked", { send: [pong()] });
passes("2.8", "a pong with a payload comes unasked", { send: [pong("unsolicited")] });
passes("2.9", "a ping follows an unasked pong", {
  send: [pong("unsolicited"), ping("ping")],
  expect: [`pong:${hexOf("ping")}`],
});

const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const TEN_PONGS = TEN.map((each) => `pong:${hexOf(each)}`);
passes("2.10", "ten pings come", { send: TEN.map((each) => ping(each)), expect: TEN_PONGS });
passes("2.11", "ten pings come byte by byte", {
  send: TEN.map((each) => ping(each)),
  chop: 1,
  expect: TEN_PONGS,
});
