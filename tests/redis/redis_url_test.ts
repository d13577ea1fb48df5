import { assertEquals, assertThrows } from "@std/assert";
import { isRedisUrl, parseRedisUrl } from "../../redis/mod.ts";

Deno.test("isRedisUrl() tells URLs of Redis from others", () => {
  const texts = ["redis://a", "rediss://a", "redis:a", "kv:x", "https://redis"];
  assertEquals(texts.map(isRedisUrl), [true, true, false, false, false]);
});

Deno.test("parseRedisUrl() reads all parts, and shows no password", () => {
  const target = parseRedisUrl("rediss://zo%C3%AB:p%40ss:w@[::1]:7000,b.example/3");
  assertEquals(target, {
    addresses: [{ hostname: "::1", port: 7000 }, { hostname: "b.example", port: 6379 }],
    tls: true,
    username: "zoë",
    password: "p@ss:w",
    database: 3,
    display: "rediss://[::1]:7000,b.example:6379/3",
  });
  const { tls, username, password, display } = parseRedisUrl("redis://:secret@localhost/");
  assertEquals([tls, username, password, display], [
    false,
    undefined,
    "secret",
    "redis://localhost:6379",
  ]);
});

Deno.test("parseRedisUrl() refuses what is no URL of Redis, and doesn't repeat a password", () => {
  const wrong = [
    "redis://",
    "redis://:secret@",
    "redis://:secret@a:b",
    "redis://:secret@a:0",
    "redis://:secret@a:70000",
    "redis://:secret@a/x",
    "redis://:%zz@a",
    "http://a",
    `redis://${"a,".repeat(17)}a`,
  ];
  for (const url of wrong) {
    const error = assertThrows(() => parseRedisUrl(url), SyntaxError, "Cannot use URL of Redis");
    assertEquals(error.message.includes("secret"), false);
  }
});
