import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { formatIp, parseIp } from "../../loop/mod.ts";

function hexOf(text: string): string | null {
  return parseIp(text)?.toHex() ?? null;
}

const MAPPED = "00000000000000000000ffff";

Deno.test("parseIp() reads IPv4 as its mapped IPv6 address", () => {
  assertEquals(hexOf("0.0.0.0"), `${MAPPED}00000000`);
  assertEquals(hexOf("127.0.0.1"), `${MAPPED}7f000001`);
  assertEquals(hexOf("255.255.255.255"), `${MAPPED}ffffffff`);
  assertEquals(hexOf("10.20.30.40"), `${MAPPED}0a141e28`);
});

Deno.test("parseIp() reads every form of IPv6", () => {
  const forms: Record<string, string> = {
    "::": "00000000000000000000000000000000",
    "::1": "00000000000000000000000000000001",
    "1::": "00010000000000000000000000000000",
    "2001:db8::8:800:200c:417a": "20010db80000000000080800200c417a",
    "2001:DB8:0:0:8:800:200C:417A": "20010db80000000000080800200c417a",
    "0:0:0:0:0:0:0:0": "00000000000000000000000000000000",
    "ff01::101": "ff010000000000000000000000000101",
    "1:2:3:4:5:6:7::": "00010002000300040005000600070000",
    "::2:3:4:5:6:7:8": "00000002000300040005000600070008",
    "0001:0002:0003:0004:0005:0006:0007:0008": "00010002000300040005000600070008",
    "::ffff:1.2.3.4": `${MAPPED}01020304`,
    "::FFFF:0102:0304": `${MAPPED}01020304`,
    "::13.1.68.3": "0000000000000000000000000d014403",
    "64:ff9b::192.0.2.33": "0064ff9b0000000000000000c0000221",
    "1:2:3:4:5:6:1.2.3.4": "00010002000300040005000601020304",
  };
  for (const [text, hex] of Object.entries(forms)) assertEquals(hexOf(text), hex, text);
});

Deno.test("parseIp() refuses what is no address", () => {
  const invalid = [
    "",
    " ",
    "localhost",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.-1",
    "1.2.3.04",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "1.2.3.4 ",
    " 1.2.3.4",
    "0x7f.0.0.1",
    "1e1.2.3.4",
    "١.2.3.4",
    ":",
    ":::",
    "::1::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1.2.3",
    "::256.1.1.1",
    "::1%eth0",
    "[::1]",
    "::1/64",
    "fe80::1 ",
  ];
  for (const text of invalid) assertEquals(parseIp(text), null, JSON.stringify(text));
});

Deno.test("formatIp() writes the shortest form (RFC 5952)", () => {
  const forms: Record<string, string> = {
    "0:0:0:0:0:0:0:0": "::",
    "0:0:0:0:0:0:0:1": "::1",
    "1:0:0:0:0:0:0:0": "1::",
    "2001:0db8:0:0:0:0:2:1": "2001:db8::2:1",
    "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1": "2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
    "2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA": "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
    "1:2:3:4:5:6:0:0": "1:2:3:4:5:6::",
    "::ffff:192.0.2.1": "192.0.2.1",
    "192.0.2.1": "192.0.2.1",
    "::192.0.2.1": "::c000:201",
  };
  for (const [text, shortest] of Object.entries(forms)) {
    assertEquals(formatIp(parseIp(text)!), shortest);
  }
});

Deno.test("parseIp() reads what formatIp() writes", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
    const bytes = Uint8Array.from(groups.flatMap((each) => [each >> 8, each & 0xff]));
    assertEquals(parseIp(formatIp(bytes)), bytes);
    assertEquals(parseIp(groups.map((each) => each.toString(16)).join(":")), bytes);
  }));
});

Deno.test("parseIp() survives any text, and agrees with the platform's URL parser", () => {
  const soup = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.:"), maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), soup), (text) => {
      const bytes = parseIp(text);
      if (!text.includes(":")) return;
      const url = URL.parse(`http://[${text}]/`);
      if (url === null) return assertEquals(bytes, null);
      assertNotEquals(bytes, null);
      assertEquals(parseIp(url.hostname.slice(1, -1)), bytes);
    }),
    { numRuns: 1000 },
  );
});
