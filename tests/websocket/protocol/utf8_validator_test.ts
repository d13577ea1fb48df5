import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../loop/mod.ts";
import { Utf8Validator } from "../../../websocket/protocol/utf8_validator.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function validates(bytes: Uint8Array, cut = 0): boolean {
  const validator = new Utf8Validator();
  return validator.push(bytes, 0, cut) && validator.push(bytes, cut, bytes.length) &&
    validator.complete;
}

Deno.test("Utf8Validator.push() agrees with the platform on all sequences of two bytes", () => {
  const bytes = new Uint8Array(2);
  for (let all = 0; all < 0x10000; all++) {
    bytes.set([all >> 8, all & 0xff]);
    if (validates(bytes, 1) !== isUtf8(bytes)) assertEquals(bytes.toHex(), "judged wrongly");
  }
});

Deno.test("Utf8Validator.push() agrees with the platform on sequences at each border", () => {
  const borders = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0];
  const bytes = [...borders, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff];
  for (const a of bytes) {
    for (const b of bytes) {
      for (const c of [0x00, 0x80, 0xbf, 0xc2]) {
        for (const d of [0x00, 0x80, 0xbf, 0xf0]) {
          const sequence = Uint8Array.of(a, b, c, d);
          if (validates(sequence) !== isUtf8(sequence)) assertEquals(sequence.toHex(), "");
        }
      }
    }
  }
});

Deno.test("Utf8Validator.push() fails with the first byte that no continuation can mend", () => {
  const random = new SeededRandom(9);
  for (let round = 0; round < 300; round++) {
    const text = Array.from(
      { length: 8 },
      () => String.fromCodePoint(Math.floor(random.next() * 0xd800)),
    ).join("");
    const bytes = new TextEncoder().encode(text);
    bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
    const validator = new Utf8Validator();
    for (let i = 0; i < bytes.length; i++) {
      const goesOn = validator.push(bytes, i, i + 1);
      assertEquals(goesOn, canBecomeUtf8(bytes.subarray(0, i + 1)));
      if (!goesOn) break;
    }
  }
});

/** Whether some continuation makes it UTF-8: one of those that end a character does. */
function canBecomeUtf8(bytes: Uint8Array): boolean {
  const endings = ["", "80", "8080", "808080", "bf", "bf80", "bf8080", "90", "9080", "a0", "a080"];
  return endings.some((each) => isUtf8(Uint8Array.from([...bytes, ...Uint8Array.fromHex(each)])));
}

Deno.test("Utf8Validator.reset() begins a new text", () => {
  const validator = new Utf8Validator();
  validator.push(Uint8Array.of(0xe2), 0, 1);
  assertEquals(validator.complete, false);
  validator.reset();
  assertEquals(validator.complete, true);
});
