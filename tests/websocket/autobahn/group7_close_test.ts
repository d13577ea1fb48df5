import { assert, assertEquals } from "@std/assert";
import { close, concat, more, ping, text } from "../wire/masked_frame.ts";
import { WsScene } from "../wire/ws_scene.ts";
import { passes } from "./case.ts";

/** The connection closes cleanly, with the given lines before or in the end. */
function closes(id: string, what: string, test: { send: Uint8Array[]; expect: string[] }): void {
  Deno.test(`WsServer passes case ${id} when ${what}`, async () => {
    await using scene = await WsScene.open();
    const client = await scene.client();
    client.stream.write(concat(...test.send));
    await scene.network.until(() => client.closed);
    assertEquals(client.lines, test.expect);
    assertEquals(client.error, null);
    assert(client.ended);
  });
}

closes("7.1.1", "a message and a close come", {
  send: [text("Hello World!"), close(1000)],
  expect: ["text:Hello World!", "close:1000"],
});
closes("7.1.2", "two closes come", { send: [close(1000), close(1000)], expect: ["close:1000"] });
closes("7.1.3", "a ping follows a close", { send: [close(1000), ping()], expect: ["close:1000"] });
closes("7.1.4", "a text follows a close", {
  send: [close(1000), text("Hello World!")],
  expect: ["close:1000"],
});
closes("7.1.5", "a close stands between two fragments", {
  send: [text("fragment1", { fin: false }), close(1000), more("fragment2")],
  expect: ["close:1000"],
});
const LARGE = "BAsd7&jh23".repeat(26_214);
closes("7.1.6", "a message of 256 KiB comes before a close and a ping", {
  send: [text(LARGE), close(1000), ping()],
  expect: [`text:${LARGE}`, "close:1000"],
});

closes("7.3.1", "a close has no payload", { send: [close()], expect: ["close"] });
const HALF = close(1000).slice(0, 7);
HALF[1] = 0x81;
passes("7.3.2", "a close has half a code", { send: [HALF], fails: 1002 });
closes("7.3.3", "a close has a code", { send: [close(1000)], expect: ["close:1000"] });
closes("7.3.4", "a close has a reason", { send: [close(1000, "Hello")], expect: ["close:1000"] });
closes("7.3.5", "a close has a reason of 123 bytes", {
  send: [close(1000, "*".repeat(123))],
  expect: ["close:1000"],
});
passes("7.3.6", "a close has a reason of 124 bytes", {
  send: [close(1000, "*".repeat(124))],
  fails: 1002,
});

const BROKEN = Uint8Array.fromHex("cebae1bdb9cf83cebcceb5eda080656469746564");
passes("7.5.1", "a close has a reason that is no UTF-8", {
  send: [close(1000, BROKEN)],
  fails: 1007,
});

// The suite doesn't know the last three.
const VALID = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999],
  ...[1012, 1013, 1014],
];
for (const [i, code] of VALID.entries()) {
  closes(`7.7.${i + 1}`, `a close has code ${code}`, {
    send: [close(code)],
    expect: [`close:${code}`],
  });
}

// The suite doesn't know the last one.
const INVALID = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 1015];
for (const [i, code] of INVALID.entries()) {
  passes(`7.9.${i + 1}`, `a close has code ${code}`, { send: [close(code)], fails: 1002 });
}
for (const [i, code] of [5000, 65_535].entries()) {
  passes(`7.13.${i + 1}`, `a close has code ${code}`, { send: [close(code)], fails: 1002 });
}
