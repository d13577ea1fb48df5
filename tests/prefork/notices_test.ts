import { assertEquals, assertStringIncludes } from "@std/assert";
import { noticesOf } from "../../prefork/_notices.ts";

const well = {
  share: "reuseport",
  steeringFault: null,
  migrates: false,
  workersHaveFfi: true,
} as const;

Deno.test("noticesOf() has nothing to say when all can be promised", () => {
  assertEquals(noticesOf(well), []);
  assertEquals(noticesOf({ ...well, share: "inherit" }), []);
});

Deno.test("noticesOf() says what gets lost, and what to do about it", () => {
  const [loses] = noticesOf({ ...well, steeringFault: "FFI is not permitted" });
  assertStringIncludes(loses, "A worker that goes loses the connections that wait for it");
  assertStringIncludes(loses, "as FFI is not permitted");
  assertStringIncludes(loses, "--share inherit");
  assertStringIncludes(loses, "net.ipv4.tcp_migrate_req=1");
  const [rarely] = noticesOf({ ...well, steeringFault: "FFI is not permitted", migrates: true });
  assertStringIncludes(rarely, "can lose a connection now and then");
});

Deno.test("noticesOf() says when a hung worker outlives the supervisor", () => {
  const [outlives] = noticesOf({ ...well, workersHaveFfi: false });
  assertStringIncludes(outlives, "A hung worker outlives a supervisor that is killed");
});
