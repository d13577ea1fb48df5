import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeSockaddr,
  encodeIpAddress,
  encodePath,
  Family,
} from "../../../loop/epoll/sockaddr.ts";

Deno.test("encodeIpAddress() maps IPv4 into the family of IPv6", () => {
  const { bytes, length } = encodeIpAddress({ hostname: "10.1.2.3", port: 1415 }, Family.INET6)!;
  assertEquals(length, 28);
  assertEquals(
    [...bytes.subarray(0, 28)],
    [10, 0, 5, 135, ...Array(14).fill(0), 255, 255, 10, 1, 2, 3, 0, 0, 0, 0],
  );
  assertEquals(decodeSockaddr(bytes, length), { hostname: "10.1.2.3", port: 1415 });
});

Deno.test("encodeIpAddress() writes a sockaddr_in in the family of IPv4", () => {
  const { bytes, length } = encodeIpAddress({ hostname: "10.1.2.3", port: 1415 }, Family.INET)!;
  assertEquals([...bytes.subarray(0, length)], [2, 0, 5, 135, 10, 1, 2, 3, ...Array(8).fill(0)]);
  assertEquals(decodeSockaddr(bytes, length), { hostname: "10.1.2.3", port: 1415 });
});

Deno.test("encodeIpAddress() keeps a numeric zone", () => {
  const { bytes, length } = encodeIpAddress({ hostname: "fe80::1%3", port: 9 }, Family.INET6)!;
  assertEquals(decodeSockaddr(bytes, length), { hostname: "fe80::1%3", port: 9 });
});

Deno.test("encodeIpAddress() has no place for IPv6 in the family of IPv4, all interfaces apart", () => {
  assertEquals(encodeIpAddress({ hostname: "::1", port: 1 }, Family.INET), null);
  const { bytes, length } = encodeIpAddress({ hostname: "::", port: 1 }, Family.INET)!;
  assertEquals(decodeSockaddr(bytes, length), { hostname: "0.0.0.0", port: 1 });
});

Deno.test("encodeIpAddress() refuses a name", () => {
  assertEquals(encodeIpAddress({ hostname: "localhost", port: 1 }, Family.INET6), null);
});

Deno.test("encodePath() ends the path with a zero", () => {
  const { bytes, length } = encodePath("/tmp/a");
  assertEquals([...bytes.subarray(0, length)], [1, 0, 47, 116, 109, 112, 47, 97, 0]);
  assertEquals(decodeSockaddr(bytes, length), { path: "/tmp/a" });
});

Deno.test("encodePath() refuses what the system has no room for", () => {
  assertEquals(encodePath("x".repeat(107)).length, 110);
  assertThrows(() => encodePath("x".repeat(108)), RangeError, "received 108");
  assertThrows(() => encodePath(""), RangeError, "received 0");
});
