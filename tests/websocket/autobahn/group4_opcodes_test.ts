import { frame, ping, text } from "../wire/masked_frame.ts";
import { passes } from "./case.ts";

const HELLO = text("Hello, world!");
const ECHOED = ["text:Hello, world!"];

for (const [group, first] of [["4.1", 3], ["4.2", 11]] as const) {
  passes(`${group}.1`, `opcode ${first} comes`, { send: [frame(first)], fails: 1002 });
  passes(`${group}.2`, `opcode ${first + 1} comes with a payload`, {
    send: [frame(first + 1, "reserved")],
    fails: 1002,
  });
  passes(`${group}.3`, `opcode ${first + 2} follows a text`, {
    send: [HELLO, frame(first + 2), ping()],
    expect: ECHOED,
    fails: 1002,
  });
  passes(`${group}.4`, `opcode ${first + 3} with a payload follows a text in one piece`, {
    send: [new Uint8Array([...HELLO, ...frame(first + 3, "reserved"), ...ping()])],
    expect: ECHOED,
    fails: 1002,
  });
  passes(`${group}.5`, `opcode ${first + 4} with a payload follows a text byte by byte`, {
    send: [HELLO, frame(first + 4, "reserved"), ping()],
    chop: 1,
    expect: ECHOED,
    fails: 1002,
  });
}
