import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { parseIp } from "../../loop/mod.ts";
import { SecurityProfile, SecurityProfileError } from "../../modstamp/mod.ts";

const KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const PLAIN = { encryption: "plain", permission: "rw" };
const AES = { encryption: "aes-256-gcm", permission: "rw", id: "office", key: KEY };

/** An entry as plain data. */
function summary(profile: SecurityProfile): unknown[] {
  return profile.entries.map((entry) => ({
    ...entry,
    hosts: entry.hosts?.map(String),
    key: entry.key?.length,
  }));
}

const EXPECTED = [
  {
    encryption: "plain",
    permission: "rw",
    id: undefined,
    hosts: ["10.0.0.0/8", "::1"],
    key: undefined,
  },
  { encryption: "aes-256-gcm", permission: "ro", id: "k1", hosts: undefined, key: 32 },
  { encryption: "plain", permission: "none", id: "", hosts: ["192.168.1.1"], key: undefined },
];

const ENTRIES = [
  { encryption: "plain", permission: "rw", hosts: ["10.0.0.0/8", "::1"] },
  { encryption: "aes-256-gcm", permission: "RO", id: "k1", key: KEY.toUpperCase() },
  { encryption: "plain", id: "", hosts: "192.168.1.1", permission: null },
];

Deno.test("SecurityProfile.from() reads a list, or an object that has it under profiles", () => {
  assertEquals(summary(SecurityProfile.from(ENTRIES)), EXPECTED);
  assertEquals(summary(SecurityProfile.from({ profiles: ENTRIES })), EXPECTED);
  assertEquals(SecurityProfile.from([]).entries, []);
});

Deno.test("SecurityProfile.parse() reads JSON, however it is indented", () => {
  for (const indent of [undefined, 2, "\t"]) {
    const text = JSON.stringify(ENTRIES, null, indent);
    assertEquals(summary(SecurityProfile.parse(text)), EXPECTED);
    const wrapped = JSON.stringify({ profiles: ENTRIES }, null, indent);
    assertEquals(summary(SecurityProfile.parse(wrapped)), EXPECTED);
  }
});

Deno.test("SecurityProfile.parse() reads YAML", () => {
  const text = `
# Who may do what.
profiles:
  - encryption: plain
    permission: rw
    hosts:
      - 10.0.0.0/8
      - "::1"
  - { encryption: aes-256-gcm, permission: ro, id: k1, key: ${KEY} }
  - encryption: plain
    id: ""
    permission: DEFAULT
    hosts: 192.168.1.1
`;
  assertEquals(summary(SecurityProfile.parse(text)), EXPECTED);
});

Deno.test("SecurityProfile.from() reads the bytes of a key", () => {
  const [entry] = SecurityProfile.from([AES]).entries;
  assertEquals([...entry!.key!.subarray(0, 4), entry!.key!.at(-1)], [0, 0x11, 0x22, 0x33, 0xff]);
});

Deno.test("SecurityProfile.default() lets loopback change and all others query", () => {
  const [first, second, ...others] = SecurityProfile.default().entries;
  assertEquals([first?.permission, second?.permission, others.length], ["rw", "ro", 0]);
  const contains = (ip: string): boolean =>
    first!.hosts!.some((range) => range.contains(parseIp(ip)!));
  assert(contains("127.0.0.1") && contains("::ffff:127.0.0.1") && contains("::1"));
  assertFalse(contains("127.0.0.2") || contains("::2"));
  assertEquals(second?.hosts, undefined);
});

/** What is wrong with data, and what is said of it. */
const MISTAKES: [data: unknown, message: string][] = [
  [null, "it is no list of profiles"],
  ["rw", "it is no list of profiles"],
  [{ profiles: {} }, "it is no list of profiles"],
  [{ profile: [] }, "it is no list of profiles"],
  [["rw"], "profiles[0] is no object"],
  [[PLAIN, []], "profiles[1] is no object"],
  [[PLAIN, null], "profiles[1] is no object"],
  [
    [{ ...PLAIN, host: "::1" }],
    "profiles[0].host is not known: known are encryption, permission, id, hosts, key",
  ],
  [
    [{ permission: "rw" }],
    "profiles[0].encryption must be one of plain, aes-256-gcm: it is missing",
  ],
  [
    [PLAIN, { encryption: "aes" }],
    'profiles[1].encryption must be one of plain, aes-256-gcm: received "aes"',
  ],
  [
    [{ ...PLAIN, permission: "write" }],
    'profiles[0].permission must be one of none, ro, rw: received "write"',
  ],
  [[{ ...PLAIN, permission: 7 }], "profiles[0].permission must be one of none, ro, rw: received 7"],
  [[{ ...PLAIN, id: 7 }], "profiles[0].id is no text"],
  [[{ ...PLAIN, id: "č" }], "profiles[0].id is not 0 to 200 Latin-1 characters"],
  [[{ ...AES, id: "a".repeat(201) }], "profiles[0].id is not 0 to 200 Latin-1 characters"],
  [
    [{ ...PLAIN, hosts: ["::1", "localhost"] }],
    'profiles[0].hosts[1] is no IP address or range: "localhost"',
  ],
  [
    [{ ...PLAIN, hosts: "10.0.0.0/33" }],
    'profiles[0].hosts[0] is no IP address or range: "10.0.0.0/33"',
  ],
  [[{ ...PLAIN, hosts: [7] }], "profiles[0].hosts[0] is no IP address or range: 7"],
  [[{ ...AES, key: undefined }], "profiles[0].key is missing for aes-256-gcm"],
  [[{ ...AES, key: KEY.slice(1) }], "profiles[0].key is not 64 hexadecimal digits"],
  [[{ ...AES, key: `${KEY.slice(1)}g` }], "profiles[0].key is not 64 hexadecimal digits"],
  [[{ ...AES, key: 12 }], "profiles[0].key is not 64 hexadecimal digits"],
  [[{ ...PLAIN, key: KEY }], "profiles[0].key is not for plain"],
];

for (const [data, message] of MISTAKES) {
  Deno.test(`SecurityProfile.from() says that ${message}`, () => {
    const error = assertThrows(
      () => SecurityProfile.from(data, { source: "office.yaml" }),
      SecurityProfileError,
    );
    assertEquals(error.message, `Cannot use security profile office.yaml as ${message}`);
    assertEquals(error.source, "office.yaml");
    assertEquals(error.name, "SecurityProfileError");
  });
}

Deno.test("SecurityProfile.parse() says where text is malformed", () => {
  const error = assertThrows(
    () => SecurityProfile.parse("profiles:\n  - {\n", { source: "office.yaml" }),
    SecurityProfileError,
  );
  assert(error.message.startsWith("Cannot use security profile office.yaml as it is neither JSON"));
  assert(/line \d+, column \d+$/.test(error.message), error.message);
  assertThrows(
    () => SecurityProfile.parse(""),
    SecurityProfileError,
    "Cannot use security profile text as it is no list of profiles",
  );
});

/** Whatever an error shows when it is printed with all that belongs to it. */
function printed(error: unknown): string {
  return `${Deno.inspect(error)} ${error instanceof Error ? error.message : ""}`;
}

Deno.test("SecurityProfileError never shows a key", () => {
  const texts = [
    `[{"encryption":"aes-256-gcm","permission":"rw","key":"${KEY}`,
    `- encryption: aes-256-gcm\n  key: ${KEY} }]\n  ]`,
    `- encryption: aes-256-gcm\n key: ${KEY}\n`,
    `- { encryption: aes-256-gcm, key: "${KEY}0", permission: rw }`,
    `- { encryption: plain, key: "${KEY}", permission: rw }`,
    `- { encryption: aes-256-gcm, key: "${KEY}", permission: rw, hosts: [x] }`,
  ];
  for (const text of texts) {
    const error = assertThrows(() => SecurityProfile.parse(text), SecurityProfileError);
    assertFalse(printed(error).includes(KEY.slice(0, 16)), printed(error));
  }
});
