import { binary, close, ping, text } from "../wire/masked_frame.ts";
import { passes } from "./case.ts";

const HELLO = text("Hello, world!");
const ECHOED = ["text:Hello, world!"];

passes("3.1", "a text has reserved bits 1", { send: [text("Hello", { rsv: 1 })], fails: 1002 });
passes("3.2", "a text with reserved bits 2 is the second", {
  send: [HELLO, text("Hello", { rsv: 2 }), ping()],
  expect: ECHOED,
  fails: 1002,
});
passes("3.3", "a text with reserved bits 3 is the second, in one piece with the first", {
  send: [new Uint8Array([...HELLO, ...text("Hello", { rsv: 3 }), ...ping()])],
  expect: ECHOED,
  fails: 1002,
});
passes("3.4", "a text with reserved bits 4 is the second, byte by byte", {
  send: [HELLO, text("Hello", { rsv: 4 }), ping()],
  chop: 1,
  expect: ECHOED,
  fails: 1002,
});
passes("3.5", "a binary message has reserved bits 5", {
  send: [binary(new Uint8Array(8), { rsv: 5 })],
  fails: 1002,
});
passes("3.6", "a ping has reserved bits 6", { send: [ping("Hello", { rsv: 6 })], fails: 1002 });

const closing = close(1000);
closing[0] |= 0x70;
passes("3.7", "a close has reserved bits 7", { send: [closing], fails: 1002 });
