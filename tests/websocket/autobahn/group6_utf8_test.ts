import { assertEquals } from "@std/assert";
import { hex, more, text, utf8 } from "../wire/masked_frame.ts";
import { WsScene } from "../wire/ws_scene.ts";
import { passes } from "./case.ts";

const VALID = "Hello-µ@ßöäüàá-UTF-8!!";
const KOSME = "cebae1bdb9cf83cebcceb5";
const SURROGATE = hex(`${KOSME}eda080656469746564`);

/** A message in fragments of one byte. */
function byteFragments(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => {
    const piece = bytes.subarray(i, i + 1);
    const options = { fin: i === bytes.length - 1 };
    return i === 0 ? text(piece, options) : more(piece, options);
  });
}

passes("6.1.1", "a text is empty", { send: [text("")], expect: ["text:"] });
passes("6.1.2", "three fragments are empty", {
  send: [text("", { fin: false }), more("", { fin: false }), more("")],
  expect: ["text:"],
});
passes("6.1.3", "the second of three fragments is not empty", {
  send: [text("", { fin: false }), more("middle frame payload", { fin: false }), more("")],
  expect: ["text:middle frame payload"],
});

passes("6.2.1", "a text is UTF-8", { send: [text(VALID)], expect: [`text:${VALID}`] });
passes("6.2.2", "a text is cut between characters", {
  send: [text("Hello-µ@ßöä", { fin: false }), more("üàá-UTF-8!!")],
  expect: [`text:${VALID}`],
});
passes("6.2.3", "a text is cut into bytes", {
  send: byteFragments(utf8(VALID)),
  expect: [`text:${VALID}`],
});
passes("6.2.4", "a Greek text is cut into bytes", {
  send: byteFragments(hex(KOSME)),
  expect: [`text:${new TextDecoder().decode(hex(KOSME))}`],
});

passes("6.3.1", "a text holds a surrogate", { send: [text(SURROGATE)], fails: 1007 });
passes("6.3.2", "a text that holds a surrogate is cut into bytes", {
  send: byteFragments(SURROGATE),
  fails: 1007,
});

/** The server fails with what `send` holds, before the rest of the message. */
function failsFast(id: string, what: string, send: Uint8Array[]): void {
  Deno.test(`WsServer passes case ${id} when ${what}`, async () => {
    await using scene = await WsScene.open();
    const client = await scene.client();
    await scene.send(client, ...send.slice(0, -1));
    assertEquals(client.lines, []);
    await scene.send(client, ...send.slice(-1));
    await scene.network.until(() => client.closed);
    assertEquals(client.lines, ["close:1007"]);
    assertEquals(client.error, null);
  });
}

failsFast("6.4.1", "the second fragment is beyond Unicode", [
  text(hex(KOSME), { fin: false }),
  more(hex("f4908080"), { fin: false }),
]);
failsFast("6.4.2", "the third fragment makes it beyond Unicode", [
  text(hex(`${KOSME}f4`), { fin: false }),
  more(hex("90"), { fin: false }),
]);
const WHOLE = text(hex(`${KOSME}f4908080656469746564`));
const CUT = WHOLE.length - 10;
failsFast("6.4.3", "the part of a frame that has come is beyond Unicode", [
  WHOLE.subarray(0, CUT),
  WHOLE.subarray(CUT, CUT + 4),
]);
failsFast("6.4.4", "the next byte of a frame makes it beyond Unicode", [
  WHOLE.subarray(0, CUT + 1),
  WHOLE.subarray(CUT + 1, CUT + 2),
]);

const NONCHARACTERS = Array.from(
  { length: 17 },
  (_, plane) =>
    [0xfffe, 0xffff].map((low) => utf8(String.fromCodePoint(plane * 0x10000 + low)).toHex()),
).flat();

/**
 * Sequences after Markus Kuhn's decoder stress test, by subgroup, and whether they are UTF-8: all,
 * none, or those that the platform can decode.
 */
const SEQUENCES: [group: string, areValid: boolean | null, sequences: string[]][] = [
  ["6.5", true, [
    KOSME,
    "f09f9880",
    "e282ac2c20c2a52c20c2a3",
    "48e4bda0e5a5bd",
    "efbbbf424f4d",
  ]],
  ["6.6", null, Array.from({ length: KOSME.length / 2 }, (_, i) => KOSME.slice(0, 2 * i + 2))],
  ["6.7", true, ["00", "c280", "e0a080", "f0908080"]],
  ["6.8", false, ["f888808080", "fc8480808080"]],
  ["6.9", true, ["7f", "dfbf", "efbfbf", "f48fbfbf"]],
  ["6.10", false, ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"]],
  ["6.11", null, ["ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"]],
  ["6.12", false, [
    "80",
    "bf",
    "80bf",
    "80bf80",
    "80bf80bf",
    "80bf80bf80",
    "80bf80bf80bf",
    Array.from({ length: 64 }, (_, i) => (0x80 + i).toString(16)).join(""),
  ]],
  ["6.13", false, [
    Array.from({ length: 32 }, (_, i) => `${(0xc0 + i).toString(16)}20`).join(""),
    Array.from({ length: 16 }, (_, i) => `${(0xe0 + i).toString(16)}20`).join(""),
    Array.from({ length: 8 }, (_, i) => `${(0xf0 + i).toString(16)}20`).join(""),
    "f820f920fa20fb20",
    "fc20fd20",
  ]],
  ["6.14", false, [
    "c0",
    "e080",
    "f08080",
    "f8808080",
    "fc80808080",
    "df",
    "efbf",
    "f7bfbf",
    "fbbfbfbf",
    "fdbfbfbfbf",
  ]],
  ["6.15", false, ["c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf"]],
  ["6.16", false, ["fe", "ff", "fefeffff"]],
  ["6.17", false, ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"]],
  ["6.18", false, ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"]],
  ["6.19", false, ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"]],
  ["6.20", false, ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"]],
  ["6.21", false, [
    "eda080edb080",
    "eda080edbfbf",
    "edadbfedb080",
    "edadbfedbfbf",
    "edae80edb080",
    "edae80edbfbf",
    "edafbfedb080",
    "edafbfedbfbf",
  ]],
  ["6.22", true, NONCHARACTERS],
  ["6.23", true, [
    "efbfb9",
    "efbfba",
    "efbfbb",
    "efbfbc",
    "efbfbd",
    "efbfbe",
    "efbfbf",
  ]],
];

/** The text that `bytes` are, or `null` when they are no UTF-8. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

for (const [group, areValid, sequences] of SEQUENCES) {
  for (const [i, sequence] of sequences.entries()) {
    const bytes = hex(sequence);
    const decoded = decode(bytes);
    if (areValid !== null) assertEquals(decoded !== null, areValid);
    const outcome = decoded === null ? { fails: 1007 } : { expect: [`text:${decoded}`] };
    passes(`${group}.${i + 1}`, `${sequence.slice(0, 24)} comes`, {
      send: [text(bytes)],
      ...outcome,
    });
  }
}
