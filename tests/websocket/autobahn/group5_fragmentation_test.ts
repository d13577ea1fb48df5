import { concat, frame, more, ping, text, utf8 } from "../wire/masked_frame.ts";
import { passes } from "./case.ts";

const FIRST = text("fragment1", { fin: false });
const LAST = more("fragment2");
const WHOLE = ["text:fragment1fragment2"];
const PONG = `pong:${utf8("ping").toHex()}`;

passes("5.1", "a ping comes in two fragments", {
  send: [ping("fragment1", { fin: false }), more("fragment2")],
  fails: 1002,
});
passes("5.2", "a pong comes in two fragments", {
  send: [frame(10, "fragment1", { fin: false }), more("fragment2")],
  fails: 1002,
});
passes("5.3", "a text comes in two fragments, in one piece", {
  send: [concat(FIRST, LAST)],
  expect: WHOLE,
});
passes("5.4", "a text comes in two fragments", { send: [FIRST, LAST], expect: WHOLE });
passes("5.5", "a text comes in two fragments byte by byte", {
  send: [FIRST, LAST],
  chop: 1,
  expect: WHOLE,
});
passes("5.6", "a ping stands between two fragments, in one piece", {
  send: [concat(FIRST, ping("ping"), LAST)],
  expect: [PONG, ...WHOLE],
});
passes("5.7", "a ping stands between two fragments", {
  send: [FIRST, ping("ping"), LAST],
  expect: [PONG, ...WHOLE],
});
passes("5.8", "a ping stands between two fragments byte by byte", {
  send: [FIRST, ping("ping"), LAST],
  chop: 1,
  expect: [PONG, ...WHOLE],
});

const NOTHING_TO_CONTINUE = [
  { fin: true, ids: ["5.9", "5.10", "5.11"] },
  { fin: false, ids: ["5.12", "5.13", "5.14"] },
];
for (const { fin, ids } of NOTHING_TO_CONTINUE) {
  const pieces = [more("non-continuation payload", { fin }), text("Hello, world!")];
  const what = fin ? "a last continuation" : "a continuation";
  passes(ids[0], `${what} has nothing to continue, in one piece`, {
    send: [concat(...pieces)],
    fails: 1002,
  });
  passes(ids[1], `${what} has nothing to continue`, { send: pieces, fails: 1002 });
  passes(ids[2], `${what} has nothing to continue byte by byte`, {
    send: pieces,
    chop: 1,
    fails: 1002,
  });
}

passes("5.15", "a continuation follows a finished text", {
  send: [concat(FIRST, LAST, more("fragment3", { fin: false }), text("fragment4"))],
  expect: WHOLE,
  fails: 1002,
});
for (const [id, fin] of [["5.16", false], ["5.17", true]] as const) {
  const again = [more("fragment1", { fin }), text("fragment2", { fin: false }), more("fragment3")];
  passes(id, `a continuation with fin ${fin} comes before a text, twice`, {
    send: [...again, ...again],
    fails: 1002,
  });
}
passes("5.18", "both fragments have the opcode of a text", {
  send: [FIRST, text("fragment2")],
  fails: 1002,
});

const FIVE = [
  FIRST,
  more("fragment2", { fin: false }),
  ping("ping"),
  more("fragment3", { fin: false }),
  more("fragment4", { fin: false }),
  ping("ping"),
  more("fragment5"),
];
const FIVE_ECHOED = [PONG, PONG, "text:fragment1fragment2fragment3fragment4fragment5"];
passes("5.19", "pings stand between five fragments, in two pieces", {
  send: [concat(...FIVE.slice(0, 3)), concat(...FIVE.slice(3))],
  expect: FIVE_ECHOED,
});
passes("5.20", "pings stand between five fragments", { send: FIVE, expect: FIVE_ECHOED });
