import { binary, text } from "../wire/masked_frame.ts";
import { passes } from "./case.ts";

const LENGTHS = [0, 125, 126, 127, 128, 65_535, 65_536];

for (const [i, length] of LENGTHS.entries()) {
  const star = "*".repeat(length);
  passes(`1.1.${i + 1}`, `text of ${length} bytes comes`, {
    send: [text(star)],
    expect: [`text:${star}`],
  });
  const bytes = new Uint8Array(length).fill(0xfe);
  passes(`1.2.${i + 1}`, `${length} binary bytes come`, {
    send: [binary(bytes)],
    expect: [`binary:${bytes.toHex()}`],
  });
}

const LONG = "*".repeat(65_536);
passes("1.1.8", "text of 65536 bytes comes in chops of 997", {
  send: [text(LONG)],
  chop: 997,
  expect: [`text:${LONG}`],
});
passes("1.2.8", "65536 binary bytes come in chops of 997", {
  send: [binary(new Uint8Array(65_536).fill(0xfe))],
  chop: 997,
  expect: [`binary:${"fe".repeat(65_536)}`],
});
