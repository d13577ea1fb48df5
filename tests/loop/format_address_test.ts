import { assertEquals } from "@std/assert";
import { formatAddress } from "../../loop/mod.ts";

Deno.test("formatAddress() puts IPv6 addresses in brackets", () => {
  assertEquals(formatAddress({ hostname: "::", port: 80 }), "[::]:80");
  assertEquals(formatAddress({ hostname: "localhost", port: 80 }), "localhost:80");
  assertEquals(formatAddress({ path: "/run/socket" }), "/run/socket");
});
