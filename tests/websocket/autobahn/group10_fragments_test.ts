import { concat, frame, more } from "../wire/masked_frame.ts";
import { passes } from "./case.ts";

const TEXT = "*".repeat(65_536);
const FRAGMENT = 1300;
const pieces: Uint8Array[] = [];
for (let at = 0; at < TEXT.length; at += FRAGMENT) {
  const options = { fin: at + FRAGMENT >= TEXT.length };
  const piece = TEXT.slice(at, at + FRAGMENT);
  pieces.push(at === 0 ? frame(1, piece, options) : more(piece, options));
}

passes("10.1.1", "a text of 64 KiB comes in fragments of 1300 bytes", {
  send: [concat(...pieces)],
  expect: [`text:${TEXT}`],
});
